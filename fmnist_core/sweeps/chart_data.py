"""What the two charts of a sweep show: parallel coordinates, and accuracy against each value."""

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fmnist_core.families import varying
from fmnist_core.runs import recipe_options
from fmnist_core.sweeps import plan as plans
from fmnist_core.sweeps.summary import Combination, Summary, label


@dataclass(frozen=True)
class Axis:
    """One of parallel coordinates: a swept option, the model, or the accuracy."""

    label: str
    values: tuple[float, ...]  # a combination each; of words their place in `names`
    names: tuple[str, ...] = ()  # of words; empty of numbers


def axes(summary: Summary) -> list[Axis]:
    """Parallel coordinates of `summary.combinations`, the mean validation accuracy last."""
    combinations, plan = summary.combinations, summary.sweep.plan
    found = [_axis("model", [one.model for one in combinations])] if len(plan.bases) > 1 else []
    for name, texts in plan.values.items():
        if len(texts) > 1:
            found.append(_axis(label(name), [plans.value_of(name, one.values[name]) for one in combinations]))
    return [*found, Axis("validation accuracy", tuple(one.mean for one in combinations))]


def _axis(title: str, values: Sequence[Any]) -> Axis:
    if all(type(value) in (int, float) for value in values):
        return Axis(title, tuple(map(float, values)))
    words = [varying.ALL if value is None else recipe_options.word(value) for value in values]
    names = tuple(dict.fromkeys(words))
    return Axis(title, tuple(float(names.index(word)) for word in words), names)


@dataclass(frozen=True)
class AtValue:
    """All trainings with one value of an option, whatever else they had."""

    value: str
    accuracies: tuple[float, ...]  # by validation, one a training
    mean: float
    deviation: float | None


def by_value(summary: Summary) -> dict[str, list[AtValue]]:
    """Accuracy against each value of each swept option, in the plan's order; "model" too where there are several."""
    plan = summary.sweep.plan
    found = {"model": _at_values(summary.combinations, lambda one: one.model)} if len(plan.bases) > 1 else {}
    for name, texts in plan.values.items():
        if len(texts) > 1:
            found[name] = _at_values(summary.combinations, functools.partial(_written, name))
    return found


def _written(name: str, combination: Combination) -> str:
    return combination.values[name]


def _at_values(combinations: Sequence[Combination], read: Callable[[Combination], str]) -> list[AtValue]:
    groups: dict[str, list[float]] = {}
    for one in combinations:
        groups.setdefault(read(one), []).extend(one.accuracies)
    return [
        AtValue(value, tuple(found), float(np.mean(found)), float(np.std(found, ddof=1)) if len(found) > 1 else None)
        for value, found in groups.items()
    ]
