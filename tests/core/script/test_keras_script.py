"""Scripts as text: how long they are, that they are sound Python, and that nobody's text gets out of its string."""

import ast
import dataclasses
import random
import subprocess
import sys

import numpy as np
import pytest

from fmnist_core import zoo
from fmnist_core.networks.layers import Layer, Network
from fmnist_core.recipe import Augmentation, Optimizer, Recipe, Split, Stage
from fmnist_core.script import keras_script as scripts
from fmnist_core.script.keras_script import keras_script, left_out
from fmnist_core.script.lines import broken, literal
from fmnist_core.speed.estimate import quick_recipe
from fmnist_core.splits import split_indices, taught_labels, wrong_labels
from fmnist_core.zoo import MODELS
from fmnist_core.zoo.layers import nearest_indices

LONGEST, WIDEST = 80, 110  # lines, and characters in one
OWN = Network("Mine", (Layer("convolution", filters=8), Layer("global_max_pooling")))
ALL = Augmentation(8.5, 0.1, 3, 0.1, True, False, 2, 0.2, "constant", 6, 0.5, 0.1)


def own(**changes) -> Recipe:
    return dataclasses.replace(Recipe(model="own", stages=(Stage(2),), network=OWN), **changes)


def check_style(text: str) -> list[str]:
    """The lines of a script that is sound; fails where it is not."""
    compile(text, "script", "exec")
    lines = text.splitlines()
    assert max(map(len, lines)) <= WIDEST
    assert text.isascii() or ast.get_docstring(ast.parse(text))
    return lines


@pytest.fixture(scope="module")
def published_and_quick() -> dict[str, str]:
    return {
        f"{name}_{kind}": keras_script(recipe)
        for name, model in MODELS.items()
        for kind, recipe in (("published", model.recipe), ("quick", quick_recipe(model.recipe)))
    }


def test_every_model_of_the_zoo_is_a_short_script(published_and_quick):
    for name, text in published_and_quick.items():
        assert len(check_style(text)) <= LONGEST, name


