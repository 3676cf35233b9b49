"""A recipe: everything that decides a training, as plain frozen dataclasses, to and from JSON."""

import dataclasses
from dataclasses import dataclass, field
from typing import Any, Literal

from fmnist_core.data import CLASS_NAMES, SIDE, SIZES
from fmnist_core.networks import shapes
from fmnist_core.networks.layers import Network
from fmnist_core.storage import schema

SplitKind = Literal["none", "first", "last", "random"]
OptimizerName = Literal["sgd", "adam", "nadam", "adamw", "rmsprop"]
LossName = Literal["categorical_crossentropy", "sparse_categorical_crossentropy", "clipped_rbf_crossentropy"]
ScheduleName = Literal["constant", "one_cycle"]
Precision = Literal["auto", "float32", "mixed_bfloat16"]
Keep = Literal["last", "best"]
SEED_LIMIT = 2**31
MOST_EPOCHS = 1_000  # of all stages together
MOST_STAGES = 9
OWN = "own"  # the model of a network that a user has put together
BROUGHT_IN = "brought_in"  # the model of a run whose model or answers were made elsewhere: how, nobody here knows
MOST_DROPOUT = 0.95  # of a layer's values
MOST_NOISE = 0.9  # of the labels
MOST_RELABELLED = 20_000  # pictures; with each its class, config.json stays far below what is read of one


@dataclass(frozen=True)
class Split:
    """How validation pictures are set aside from the 60,000 training pictures."""

    kind: SplitKind = "last"  # which pictures are for validation
    validation: int = 5_000  # how many; 0 with kind "none"
    seed: int = 13  # of the shuffle, kind "random" only


@dataclass(frozen=True)
class Augmentation:
    """Random changes to a training picture, each drawn uniformly and independently; 0 or False is off."""

    rotation: float = 0.0  # degrees, either way
    shift: float = 0.0  # fraction of the side, either way, each axis
    shear: float = 0.0  # degrees, either way
    zoom: float = 0.0  # each axis by a factor in [1 - zoom, 1 + zoom]
    flip: bool = False  # left-right, half of the time
    in_turn: bool = False  # with flip: who is flipped in one epoch is not in the next, instead of by chance
    crop: int = 0  # pixels: pad by so many and cut 28x28 out again, i.e. a whole-pixel shift
    brightness: float = 0.0  # factor in [1 - brightness, 1 + brightness]
    fill: Literal["nearest", "constant"] = "nearest"  # what comes in from outside: the edge, or black
    cutout: int = 0  # pixels: a black square of that side, its centre anywhere in the picture
    cutout_chance: float = 1.0  # the part of the pictures that get one
    photo_damage: float = 0.0  # the part of the pictures that are first damaged as photos are (photo/corruptions.py)


@dataclass(frozen=True)
class Stage:
    """A number of epochs on the same weights and optimizer state as the stage before."""

    epochs: int
    augmentation: Augmentation | None = None
    augment_validation: bool = False  # James Le's second stages also distort the validation pictures


@dataclass(frozen=True)
class Optimizer:
    name: OptimizerName = "adam"
    learning_rate: float = 1e-3
    momentum: float = 0.0  # sgd only
    nesterov: bool = False  # sgd only
    decay: float = 0.0  # per step: learning_rate / (1 + decay * step)
    # Of kernels only, and decoupled (Loshchilov and Hutter, 2019): each step takes weight_decay * rate off them.
    weight_decay: float = 0.0
    # "one_cycle": the rate climbs from 0 in the first `warm_up` of all steps, and falls to 0 on a straight line.
    schedule: ScheduleName = "constant"
    warm_up: float = 0.0  # fraction of all steps


