"""Any recipe can be said in options of `train`, and these say it exactly.

Run: python -m pytest tests/core/runs/test_recipe_options.py
"""

import dataclasses
import random

import pytest

from fmnist_core.analysis import label_set_files
from fmnist_core.cli import command_line, training_commands
from fmnist_core.recipe import Augmentation, Optimizer, Recipe, Split, Stage, check
from fmnist_core.runs.recipe_options import OPTIONS, command, from_options, to_options
from fmnist_core.zoo import CLASSICAL, MODELS, model_of, own_network
from fmnist_core.zoo.as_layers import as_network
from fmnist_core.zoo.others import classical

CNN_2, TWO_STAGES = MODELS["cnn_2"].recipe, MODELS["cnn_1conv"].recipe
OWN_RECIPE = own_network.recipe(as_network("lenet5_valid"))


def read(line: str) -> Recipe:
    """What the command line makes of a command."""
    return training_commands.recipe_of(command_line._parser().parse_args(line.split()[3:]))


def any_recipe(draw: random.Random) -> Recipe:
    """One that `check` lets through, each of its values changed half of the time."""

    def augmentation() -> Augmentation | None:
        changes = {
            "rotation": draw.uniform(0, 180),
            "shift": round(draw.random(), 2),
            "shear": draw.uniform(0, 60),
            "zoom": 0.1,
            "flip": True,
            "in_turn": True,
            "crop": draw.randint(0, 14),
            "brightness": 1 / 3,
            "fill": "constant",
            "cutout": 5,
            "cutout_chance": 0.5,
            "photo_damage": 0.25,
        }
        return draw.choice((None, Augmentation(**some(changes))))

    def some(changes: dict) -> dict:
        return {name: value for name, value in changes.items() if draw.random() < 0.5}

    published = draw.choice([*[model.recipe for model in MODELS.values()], OWN_RECIPE])
    validation = draw.choice((0, 500, 5_000))
    optimizer = {"learning_rate": draw.random() + 1e-9, "momentum": 0.9, "nesterov": True, "decay": 1e-7}
    optimizer |= {"weight_decay": 1e-3, "schedule": "one_cycle", "warm_up": 0.2}
    kind = draw.choice(("first", "last", "random")) if validation else "none"
    changes = {
        "stages": tuple(
            Stage(draw.randint(1, 50), augmentation(), draw.random() < 0.3) for _ in range(draw.randint(1, 4))
        ),
        "optimizer": Optimizer(draw.choice(("sgd", "adam", "nadam", "adamw", "rmsprop")), **some(optimizer)),
        "batch_size": draw.randint(1, 500),
        "drop_last_batch": not published.drop_last_batch,
        "images": draw.randint(500, 50_000),
        "excluded": tuple(draw.sample(range(60_000), 3)),
        "relabelled": tuple((one, draw.randint(0, 9)) for one in draw.sample(range(60_000), 3)),
        "seed": draw.randint(0, 2**31 - 1),
        "l2": draw.choice((0.0, 1e-4, 0.001)),
        "dropout": draw.choice((0.0, 1 / 3, 0.5)),
        "label_noise": draw.choice((0.0, 0.2)),
        "precision": draw.choice(("auto", "float32", "mixed_bfloat16")),
        "mirror": not published.mirror,
        "watch_test": not published.watch_test,
    }
    found = dataclasses.replace(published, split=Split(kind, validation, draw.randint(0, 99)), keep="last")
    found = dataclasses.replace(found, **some(changes))
    if draw.random() < 0.5:
        found = dataclasses.replace(found, loss="categorical_crossentropy", label_smoothing=0.1)
    if validation and draw.random() < 0.5:
        found = dataclasses.replace(found, keep="best")
    check(found)
    return found


def test_every_recipe_is_one_command_that_says_it_exactly():
    draw = random.Random(0)
    for _ in range(200):
        recipe = any_recipe(draw)
        assert read(command(recipe, model_of(recipe).recipe)) == recipe


def test_a_label_set_relabels_and_leaves_out(tmp_path, monkeypatch):
    (tmp_path / "anna.csv").write_text(
        "picture,decision,should be\ntrain/1,relabel,Coat\ntrain/0,ambiguous,\ntest/0,keep,\n"
    )
    found = from_options(CNN_2, {"labels": str(tmp_path / "anna.csv"), "exclude": "7,0"})
    assert (found.relabelled, found.excluded) == (((1, 4),), (7, 0))
    assert to_options(found, CNN_2) == ["--exclude", "7,0", "--labels", "1=4"]
    assert from_options(found, {"labels": "none"}).relabelled == ()
    many = dataclasses.replace(CNN_2, relabelled=tuple((position, 3) for position in range(600)))
    assert to_options(many, CNN_2) == ["--labels", "relabelled.txt"]
    monkeypatch.chdir(tmp_path)
    (tmp_path / "relabelled.txt").write_text(label_set_files.as_lines(many.relabelled))
    assert read(command(many, CNN_2)) == many


