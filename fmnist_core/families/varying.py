"""What may vary in a family: seven values of a recipe, how each is read, written and changed, and what it does."""

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from fmnist_core import zoo
from fmnist_core.data import SIZES
from fmnist_core.recipe import Optimizer, OptimizerName, Recipe
from fmnist_core.runs.records import LARGEST_FAMILY, Varied

Value = Any  # a number or a name; None: all training pictures; dropout as the network says
ALL = "all"  # of the training pictures
AS_IT_IS = "as it is"  # of dropout


@dataclass(frozen=True)
class Varying:
    """One value of a recipe. Two recipes of a family are equal once `without` has put the same in its place."""

    name: Varied
    option: str  # of the command `train`
    label: str
    several: str  # before a list of its values in a sentence
    expect: str  # what happens where it is larger or smaller: one sentence
    read: Callable[[Recipe], Value]
    put: Callable[[Recipe, Value], Recipe]
    usual: Callable[[Recipe], tuple[Value, ...]]  # three values to begin with
    kind: type = float


def _put(name: str) -> Callable[[Recipe, Value], Recipe]:
    return lambda recipe, value: dataclasses.replace(recipe, **{name: value})


def _put_rate(recipe: Recipe, value: Value) -> Recipe:
    return dataclasses.replace(recipe, optimizer=dataclasses.replace(recipe.optimizer, learning_rate=value))


def with_optimizer(recipe: Recipe, name: Value) -> Recipe:
    """Another optimizer takes over the learning rate alone: momentum and decay mean something else to it."""
    if name == recipe.optimizer.name:
        return recipe
    return dataclasses.replace(recipe, optimizer=Optimizer(name, recipe.optimizer.learning_rate))


def with_images(recipe: Recipe, value: Value) -> Recipe:
    """All that there are is None, so that one recipe is said in one way only."""
    return dataclasses.replace(recipe, images=None if value == SIZES["train"] - recipe.split.validation else value)


def _rates(recipe: Recipe) -> tuple[Value, ...]:
    rate = recipe.optimizer.learning_rate
    return tuple(float(f"{min(rate * factor, 10.0):.6g}") for factor in (0.1, 1, 10))


def _batches(recipe: Recipe) -> tuple[Value, ...]:
    middle = min(max(recipe.batch_size, 4), 1_024)
    return middle // 4, middle, middle * 4


def _optimizers(recipe: Recipe) -> tuple[Value, ...]:
    names = dict.fromkeys((recipe.optimizer.name, "sgd", "adam", "rmsprop"))
    return tuple(sorted(list(names)[:3], key=get_args(OptimizerName).index))


def _images(recipe: Recipe) -> tuple[Value, ...]:
    return max(2_000, recipe.batch_size), max(8_000, recipe.batch_size), None


VARYING: dict[str, Varying] = {
    row.name: row
    for row in (
        Varying(
            "learning_rate",
            "learning-rate",
            "Learning rate",
            "learning rates",
            "Larger: it learns faster at first, then jumps about or diverges; smaller: calm curves that need many more "
            "epochs.",
            lambda recipe: recipe.optimizer.learning_rate,
            _put_rate,
            _rates,
        ),
        Varying(
            "batch_size",
            "batch",
            "Batch size",
            "batch sizes",
            "Larger: epochs are quicker but have fewer steps, so more of them are needed; smaller: slower epochs with "
            "more, noisier steps.",
            lambda recipe: recipe.batch_size,
            _put("batch_size"),
            _batches,
            int,
        ),
        Varying(
            "optimizer",
            "optimizer",
            "Optimizer",
            "optimizers",
            "adam, nadam, adamw and rmsprop get far at a rate of 0.001; sgd needs one some ten to a hundred times as "
            "large, or more epochs.",
            lambda recipe: recipe.optimizer.name,
            with_optimizer,
            _optimizers,
            str,
        ),
        Varying(
            "dropout",
            "dropout",
            "Dropout",
            "dropout rates",
            "Larger: training accuracy falls behind and memorising begins later, until too little gets through; 0: it "
            "fits its training pictures soonest.",
            lambda recipe: recipe.dropout,
            _put("dropout"),
            lambda recipe: (0.0, 0.25, 0.5),
        ),
        Varying(
            "l2",
            "l2",
            "L2 regularization",
            "L2 factors",
            "Larger: weights stay small and training stays close to validation, until both are held down (from some "
            "0.01 on); 0: nothing holds them.",
            lambda recipe: recipe.l2,
            _put("l2"),
            lambda recipe: (0.0, 1e-4, 1e-3),
        ),
        Varying(
            "images",
            "images",
            "Training pictures",
            "numbers of training pictures",
            "Fewer: quick epochs, but it memorises them soon and validation stays points lower; more: the gap between "
            "the two closes.",
            lambda recipe: recipe.images,
            with_images,
            _images,
            int,
        ),
        Varying(
            "label_noise",
            "label-noise",
            "Label noise",
            "label noise",
            "Larger: training loss stays high, and the longer it trains the more wrong labels it learns, so that "
            "validation falls; 0: labels as they are.",
            lambda recipe: recipe.label_noise,
            _put("label_noise"),
            lambda recipe: (0.0, 0.2, 0.4),
        ),
    )
}


