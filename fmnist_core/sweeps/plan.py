"""What a sweep trains: every model with every combination of values, or a sample of these, each with every seed.

The id of each run is settled with the plan, so that a training that comes home twice is found to be here already.
"""

import dataclasses
import math
import random
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fmnist_core import recipe as recipes
from fmnist_core import zoo
from fmnist_core.families import varying
from fmnist_core.recipe import SEED_LIMIT, Recipe
from fmnist_core.runs import recipe_options, runs
from fmnist_core.runs.recipe_options import OPTIONS, Option

MOST_TASKS = 1_000
MOST_TO_DRAW_FROM = 1_000_000  # combinations, where a sample of them is trained
MOST_DRAWN = 10_000  # of these, until the sample has as many different ones as were asked for
MOST_VALUES = 100  # of one option
LONGEST_VALUE = 200  # characters of one, as it is written
# Of the options of `train`; not the seed, which has a place of its own, nor what decides which pictures validate, nor
# keep: the best epoch by validation is never behind the last one there, so that its difference would say nothing.
SWEPT = (
    "learning-rate batch epochs images optimizer augmentation dropout l2 label-noise label-smoothing loss precision "
    "drop-last-batch mirror"
).split()
OPTION: dict[str, Option] = {option.name: option for option in OPTIONS if option.name in SWEPT}
Values = Mapping[str, Sequence[str]]  # of options, as they are written


@dataclass(frozen=True)
class Task:
    """One training."""

    run: str  # the id that its run will have
    base: int  # which of the plan's recipes it changes
    values: dict[str, str]  # of each swept option, as it is written
    seed: int


@dataclass(frozen=True)
class Plan:
    bases: tuple[Recipe, ...]  # one a model
    values: dict[str, tuple[str, ...]]  # of each swept option
    seeds: tuple[int, ...]
    tasks: tuple[Task, ...]  # combination by combination, its seeds together
    sampled: int | None = None  # of all combinations only so many, drawn at random; None: all


def make(
    bases: Sequence[Recipe], values: Values, seeds: Sequence[int], sample: int | None = None, sample_seed: int = 0
) -> Plan:
    """The plan of a sweep; combinations that come to the same recipe are trained once.

    Args:
        sample: how many combinations, each with all seeds, are drawn at random; None: all.

    Raises:
        ValueError: with a sentence, for what cannot be trained, compared, or makes no sense.
    """
    given = {option_of(name).name: tuple(texts) for name, texts in values.items()}
    _check(bases, given, seeds)
    kept = _combinations(bases, given, seeds, sample, sample_seed)
    tasks: list[Task] = []
    for base, chosen in kept:
        for seed in seeds:
            zoo.check(recipe_with(bases[base], chosen, seed))
            tasks.append(Task(_new_id(bases[base].model, tasks), base, chosen, seed))
    if len(tasks) < 2:
        raise ValueError("A sweep has several trainings, and this is one. Name more seeds, values or models.")
    everything = len(bases) * math.prod(map(len, given.values()))
    sampled = sample if sample is not None and sample < everything else None
    return Plan(tuple(bases), given, tuple(seeds), tuple(tasks), sampled)


def _check(bases: Sequence[Recipe], values: Mapping[str, tuple[str, ...]], seeds: Sequence[int]) -> None:
    if not bases:
        raise ValueError("A sweep trains at least one model, and none is named.")
    if not seeds or len(set(seeds)) < len(seeds) or not all(0 <= seed < SEED_LIMIT for seed in seeds):
        raise ValueError(f"The seeds of a sweep are different whole numbers from 0 to {SEED_LIMIT - 1}, one at least.")
    for name, texts in values.items():
        if not 1 <= len(texts) <= MOST_VALUES:
            raise ValueError(f"{name} has {len(texts)} values. Expected 1 to {MOST_VALUES}.")
        if long := next((text for text in texts if len(text) > LONGEST_VALUE), None):
            raise ValueError(f"A value of {name} has {len(long):,} characters. Expected at most {LONGEST_VALUE}.")
    if not all(base.split.validation for base in bases):
        raise ValueError("A sweep is compared on validation pictures. Set some aside, 5000 for instance.")
    if len({base.split for base in bases}) > 1:
        raise ValueError(
            "The recipes of these models set different validation pictures aside, so their accuracies cannot be "
            "compared. Say the same for all, 5000,kind=last for instance."
        )


def _combinations(
    bases: Sequence[Recipe], given: Mapping[str, tuple[str, ...]], seeds: Sequence[int], sample: int | None, draw: int
) -> list[tuple[int, dict[str, str]]]:
    """Which base with which values, in order; those that come to the same recipe once. draw: the seed of a sample.

    Counted before the first is made: a few lists of values already have more combinations than memory holds.
    """
    sizes = [len(bases), *map(len, given.values())]
    count = math.prod(sizes)
    places: Iterable[int] = range(count)
    if sample is None:
        _check_number(count, len(seeds))
    else:
        if sample < 1:
            raise ValueError(f"A sample cannot have {sample} combinations. Expected 1 or more.")
        _check_number(min(sample, count), len(seeds))
        if count > MOST_TO_DRAW_FROM:
            raise ValueError(
                f"These are {count:,} combinations, and a sample is drawn from at most {MOST_TO_DRAW_FROM:,}. Take "
                "fewer values."
            )
        places = random.Random(draw).sample(range(count), min(count, MOST_DRAWN))
    different: dict[Recipe, int] = {}
    for place in places:
        base, chosen = _combination(place, sizes, given)
        different.setdefault(recipe_with(bases[base], chosen, seeds[0]), place)
        if len(different) == sample:
            break
    return [_combination(place, sizes, given) for place in sorted(different.values())]


