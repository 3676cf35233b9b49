"""What a sweep trains: every combination once, with every seed, and nothing senseless.

Run: python -m pytest tests/core/sweeps/test_sweep_plan.py
"""

import dataclasses

import pytest

from fmnist_core.recipe import Split
from fmnist_core.storage.schema import as_plain, from_json
from fmnist_core.sweeps import plan
from fmnist_core.sweeps.plan import Plan
from fmnist_core.zoo import MODELS
from tests.tiny import tiny_recipe

BASE = tiny_recipe("cnn_2")
GRID = {"learning_rate": ("0.001", "0.0003"), "batch_size": ("64", "128")}

# More than memory holds, were they made before they are counted: but for a limit that says so, this would not end.
HUGE = {
    name: tuple(f"0.{place:03d}1" for place in range(count))
    for name, count in (("learning-rate", 100), ("dropout", 100), ("l2", 100), ("label-noise", 30))
}


def test_a_grid_is_every_combination_with_every_seed():
    made = plan.make([BASE], GRID, (0, 1, 2))
    trained = [plan.recipe_of(made, task) for task in made.tasks]
    assert [(one.optimizer.learning_rate, one.batch_size, one.seed) for one in trained] == [
        (rate, batch, seed) for rate in (0.001, 0.0003) for batch in (64, 128) for seed in (0, 1, 2)
    ]
    assert len({task.run for task in made.tasks}) == 12 and all(task.run.startswith("cnn_2-") for task in made.tasks)
    assert plan.recipe_of(made, made.tasks[0]) == dataclasses.replace(BASE, batch_size=64)


def test_models_come_one_after_the_other():
    made = plan.make([BASE, tiny_recipe()], {"epochs": ("1", "3")}, (7,))
    assert [(task.run.partition("-")[0], plan.epochs_of(made, task)) for task in made.tasks] == [
        ("cnn_2", 1),
        ("cnn_2", 3),
        ("simple_nn", 1),
        ("simple_nn", 3),
    ]
    assert all(plan.epochs_of(made, task) == plan.recipe_of(made, task).epochs for task in made.tasks)


def test_what_comes_to_the_same_recipe_is_trained_once():
    assert len(plan.make([BASE], {"learning-rate": ("0.001", "1e-3", "0.0010", "0.002")}, (0,)).tasks) == 2
    all_of_them = dataclasses.replace(BASE, images=None, split=Split("last", 5_000))
    assert len(plan.make([all_of_them], {"images": ("all", "55000", "600")}, (0,)).tasks) == 2


def test_a_sample_is_drawn_by_its_seed_and_has_every_seed():
    values = {"learning-rate": [f"{rate / 1000}" for rate in range(1, 21)]}
    drawn = plan.make([BASE], values, (0, 1), sample=5)
    again, other = (plan.make([BASE], values, (0, 1), 5, seed) for seed in (0, 1))
    chosen = [task.values for task in drawn.tasks]
    assert chosen == [task.values for task in again.tasks] != [task.values for task in other.tasks]
    assert len(chosen) == 10 and len({one["learning-rate"] for one in chosen}) == 5
    everything = plan.make([BASE], GRID, (0,), sample=99)
    assert len(everything.tasks) == 4 and (drawn.sampled, everything.sampled) == (5, None)


@pytest.mark.parametrize(
    ("bases", "values", "seeds", "sample", "sentence"),
    [
        ([], {}, (0, 1), None, "none is named"),
        ([BASE], {}, (0,), None, "this is one. Name more seeds"),
        ([BASE], {}, (1, 1), None, "different whole numbers"),
        ([BASE], {}, (-1, 2), None, "different whole numbers"),
        ([BASE], {"seed": ("1", "2")}, (0,), None, "A sweep cannot vary 'seed'"),
        ([BASE], {"validation": ("1", "2")}, (0,), None, "A sweep cannot vary 'validation'"),
        ([BASE], {"batch": ("a", "2")}, (0,), None, "batch cannot be 'a'. Expected a whole number."),
        ([BASE], {"dropout": ("0.5", "2")}, (0,), None, "dropout cannot be 2"),
        ([BASE], {"mirror": ("yes", "perhaps")}, (0,), None, "Expected yes or no"),
        ([BASE], {"optimizer": ("adam", "x" * 300)}, (0,), None, "300 characters"),
        ([BASE], {"keep": ("last", "best")}, (0,), None, "A sweep cannot vary 'keep'"),
        ([BASE], GRID, (0,), 0, "A sample cannot have 0"),
        ([BASE], HUGE, (0,), None, "30,000,000 trainings (30,000,000 combinations, 1 seed each)"),
        ([BASE], HUGE, (0,), 5, "30,000,000 combinations, and a sample is drawn from at most 1,000,000"),
        ([BASE], GRID, range(400), None, "1,600 trainings (4 combinations, 400 seeds each)"),
        ([BASE, tiny_recipe(split=Split("first", 500))], {}, (0,), None, "different validation pictures"),
        ([tiny_recipe(split=Split("none", 0))], {}, (0, 1), None, "compared on validation pictures"),
    ],
)
def test_what_is_senseless_is_refused_with_a_sentence(bases, values, seeds, sample, sentence):
    with pytest.raises(ValueError) as refused:
        plan.make(bases, values, tuple(seeds), sample)
    assert sentence in str(refused.value)


