"""Sets of classes instead of one answer, so large that they hold the truth as often as is asked for.

Split conformal prediction with the score 1 - probability of the true class, a threshold for each class: Sadinle, Lei
and Wasserman 2019 (LAC, arXiv 1609.00451, section 2), as told by Angelopoulos and Bates 2021 (arXiv 2107.07511). One
threshold for all would let the easy classes keep the promise for the hard ones. Of pictures of each class that are
drawn like those it was set with, at least the chosen share has its class in the set, however wrong the network is.
Test pictures are not quite drawn like them, photos not at all: say what was measured beside what was asked.
Arrays only.
"""

import math
from typing import NamedTuple

import numpy as np

from fmnist_core.metrics import calibrators, evaluation
from fmnist_core.metrics.calibrators import Calibrator

TELLING = 0.01  # of the sets must hold more than one class, or they say no more than the answer does


class Rule(NamedTuple):
    """Which classes go into a set."""

    coverage: float  # asked for, over 0 and under 1
    calibrator: Calibrator  # of the probabilities
    least: (
        np.ndarray
    )  # (classes,) the probability from which a class is in; 0: always, too few pictures to leave it out
    pictures: int  # that it was set with
    several: float  # part of these whose set has more than one class

    @property
    def tells(self) -> bool:
        """Whether its sets say anything that the answers alone do not."""
        return self.several >= TELLING


class Measured(NamedTuple):
    """What the sets were worth on labelled pictures."""

    coverage: float  # share of pictures whose true class is in the set
    interval: tuple[float, float]  # 95 %, Wilson's
    mean_size: float
    sizes: np.ndarray  # (classes + 1,) int64: how many sets have 0, 1, ... classes


def fit(logits: np.ndarray, labels: np.ndarray, coverage: float, calibrator: Calibrator | None = None) -> Rule:
    """The rule that validation pictures give: (n, classes) logits, (n,) labels.

    calibrator: None fits it on the same pictures. With ten parameters and thousands of pictures that costs the
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
    calibrator = calibrator or calibrators.fit(logits, labels)
    probabilities = calibrator.probabilities(logits)
    right = probabilities[np.arange(len(labels)), labels]
    of_all = _threshold(right, coverage)
    of_each = [_threshold(right[labels == place], coverage) or of_all for place in range(logits.shape[1])]
    rule = Rule(coverage, calibrator, np.array(of_each), len(labels), 0.0)
    return rule._replace(several=float((inside(rule, probabilities).sum(axis=1) > 1).mean()))


def _threshold(right: np.ndarray, coverage: float) -> float:
    """The finite-sample quantile of 1 - p, from the surest on; 0 where there are too few to leave any out."""
    rank = math.ceil((len(right) + 1) * coverage)
    return float(np.sort(right)[len(right) - rank]) if rank <= len(right) else 0.0


def sets(rule: Rule, logits: np.ndarray) -> np.ndarray:
    """(n, classes) logits -> (n, classes) bool: which classes are in each picture's set, its first choice always.

    Raises:
        ValueError: logits that are not finite.
    """
    return inside(rule, rule.calibrator.probabilities(logits))


def inside(rule: Rule, probabilities: np.ndarray) -> np.ndarray:
    """As `sets`, of (n, classes) probabilities that the rule's calibrator gave."""
    found = probabilities >= rule.least
    found[np.arange(len(found)), probabilities.argmax(axis=1)] = True
    return np.asarray(found)


def measure(inside: np.ndarray, labels: np.ndarray) -> Measured:
    """(n, classes) bool and (n,) labels, n at least 1: what `sets` gave is worth. Raises ValueError for no pictures."""
    if not len(labels) or len(labels) != len(inside):
        raise ValueError(f"As many labels as sets are needed. Received: {len(labels)} and {len(inside)}.")
    held = inside[np.arange(len(labels)), labels]
    sizes = inside.sum(axis=1)
    interval = evaluation.wilson_interval(int(held.sum()), len(held))
    counts = np.bincount(sizes, minlength=inside.shape[1] + 1)
    return Measured(float(held.mean()), interval, float(sizes.mean()), counts)
