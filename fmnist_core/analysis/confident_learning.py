"""Which labels are in doubt: confident learning, near-duplicates and pictures that hardly show anything. Arrays only.

Confident learning after Northcutt, Jiang and Chuang, "Confident Learning: Estimating Uncertainty in Dataset Labels",
Journal of Artificial Intelligence Research 70, 2021. It needs out-of-fold probabilities: what a network says of
pictures that it was not trained on. Nothing here changes a label.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from fmnist_core.data import WHITE
from fmnist_core.metrics.evaluation import wilson_interval
from fmnist_core.progress import OnShare

SLACK = 1e-6  # a probability that is its class's threshold up to rounding reaches it
SUM_TOLERANCE = 0.02  # of a row of ten probabilities that were stored as float16
COMPONENTS = 48  # of the first look at distances; more make it slower, fewer leave more pairs to the second look
SAMPLE = 5_000  # pictures that the components are fitted to
BLOCK = 1_000  # rows compared at once
ROUNDING = 0.01  # of a squared distance over 784 pixels in [0, 1], float32; far above what it loses
LIT = WHITE // 10  # a pixel brighter than this is lit
FEW_LIT = 60  # pixels, 8 % of the picture: ten of the 70,000 pictures have fewer
LITTLE_CONTRAST = 0.2  # of white, see Faint: 68 of the 70,000 pictures have less


class Learned(NamedTuple):
    """What confident learning makes of n pictures and c classes."""

    thresholds: np.ndarray  # (c,) float64: the mean probability of a class over those labelled so; inf where none is
    joint: np.ndarray  # (c, c) int64, the confident joint: rows are labels, columns the classes they confidently are
    guess: np.ndarray  # (n,) int64: the class that a picture confidently is; -1 where it reaches no threshold

    def doubted(self, labels: np.ndarray) -> np.ndarray:
        """(n,) bool: off the diagonal, confidently another class than the label says."""
        return (self.guess >= 0) & (self.guess != labels)


class Pairs(NamedTuple):
    """Near-duplicates, the nearest first; equal distances by position."""

    first: np.ndarray  # (m,) int64, smaller than `second`
    second: np.ndarray  # (m,) int64
    distances: np.ndarray  # (m,) float64, root mean square over pixels in [0, 1]

    def conflicting(self, labels: np.ndarray) -> np.ndarray:
        """(m,) bool: the two have different labels."""
        return np.asarray(labels[self.first] != labels[self.second])


class Faint(NamedTuple):
    """How much there is to see."""

    lit: np.ndarray  # (n,) int64: pixels brighter than a tenth of white
    contrast: np.ndarray  # (n,) float64 in [0, 1]: between the 5th and 95th percentile of the lit pixels
    few: np.ndarray  # (n,) bool: fewer than FEW_LIT are lit
    flat: np.ndarray  # (n,) bool: a contrast under LITTLE_CONTRAST


class Score(NamedTuple):
    """Accuracy on the pictures that count."""

    right: int
    pictures: int

    @property
    def accuracy(self) -> float:
        """NaN where no picture is left."""
        return self.right / self.pictures if self.pictures else float("nan")

    @property
    def interval(self) -> tuple[float, float]:
        return wilson_interval(self.right, self.pictures)


def stratified_folds(labels: np.ndarray, count: int = 5, seed: int = 0) -> np.ndarray:
    """(n,) int64 in 0..count - 1: each class spread evenly, and all folds of one size up to one picture.

    Raises:
        ValueError: fewer than two folds, or more than pictures.
    """
    if not 2 <= count <= len(labels):
        raise ValueError(f"There can be 2 to {len(labels)} folds of {len(labels)} pictures. Received: {count}.")
    generator = np.random.default_rng(seed)
    order = np.concatenate([generator.permutation(np.flatnonzero(labels == one)) for one in np.unique(labels)])
    folds = np.empty(len(labels), np.int64)
    folds[order] = np.arange(len(labels)) % count
    return folds


def confident_learning(labels: np.ndarray, probabilities: np.ndarray) -> Learned:
    """Per-class thresholds and the confident joint (section 3.1 of the paper).

    Where a picture reaches several thresholds, the most probable of these classes counts, as in the paper's
    definition; cleanlab 2.9 takes the most probable of all classes then.

    labels: (n,) in 0..c - 1; probabilities: (n, c), out of fold.

    Raises:
        ValueError: as `margins`.
    """
    labels, values = _checked(labels, probabilities)
    classes = values.shape[1]
    thresholds = np.full(classes, np.inf)
    for one in np.unique(labels):
        thresholds[one] = values[labels == one, one].mean()
    reached = values >= thresholds - SLACK
    guess = np.where(reached.any(axis=1), np.where(reached, values, -1).argmax(axis=1), -1)
    sure = guess >= 0
    joint = np.bincount(labels[sure] * classes + guess[sure], minlength=classes**2).reshape(classes, classes)
    return Learned(thresholds, joint, guess)


def margins(labels: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """(n,) float64 in [-1, 1], the normalised margin: the label's probability less the largest of the others.

    Raises:
        ValueError: values that are not finite or no probabilities, labels that are no class, not as many of both.
    """
    labels, values = _checked(labels, probabilities)
    others = values.copy()
    rows = np.arange(len(labels))
    others[rows, labels] = -np.inf
    return np.asarray(values[rows, labels] - others.max(axis=1))


def self_confidence(labels: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """(n,) float64 in [0, 1]: the label's probability. Raises ValueError as `margins`."""
    labels, values = _checked(labels, probabilities)
    return np.asarray(values[np.arange(len(labels)), labels])