@dataclass(frozen=True)
class Recipe:
    """What `train` needs to know. Two trainings of one recipe on one machine agree up to thread order."""

    model: str  # a key of zoo.MODELS, OWN or BROUGHT_IN
    stages: tuple[Stage, ...]  # none: of what learns without epochs, or was brought in
    optimizer: Optimizer = field(default_factory=Optimizer)
    split: Split = field(default_factory=Split)
    loss: LossName = "sparse_categorical_crossentropy"
    label_smoothing: float = 0.0  # this part of the target is shared by all classes; categorical_crossentropy only
    l2: float = 0.0  # so many times the sum of squares of all kernels of convolutions and dense layers join the loss
    # The rate of every dropout layer; a network without one gets one before its logits for training. None: as it is.
    dropout: float | None = None
    batch_size: int = 32
    drop_last_batch: bool = False  # only whole batches in an epoch
    images: int | None = None  # train on the first so many of the shuffled training pictures; None: all
    excluded: tuple[int, ...] = ()  # positions in the training set that are not trained on: suspects
    # (position in the training set, class) of what is taught under another label than its own: somebody's label set.
    relabelled: tuple[tuple[int, ...], ...] = ()
    label_noise: float = 0.0  # this part of the training pictures is taught a wrong label; see splits.wrong_labels
    seed: int = 0
    precision: Precision = "auto"
    keep: Keep = "last"  # which epoch's weights the run keeps: the last, or the best by validation accuracy
    mirror: bool = False  # the exported model answers with the mean of its logits for the picture and its mirror image
    watch_test: bool = False  # as published by MiniVGGNet: also score the test set after each epoch; never chooses
    network: Network | None = None  # what is trained where the model is OWN

    @property
    def epochs(self) -> int:
        return sum(stage.epochs for stage in self.stages)

    @property
    def has_epochs(self) -> bool:
        """Whether it learns step by step, as a network does; a baseline is fitted once."""
        return bool(self.stages)

    @property
    def teaches_other_labels(self) -> bool:
        """Whether some pictures are taught under another than their official label; see splits.taught_labels."""
        return bool(self.relabelled or self.label_noise)

    def stage_at(self, epoch: int) -> int:
        """The index of the stage that epoch (from 0) belongs to."""
        for index, stage in enumerate(self.stages):
            if epoch < stage.epochs:
                return index
            epoch -= stage.epochs
        raise ValueError(f"Epoch {epoch} lies beyond the recipe's {self.epochs} epochs.")


def with_epochs(recipe: Recipe, epochs: int) -> Recipe:
    """The recipe with so many epochs in all: its stages in order, the last one longer or the rest left out."""
    stages, left = [], epochs
    for index, stage in enumerate(recipe.stages):
        count = left if index == len(recipe.stages) - 1 else min(stage.epochs, left)
        left -= count
        if count:
            stages.append(dataclasses.replace(stage, epochs=count))
    return dataclasses.replace(recipe, stages=tuple(stages))


def check(recipe: Recipe) -> None:
    """Raises ValueError with one sentence for the first value that no training could use."""
    _check_network(recipe)
    for stage in recipe.stages:
        _require(stage.epochs >= 1, "epochs of a stage", stage.epochs, "1 or more; a stage of none is left out")
    _require(recipe.epochs <= MOST_EPOCHS, "epochs in all", recipe.epochs, f"1 to {MOST_EPOCHS:,}")
    _require(len(recipe.stages) <= MOST_STAGES, "number of stages", len(recipe.stages), f"at most {MOST_STAGES}")
    _require(1 <= recipe.batch_size <= 4_096, "batch_size", recipe.batch_size, "1 to 4,096")
    _require(0 <= recipe.seed < SEED_LIMIT, "seed", recipe.seed, f"0 to {SEED_LIMIT - 1}")
    _check_optimizer(recipe.optimizer)
    _require(0 <= recipe.label_smoothing < 1, "label_smoothing", recipe.label_smoothing, "0 up to, not with, 1")
    _require(
        recipe.label_smoothing == 0 or recipe.loss == "categorical_crossentropy",
        "label_smoothing",
        recipe.label_smoothing,
        "0 with this loss, or the loss categorical_crossentropy",
    )
    _require(0 <= recipe.l2 <= 1, "l2", recipe.l2, "0 to 1")
    if recipe.dropout is not None:
        _require(0 <= recipe.dropout <= MOST_DROPOUT, "dropout", recipe.dropout, f"0 to {MOST_DROPOUT}")
    _require(0 <= recipe.label_noise <= MOST_NOISE, "label_noise", recipe.label_noise, f"0 to {MOST_NOISE}")
    _check_pictures(recipe)
    for stage in recipe.stages:
        _check_augmentation(stage.augmentation or Augmentation())


def _check_network(recipe: Recipe) -> None:
    if (recipe.model == OWN) != (recipe.network is not None):
        what = "own without a list of layers" if recipe.network is None else f"{recipe.model} with a list of layers"
        raise ValueError(f"The recipe's model cannot be {what}. Expected own with layers, or a model of the zoo.")
    if recipe.network is not None:
        shapes.check(recipe.network)


