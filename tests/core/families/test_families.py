"""Families: values become recipes, runs know of each other, and the line claims no difference that is not there.

Run: python -m pytest tests/core/families/test_families.py
"""

import dataclasses
import json
import shutil

import numpy as np
import pytest

from fmnist_core import data
from fmnist_core.families import members, summary, varying
from fmnist_core.families.varying import VARYING, recipes_of
from fmnist_core.jobs import queue, status
from fmnist_core.jobs.status import Status
from fmnist_core.recipe import Optimizer, Recipe, Split
from fmnist_core.runs import catalogue, exchange, records, runs
from fmnist_core.runs.predictions import Predictions
from fmnist_core.runs.records import Family
from fmnist_core.runs.runs import Run
from fmnist_core.storage.atomic import write_json
from fmnist_core.storage.folders import RunError
from fmnist_core.zoo import MODELS
from tests.made_up import made_up_result
from tests.tiny import tiny_recipe

CNN_2 = MODELS["cnn_2"].recipe
PICTURES = 1_000  # of validation, in what is made up here


# Values and recipes


@pytest.mark.parametrize("model", list(MODELS))
@pytest.mark.parametrize("varies", list(VARYING))
def test_the_usual_values_are_three_that_can_be_trained_of_every_model(model, varies):
    base = MODELS[model].recipe
    if not base.split.validation:
        base = dataclasses.replace(base, split=Split("last", 5_000))
    values = VARYING[varies].usual(base)
    made = recipes_of(base, varies, values)
    assert len(set(made)) == 3
    assert [VARYING[varies].read(one) for one in made] == list(values)
    assert {varying.without(one, varies) for one in made} == {varying.without(base, varies)}


def test_a_value_changes_its_part_of_the_recipe_alone():
    slow, fast = recipes_of(CNN_2, "learning_rate", (1e-4, 0.1))
    assert slow == dataclasses.replace(CNN_2, optimizer=dataclasses.replace(CNN_2.optimizer, learning_rate=1e-4))
    assert fast.optimizer.learning_rate == 0.1
    momentum = dataclasses.replace(CNN_2, optimizer=Optimizer("sgd", 0.01, 0.9, True))
    adam, same = recipes_of(momentum, "optimizer", ("adam", "sgd"))
    assert adam.optimizer == Optimizer("adam", 0.01) and same == momentum
    few, everything = recipes_of(CNN_2, "images", (2_000, 55_000))
    assert (few.images, everything) == (2_000, CNN_2)
    assert [one.label_noise for one in recipes_of(CNN_2, "label_noise", (0.0, 0.4))] == [0.0, 0.4]
    assert varying.without(slow, "learning_rate") != varying.without(slow, "l2")


@pytest.mark.parametrize(
    ("varies", "values", "sentence"),
    [
        ("l2", (0.1,), "A family has 2 to 1,000 values. Received: 1"),
        ("l2", (0.1, 0.1), "L2 regularization 0.1 is there twice"),
        ("images", (None, 55_000), "Training pictures all is there twice"),
        ("label_noise", (0.0, 0.95), "label_noise cannot be 0.95"),
        ("dropout", (0.0, 1.0), "dropout cannot be 1.0"),
        ("learning_rate", (0.0, 0.1), "learning_rate cannot be 0.0"),
        ("images", (10, None), "images cannot be 10"),
    ],
)
def test_values_that_are_no_family_are_a_sentence(varies, values, sentence):
    with pytest.raises(ValueError, match=sentence):
        recipes_of(CNN_2, varies, values)
    with pytest.raises(ValueError, match="Set some aside"):
        recipes_of(dataclasses.replace(CNN_2, split=Split("none", 0), keep="last"), "l2", (0.0, 0.1))


def test_values_as_they_are_written_and_read():
    assert varying.parse("learning-rate=0.0001,0.001,0.01") == ("learning_rate", (0.0001, 0.001, 0.01))
    assert varying.parse("images=2000, 8000,all") == ("images", (2_000, 8_000, None))
    assert varying.parse("optimizer=sgd,adam") == ("optimizer", ("sgd", "adam"))
    for text, sentence in (
        ("seed=1,2", "cannot vary 'seed'. Expected one of: learning-rate, batch"),
        ("batch=16,many", "Batch size cannot be 'many'. Expected whole numbers"),
        ("batch=16.5,32", "Expected whole numbers"),
        ("optimizer=lion", "no optimizer 'lion'"),
        ("l2=0,,x", "cannot be 'x'. Expected numbers"),
    ):
        with pytest.raises(ValueError, match=sentence):
            varying.parse(text)
    said = [varying.named(name, value) for name, value in (("images", 8_000), ("images", None), ("label_noise", 0.2))]
    assert said == ["8,000 training pictures", "all training pictures", "label noise 20 %"]
    assert varying.named("l2", 1e-4) == "L2 regularization 0.0001" and varying.words("dropout", None) == "as it is"