def test_they_are_as_a_linter_and_a_formatter_want_them(published_and_quick, tmp_path):
    for name, text in published_and_quick.items():
        (tmp_path / f"{name}.py").write_text(text)
    ruff = [sys.executable, "-m", "ruff"]
    told = ["--isolated", f"--line-length={WIDEST}", str(tmp_path)]
    for command in (["check", "--select=E,F,I,UP,B,W,N"], ["format", "--check"]):
        done = subprocess.run([*ruff, *command, *told], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout


def random_recipe(seed: int) -> Recipe:
    """With whatever a recipe may have."""
    chance = random.Random(seed)
    stages = []
    for _ in range(chance.choice((1, 2, 9))):
        said = {name: value for name, value in dataclasses.asdict(ALL).items() if chance.random() < 0.5}
        stages.append(Stage(chance.randint(1, 99), Augmentation(**said) if chance.random() < 0.7 else None))
    count = chance.choice((0, 5_000))
    kind = chance.choice(("first", "last", "random")) if count else "none"
    smoothing = chance.choice((0, 0.1))
    names = ("sgd", "adam", "nadam", "adamw", "rmsprop")
    schedule = chance.choice(("constant", "one_cycle"))
    return Recipe(
        model=chance.choice([name for name, model in MODELS.items() if not model.trunk]),
        stages=tuple(stages),
        optimizer=Optimizer(chance.choice(names), 0.0123, 0.9, True, 1e-5, 5e-4, schedule, chance.choice((0, 0.2))),
        split=Split(kind, count),
        loss="categorical_crossentropy" if smoothing else "clipped_rbf_crossentropy",
        label_smoothing=smoothing,
        l2=1e-4,
        dropout=chance.choice((None, 0, 0.3)),
        drop_last_batch=chance.random() < 0.5,
        images=chance.choice((None, 20_000)),
        excluded=chance.choice(((), (3, 4), tuple(range(5_000)))),
        relabelled=chance.choice(((), ((5, 3), (9, 0)), tuple((one, one % 10) for one in range(3_000)))),
        label_noise=chance.choice((0, 0.2)),
        keep=chance.choice(("last", "best")) if count else "last",
        mirror=chance.random() < 0.5,
        watch_test=chance.random() < 0.5,
    )


@pytest.mark.parametrize("seed", range(30))
def test_whatever_a_recipe_has_the_script_is_sound(seed):
    check_style(keras_script(random_recipe(seed)))


def test_sixty_layers_share_lines_but_fit():
    block = (Layer("convolution", filters=8), Layer("batch_normalization"), Layer("dropout", rate=0.1))
    network = Network("Long", (*block * 19, Layer("residual_block", filters=8), Layer("global_max_pooling")))
    assert len(check_style(keras_script(own(network=network)))) <= LONGEST


HOSTILE = (
    '"""; import os; os.abort() #',
    "\\",
    'x"""\nimport os',
    "'; exec('1') #",
    "a\x0bb\x0cc\x1cd\x85e\u2028f\u2029g",
    "{keras.__file__}",
    "\u202eevil\u2066",
    "#" * 200,
    "",
)


@pytest.mark.parametrize("title", HOSTILE)
def test_no_title_gets_out_of_its_string(title, monkeypatch):
    expected = ast.dump(_without_docstring(keras_script(own())))
    row = dataclasses.replace(zoo.model_of(own()), title=title)
    monkeypatch.setattr(zoo, "model_of", lambda recipe: row)
    text = keras_script(own())
    assert len(text.splitlines()) == len(text.split("\n")) - 1  # nothing that some editors take for a line's end
    assert max(map(len, text.splitlines())) <= WIDEST
    assert ast.dump(_without_docstring(text)) == expected
    assert not set("\\{}#\u202e\u2066") & set(ast.get_docstring(ast.parse(text)).splitlines()[0])


def _without_docstring(text: str) -> ast.Module:
    module = ast.parse(text)
    module.body = module.body[1:]
    return module


@pytest.mark.parametrize("title", HOSTILE)
def test_an_own_network_with_such_a_title_is_refused(title):
    with pytest.raises(ValueError, match="title|called"):
        keras_script(own(network=dataclasses.replace(OWN, title=title)))


def test_words_that_no_check_has_let_pass_are_refused():
    for word in ('relu"', "a b", "é", "x\n"):
        with pytest.raises(ValueError, match="one word"):
            literal(word)


def test_a_recipe_that_cannot_be_trained_is_refused():
    with pytest.raises(ValueError, match="Unknown model"):
        keras_script(dataclasses.replace(MODELS["cnn_1"].recipe, model="cnn_77"))
    with pytest.raises(ValueError, match="batch_size"):
        keras_script(own(batch_size=0))


def test_what_is_left_out_is_said_in_the_script():
    recipe = own(stages=(Stage(1, ALL, augment_validation=True),), watch_test=True, precision="mixed_bfloat16")
    text, phrases = " ".join(keras_script(recipe).split()), left_out(recipe)
    assert len(phrases) == 4
    assert all(phrase in text for phrase in phrases)
    assert left_out(own()) == ()


# What trains


def chosen_by(recipe: Recipe) -> dict[str, np.ndarray]:
    """What a script trains and validates on, where each picture is its position, and labels are the official ones."""
    from fmnist_core import data

    labels = data.load_split("train").labels
    lines = keras_script(recipe).splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith("x_train, x_test"))
    last = next(number for number, line in enumerate(lines) if line.startswith(("network", "picture")))
    found = {"np": np, "x_train": np.arange(60_000), "y_train": labels, "x_test": np.arange(4)}
    exec("\n".join(lines[first + 1 : last]), found)
    return found


