"""What if? on Train: a family is started once, shown together, named by the address, and is one line in a list.

Run: python -m pytest tests/app/train/test_family_page.py
"""

import dataclasses
import json
import shutil

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core.demo import limits
from fmnist_core.families import members
from fmnist_core.families.varying import VARYING
from fmnist_core.jobs import lifecycle
from fmnist_core.jobs.status import write as write_status
from fmnist_core.recipe import Optimizer
from fmnist_core.runs import catalogue, predictions, runs
from fmnist_core.runs.records import Family, line_to_json
from fmnist_core.runs.runs import Run
from fmnist_core.speed.estimate import quick_recipe
from fmnist_core.storage.atomic import write_json
from fmnist_core.training import training_jobs
from fmnist_core.zoo import get_model
from fmnist_ui import cached, visitor
from fmnist_ui.train import curve_pair
from tests.app.test_pages import open_page, sentences
from tests.made_up import epoch_line
from tests.tiny import tiny_recipe

QUICK = quick_recipe(get_model("simple_nn").recipe)
FAMILY = "0123abcd"


def own() -> list[catalogue.Row]:
    return [row for row in catalogue.list_rows() if row.own]


def varied(varies: str) -> list:
    found = members.families(catalogue.list_rows()).values()
    (family,) = [one for one in found if one.varies == varies]
    return [one.row.recipe for one in family.runs]


@pytest.mark.some(2)
@pytest.mark.parametrize("varies", list(VARYING))
def test_each_part_of_a_recipe_can_vary_and_begins_around_its_own_value(varies):
    app = open_page("train.py", model="simple_nn")
    app.selectbox(key="varies").set_value(varies).run()
    assert VARYING[varies].expect in [one.value for one in app.caption]
    app.button(key="start-family").click().run()
    assert not app.exception and str(app.query_params["family"]) in members.families(own())
    made = varied(varies)
    assert [VARYING[varies].read(one) for one in made] == list(VARYING[varies].usual(QUICK)) and len(made) == 3


@pytest.mark.long
def test_what_the_three_fields_say_is_trained():
    app = open_page("train.py", model="simple_nn")
    app.segmented_control(key="preset").set_value("own").run()
    app.number_input(key="l2").set_value(0.002).run()
    app.selectbox(key="varies").set_value("label_noise").run()
    fields = [one for one in app.number_input if one.key.startswith("family-label_noise")]
    assert [one.value for one in fields] == [0.0, 20.0, 40.0]
    for field, percent in zip(fields, (5.0, 7.0, 90.0), strict=True):
        field.set_value(percent)
    app.run()
    app.button(key="start-family").click().run()
    made = varied("label_noise")
    assert [one.label_noise for one in made] == [0.05, 0.07, 0.9] and {one.l2 for one in made} == {0.002}


@pytest.mark.parametrize(
    ("values", "words"),
    [((0.0, 0.0, 40.0), "Label noise 0 % is there twice"), ((0.0, 20.0, 95.0), "label_noise cannot be 0.95")],
)
def test_three_values_that_are_no_family_are_refused_in_a_sentence(values, words):
    app = open_page("train.py", model="simple_nn")
    app.selectbox(key="varies").set_value("label_noise").run()
    fields = [one for one in app.number_input if one.key.startswith("family-label_noise")]
    for field, percent in zip(fields, values, strict=True):
        field.set_value(percent)
    app.run()
    assert words in sentences(app) and not app.exception
    assert "start-family" not in [one.key for one in app.button] and "start" in [one.key for one in app.button]


@pytest.mark.long
def test_two_clicks_on_start_are_one_family():
    app = open_page("train.py")
    app.button(key="start-family").click().run()
    first = str(app.query_params["family"])
    app.query_params.clear()
    app.button(key="start-family").click().run()
    assert len(own()) == 3 and str(app.query_params["family"]) == first
    app.button(key="start-family").click().run()  # it has been told: another one is meant
    assert len(own()) == 6 and not app.exception


