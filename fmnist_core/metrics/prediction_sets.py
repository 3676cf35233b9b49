"""Sets of classes instead of one answer, so large that they hold the truth as often as is asked for.

Split conformal prediction with the score 1 - probability of the true class: Sadinle, Lei and Wasserman 2019 (LAC,
arXiv 1609.00451), as told by Angelopoulos and Bates 2021 (arXiv 2107.07511). Of pictures that are drawn like those it
was set with, at least the chosen share has its true class in the set, however wrong the network is. Photos are not
drawn like them, and nothing is guaranteed there. Arrays only.
"""

import math
from typing import NamedTuple

import numpy as np

from fmnist_core.metrics import evaluation
from fmnist_core.metrics.calibration import fit_temperature


class Rule(NamedTuple):
    """Which classes go into a set."""

    coverage: float  # asked for, over 0 and under 1
    temperature: float  # by which logits are divided first; see calibration.fit_temperature
    least: float  # the probability from which a class is in; 0: all are, there were too few pictures to leave any out
    pictures: int  # that it was set with


class Measured(NamedTuple):
    """What the sets were worth on labelled pictures."""

    coverage: float  # share of pictures whose true class is in the set
    interval: tuple[float, float]  # 95 %, Wilson's
    mean_size: float
    sizes: np.ndarray  # (classes + 1,) int64: how many sets have 0, 1, ... classes


def fit(logits: np.ndarray, labels: np.ndarray, coverage: float) -> Rule:
    """The rule that validation pictures give: (n, classes) logits, (n,) labels.

    The temperature comes from the same pictures. With one parameter and thousands of pictures that costs the
    guarantee less than can be measured.

    Raises:
        ValueError: no pictures, not as many labels, a coverage outside (0, 1), or logits that are not finite.
    """
    if not 0 < coverage < 1:
        raise ValueError(f"A coverage lies between 0 and 1, both excluded. Received: {coverage}.")
    if not len(labels) or len(labels) != len(logits):
        raise ValueError(
            f"Prediction sets are set with labelled pictures. Received: {len(logits)} pictures, {len(labels)} labels."
        )
    temperature = fit_temperature(logits, labels)
    right = evaluation.softmax(logits, temperature)[np.arange(len(labels)), labels]
    rank = math.ceil((len(right) + 1) * coverage)  # the finite-sample quantile of 1 - p, counted from the surest
    least = float(np.sort(right)[len(right) - rank]) if rank <= len(right) else 0.0
    return Rule(coverage, temperature, least, len(right))


def sets(rule: Rule, logits: np.ndarray) -> np.ndarray:
    """(n, classes) logits -> (n, classes) bool: which classes are in each picture's set, its first choice always.

    Raises:
        ValueError: logits that are not finite.
    """
    probabilities = evaluation.softmax(logits, rule.temperature)
    inside = probabilities >= rule.least
    inside[np.arange(len(inside)), probabilities.argmax(axis=1)] = True
    return inside


def measure(inside: np.ndarray, labels: np.ndarray) -> Measured:
    """(n, classes) bool and (n,) labels, n at least 1: what `sets` gave is worth. Raises ValueError for no pictures."""
    if not len(labels) or len(labels) != len(inside):
        raise ValueError(f"As many labels as sets are needed. Received: {len(labels)} and {len(inside)}.")
    held = inside[np.arange(len(labels)), labels]
    sizes = inside.sum(axis=1)
    interval = evaluation.wilson_interval(int(held.sum()), len(held))
    counts = np.bincount(sizes, minlength=inside.shape[1] + 1)
    return Measured(float(held.mean()), interval, float(sizes.mean()), counts)