@pytest.mark.parametrize("kind", ("none", "first", "last", "random"))
@pytest.mark.parametrize("images", (None, 500))
@pytest.mark.parametrize("excluded", ((), (7, 59_999, 2_000)))
def test_it_takes_the_same_pictures(kind, images, excluded):
    split = Split(kind, 0 if kind == "none" else 5_000, seed=99)
    recipe = own(split=split, images=images, excluded=excluded, seed=3)
    found, expected = chosen_by(recipe), split_indices(recipe)
    assert np.array_equal(np.sort(found["x_train"]), np.sort(expected.train))
    if kind != "none":
        assert np.array_equal(np.sort(found["x_validation"]), np.sort(expected.validation))


@pytest.mark.parametrize("split", (Split("last", 5_000), Split("random", 5_000)))
def test_it_teaches_the_same_wrong_labels(split):
    from fmnist_core import data

    recipe = own(label_noise=0.3, split=split, images=2_000, seed=5)
    found, expected = chosen_by(recipe), wrong_labels(recipe)
    taught = dict(zip(found["x_train"].tolist(), found["y_train"].tolist(), strict=True))
    official = data.load_split("train").labels
    wrong = {position: label for position, label in taught.items() if label != official[position]}
    assert wrong == dict(zip(expected.positions.tolist(), expected.labels.tolist(), strict=True))