def test_a_sample_of_too_many_is_taken():
    values = {"learning-rate": [f"{rate / 10_000}" for rate in range(1, 100)], "batch": ["16", "32", "64"]}
    assert len(plan.make([BASE], values, range(10), sample=20).tasks) == 200


def test_a_sample_of_very_many_is_drawn_at_once_and_from_everywhere():
    drawn = [task.values for task in plan.make([BASE], HUGE | {"label-noise": ("0",)}, (0,), sample=200).tasks]
    assert len(drawn) == 200 and all(len({one[name] for one in drawn}) > 50 for name in ("learning-rate", "dropout"))


def test_a_sample_has_no_recipe_twice():
    values = {"learning-rate": ("0.001", "1e-3", "0.0010", "0.002", "2e-3")}
    for seed in range(5):
        assert len(plan.make([BASE], values, (0,), 2, seed).tasks) == 2


def test_values_are_read_as_they_are_typed():
    assert plan.parse_values(["learning_rate=0.001, 0.0003", "batch_size=64,128"]) == {
        "learning-rate": ("0.001", "0.0003"),
        "batch": ("64", "128"),
    }
    assert plan.parse_values(["optimizer=sgd,momentum=0.9;adam"]) == {"optimizer": ("sgd,momentum=0.9", "adam")}
    made = plan.make([BASE], plan.parse_values(["optimizer=sgd,momentum=0.9;adam"]), (0,))
    assert [plan.recipe_of(made, task).optimizer.momentum for task in made.tasks] == [0.9, 0.0]
    for words, sentence in ((["l2="], "names no values"), (["l2"], "names no values"), (["l2=1", "l2=2"], "twice")):
        with pytest.raises(ValueError, match=sentence):
            plan.parse_values(words)


def test_every_swept_option_changes_the_recipe():
    base = dataclasses.replace(MODELS["cnn_2"].recipe, loss="categorical_crossentropy")
    values = {
        "learning-rate": "0.5",
        "batch": "17",
        "epochs": "3",
        "images": "1000",
        "optimizer": "sgd",
        "augmentation": "flip",
        "dropout": "0.11",
        "l2": "0.01",
        "label-noise": "0.2",
        "label-smoothing": "0.1",
        "loss": "sparse_categorical_crossentropy",
        "precision": "float32",
        "drop-last-batch": "yes",
        "mirror": "yes",
    }
    assert list(values) == plan.SWEPT
    for name, text in values.items():
        assert plan.recipe_with(base, {name: text}, base.seed) != base, name


def test_a_plan_comes_back_from_json_and_another_one_is_refused():
    made = plan.make([BASE], GRID, (0, 1))
    read = from_json(Plan, as_plain(made), "plan")
    plan.check(read)
    assert read == made
    task = made.tasks[0]
    for wrong in (
        dataclasses.replace(made, tasks=()),
        dataclasses.replace(made, tasks=(task, task)),
        dataclasses.replace(made, tasks=(dataclasses.replace(task, base=1),)),
        dataclasses.replace(made, tasks=(dataclasses.replace(task, run="../../etc"),)),
        dataclasses.replace(made, tasks=(dataclasses.replace(task, run="cnn_1-20260101-000000-abcd"),)),
        dataclasses.replace(made, tasks=(dataclasses.replace(task, values={}),)),
        dataclasses.replace(made, bases=(dataclasses.replace(BASE, batch_size=0),)),
    ):
        with pytest.raises(ValueError):
            plan.check(wrong)
