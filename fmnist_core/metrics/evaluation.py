"""Labels and logits in; matrix, report, intervals out. Arrays only.

Every function refuses values that are not finite: a NaN would silently become class 0.
"""

from typing import NamedTuple

import numpy as np
import scipy  # its parts come when they are first used: none is imported before the first page

NORMAL_95 = 1.959963984540054  # the 97.5th percentile of the standard normal distribution


class ClassReport(NamedTuple):
    """Per class, each (classes,) float64 in [0, 1], NaN where undefined (no such label, or never predicted)."""

    precision: np.ndarray
    recall: np.ndarray
    f1: np.ndarray
    support: np.ndarray  # (classes,) int64: how many pictures have this label


class McNemar(NamedTuple):
    """How two classifiers disagree on the same pictures; those that both have right or both wrong say nothing."""

    only_a: int  # pictures that only A has right, the literature's b
    only_b: int  # pictures that only B has right, the literature's c
    p_value: float  # two-sided, exact: how often chance alone would split them at least so unequally


def softmax(logits: np.ndarray, temperature: float = 1.0) -> np.ndarray:
    """(n, classes) logits -> (n, classes) float64 probabilities; rows sum to 1."""
    return scipy.special.softmax(_finite(logits).astype(np.float64) / temperature, axis=1)


def confusion_matrix(labels: np.ndarray, predicted: np.ndarray, num_classes: int) -> np.ndarray:
    """(classes, classes) int64: rows are true classes, columns predicted ones.

    Raises:
        ValueError: not as many labels as predictions, or a class outside 0 to classes - 1.
    """
    if labels.shape != predicted.shape:
        raise ValueError(f"Labels and predictions must be as many. Received: {labels.shape} and {predicted.shape}.")
    for classes in (labels, predicted):
        if len(classes) and not 0 <= classes.min() <= classes.max() < num_classes:
            raise ValueError(f"Classes must be 0 to {num_classes - 1}. Received: {classes.min()} to {classes.max()}.")
    pairs = labels.astype(np.int64) * num_classes + predicted.astype(np.int64)
    return np.bincount(pairs, minlength=num_classes**2).reshape(num_classes, num_classes)


def accuracy(matrix: np.ndarray) -> float:
    """The fraction on the diagonal; NaN for no pictures."""
    total = matrix.sum()
    return float(np.trace(matrix) / total) if total else float("nan")


def class_report(matrix: np.ndarray) -> ClassReport:
    """Precision, recall, F1 and support of each class."""
    right = np.diag(matrix).astype(float)
    predicted, support = matrix.sum(axis=0), matrix.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        precision, recall = right / predicted, right / support
        f1 = 2 * right / (predicted + support)
    return ClassReport(precision, recall, f1, support)


def cross_entropy(logits: np.ndarray, labels: np.ndarray) -> float:
    """Mean negative log likelihood in nats of (n, classes) logits for (n,) labels.

    Raises:
        ValueError: a label outside 0 to classes - 1, or logits that are not finite.
    """
    if len(labels) and not 0 <= labels.min() <= labels.max() < logits.shape[1]:
        raise ValueError(f"Labels must be 0 to {logits.shape[1] - 1}. Received: {labels.min()} to {labels.max()}.")
    log_probabilities = scipy.special.log_softmax(_finite(logits).astype(np.float64), axis=1)
    return float(-log_probabilities[np.arange(len(labels)), labels].mean())


def wilson_interval(successes: int, total: int, normal: float = NORMAL_95) -> tuple[float, float]:
    """The interval of a proportion (Wilson 1927), both ends in [0, 1]: of 95 %, or of another quantile `normal`."""
    if total == 0:
        return 0.0, 1.0
    rate, z2 = successes / total, normal**2
    centre = (rate + z2 / (2 * total)) / (1 + z2 / total)
    half = normal / (1 + z2 / total) * np.sqrt(rate * (1 - rate) / total + z2 / (4 * total**2))
    return float(max(0.0, centre - half)), float(min(1.0, centre + half))


def mcnemar(right_a: np.ndarray, right_b: np.ndarray) -> McNemar:
    """McNemar's test (1947) in its exact form: a fair coin for each picture on which the two disagree.

    right_a, right_b: (n,) bool, n at least 1: which of the same pictures each has right.

    Raises:
        ValueError: not as many of one as of the other, none at all, or not booleans.
    """
    if right_a.shape != right_b.shape or right_a.ndim != 1 or not len(right_a):
        raise ValueError(f"Both must be judged on the same pictures. Received: {right_a.shape} and {right_b.shape}.")
    if right_a.dtype != bool or right_b.dtype != bool:
        raise ValueError(f"Expected whether each is right, as booleans. Received: {right_a.dtype}, {right_b.dtype}.")
    only_a, only_b = int((right_a & ~right_b).sum()), int((right_b & ~right_a).sum())
    tail = scipy.special.bdtr(
        min(only_a, only_b), only_a + only_b, 0.5
    )  # the binomial distribution up to the smaller one
    return McNemar(only_a, only_b, float(min(1.0, 2 * tail)))


def most_confused(matrix: np.ndarray, count: int = 3) -> list[tuple[int, int, int]]:
    """The largest cells off the diagonal, as (true, predicted, pictures), largest first; only those over 0."""
    off = matrix.copy()
    np.fill_diagonal(off, 0)
    order = np.argsort(-off, axis=None, kind="stable")[:count]
    cells = [(int(i // len(off)), int(i % len(off))) for i in order]
    return [(true, predicted, int(off[true, predicted])) for true, predicted in cells if off[true, predicted]]


def _finite(logits: np.ndarray) -> np.ndarray:
    if not np.isfinite(logits).all():
        raise ValueError("The logits hold values that are not finite (NaN or infinity): the training has diverged.")
    return logits