# Runs


@pytest.fixture
def nothing_starts(monkeypatch):
    monkeypatch.setattr(queue, "_spawn", lambda job, queued: None)


def started(varies="learning_rate", values=(1e-4, 1e-3, 1e-2)) -> str:
    return members.start(recipes_of(tiny_recipe(), varies, values), varies, [None] * len(values))


def test_a_family_is_queued_in_order_and_found_again(nothing_starts):
    first, second = started(), started("label_noise", (0.4, 0.0))
    found = members.families(catalogue.list_rows())
    assert set(found) == {first, second}
    assert [one.value for one in found[first].runs] == [1e-4, 1e-3, 1e-2]
    assert [job.folder.name for job, _ in queue.active("training")][:3] == [one.row.run.id for one in found[first].runs]
    assert found[second].title == "label noise 40 % or 0 %" and found[first].size == 3
    assert members.find(catalogue.list_rows(), "00000000") is None
    members.stop(found[first])
    again = members.find(catalogue.list_rows(), first)
    assert [one.row.state for one in again.runs] == ["cancelled"] * 3 and not again.active
    assert len(members.find(catalogue.list_rows(), second).active) == 2


def test_a_family_of_which_one_cannot_be_queued_does_not_train(nothing_starts, monkeypatch):
    create = runs.create

    def full(chosen: Recipe, family: Family | None = None) -> Run:
        if family and family.place == 2:
            raise RunError("The disk is full.")
        return create(chosen, family)

    monkeypatch.setattr(runs, "create", full)
    with pytest.raises(RunError, match="The disk is full"):
        started()
    assert [row.state for row in catalogue.list_rows() if row.own] == ["cancelled"] * 2


def test_a_file_that_claims_to_be_of_a_family_is_believed_only_where_its_recipe_fits(nothing_starts):
    family_id = started()
    stranger = runs.create(tiny_recipe(epochs=9), Family(family_id, "learning_rate", 1, 3))
    other = runs.create(tiny_recipe(), Family(family_id, "l2", 0, 3))
    found = members.find(catalogue.list_rows(), family_id)
    assert len(found.runs) == 3 and not {stranger.id, other.id} & {one.row.run.id for one in found.runs}


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "../../etc"},
        {"id": "<b>12345"},
        {"place": 3},
        {"place": -1},
        {"size": 10**6},
        {"varies": "seed"},
        {"place": True},
        {"more": 1},
    ],
)
def test_a_damaged_family_is_refused_in_a_sentence(changes):
    config = dataclasses.asdict(runs.config_of(tiny_recipe()))
    config["family"] = {"id": "0123abcd", "varies": "l2", "place": 0, "size": 3}
    assert records.parse_config(json.loads(json.dumps(config))).family == Family("0123abcd", "l2", 0, 3)
    config["family"] |= changes
    with pytest.raises(ValueError, match="family|place|varies"):
        records.parse_config(json.loads(json.dumps(config)))


def test_a_run_without_a_family_reads_as_before():
    config = json.loads(json.dumps(dataclasses.asdict(runs.config_of(tiny_recipe()))))
    del config["family"]
    for name in ("l2", "dropout", "label_noise"):
        del config["recipe"][name]
    assert records.parse_config(config).family is None and records.parse_config(config).recipe == tiny_recipe()


def test_a_family_survives_export_and_import(run, tmp_path):
    config = runs.read_config(run)
    told = dataclasses.replace(config, family=Family("0123abcd", "l2", 1, 3))
    write_json(run.folder / "config.json", dataclasses.asdict(told))
    runs.write_result(run, dataclasses.replace(runs.read_result(run), files=runs.describe_files(run)))
    packed = exchange.export_run(run, tmp_path)
    shutil.rmtree(run.folder)
    assert runs.read_config(exchange.import_run(packed)).family == Family("0123abcd", "l2", 1, 3)


# What was learned