@pytest.mark.long
def test_a_family_that_waits_is_shown_and_all_of_it_is_stopped():
    app = open_page("train.py", model="simple_nn")
    app.button(key="start-family").click().run()
    family = str(app.query_params["family"])
    again = open_page("train.py", family=family)
    assert "Simple NN: learning rate 0.0001, 0.001 or 0.01 · family of 3" in again.subheader[0].value
    shown = [one.label for one in again.button if one.key.startswith("open-")]
    assert shown == ["Learning rate 0.0001", "Learning rate 0.001", "Learning rate 0.01"]
    again.button(key="stop-family").click().run()
    assert not again.exception and {row.state for row in own()} == {"cancelled"}
    assert "Learning rate 0.01 ended without a result and is not compared." in sentences(again)
    again.button(key=f"open-{own()[0].run.id}").click().run()
    assert str(again.query_params["run"]) == own()[0].run.id
    again.button(key="back").click().run()
    assert "run" not in again.query_params and str(again.query_params["family"]) == family


def test_a_family_at_work_says_how_far_each_is():
    app = open_page("train.py", model="simple_nn")
    app.button(key="start-family").click().run()
    first = members.find(own(), str(app.query_params["family"])).runs[0].row.run
    write_status(first.folder, dataclasses.replace(runs.read_status(first), state="running", phase="training"))
    lines = [epoch_line(epoch, val_accuracy=0.7 + epoch / 100, loss=0.5, accuracy=0.8) for epoch in (1, 2)]
    text = "".join(f"{json_of(line)}\n" for line in lines)
    (first.folder / "metrics.jsonl").write_text(text)
    cached.forget_rows()
    app.run()
    assert [bar.proto.text for bar in app.get("progress")] == ["Epoch 3 of 5 · validation 72.0 %"]
    assert sum("waits for" in one.value for one in app.caption) == 2


def json_of(line) -> str:
    return json.dumps(line_to_json(line))


# Ended


def ended(run: Run, better: float | None = None) -> None:
    """Three copies of a finished run as a family of learning rates; of all but `better` the predictions are spoiled."""
    config, stored = runs.read_config(run), {split: predictions.load(run, split) for split in predictions.SPLITS}
    for place, rate in enumerate((1e-4, 1e-3, 1e-2)):
        copy = Run(run.folder.with_name(f"{run.id[:-4]}000{place}"))
        shutil.copytree(run.folder, copy.folder)
        chosen = dataclasses.replace(config.recipe, optimizer=Optimizer("adam", rate))
        told = dataclasses.replace(config, recipe=chosen, family=Family(FAMILY, "learning_rate", place, 3))
        write_json(copy.folder / "config.json", dataclasses.asdict(told))
        if better is not None and rate != better:
            spoiled = {split: (one.indices, np.roll(one.logits, place + 1, axis=1)) for split, one in stored.items()}
            predictions.save(copy, spoiled)
    shutil.rmtree(run.folder)


def table(app: AppTest):
    (frame,) = [one.value for one in app.dataframe if "Real?" in one.value.columns]
    return frame


def test_an_ended_family_says_what_it_shows_and_is_one_line_of_the_list(run):
    ended(run, better=1e-3)
    app = open_page("train.py", family=FAMILY)
    assert not app.exception
    assert "Of learning rates 0.0001, 0.001 and 0.01, 0.001 was best on validation: " in sentences(app)
    assert "points over the next (a real difference on these 500 pictures, one seed)." in sentences(app)
    assert list(table(app)["Real?"]) == ["yes", "the best", "yes"]
    assert list(table(app)["Learning rate"]) == ["0.0001", "0.001", "0.01"]
    assert "stop-family" not in [one.key for one in app.button]
    charts = [one for one in app.get("bidi_component") if one.proto.component_name == "fmnist_curve_chart"]
    names = {series["run"] for series in json.loads(charts[0].proto.json)["series"]}
    assert names == {"learning rate 0.0001", "learning rate 0.001", "learning rate 0.01"}
    app.button(key="back").click().run()
    assert [one.key for one in app.button if one.key.startswith("open-")] == [f"open-{FAMILY}"]
    app.button(key=f"open-{FAMILY}").click().run()
    assert str(app.query_params["family"]) == FAMILY


