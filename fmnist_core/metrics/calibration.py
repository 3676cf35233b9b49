"""Whether a network's probabilities can be believed, and what is gained where it may abstain. Arrays only.

Confidence is the largest probability. Diagram, error and temperature are those of Guo et al. 2017, arXiv 1706.04599.
"""

from typing import NamedTuple

import numpy as np
import scipy  # its parts come when they are first used: none is imported before the first page

from fmnist_core.metrics import evaluation

BINS = 15  # of equal width, as in Guo et al.
TEMPERATURES = (0.05, 20.0)  # between which a fit looks


class Reliability(NamedTuple):
    """Per bin of confidence, (bins,) each; NaN where no picture falls into it."""

    edges: np.ndarray  # (bins + 1,) from 0 to 1
    counts: np.ndarray  # int64
    confidence: np.ndarray  # mean of the bin
    accuracy: np.ndarray  # part of the bin that is right

    @property
    def error(self) -> float:
        """Expected calibration error: the mean distance of accuracy from confidence, each bin by its pictures."""
        if not self.counts.sum():
            return float("nan")
        return float(np.nansum(np.abs(self.accuracy - self.confidence) * self.counts) / self.counts.sum())


class Coverage(NamedTuple):
    """What is answered when the surest pictures are: row k for at least k + 1 of them, (n,) each.

    Pictures of the same confidence are answered together: no threshold lies between them.
    """

    order: np.ndarray  # int64, the pictures from the surest to the least sure
    threshold: np.ndarray  # the confidence of the last one answered
    answered: np.ndarray  # int64, how many are
    coverage: np.ndarray  # part of all that is answered
    accuracy: np.ndarray  # part of the answers that is right

    def largest(self, accuracy: float) -> int:
        """How many of the surest pictures can be answered with at least this accuracy; 0 where not even one."""
        reached = np.flatnonzero(self.accuracy >= accuracy)
        return int(self.answered[reached[-1]]) if len(reached) else 0


def reliability(confidence: np.ndarray, right: np.ndarray, bins: int = BINS) -> Reliability:
    """confidence: (n,) in [0, 1]; right: (n,) bool. Bins have equal width; a value on an edge belongs below it.

    Raises:
        ValueError: lengths differ, or a confidence lies outside [0, 1].
    """
    if confidence.shape != right.shape:
        raise ValueError(f"As many verdicts as confidences are needed. Received: {right.shape} and {confidence.shape}.")
    if len(confidence) and not (0 <= confidence.min() and confidence.max() <= 1):
        raise ValueError(f"Confidences lie in 0 to 1. Received: {confidence.min()} to {confidence.max()}.")
    edges = np.linspace(0, 1, bins + 1)
    which = bin_of(confidence, bins)
    counts = np.bincount(which, minlength=bins)
    with np.errstate(invalid="ignore"):
        means = [np.bincount(which, values.astype(float), bins) / counts for values in (confidence, right)]
    return Reliability(edges, counts, *means)


def bin_of(confidence: np.ndarray, bins: int = BINS) -> np.ndarray:
    """(n,) in [0, 1] -> (n,) int, from 0: the bin of `reliability` that each falls into."""
    return np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)


def classwise_errors(probabilities: np.ndarray, labels: np.ndarray, bins: int = BINS) -> np.ndarray:
    """(n, classes) and (n,) -> (classes,): the calibration error of each class's probability, against all others."""
    return np.array([reliability(column, labels == k, bins).error for k, column in enumerate(probabilities.T)])


def fit_temperature(logits: np.ndarray, labels: np.ndarray) -> float:
    """The number by which (n, classes) logits are divided so that their mean negative log likelihood is least.

    Over 1: the network is too sure. It changes no verdict. Fit it on validation pictures, look at it on others.

    Raises:
        ValueError: no pictures, or logits that are not finite.
    """
    if not len(labels):
        raise ValueError("A temperature is fitted on pictures, and there are none.")
    found = scipy.optimize.minimize_scalar(
        lambda log: evaluation.cross_entropy(logits / np.exp(log), labels),
        bounds=tuple(np.log(TEMPERATURES)),
        method="bounded",
    )
    return float(np.exp(found.x))


def coverage(confidence: np.ndarray, right: np.ndarray) -> Coverage:
    """confidence: (n,), n at least 1; right: (n,) bool."""
    order = np.argsort(-confidence, kind="stable")
    threshold = confidence[order]
    answered = np.searchsorted(-threshold, -threshold, side="right")
    return Coverage(order, threshold, answered, answered / len(order), np.cumsum(right[order])[answered - 1] / answered)