def made_up(accuracies: dict[float, tuple[int, int]], stopped: tuple[float, ...] = ()) -> summary.Summary:
    """A family of learning rates: of each how many of 1,000 validation pictures are right, from which one on."""
    family_id = records.new_group_id()
    for place, (rate, _) in enumerate(accuracies.items()):
        run = runs.create(
            recipes_of(tiny_recipe(), "learning_rate", (rate, 9.0))[0],
            Family(family_id, "learning_rate", place, len(accuracies)),
        )
        status.write(run.folder, Status("done", epochs=2))
        runs.write_result(run, made_up_result(epochs=1 if rate in stopped else 2, cancelled=rate in stopped))
    found = members.find(catalogue.list_rows(), family_id)
    rates = {one.row.run.id: one.value for one in found.runs}
    labels = data.load_split("train").labels[:PICTURES]

    def load(run: Run, split: str) -> Predictions:
        right, start = accuracies[rates[run.id]] if split == "validation" else (990, 0)
        hit = np.zeros(PICTURES, bool)
        hit[(np.arange(right) + start) % PICTURES] = True
        logits = np.eye(10, dtype=np.float32)[np.where(hit, labels, (labels + 1) % 10)]
        return Predictions(split, np.arange(PICTURES), labels, logits)

    return summary.summarise(found, load)


def test_a_clear_winner_is_named_with_its_lead():
    told = made_up({0.1: (800, 0), 0.2: (902, 0), 0.3: (851, 0)})
    assert summary.learned(told) == (
        "Of learning rates 0.1, 0.2 and 0.3, 0.2 was best on validation: 90.2 %, 5.1 points over the next (a real "
        "difference on these 1,000 pictures, one seed)."
    )
    first, best, _ = summary.rows(told)
    assert best["best"] and best["behind"] is None and first["behind"] == pytest.approx(0.102) and first["real"]
    assert first["behind_interval"][0] < 0.102 < first["behind_interval"][1]
    assert first["interval"][0] < 0.8 < first["interval"][1] and first["gap"] == pytest.approx(0.19)


def test_what_chance_may_have_made_is_not_called_a_difference():
    told = made_up({0.1: (901, 0), 0.2: (900, 100), 0.3: (905, 50)})
    assert summary.learned(told) == (
        "Of learning rates 0.1, 0.2 and 0.3 none was better than another: 90.5 %, 90.1 % and 90.0 % of these 1,000 "
        "pictures of validation lie within chance (one seed)."
    )
    assert not any(row["real"] for row in summary.rows(told))
    same = made_up({0.1: (900, 0), 0.2: (900, 0)})
    assert "none was better than another" in summary.learned(same)


def test_two_that_are_alike_are_not_ranked_and_the_third_is_worse():
    line = summary.learned(made_up({0.1: (900, 0), 0.2: (902, 50), 0.3: (700, 0)}))
    assert line == (
        "Of learning rates 0.1, 0.2 and 0.3, 0.2 did best on validation with 90.2 %, but 0.1 (90.0 %) cannot be told "
        "apart from it; 0.3 is worse, by 20.2 points (a real difference on these 1,000 pictures, one seed)."
    )


def test_the_level_is_held_for_all_pairs_together():
    """15 against 4 pictures: p = 0.019 of one pair, which is rare; one of three pairs is as far apart in 6 of 100."""
    pair = {0.1: (904, 0), 0.2: (915, 4)}
    alone, among = made_up(pair), made_up(pair | {0.3: (400, 0)})
    assert alone.differences[0].compared.test.p_value == pytest.approx(0.0192, abs=1e-4)
    assert alone.differences[0].real and "11 points" not in summary.learned(alone)
    assert among.differences[0].p_value == pytest.approx(3 * 0.0192, abs=3e-4) and not among.differences[0].real
    assert "cannot be told apart" in summary.learned(among)


def test_who_did_not_go_through_all_epochs_is_not_compared():
    line = summary.learned(made_up({0.1: (990, 0), 0.2: (900, 0), 0.3: (700, 0)}, stopped=(0.1,)))
    assert line.startswith(
        "Of learning rates 0.2 and 0.3, 0.2 was best on validation: 90.0 %, 20.0 points over the other"
    )
    assert line.endswith("Learning rate 0.1 was stopped after 1 epoch and is not compared.")
    alone = summary.learned(made_up({0.1: (990, 0), 0.2: (900, 0)}, stopped=(0.1,)))
    assert alone.startswith("There is nothing to compare")


def test_a_family_at_work_says_how_far_it_is_and_one_that_failed_is_named(nothing_starts):
    family_id = started()
    rows = catalogue.list_rows()
    assert summary.learned(summary.summarise(members.find(rows, family_id))) == "0 of 3 have ended."
    members.stop(members.find(rows, family_id))
    told = summary.learned(summary.summarise(members.find(catalogue.list_rows(), family_id)))
    assert "Learning rate 0.0001 ended without a result and is not compared." in told
    runs.delete(members.find(catalogue.list_rows(), family_id).runs[0].row.run)
    told = summary.learned(summary.summarise(members.find(catalogue.list_rows(), family_id)))
    assert told.endswith("1 of the 3 is not here any more.")
