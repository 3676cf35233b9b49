"""Whether one of two ways to classify the same pictures is better, in figures and in words. Arrays only."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import scipy  # its parts come when they are first used: none is imported before the first page

from fmnist_core.metrics.evaluation import McNemar, confusion_matrix, mcnemar, wilson_interval

SIGNIFICANT = 0.05  # the customary level


class Comparison(NamedTuple):
    """A and B on the same pictures."""

    names: tuple[str, str]
    pictures: int
    right: tuple[int, int]  # how many each has right
    test: McNemar

    @property
    def differ(self) -> bool:
        """Whether so unequal a split of their disagreements is rare by chance: p under SIGNIFICANT."""
        return self.test.p_value < SIGNIFICANT

    @property
    def better(self) -> str | None:
        """The name of the better one; None where they cannot be told apart."""
        return self.names[self.right[1] > self.right[0]] if self.differ else None


def compare(name_a: str, right_a: np.ndarray, name_b: str, right_b: np.ndarray) -> Comparison:
    """right_a, right_b: (n,) bool, n at least 1: which of the same pictures each has right, in the same order.

    Raises:
        ValueError: not as many of one as of the other, none at all, or not booleans.
    """
    test = mcnemar(right_a, right_b)
    return Comparison((name_a, name_b), len(right_a), (int(right_a.sum()), int(right_b.sum())), test)


class Changes(NamedTuple):
    """Where B differs from A, by cells (c, c) int: rows are true classes."""

    fixed: np.ndarray  # A wrong, B right; columns: what A called them
    broken: np.ndarray  # A right, B wrong; columns: what B calls them
    neither: np.ndarray  # both wrong; columns: what B calls them
    difference: np.ndarray  # B's confusion matrix less A's


def changes(labels: np.ndarray, called_a: np.ndarray, called_b: np.ndarray, num_classes: int) -> Changes:
    """labels, called_a, called_b: (n,) class indices of the same pictures in the same order.

    Raises:
        ValueError: not as many of one as of the others, or an index that is no class.
    """
    right_a, right_b = called_a == labels, called_b == labels

    def count(chosen: np.ndarray, called: np.ndarray) -> np.ndarray:
        return confusion_matrix(labels[chosen], called[chosen], num_classes)

    everything = np.ones(len(labels), bool)
    return Changes(
        count(~right_a & right_b, called_a),
        count(right_a & ~right_b, called_b),
        count(~right_a & ~right_b, called_b),
        count(everything, called_b) - count(everything, called_a),
    )


def difference_interval(comparison: Comparison, pairs: int = 1) -> tuple[float, float]:
    """95 % interval of B's accuracy less A's, as fractions of 1, from Wilson's intervals of the two.

    pairs: where it is one of so many comparisons, so wide that all of their intervals hold in 95 % (Bonferroni).

    Newcombe, Statistics in Medicine 17 (1998), 2635, method 10: their distances to the accuracies are added as those
    of correlated figures are. A bootstrap gives the same for many pictures, and no width at all for a few.
    """
    total, (right_a, right_b) = comparison.pictures, comparison.right
    rates = np.array([right_a, right_b]) / total
    normal = float(scipy.special.ndtri(1 - SIGNIFICANT / (2 * pairs)))
    low, high = np.array([wilson_interval(right, total, normal) for right in (right_a, right_b)]).T
    below, above = rates - low, high - rates
    correlation, difference = _correlation(comparison), rates[1] - rates[0]

    def distance(one: float, other: float) -> float:
        return float(np.sqrt(one**2 - 2 * correlation * one * other + other**2))

    return difference - distance(below[1], above[0]), difference + distance(above[1], below[0])


@dataclass(frozen=True)
class Corrected:
    """One of several comparisons, so that in 95 % chance makes none of them look real (Bonferroni).

    of: how many there are, or could have been where this one was chosen by its difference.
    """

    compared: Comparison
    of: int

    @property
    def points(self) -> float:
        """B's accuracy less A's, a fraction of 1."""
        return (self.compared.right[1] - self.compared.right[0]) / self.compared.pictures

    @property
    def interval(self) -> tuple[float, float]:
        """Of `points` (Newcombe 1998): those of all hold together in 95 %."""
        return difference_interval(self.compared, self.of)

    @property
    def p_value(self) -> float:
        """McNemar's, times the number of comparisons."""
        return bonferroni(self.compared.test.p_value, self.of)

    @property
    def real(self) -> bool:
        return self.p_value < SIGNIFICANT