def test_a_published_recipe_needs_no_option():
    for model in MODELS.values():
        assert to_options(model.recipe, model.recipe) == []
        assert (
            model.recipe.images is model.recipe.dropout is None and model.recipe.excluded == ()
        )  # which no option says


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("cnn_2 --learning-rate 0.01", dataclasses.replace(CNN_2.optimizer, learning_rate=0.01)),
        ("cnn_2 --optimizer sgd", Optimizer("sgd", CNN_2.optimizer.learning_rate)),
        ("cnn_2 --optimizer sgd,momentum=0.9,nesterov", Optimizer("sgd", 1e-3, momentum=0.9, nesterov=True)),
        ("cnn_2 --validation 700,kind=random", Split("random", 700)),
        ("cnn_2 --validation 0", Split("none", 0)),
        ("cnn_2 --augmentation rotation=8,flip", (Stage(20, Augmentation(rotation=8, flip=True)),)),
        ("cnn_1conv --augmentation none", (Stage(10), Stage(50))),
        ("cnn_1conv --stage 3 --stage 2,flip", (Stage(3), Stage(2, Augmentation(flip=True)))),
        ("cnn_1conv --epochs 5", (Stage(5),)),
    ],
)
def test_what_people_write(words, expected):
    recipe = read(f"python -m fmnist_core train {words}")
    assert expected in (recipe.optimizer, recipe.split, recipe.stages)


def test_epochs_of_several_stages_are_told(capsys):
    read("python -m fmnist_core train cnn_1conv --epochs 12")
    assert "Its stages are: 10 epochs; then 2 epochs on pictures changed at random: " in capsys.readouterr().err
    read("python -m fmnist_core train cnn_2 --epochs 12")
    assert not capsys.readouterr().err


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"stage": ["5,tilt=3"]}, "--stage has no 'tilt'. Expected some of: rotation, shift"),
        ({"stage": ["many"]}, "--stage cannot be 'many'. Expected a whole number"),
        ({"stage": ["0"]}, "epochs of a stage cannot be 0"),
        ({"stage": ["1"] * 10}, "number of stages cannot be 10"),
        ({"stage": ["5"], "epochs": 3}, "leave out --epochs"),
        ({"stage": ["5,rotation=far"]}, "--stage's rotation cannot be 'far'. Expected a number"),
        ({"stage": ["5,flip=perhaps"]}, "Expected yes or no"),
        ({"stage": ["5,rotation=200"]}, "rotation cannot be 200"),
        ({"augmentation": ""}, "--augmentation has no ''"),
        ({"optimizer": "lion"}, "lion"),
        ({"validation": "5,kind=middle"}, "middle"),
        ({"learning-rate": 0.0}, "learning_rate cannot be 0"),
        ({"learning-rate": float("nan")}, "learning_rate must be a number"),
        ({"keep": "first"}, "first"),
        ({"labels": "0=11"}, "position=class"),
        ({"labels": "60000=1"}, "relabelled pictures cannot be"),
        ({"labels": "nothing.csv"}, "cannot be read"),
    ],
)
def test_what_cannot_be_read_is_a_sentence(given, words):
    with pytest.raises(ValueError, match=words.replace("(", "\\(")):
        from_options(CNN_2, given)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"epochs": 3}, "gaussian_nb learns without epochs; leave out --epochs."),
        ({"epochs": 3, "augmentation": "flip"}, "leave out --epochs and --augmentation."),
        ({"stage": ["3"]}, "has no epochs"),
        ({"batch": 64}, "has no batch size"),
    ],
)
def test_what_a_baseline_cannot_heed_is_refused(given, words):
    with pytest.raises(ValueError, match=words):
        classical.check(from_options(CLASSICAL["gaussian_nb"].recipe, given))


def test_a_baseline_is_taught_labels():
    chosen = from_options(CLASSICAL["gaussian_nb"].recipe, {"labels": "0=1", "exclude": "known"})
    classical.check(chosen)
    assert chosen.relabelled == ((0, 1),)


def test_every_field_of_a_recipe_has_an_option():
    said = {option.field for option in OPTIONS} | {"model", "stages", "optimizer", "split", "excluded", "relabelled"}
    said |= {"network"}  # by --layers, which belongs to the model
    assert {field.name for field in dataclasses.fields(Recipe)} <= said