@pytest.mark.parametrize("noise", (0.0, 0.3))
@pytest.mark.parametrize("count", (3, 12, 2_000))
def test_it_teaches_the_same_corrected_labels_and_validates_by_official_ones(count, noise, tmp_path, monkeypatch):
    from fmnist_core import data

    monkeypatch.chdir(tmp_path)
    official = data.load_split("train").labels
    pairs = tuple((position, (int(official[position]) + 4) % 10) for position in range(0, 60_000, 60_000 // count))
    recipe = own(relabelled=pairs, label_noise=noise, split=Split("random", 5_000), excluded=(0, 1), seed=5)
    files = scripts.files_beside(recipe)
    assert list(files) == (["relabelled.txt"] if count == 2_000 else [])
    for name, content in files.items():
        (tmp_path / name).write_text(content)
        assert name in ast.get_docstring(ast.parse(keras_script(recipe)))
    found = chosen_by(recipe)
    assert np.array_equal(found["y_train"], taught_labels(recipe, found["x_train"]))
    assert (found["y_train"] != official[found["x_train"]]).sum() > count * 0.6
    assert np.array_equal(found["y_validation"], official[found["x_validation"]])


def test_many_left_out_pictures_come_from_a_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    recipe = own(excluded=tuple(range(100, 5_000, 3)))
    (tmp_path / "excluded.txt").write_text(scripts.files_beside(recipe)["excluded.txt"])
    assert np.array_equal(np.sort(chosen_by(recipe)["x_train"]), np.sort(split_indices(recipe).train))
    assert "excluded.txt" in ast.get_docstring(ast.parse(keras_script(recipe)))
    assert scripts.files_beside(own(excluded=(1, 2))) == {}


def test_vgg19_enlarges_as_the_zoo_does():
    lines = keras_script(MODELS["vgg19_fixed"].recipe).splitlines()
    found = {"np": np}
    exec("\n".join(line for line in lines if line.startswith(("places", "pixels"))), found)
    assert found["pixels"].tolist() == nearest_indices(28, 150)
    published, fixed = (keras_script(MODELS[f"vgg19_{name}"].recipe) for name in ("published", "fixed"))
    assert published.replace("as published", "input mended").replace("Rescaling(1.0,", "Rescaling(255.0,") == fixed


def test_a_line_is_broken_within_brackets_only():
    line = f"    call({', '.join(f'name{number}=[1, 2]' for number in range(20))})"
    lines = broken(line)
    assert len(lines) > 1 and max(map(len, lines)) <= WIDEST
    assert ast.dump(ast.parse("\n".join(lines).strip())) == ast.dump(ast.parse(line.strip()))
    assert broken("x" * 200) == ["x" * 200]


# Nothing of a recipe is forgotten

BASE = own(
    stages=(Stage(2, dataclasses.replace(ALL, flip=True)),),
    optimizer=Optimizer("sgd", 0.1, 0.9, True, schedule="one_cycle", warm_up=0.2, weight_decay=1e-4),
    loss="categorical_crossentropy",
    split=Split("random", 5_000),
)
CHANGED = {
    Recipe: {
        "model": (dataclasses.replace(MODELS["cnn_1"].recipe, network=None),),
        "network": (own(network=dataclasses.replace(OWN, layers=OWN.layers[1:])),),
        "optimizer": (own(optimizer=Optimizer("rmsprop")),),
        "split": (own(split=Split("first")),),
        "stages": (own(stages=(Stage(3),)),),
        "loss": (own(loss="clipped_rbf_crossentropy"),),
        "label_smoothing": (own(loss="categorical_crossentropy", label_smoothing=0.1),),
        "l2": (own(l2=0.1),),
        "dropout": (own(dropout=0.1),),
        "batch_size": (own(batch_size=33),),
        "drop_last_batch": (own(drop_last_batch=True),),
        "images": (own(images=500),),
        "excluded": (own(excluded=(1,)),),
        "relabelled": (own(relabelled=((1, 2),)),),
        "label_noise": (own(label_noise=0.1),),
        "seed": (own(seed=9),),
        "precision": (own(precision="mixed_bfloat16"),),
        "keep": (own(keep="best"),),
        "mirror": (own(mirror=True),),
        "watch_test": (own(watch_test=True),),
    },
    Split: {"kind": "last", "validation": 4_000, "seed": 14},
    Stage: {"epochs": 3, "augmentation": None, "augment_validation": True},
    Augmentation: {
        "rotation": 0,
        "shift": 0,
        "shear": 0,
        "zoom": 0,
        "flip": False,
        "in_turn": True,
        "crop": 0,
        "brightness": 0,
        "fill": "nearest",
        "cutout": 0,
        "cutout_chance": 1,
        "photo_damage": 0,
    },
    Optimizer: {
        "name": "adam",
        "learning_rate": 0.3,
        "momentum": 0.8,
        "nesterov": False,
        "decay": 1e-3,
        "weight_decay": 0,
        "schedule": "constant",
        "warm_up": 0.1,
    },
}


def changed(kind: type, name: str) -> tuple[Recipe, Recipe]:
    """Two recipes that differ in one field of one part."""
    value = CHANGED[kind][name]
    if kind is Recipe:
        return own(), value[0]
    stage = BASE.stages[0]
    if kind is Augmentation:
        stage = dataclasses.replace(stage, augmentation=dataclasses.replace(stage.augmentation, **{name: value}))
    if kind is Stage:
        stage = dataclasses.replace(stage, **{name: value})
    made = dataclasses.replace(BASE, stages=(stage,))
    if kind is Split:
        made = dataclasses.replace(made, split=dataclasses.replace(BASE.split, **{name: value}))
    if kind is Optimizer:
        constant = {} if name in ("schedule", "warm_up") else {"schedule": "constant"}
        before = dataclasses.replace(BASE.optimizer, **constant)
        return (
            dataclasses.replace(BASE, optimizer=before),
            dataclasses.replace(BASE, optimizer=dataclasses.replace(before, **{name: value})),
        )
    return BASE, made


@pytest.mark.parametrize("kind", CHANGED)
def test_each_field_is_in_the_script(kind):
    assert CHANGED[kind].keys() == {field.name for field in dataclasses.fields(kind)}, "a new field needs its code"
    for name in CHANGED[kind]:
        before, after = (check_style(keras_script(recipe)) for recipe in changed(kind, name))
        assert before != after, f"{kind.__name__}.{name} changes nothing in the script"
