"""The figures of each class with their intervals, and the pictures that stand for it. Arrays only."""

from typing import NamedTuple

import numpy as np

from fmnist_core.metrics import evaluation
from fmnist_core.metrics.scores import Scores, arrange

DRAWS = 4_000  # redrawn sets of pictures for the interval of F1


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
    f1: Interval  # percentile bootstrap, Efron 1979
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
                f1_interval(right, answered - right, support - right, len(labels)),
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


def f1_interval(right: int, wrongly: int, missed: int, pictures: int) -> Interval:
    """F1 from how many were found, wrongly called so and missed among so many pictures, by percentile bootstrap.

    A redrawn set of pictures is one draw of a multinomial distribution of these counts; the seed is fixed.
    """
    if right + wrongly + missed == 0:
        return UNDEFINED
    shares = np.array([right, wrongly + missed, pictures - right - wrongly - missed]) / pictures
    drawn = np.random.default_rng(0).multinomial(pictures, shares, size=DRAWS)
    counted = 2 * drawn[:, 0] + drawn[:, 1]
    values = 2 * drawn[:, 0] / np.maximum(counted, 1)
    low, high = np.percentile(values, [2.5, 97.5])
    return Interval(2 * right / (2 * right + wrongly + missed), float(low), float(high))


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