def _combination(place: int, sizes: Sequence[int], given: Mapping[str, tuple[str, ...]]) -> tuple[int, dict[str, str]]:
    """The one at that place of all, in their order. sizes: how many bases, and values of each option."""
    base, *chosen = map(int, np.unravel_index(place, sizes))
    return base, {name: texts[one] for (name, texts), one in zip(given.items(), chosen, strict=True)}


def _check_number(combinations: int, seeds: int) -> None:
    if combinations * seeds > MOST_TASKS:
        raise ValueError(
            f"These are {combinations * seeds:,} trainings ({combinations:,} combinations, {seeds:,} "
            f"{'seed' if seeds == 1 else 'seeds'} each); a sweep has at most {MOST_TASKS:,}. Take fewer values or "
            "seeds, or a sample of the combinations."
        )


def _new_id(model: str, tasks: Sequence[Task]) -> str:
    taken = {task.run for task in tasks}
    return next(made for made in iter(lambda: runs.new_id(model), None) if made not in taken)


def option_of(name: str) -> Option:
    """The option of that name, such as learning-rate, learning_rate, batch, or batch_size as recipes call it.

    Raises:
        ValueError: with a sentence, where there is none that a sweep can vary.
    """
    asked = name.strip().replace("_", "-")
    found = OPTION.get(asked) or next((one for one in OPTION.values() if one.field.replace("_", "-") == asked), None)
    if found is None:
        raise ValueError(f"A sweep cannot vary {name[:40]!r}. Expected one of: {', '.join(OPTION)}.")
    return found


def parse_values(words: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """What `learning_rate=0.001,0.0003` says, of several such words, by the options' names.

    Where a value has a comma itself, a semicolon stands between values: `optimizer=sgd,momentum=0.9;adam`.

    Raises:
        ValueError: with a sentence.
    """
    found: dict[str, tuple[str, ...]] = {}
    for word in words:
        name, equals, listed = word.partition("=")
        option = option_of(name)
        texts = [part.strip() for part in listed.split(";" if ";" in listed else ",")]
        if not equals or not all(texts):
            raise ValueError(f"{word[:60]!r} names no values. Expected such as learning_rate=0.001,0.0003.")
        if option.name in found:
            raise ValueError(f"{option.name} is there twice. Name its values in one list.")
        found[option.name] = tuple(dict.fromkeys(texts))
    return found


def command(models: Sequence[str], words: Sequence[str], values: Values, seeds: int, sample: int | None) -> str:
    """The one line that makes this sweep. words: options of `train` for all of these models; seeds: how many."""
    said = ["python", "-m", "fmnist_core", "sweep", *models, *words, "--seeds", str(seeds)]
    for name, texts in values.items():
        several = (";" if any("," in text for text in texts) else ",").join(texts)
        said += ["--set", f"{name}={several}"]
    return shlex.join(said + ([] if sample is None else ["--sample", str(sample)]))


def recipe_of(plan: Plan, task: Task) -> Recipe:
    """What a task trains. Raises ValueError."""
    return recipe_with(plan.bases[task.base], task.values, task.seed)


def epochs_of(plan: Plan, task: Task) -> int:
    """As `recipe_of(plan, task).epochs`, at once."""
    return int(task.values.get("epochs", plan.bases[task.base].epochs))


def recipe_with(base: Recipe, values: Mapping[str, str], seed: int) -> Recipe:
    """The base with these values and that seed. Raises ValueError with a sentence for a value that it cannot have."""
    given = {name: value_of(name, text) for name, text in values.items()}
    everything = "images" in given and given["images"] is None
    changed = recipe_options.from_options(base, given | {"seed": seed})
    return dataclasses.replace(changed, images=None) if everything else varying.with_images(changed, changed.images)


def value_of(name: str, text: str) -> Any:
    """A value of an option as its type says; None: all pictures. Raises ValueError."""
    return None if name == "images" and text == varying.ALL else recipe_options.read(text, OPTION[name].kind, name)


def check(plan: Plan) -> None:
    """Of one that was read from a file. Raises ValueError where `make` has not made it."""
    if not 1 <= len(plan.tasks) <= MOST_TASKS or len({task.run for task in plan.tasks}) < len(plan.tasks):
        raise ValueError("The plan has no trainings, too many, or two of one name.")
    for base in plan.bases:
        recipes.check(base)
    for name in plan.values:
        option_of(name)
    for task in plan.tasks:
        if not 0 <= task.base < len(plan.bases) or not runs.RUN_ID.fullmatch(task.run):
            raise ValueError("The plan has a training that is none of its models', or whose name is none of a run.")
        if runs.model_in(task.run) != plan.bases[task.base].model or list(task.values) != list(plan.values):
            raise ValueError(f"The training {task.run} does not fit the plan's models or values.")