def test_runs_that_say_the_same_are_not_ranked(run):
    ended(run)
    app = open_page("train.py", family=FAMILY)
    assert "Of learning rates 0.0001, 0.001 and 0.01 none was better than another" in sentences(app)
    assert "yes" not in list(table(app)["Real?"])


def test_a_run_of_a_family_is_called_by_its_value(run):
    ended(run)
    app = open_page("models.py", table="runs", whose="own")
    assert not app.exception
    names = [name for frame in app.dataframe if "Name" in frame.value.columns for name in frame.value["Name"]]
    assert {name for name in names if "rate" in name} == {
        f"CNN 1, learning rate {rate}" for rate in ("0.0001", "0.001", "0.01")
    }


def test_an_address_of_a_family_that_is_nowhere_is_a_sentence():
    app = open_page("train.py", family="ffffffff")
    assert "There is no family 'ffffffff' here" in sentences(app) and "family" not in app.query_params


def test_a_damaged_run_of_a_family_is_no_error(run):
    ended(run)
    (run.folder.with_name(f"{run.id[:-4]}0001") / "predictions.npz").write_bytes(b"garbage")
    (run.folder.with_name(f"{run.id[:-4]}0002") / "status.json").write_bytes(b"garbage")
    app = open_page("train.py", family=FAMILY)
    assert not app.exception and "ended without a result" in sentences(app)


# Limits, and what is said


@pytest.mark.long
def test_a_demo_lets_a_family_wait_where_it_fits(monkeypatch):
    monkeypatch.setenv("FMNIST_DEMO", "1")
    monkeypatch.setattr(visitor, "at_the_machine", lambda: False)
    monkeypatch.setattr(limits, "free_memory", lambda: 4e9)
    app = open_page("train.py", model="simple_nn")
    app.button(key="start-family").click().run()
    assert not app.exception and "family" in app.query_params
    monkeypatch.setenv("FMNIST_LIMITS", "trainings_each=2")
    for row in catalogue.list_rows():
        if row.state == "queued":
            lifecycle.cancel(training_jobs.job(row.run))
    app = open_page("train.py", model="simple_nn")
    assert "These are 3, and 2 more may wait or work." in sentences(app)
    assert "start-family" not in [one.key for one in app.button] and "start" in [one.key for one in app.button]


def test_what_training_figures_are_counted_by_is_said_beside_the_curves():
    plain = tiny_recipe()
    assert curve_pair.counted([plain]) == ""
    noisy = [dataclasses.replace(plain, label_noise=noise) for noise in (0.0, 0.2, 0.4)]
    assert "20 to 40 % of them wrong; training accuracy and all figures of validation" in curve_pair.counted(noisy)
    assert "its term is in the training loss" in curve_pair.counted([dataclasses.replace(plain, l2=0.1)])


def test_a_run_with_label_noise_says_so_on_its_own(run):
    config = runs.read_config(run)
    chosen = dataclasses.replace(config.recipe, label_noise=0.25)
    write_json(run.folder / "config.json", dataclasses.asdict(dataclasses.replace(config, recipe=chosen)))
    app = open_page("train.py", run=run.id)
    assert any("25 % of them wrong; training accuracy" in one.value for one in app.caption)


def test_the_legend_of_curves_names_only_what_is_drawn():
    assert curve_pair.legend({"epoch"}).startswith("Thick line: after each epoch. Wheel")
    assert "Diamond: the best epoch" in curve_pair.legend({"batch", "epoch", "best"})
