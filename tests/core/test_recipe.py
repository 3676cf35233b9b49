"""A recipe survives JSON, and what no training could use is refused in a sentence.

Run: python -m pytest tests/core/test_recipe.py
"""

import dataclasses
import json

import pytest

from fmnist_core import recipe as recipes
from fmnist_core.networks.layers import Layer, Network
from fmnist_core.recipe import Augmentation, Optimizer, Recipe, Split, Stage, with_epochs

FULL = Recipe(
    model="cnn_1",
    stages=(
        Stage(3),
        Stage(
            4,
            Augmentation(8, 0.1, flip=True, in_turn=True, crop=2, cutout=8, cutout_chance=0.5, photo_damage=0.25),
            True,
        ),
    ),
    optimizer=Optimizer("sgd", 0.01, 0.9, True, 0.001, weight_decay=5e-4, schedule="one_cycle", warm_up=0.2),
    split=Split("random", 12_000, 7),
    loss="categorical_crossentropy",
    label_smoothing=0.1,
    batch_size=100,
    drop_last_batch=True,
    images=5_000,
    excluded=(45_592, 7),
    l2=1e-4,
    dropout=0.3,
    relabelled=((5, 3), (59_999, 0)),
    label_noise=0.2,
    seed=11,
    precision="mixed_bfloat16",
    keep="best",
    mirror=True,
    watch_test=True,
)


def changed(path: str, value) -> dict:
    """FULL as JSON, with the value at a path like "optimizer.momentum" replaced."""
    result = json.loads(json.dumps(recipes.to_json(FULL)))
    *way, last = path.split(".")
    place = result
    for step in way:
        place = place[int(step) if step.isdecimal() else step]
    place[int(last) if last.isdecimal() else last] = value
    return result


def test_recipe_survives_json():
    recipes.check(FULL)
    rebuilt = recipes.from_json(json.loads(json.dumps(recipes.to_json(FULL))))
    assert rebuilt == FULL
    assert isinstance(rebuilt.stages[1].augmentation.rotation, float)


NETWORK = Network("Mine", (Layer("convolution", filters=8), Layer("global_max_pooling")))


def test_an_own_network_is_part_of_its_recipe():
    own = Recipe("own", (Stage(2),), network=NETWORK)
    recipes.check(own)
    told = json.loads(json.dumps(recipes.to_json(own)))
    assert told["network"] == {
        "title": "Mine",
        "layers": [{"kind": "convolution", "filters": 8}, {"kind": "global_max_pooling"}],
    }
    assert recipes.from_json(told) == own and hash(own) == hash(recipes.from_json(told))


@pytest.mark.parametrize(
    ("model", "network", "words"),
    [
        ("own", None, "The recipe's model cannot be own without a list of layers. Expected own with layers"),
        ("cnn_2", NETWORK, "The recipe's model cannot be cnn_2 with a list of layers"),
        ("own", Network("Mine", (Layer("dense"),)), r"Layer 1 \(dense\) does not fit"),
        ("own", Network("Mine", ()), "The network has no layers"),
    ],
)
def test_layers_go_with_the_model_own_alone(model, network, words):
    with pytest.raises(ValueError, match=words):
        recipes.check(Recipe(model, (Stage(2),), network=network))


