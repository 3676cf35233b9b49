"""Brushing and linking (Becker and Cleveland, Technometrics 29 (1987), 127): one choice of pictures for several views.

Every view has a brush of its own: cells of the confusion matrix, an area of the map, a filter. What is chosen is what
all of them hold. The matrix counts what the others leave of it, so that its own brush can move on. Arrays only.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from fmnist_core.metrics import selection
from fmnist_core.metrics.selection import Cell

ALIKE, FIXED, BROKEN = range(3)


@dataclass(frozen=True, eq=False)
class Answers:
    """What is known of each picture, a row each.

    labels, predicted: (n,) class indices; predicted by the run, A. confidence: (n,) 0..1. loss: (n,) nats.
    other: (n,) class indices by another run, B; None where there is none.
    """

    labels: np.ndarray
    predicted: np.ndarray
    confidence: np.ndarray
    loss: np.ndarray
    other: np.ndarray | None = None

    @cached_property
    def change(self) -> np.ndarray:
        """(n,) uint8: FIXED where B is right and A is not, BROKEN the other way round, else ALIKE."""
        change = np.full(len(self.labels), ALIKE, np.uint8)
        if self.other is not None:
            right_a, right_b = self.predicted == self.labels, self.other == self.labels
            change[~right_a & right_b] = FIXED
            change[right_a & ~right_b] = BROKEN
        return change

    @cached_property
    def called(self) -> np.ndarray:
        """(n,): what it was called by the one of the two that is wrong, or by A where they are alike."""
        return self.predicted if self.other is None else np.where(self.change == BROKEN, self.other, self.predicted)


@dataclass(frozen=True, eq=False)
class Linked:
    """kept: (n,) bool, what the matrix counts. chosen: (n,) bool, those of its chosen cells, or all of them."""

    kept: np.ndarray
    chosen: np.ndarray

    @cached_property
    def rows(self) -> np.ndarray:
        """(m,) the chosen pictures, in ascending order."""
        return np.flatnonzero(self.chosen)


def link(answers: Answers, conditions: Iterable[np.ndarray], cells: Sequence[Cell], names: Sequence[str]) -> Linked:
    """conditions: (n,) bool each, the brushes of the other views."""
    kept = np.ones(len(answers.labels), bool)
    for condition in conditions:
        kept &= condition
    if not cells:
        return Linked(kept, kept)
    return Linked(kept, kept & selection.is_chosen(cells, answers.labels, answers.called, names))