def recipes_of(base: Recipe, varies: Varied, values: Sequence[Value]) -> tuple[Recipe, ...]:
    """The recipe with each of the values; all can be trained and compared.

    Raises:
        ValueError: with a sentence, for values that are no family, or a recipe that no training could use.
    """
    row = VARYING[varies]
    if not 2 <= len(values) <= LARGEST_FAMILY:
        raise ValueError(f"A family has 2 to {LARGEST_FAMILY:,} values. Received: {len(values)}.")
    found = tuple(row.put(base, value) for value in values)
    for one in found:
        zoo.check(one)
    said = [words(varies, row.read(one)) for one in found]
    if twice := next((one for one in said if said.count(one) > 1), None):
        raise ValueError(f"{row.label} {twice} is there twice. Choose {len(values)} values that differ.")
    if not base.split.validation:
        raise ValueError("A family is compared on validation pictures. Set some aside, 5,000 for instance.")
    return found


def without(recipe: Recipe, varies: Varied) -> Recipe:
    """What the recipes of a family have in common: the same for all of them."""
    if varies == "optimizer":
        return dataclasses.replace(recipe, optimizer=Optimizer(learning_rate=recipe.optimizer.learning_rate))
    neutral: dict[str, Value] = {"learning_rate": 1e-3, "batch_size": 1, "dropout": None, "l2": 0.0, "images": None}
    return VARYING[varies].put(recipe, neutral.get(varies, 0.0))


def words(varies: Varied, value: Value) -> str:
    """A value as it is written: "0.001", "8,000", "all", "20 %"."""
    if value is None:
        return ALL if varies == "images" else AS_IT_IS
    if varies == "label_noise":
        return f"{100 * float(value):g} %"
    if isinstance(value, float):
        return f"{value:g}" if "e" not in f"{value:g}" else f"{value:.10f}".rstrip("0")
    return f"{value:,}" if isinstance(value, int) else str(value)


def named(varies: Varied, value: Value) -> str:
    """A value with what it is of: "learning rate 0.001", "8,000 training pictures"."""
    said = words(varies, value)
    if varies == "images":
        return f"{said} {within(varies)}"
    return said if varies == "optimizer" else f"{within(varies)} {said}"


def within(varies: Varied) -> str:
    """Its label within a sentence: "learning rate", "L2 regularization"."""
    label = VARYING[varies].label
    return label if label[1].isdigit() else f"{label[:1].lower()}{label[1:]}"


def parse(text: str) -> tuple[Varied, tuple[Value, ...]]:
    """What `learning-rate=0.0001,0.001,0.01` says; `images=2000,8000,all`.

    Raises:
        ValueError: with a sentence.
    """
    option, _, listed = text.partition("=")
    row = next((row for row in VARYING.values() if row.option == option.strip()), None)
    if row is None:
        known = ", ".join(row.option for row in VARYING.values())
        raise ValueError(f"A family cannot vary {option[:40]!r}. Expected one of: {known}.")
    return row.name, tuple(_parse_value(row, part.strip()) for part in listed.split(",") if part.strip())


def _parse_value(row: Varying, text: str) -> Value:
    if row.name == "images" and text == ALL:
        return None
    if row.name == "optimizer" and text not in (names := get_args(OptimizerName)):
        raise ValueError(f"There is no optimizer {text[:40]!r}. Expected some of: {', '.join(names)}.")
    try:
        return row.kind(text)
    except ValueError:
        expected = "whole numbers" if row.kind is int else "numbers"
        raise ValueError(f"{row.label} cannot be {text[:40]!r}. Expected {expected}.") from None