def _check_optimizer(optimizer: Optimizer) -> None:
    _require(0 < optimizer.learning_rate <= 10, "learning_rate", optimizer.learning_rate, "over 0, up to 10")
    _require(0 <= optimizer.momentum < 1, "momentum", optimizer.momentum, "0 up to, not with, 1")
    _require(0 <= optimizer.decay <= 1, "decay", optimizer.decay, "0 to 1")
    _require(0 <= optimizer.weight_decay <= 1, "weight_decay", optimizer.weight_decay, "0 to 1")
    _require(0 <= optimizer.warm_up < 1, "warm_up", optimizer.warm_up, "0 up to, not with, 1")


def _check_pictures(recipe: Recipe) -> None:
    """Which of them train and which choose."""
    none = recipe.split.kind == "none"
    _require(
        (recipe.split.validation == 0) == none,
        "validation pictures",
        recipe.split.validation,
        "0 exactly with kind none",
    )
    _require(0 <= recipe.split.validation <= 50_000, "validation pictures", recipe.split.validation, "0 to 50,000")
    _require(0 <= recipe.split.seed < 2**32, "seed of the split", recipe.split.seed, f"0 to {2**32 - 1}")
    left = SIZES["train"] - recipe.split.validation
    _require(
        recipe.images is None or recipe.batch_size <= recipe.images <= left,
        "images",
        recipe.images,
        f"{recipe.batch_size} (a batch) to {left}",
    )
    outside = [index for index in recipe.excluded if not 0 <= index < SIZES["train"]]
    _require(not outside, "excluded pictures", outside[:1], f"positions from 0 to {SIZES['train'] - 1}")
    _require(len(set(recipe.excluded)) == len(recipe.excluded), "excluded pictures", "named twice", "each one once")
    _require(
        left - len(recipe.excluded) >= (recipe.images or recipe.batch_size),
        "excluded pictures",
        f"{len(recipe.excluded)} of {left}",
        "enough left to train on",
    )
    _check_relabelled(recipe.relabelled)
    _require(recipe.keep == "last" or not none, "keep", recipe.keep, '"last" where no validation split can choose')


def _check_relabelled(pairs: tuple[tuple[int, ...], ...]) -> None:
    name, classes = "relabelled pictures", len(CLASS_NAMES)
    _require(len(pairs) <= MOST_RELABELLED, name, f"{len(pairs):,}", f"at most {MOST_RELABELLED:,}")
    for pair in pairs:
        fits = len(pair) == 2 and 0 <= pair[0] < SIZES["train"] and 0 <= pair[1] < classes
        expected = f"pairs of a position from 0 to {SIZES['train'] - 1} and a class from 0 to {classes - 1}"
        _require(fits, name, list(pair[:3]), expected)
    _require(len({pair[0] for pair in pairs}) == len(pairs), name, "named twice", "each one once")


def _check_augmentation(augmentation: Augmentation) -> None:
    for name, limit in (
        ("rotation", 180),
        ("shift", 1),
        ("shear", 60),
        ("zoom", 0.9),
        ("crop", 14),
        ("brightness", 1),
        ("cutout", SIDE),
        ("cutout_chance", 1),
        ("photo_damage", 1),
    ):
        value = getattr(augmentation, name)
        _require(0 <= value <= limit, name, value, f"0 to {limit}")


def _require(condition: bool, name: str, received: object, expected: str) -> None:
    if not condition:
        raise ValueError(f"The recipe's {name} cannot be {received}. Expected {expected}.")


def to_json(recipe: Recipe) -> dict[str, Any]:
    """A JSON-ready dict; `from_json` is its inverse."""
    value: dict[str, Any] = schema.as_plain(recipe)
    return value


_RENAMED = {"sturdy": "robust"}  # models that stored recipes call by a former name


def todays_model(name: str) -> str:
    """A model's name; of a former one, what it is now."""
    return _RENAMED.get(name, name)


def with_todays_model(value: Any) -> Any:
    """A recipe from JSON with its model's name of today; anything else as it is."""
    if isinstance(value, dict) and isinstance(value.get("model"), str):
        return value | {"model": todays_model(value["model"])}
    return value


def from_json(value: Any) -> Recipe:
    """Rebuilds and checks a recipe.

    Raises:
        ValueError: an unknown field, a missing one, a wrong type or a value that no training could use.
    """
    recipe = schema.from_json(Recipe, with_todays_model(value), "recipe")
    check(recipe)
    return recipe
