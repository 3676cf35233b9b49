"""Trainings of one recipe that differ in nothing but their seed: their mean, and how far seeds alone lie apart.

Some of them ship as runs, others as figures alone (assets/seeds.json, by `python -m fmnist_core.release.seeds`).
"""

import dataclasses
import functools
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from fmnist_core.recipe import Recipe, from_json
from fmnist_core.runs.catalogue import Row
from fmnist_core.storage import folders

ENOUGH = 3  # seeds; of fewer nobody knows how far they lie apart


@dataclass(frozen=True)
class Trained:
    """One training. Accuracies are fractions of 1."""

    seed: int
    test_accuracy: float
    val_accuracy: float | None  # None: the recipe sets no validation pictures aside
    precision: str
    seconds: float


@dataclass(frozen=True)
class Seeds:
    """In ascending order, each seed once, at least one."""

    trained: tuple[Trained, ...]

    @property
    def count(self) -> int:
        return len(self.trained)

    @property
    def test_accuracies(self) -> np.ndarray:
        """(count,) float64."""
        return np.array([one.test_accuracy for one in self.trained])

    @property
    def mean(self) -> float:
        return float(self.test_accuracies.mean())

    @property
    def deviation(self) -> float | None:
        """The standard deviation over seeds; None of a single one."""
        return float(self.test_accuracies.std(ddof=1)) if self.count > 1 else None


def shipped_file() -> Path:
    return folders.PROJECT / "assets" / "seeds.json"


def key_of(recipe: Recipe) -> Recipe:
    """The recipe without what may differ between its seeds; the precision is the machine's."""
    return dataclasses.replace(recipe, seed=0, precision="auto")


def of_rows(rows: Iterable[Row]) -> dict[Recipe, Seeds]:
    """By `key_of` their recipe: those that came as figures, and these runs, of which those that ship come first.

    Of runs with one seed the oldest counts: who trains one again does not choose the better one.
    """
    found: dict[Recipe, dict[int, Trained]] = {}
    for row in sorted(rows, key=lambda row: (not row.run.shipped, row.run.id.split("-", 1)[1])):
        if (one := _trained(row)) and row.recipe:
            found.setdefault(key_of(row.recipe), {}).setdefault(one.seed, one)
    for recipe, figures in _shipped(shipped_file()):
        held = found.setdefault(recipe, {})
        for one in figures:
            held.setdefault(one.seed, one)
    return {recipe: Seeds(tuple(held[seed] for seed in sorted(held))) for recipe, held in found.items()}


def _trained(row: Row) -> Trained | None:
    """None of what is no whole training of a network by a recipe."""
    result, recipe = row.result, row.recipe
    if result is None or result.cancelled or result.taught or recipe is None or not recipe.stages:
        return None
    return Trained(recipe.seed, result.test_accuracy, result.val_accuracy, result.precision, result.seconds)


@functools.cache
def _shipped(path: Path) -> tuple[tuple[Recipe, tuple[Trained, ...]], ...]:
    return read(path) if path.exists() else ()


def read(path: Path) -> tuple[tuple[Recipe, tuple[Trained, ...]], ...]:
    """What `as_json` made of them."""
    stored = json.loads(path.read_text(encoding="utf-8"))
    return tuple(
        (from_json(entry["recipe"]), tuple(Trained(**one) for one in entry["trained"])) for entry in stored.values()
    )


def as_json(seeds: Seeds, recipe: dict[str, Any]) -> dict[str, Any]:
    """recipe: as JSON."""
    return {"recipe": recipe, "trained": [dataclasses.asdict(one) for one in seeds.trained]}