def bonferroni(p_value: float, comparisons: int) -> float:
    """p of one of so many comparisons."""
    return min(1.0, p_value * comparisons)


def _correlation(comparison: Comparison) -> float:
    """Phi of what the two have right, its numerator corrected for continuity where it is positive."""
    total, (right_a, right_b) = comparison.pictures, comparison.right
    both = right_a - comparison.test.only_a
    neither = total - both - comparison.test.only_a - comparison.test.only_b
    product = right_a * (total - right_a) * right_b * (total - right_b)
    if not product:
        return 0.0
    excess = both * neither - comparison.test.only_a * comparison.test.only_b
    return float((max(excess - total / 2, 0) if excess > 0 else excess) / np.sqrt(float(product)))


class Paired(NamedTuple):
    """Differences of two, B's less A's, each pair under the same conditions: two recipes trained with the same seed."""

    pairs: int
    mean: float
    deviation: float  # the standard deviation of one difference
    p_value: float  # of Student's paired test, two-sided

    def interval(self, comparisons: int = 1) -> tuple[float, float]:
        """Of the mean, 95 %; where it is one of so many comparisons, so wide that all of them hold (Bonferroni)."""
        quantile = float(scipy.special.stdtrit(self.pairs - 1, 1 - SIGNIFICANT / (2 * comparisons)))
        half = quantile * self.deviation / float(np.sqrt(self.pairs))
        return self.mean - half, self.mean + half


def paired(a: np.ndarray, b: np.ndarray, resolution: float = 0.0) -> Paired:
    """a, b: (n,) float, n at least 2: figures of the same pairs in the same order.

    resolution: the step in which a figure can change, such as 1 / pictures of an accuracy. Differences that happen to
    be equal are not known more exactly than that: the variance of rounding both, resolution^2 / 6, is added.

    Raises:
        ValueError: not as many of one as of the other, or fewer than two.
    """
    if a.shape != b.shape or a.ndim != 1 or len(a) < 2:
        raise ValueError(f"Expected two or more pairs. Received: {a.shape} and {b.shape}.")
    difference = b - a
    mean = float(difference.mean())
    deviation = float(np.sqrt(difference.var(ddof=1) + resolution**2 / 6))
    if not deviation:
        return Paired(len(a), mean, 0.0, 0.0 if mean else 1.0)
    t = abs(mean) / (deviation / np.sqrt(len(a)))
    return Paired(len(a), mean, deviation, float(2 * scipy.special.stdtr(len(a) - 1, -t)))


def in_words(comparison: Comparison) -> str:
    """One or two sentences that name the counts and p, for who has never heard of the test."""
    (a, b), test = comparison.names, comparison.test
    pictures = f"{comparison.pictures:,} {'picture' if comparison.pictures == 1 else 'pictures'}"
    if not test.only_a and not test.only_b:
        return f"{a} and {b} are right on the very same ones of {pictures}."
    counts = [(a, test.only_a), (b, test.only_b)]
    if comparison.better == b:
        counts.reverse()
    (first, its_own), (second, the_others) = counts
    split = f"{first} alone is right on {its_own:,}, {second} alone on {the_others:,}"
    verdict = f"{first} is better than {second}" if comparison.differ else f"{first} and {second} cannot be told apart"
    return f"{verdict} on {pictures} ({p_in_words(test.p_value)}): {split}."


def p_in_words(p_value: float) -> str:
    """ "p = 0.31"; two digits, or as many as keep it on its side of the level it is held against."""
    if p_value < 0.0001:
        return "p < 0.0001"
    digits = 2
    while float(f"{p_value:.{digits}g}") == SIGNIFICANT != p_value:
        digits += 1
    return f"p = {p_value:.{digits}g}"