def ranking(scores: np.ndarray) -> np.ndarray:
    """(n,) int64 positions, the smallest score (the most suspicious) first, equal ones by position."""
    return np.argsort(scores, kind="stable")


def _checked(labels: np.ndarray, probabilities: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """As (n,) int64 and (n, c) float64."""
    if probabilities.ndim != 2 or probabilities.shape[1] < 2 or labels.shape != probabilities.shape[:1]:
        raise ValueError(
            "Expected a label and a row of at least two probabilities for each picture. "
            f"Received: {labels.shape} and {probabilities.shape}."
        )
    if not len(labels):
        raise ValueError("There are no pictures to audit.")
    values = probabilities.astype(np.float64)
    if not np.isfinite(values).all():
        raise ValueError("The probabilities hold values that are not finite (NaN or infinity): a network has diverged.")
    if values.min() < -SLACK or np.abs(values.sum(axis=1) - 1).max() > SUM_TOLERANCE:
        raise ValueError("Probabilities must be 0 or more and sum to 1 for each picture. Were these logits?")
    if not 0 <= labels.min() <= labels.max() < values.shape[1]:
        raise ValueError(f"Labels must be 0 to {values.shape[1] - 1}. Received: {labels.min()} to {labels.max()}.")
    return labels.astype(np.int64), values


def near_duplicates(images: np.ndarray, within: float, on_progress: OnShare = lambda share: None) -> Pairs:
    """All pairs of the (n, side, side) uint8 pictures whose root mean square difference is below `within`, exactly.

    A distance within a few orthogonal directions is never larger than the whole, and so is that along the first one:
    pictures are sorted along it, compared with those within reach in COMPONENTS directions, and what is left is
    compared pixel by pixel in whole numbers.

    Raises:
        ValueError: a distance that is not above 0.
    """
    if not within > 0:
        raise ValueError(f"The distance of near-duplicates must be above 0. Received: {within}.")
    flat = images.reshape(len(images), images.shape[1] * images.shape[2])
    if len(flat) < 2:
        return Pairs(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
    reach = within * np.sqrt(flat.shape[1])
    directions = _projected(flat)
    order = np.argsort(directions[:, 0], kind="stable")
    sorted_by_first = directions[order]
    found: list[np.ndarray] = []
    for start in range(0, len(flat), BLOCK):
        near = _within_reach(sorted_by_first, start, reach)
        found.append(_exact(flat, order[near[0]], order[near[1]], within))
        on_progress(min(1.0, (start + BLOCK) / len(flat)))
    pairs = np.concatenate(found, axis=1)
    placed = np.lexsort((pairs[1], pairs[0], pairs[2]))
    first, second, squares = pairs[:, placed]
    return Pairs(first, second, np.sqrt(squares / flat.shape[1]) / WHITE)


def _projected(flat: np.ndarray) -> np.ndarray:
    """(n, pixels) uint8 -> (n, at most COMPONENTS) float32 along the directions in which a sample varies most."""
    step = max(1, len(flat) // SAMPLE)
    sample = flat[::step].astype(np.float64) / WHITE
    _, directions = np.linalg.eigh(np.cov(sample, rowvar=False))
    basis = (directions[:, ::-1][:, :COMPONENTS] / WHITE).astype(np.float32)
    mean = (sample.mean(axis=0) * WHITE).astype(np.float32)
    parts = [(flat[start : start + BLOCK] - mean) @ basis for start in range(0, len(flat), BLOCK)]
    return np.concatenate(parts)


def _within_reach(points: np.ndarray, start: int, reach: float) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of rows, the first in the block from `start`, the second after it; a few too many, never too few.

    points: (n, d), sorted by their first column.
    """
    block = points[start : start + BLOCK]
    end = int(np.searchsorted(points[:, 0], block[-1, 0] + reach + ROUNDING, side="right"))
    others = points[start:end]
    # |a|^2 - 2 a.b + |b|^2 as one product: no pass over the result but the comparison.
    left = np.column_stack([-2 * block, np.ones(len(block), np.float32), (block**2).sum(axis=1)])
    right = np.column_stack([others, (others**2).sum(axis=1), np.ones(len(others), np.float32)])
    rows, columns = np.nonzero(left @ right.T < reach**2 + ROUNDING)
    kept = columns > rows
    return rows[kept] + start, columns[kept] + start


def _exact(flat: np.ndarray, first: np.ndarray, second: np.ndarray, within: float) -> np.ndarray:
    """(3, m) int64: of these pairs, those that are near: the smaller position, the larger, the sum of squares."""
    squares = np.empty(len(first), np.int64)
    for start in range(0, len(first), BLOCK):
        part = slice(start, start + BLOCK)
        difference = flat[first[part]].astype(np.int64) - flat[second[part]]
        squares[part] = (difference**2).sum(axis=1)
    kept = squares < (within * WHITE) ** 2 * flat.shape[1]
    first, second = first[kept], second[kept]
    return np.stack([np.minimum(first, second), np.maximum(first, second), squares[kept]])


def nearest_pictures(picture: np.ndarray, images: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Positions (k,) int64 and distances (k,) float64 of the `count` of the (n, 28, 28) uint8 images most like one.

    Root mean square over pixels in [0, 1], exact, nearest first, equal ones by position.
    """
    asked = picture.reshape(-1).astype(np.float32) / WHITE
    squared = np.empty(len(images), np.float32)
    for start in range(0, len(images), BLOCK):
        difference = images[start : start + BLOCK].reshape(-1, asked.size) / np.float32(WHITE) - asked
        squared[start : start + BLOCK] = np.einsum("ij,ij->i", difference, difference)
    near = np.argsort(squared, kind="stable")[: count + 8]  # more than asked for, as float32 rounds
    exact = ((images[near].astype(np.int64) - picture.astype(np.int64)) ** 2).sum(axis=(1, 2))
    order = np.lexsort((near, exact))[:count]
    return near[order], np.sqrt(exact[order] / asked.size) / WHITE


def faint(images: np.ndarray) -> Faint:
    """What little there is to see on (n, side, side) uint8 pictures."""
    lit = np.zeros(len(images), np.int64)
    contrast = np.zeros(len(images))
    for place, image in enumerate(images):
        values = image[image > LIT]
        lit[place] = len(values)
        if len(values):
            values = np.sort(values)
            edge = len(values) // 20
            contrast[place] = (float(values[-1 - edge]) - float(values[edge])) / WHITE
    return Faint(lit, contrast, lit < FEW_LIT, contrast < LITTLE_CONTRAST)


def score_if_right(
    labels: np.ndarray, predicted: np.ndarray, relabelled: Mapping[int, int], left_out: np.ndarray | None = None
) -> Score:
    """What a run would score with other labels and without some pictures.

    Args:
        labels, predicted: (n,) classes of the same pictures.
        relabelled: place in these -> the class it should have been.
        left_out: (m,) places that do not count.

    Raises:
        ValueError: not as many of one as of the other, or a place that there is not.
    """
    if labels.shape != predicted.shape:
        raise ValueError(f"Labels and predictions must be as many. Received: {labels.shape} and {predicted.shape}.")
    places = [*relabelled, *(left_out if left_out is not None else ())]
    if places and not 0 <= min(places) <= max(places) < len(labels):
        raise ValueError(f"Places must be 0 to {len(labels) - 1}. Received: {min(places)} to {max(places)}.")
    mended, counts = labels.astype(np.int64), np.ones(len(labels), bool)
    for place, label in relabelled.items():
        mended[place] = label
    if left_out is not None:
        counts[left_out] = False
    return Score(int((mended == predicted)[counts].sum()), int(counts.sum()))
