"""How far a layout can be trusted: which neighbourhoods it kept, made up, or tore apart."""

import numpy as np
import scipy  # its parts come when they are first used: none is imported before the first page

from fmnist_core.embedding.neighbours import PAIRS_AT_ONCE, Metric, prepare, squared_distances
from fmnist_core.machine import cores

NEIGHBOURS = 10  # what all measures here look at, unless told otherwise
SAMPLED_ROWS = 2_000
EXACT_ROWS = 10_000  # up to so many points every row counts
HEAPED = 1 / 8  # of two classes' neighbours that are of each other, from which the two count as one heap


def kept_neighbours(original: np.ndarray, shown: np.ndarray) -> np.ndarray:
    """Trust of each point: the share of its k true neighbours that are among its k neighbours in the layout.

    original, shown: (n, k) indices, as `nearest` gives them for the vectors and for the coordinates.
    Returns (n,) float32 in 0..1; 1 where there are no neighbours to keep.
    """
    if original.shape != shown.shape:
        raise ValueError(f"Neighbours of the shapes {original.shape} and {shown.shape} cannot be compared.")
    if not original.shape[1]:
        return np.ones(len(original), np.float32)
    kept = np.zeros(original.shape, bool)
    for column in range(shown.shape[1]):
        kept |= original == shown[:, column, None]
    return kept.mean(axis=1, dtype=np.float32)


def shown_neighbours(coordinates: np.ndarray, count: int = NEIGHBOURS) -> np.ndarray:
    """(n, dims) -> (n, k) int64: each point's nearest others in a layout, where a tree is faster than products."""
    n = len(coordinates)
    count = min(count, n - 1)
    if count < 1:
        return np.empty((n, 0), np.int64)
    found = scipy.spatial.cKDTree(coordinates).query(coordinates, count + 1, workers=cores())[1]
    own = found == np.arange(n)[:, None]
    own[~own.any(axis=1), -1] = True  # among so many at one place that it is not even in its own list
    return found[~own].reshape(n, count)


def trustworthiness(
    original: np.ndarray, shown: np.ndarray, count: int = NEIGHBOURS, metric: Metric = "euclidean", seed: int = 0
) -> float | None:
    """1 minus the penalty for points that the layout shows as neighbours though they are none (Venna, Kaski 2001).

    A stranger among the `count` nearest in the layout costs by how far down the list of true neighbours it stands.
    Exact for up to 10,000 points, as scikit-learn counts it; beyond, an estimate from 2,000 random rows.

    Args:
        original: (n, d) vectors. shown: (n, dims) coordinates.
        metric: of the original space; the layout's is Euclidean.

    Returns:
        0..1, or None where there are too few points for it to mean anything (`count` is lowered down to n / 2).
    """
    return _trustworthiness(prepare(original, metric), prepare(shown, "euclidean"), count, seed)


def continuity(
    original: np.ndarray, shown: np.ndarray, count: int = NEIGHBOURS, metric: Metric = "euclidean", seed: int = 0
) -> float | None:
    """The same the other way round: 1 minus the penalty for true neighbours that the layout tore apart."""
    return _trustworthiness(prepare(shown, "euclidean"), prepare(original, metric), count, seed)


def _trustworthiness(original: np.ndarray, shown: np.ndarray, count: int, seed: int) -> float | None:
    n = len(original)
    count = min(count, (n - 1) // 2)
    if count < 1:
        return None
    rows = np.arange(n)
    if n > EXACT_ROWS:
        rows = np.sort(np.random.default_rng(seed).choice(n, SAMPLED_ROWS, replace=False))
    penalty = 0
    step = max(1, PAIRS_AT_ONCE // n)
    for start in range(0, len(rows), step):
        part = rows[start : start + step]
        own = (np.arange(len(part)), part)
        distances, far = squared_distances(shown[part], shown), squared_distances(original[part], original)
        distances[own] = far[own] = np.inf
        for neighbour in np.argpartition(distances, count, axis=1)[:, :count].T:
            ranks = 1 + (far < far[own[0], neighbour][:, None]).sum(axis=1)
            penalty += int(np.maximum(ranks - count, 0).sum())
    worst = len(rows) * count * (2 * n - 3 * count - 1) / 2
    return 1 - penalty / worst


def knn_accuracy(coordinates: np.ndarray, labels: np.ndarray, count: int = NEIGHBOURS) -> float | None:
    """The share of points whose label most of their `count` neighbours in the layout have; None for a single point.

    Each point is left out of its own vote; of labels with equal votes the smaller wins, as in scikit-learn.
    """
    found = shown_neighbours(coordinates, count)
    if not found.shape[1]:
        return None
    votes = np.zeros((len(labels), int(labels.max()) + 1), np.int32)
    for column in found.T:
        votes[np.arange(len(labels)), labels[column]] += 1
    return float((votes.argmax(axis=1) == labels).mean())


def heaps(coordinates: np.ndarray, labels: np.ndarray, classes: int, count: int = NEIGHBOURS) -> list[list[int]]:
    """The classes that a layout does not tell apart, as lists of two or more, each in ascending order.

    Two classes are one heap where at least one in eight of the `count` neighbours of their points are of the other
    one, the mean of both directions; a third that is so with either of them belongs to it, too.

    Args:
        coordinates: (n, dims). labels: (n,) class indices below `classes`.
    """
    found = shown_neighbours(coordinates, count)
    pairs = np.zeros((classes, classes))
    for column in found.T:
        np.add.at(pairs, (labels, labels[column]), 1)
    shares = pairs / np.maximum(pairs.sum(axis=1, keepdims=True), 1)
    number, of = scipy.sparse.csgraph.connected_components((shares + shares.T) / 2 >= HEAPED, directed=False)
    members = [np.flatnonzero(of == heap).tolist() for heap in range(number)]
    return sorted((heap for heap in members if len(heap) > 1), key=len, reverse=True)