def test_fields_that_have_defaults_may_be_left_out():
    assert recipes.from_json({"model": "cnn_1", "stages": [{"epochs": 2}]}) == Recipe("cnn_1", (Stage(2),))


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("stages.0.epochs", 1_000, "epochs in all cannot be 1004"),
        ("stages.0.epochs", -1, "epochs of a stage"),
        ("batch_size", 0, "batch_size cannot be 0"),
        ("label_smoothing", 1.0, "label_smoothing cannot be 1"),
        ("loss", "sparse_categorical_crossentropy", "label_smoothing cannot be 0.1"),
        ("optimizer.weight_decay", -0.1, "weight_decay cannot be -0.1"),
        ("optimizer.warm_up", 1.0, "warm_up cannot be 1"),
        ("stages.1.augmentation.cutout", 29, "cutout cannot be 29"),
        ("stages.1.augmentation.cutout_chance", 1.5, "cutout_chance cannot be 1.5"),
        ("stages.1.augmentation.photo_damage", -0.1, "photo_damage cannot be -0.1"),
        ("batch_size", 5_000, "batch_size cannot be 5000"),
        ("l2", -0.1, "l2 cannot be -0.1"),
        ("l2", 2, "l2 cannot be 2"),
        ("dropout", 1.0, "dropout cannot be 1.0"),
        ("dropout", -0.1, "dropout cannot be -0.1"),
        ("relabelled", [[60_000, 1]], "relabelled pictures cannot be .60000, 1."),
        ("relabelled", [[-1, 1]], "relabelled pictures cannot be"),
        ("relabelled", [[1, 10]], "relabelled pictures cannot be"),
        ("relabelled", [[1, -1]], "relabelled pictures cannot be"),
        ("relabelled", [[1]], "relabelled pictures cannot be"),
        ("relabelled", [[1, 2, 3, 4, 5]], "relabelled pictures cannot be .1, 2, 3.. Expected pairs"),
        ("relabelled", [[1, 2], [1, 3]], "relabelled pictures cannot be named twice"),
        ("relabelled", [[place, 0] for place in range(20_001)], "cannot be 20,001. Expected at most 20,000"),
        ("label_noise", 0.91, "label_noise cannot be 0.91"),
        ("label_noise", -0.1, "label_noise cannot be -0.1"),
        ("seed", -1, "seed cannot be -1"),
        ("seed", 2**31, "seed cannot be 2147483648"),
        ("split.seed", -1, "seed of the split cannot be -1"),
        ("split.seed", 2**32, "seed of the split"),
        ("optimizer.learning_rate", 0, "learning_rate cannot be 0.0"),
        ("optimizer.learning_rate", 11, "learning_rate cannot be 11.0"),
        ("optimizer.momentum", 1, "momentum cannot be 1.0"),
        ("optimizer.decay", -0.1, "decay cannot be -0.1"),
        ("split.validation", 0, "0 exactly with kind none"),
        ("split.validation", 50_001, "validation pictures cannot be 50001"),
        ("split.kind", "none", "0 exactly with kind none"),
        ("images", 99, "images cannot be 99"),
        ("images", 48_001, "images cannot be 48001"),
        ("excluded", [60_000], "excluded pictures cannot be"),
        ("excluded", [-1], "excluded pictures cannot be"),
        ("excluded", [5, 5], "each one once"),
        ("excluded", list(range(45_000)), "enough left to train on"),
        ("stages.1.augmentation.rotation", 181, "rotation cannot be 181"),
        ("stages.1.augmentation.shift", -0.1, "shift cannot be -0.1"),
        ("stages.1.augmentation.shear", 61, "shear"),
        ("stages.1.augmentation.zoom", 0.95, "zoom"),
        ("stages.1.augmentation.crop", 15, "crop"),
        ("stages.1.augmentation.brightness", 1.1, "brightness"),
    ],
)
def test_value_that_no_training_could_use_is_refused(path, value, words):
    with pytest.raises(ValueError, match=words) as caught:
        recipes.from_json(changed(path, value))
    assert "Expected" in str(caught.value)


def test_best_weights_need_a_validation_split():
    with pytest.raises(ValueError, match='keep cannot be best. Expected "last"'):
        recipes.check(dataclasses.replace(FULL, split=Split("none", 0)))
    recipes.check(dataclasses.replace(FULL, split=Split("none", 0), keep="last"))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("batch_size", 32.5),
        ("batch_size", True),
        ("batch_size", "32"),
        ("batch_size", None),
        ("seed", float("nan")),
        ("l2", None),
        ("dropout", float("nan")),
        ("dropout", True),
        ("label_noise", "0.2"),
        ("relabelled", [1, 2]),
        ("relabelled", [["1", 2]]),
        ("relabelled", [[1, True]]),
        ("relabelled", {"1": 2}),
        ("optimizer.learning_rate", float("nan")),
        ("optimizer.learning_rate", float("inf")),
        ("optimizer.learning_rate", 10**400),
        ("optimizer.learning_rate", True),
        ("optimizer.name", "lion"),
        ("optimizer.name", ["sgd"]),
        ("optimizer", "sgd"),
        ("optimizer", None),
        ("loss", None),
        ("watch_test", 1),
        ("stages", {"epochs": 1}),
        ("stages", "12"),
        ("excluded", "12"),
        ("excluded", [1.5]),
        ("stages.0", 5),
        ("stages.1.augmentation", []),
        ("model", 3),
        ("colour", "red"),
        ("split.colour", "red"),
    ],
)
def test_wrong_type_or_field_is_refused(path, value):
    with pytest.raises(ValueError) as caught:
        recipes.from_json(changed(path, value))
    assert path.split(".")[-1].rstrip("0123456789") in str(caught.value)


@pytest.mark.parametrize("value", [None, [], "recipe", 3, {}, {"model": "cnn_1"}])
def test_what_is_no_recipe_is_refused(value):
    with pytest.raises(ValueError, match="recipe"):
        recipes.from_json(value)


def test_stage_of_each_epoch():
    assert [FULL.stage_at(epoch) for epoch in range(7)] == [0, 0, 0, 1, 1, 1, 1]
    with pytest.raises(ValueError, match="beyond the recipe's 7 epochs"):
        FULL.stage_at(7)


@pytest.mark.parametrize(("epochs", "expected"), [(1, [1]), (3, [3]), (4, [3, 1]), (7, [3, 4]), (20, [3, 17]), (0, [])])
def test_other_number_of_epochs(epochs, expected):
    shortened = with_epochs(FULL, epochs)
    assert [stage.epochs for stage in shortened.stages] == expected
    assert all(new.augmentation == old.augmentation for new, old in zip(shortened.stages, FULL.stages, strict=False))
