"""How well somebody names some pictures, be it a person or a network, and where two differ. Arrays only."""

from typing import NamedTuple

import numpy as np

from fmnist_core.metrics import comparison
from fmnist_core.metrics.class_figures import Interval, proportion
from fmnist_core.metrics.comparison import Comparison


class Score(NamedTuple):
    """One answerer's."""

    name: str
    called: np.ndarray  # (n,) int64 classes
    right: np.ndarray  # (n,) bool
    accuracy: Interval  # Wilson 1927

    @property
    def count_right(self) -> int:
        return int(self.right.sum())


class Differences(NamedTuple):
    """Places among the pictures of two scores, each (k,) int64; a picture is in one of them at most."""

    only_first: np.ndarray  # that only the first has right
    only_second: np.ndarray
    neither: np.ndarray  # both wrong, alike or not


def score(name: str, called: np.ndarray, labels: np.ndarray) -> Score:
    """called, labels: (n,) classes of the same pictures in the same order, n at least 1.

    Raises:
        ValueError: not as many answers as labels, or none.
    """
    if called.shape != labels.shape or called.ndim != 1 or not len(called):
        raise ValueError(f"Expected an answer for each picture. Received: {called.shape} answers, {labels.shape}.")
    right = called == labels
    return Score(name, called.astype(np.int64), right, proportion(int(right.sum()), len(right)))


def differences(first: Score, second: Score) -> Differences:
    """Raises ValueError where the two are of different numbers of pictures."""
    if first.right.shape != second.right.shape:
        raise ValueError(f"Expected scores of the same pictures. Received: {first.right.shape}, {second.right.shape}.")
    chosen = (first.right & ~second.right, ~first.right & second.right, ~first.right & ~second.right)
    return Differences(*(np.flatnonzero(one) for one in chosen))


def against(first: Score, second: Score) -> Comparison:
    """McNemar's test of the two. Raises ValueError as `differences`."""
    return comparison.compare(first.name, first.right, second.name, second.right)


def right_by_class(one: Score, labels: np.ndarray, num_classes: int) -> np.ndarray:
    """(classes,) int64: how many pictures of each class are right."""
    return np.bincount(labels[one.right], minlength=num_classes)
