"""The figures of each class with their intervals, and the pictures that stand for it. Arrays only."""

from typing import NamedTuple

import numpy as np

from fmnist_core.metrics import evaluation
from fmnist_core.metrics.scores import Scores, arrange


class Interval(NamedTuple):
    """A figure in [0, 1] with the ends of its 95 % interval; all NaN where it is undefined."""

    value: float
    low: float
    high: float


class ClassFigures(NamedTuple):
    """One class among all pictures that are looked at."""

    support: int  # pictures with this label
    precision: Interval  # Wilson 1927
    recall: Interval  # Wilson 1927
    f1: Interval  # of Wilson's, see f1_interval
    top_two: float  # part of its pictures whose label is among the two most probable classes; NaN without any
    called: int | None  # what its pictures are most often called wrongly; None: never
    called_count: int
    taken: int | None  # whose pictures are most often called this class wrongly; None: none
    taken_count: int


UNDEFINED = Interval(float("nan"), float("nan"), float("nan"))


def class_figures(logits: np.ndarray, labels: np.ndarray, num_classes: int) -> list[ClassFigures]:
    """One a class, of (n, classes) logits and (n,) labels.

    Raises:
        ValueError: logits that are not finite, or a label that is no class.
    """
    if not np.isfinite(logits).all():
        raise ValueError("The logits hold values that are not finite (NaN or infinity): the training has diverged.")
    predicted = logits.argmax(axis=1) if len(logits) else np.zeros(0, np.int64)
    matrix = evaluation.confusion_matrix(labels, predicted, num_classes)
    off = matrix - np.diag(np.diag(matrix))
    among_two = is_among(logits, labels, 2)
    found = []
    for place in range(num_classes):
        right, support, answered = (int(n) for n in (matrix[place, place], matrix[place].sum(), matrix[:, place].sum()))
        mine = labels == place
        called, taken = int(off[place].argmax()), int(off[:, place].argmax())
        found.append(
            ClassFigures(
                support,
                proportion(right, answered),
                proportion(right, support),
                f1_interval(right, answered - right, support - right),
                float(among_two[mine].mean()) if support else float("nan"),
                called if off[place, called] else None,
                int(off[place, called]),
                taken if off[taken, place] else None,
                int(off[taken, place]),
            )
        )
    return found


def is_among(logits: np.ndarray, labels: np.ndarray, count: int) -> np.ndarray:
    """(n,) bool: whether the label is among so many most probable classes; of equal ones the first class counts."""
    order = np.argsort(-logits, axis=1, kind="stable")[:, :count]
    return np.asarray((order == labels[:, None]).any(axis=1))


def proportion(successes: int, total: int) -> Interval:
    return Interval(successes / total, *evaluation.wilson_interval(successes, total)) if total else UNDEFINED


def f1_interval(right: int, wrongly: int, missed: int) -> Interval:
    """F1 from how many were found, wrongly called so and missed.

    F1 is 2 u / (1 + u), where u, the intersection over union, is a proportion: what is found, of all that is the class
    or called so. F1 grows with u, so the ends of Wilson's interval of u become the ends of F1's.
    """
    found = proportion(right, right + wrongly + missed)
    return UNDEFINED if found is UNDEFINED else Interval(*(2 * u / (1 + u) for u in found))


def exemplars(scores: Scores, labels: np.ndarray, label: int, count: int) -> dict[str, np.ndarray]:
    """Places of pictures of a class, at most `count` of each kind, int64.

    "best" and "worst": the least and the largest loss. Where there are features "typical" and "unusual", too: nearest
    to the mean of their class and farthest from it; the first typical one is the prototype.
    """
    mine = np.flatnonzero(labels == label)
    by_loss = arrange(scores, mine, "loss")
    found = {"best": by_loss[::-1][:count], "worst": by_loss[:count]}
    if scores.distance is not None:
        by_distance = arrange(scores, mine, "distance")
        found |= {"typical": by_distance[::-1][:count], "unusual": by_distance[:count]}
    return found
