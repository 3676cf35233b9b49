"""Exact nearest neighbours in the original space, by matrix products in chunks.

Nothing is approximated: 70,000 vectors of 64 values take a few milliseconds for one question, a minute for all.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from fmnist_core.progress import OnShareOrStop

Metric = Literal["euclidean", "cosine"]
METRICS = ("euclidean", "cosine")
PAIRS_AT_ONCE = 2**23  # distances of one chunk: 100 MB with their sort keys
SLACK = 8  # candidates beyond the count whose distances are computed anew, without the rounding of the product
ROUNDING = 1e-6  # of a squared length: what float32 leaves of no distance at all


class AskedToStop(Exception):
    """The caller's progress function asked to stop."""


@dataclass(frozen=True)
class Neighbours:
    """Rows are the points asked for; nearest first, equal distances in the order of their indices."""

    indices: np.ndarray  # (m, k) int64
    distances: np.ndarray  # (m, k) float32


def nearest(
    vectors: np.ndarray, count: int, metric: Metric = "euclidean", on_progress: OnShareOrStop = lambda share: None
) -> Neighbours:
    """The `count` nearest other points (or as many as there are) of each of the (n, d) vectors.

    Args:
        on_progress: called with the share that is done, in 0..1; a true answer stops.

    Raises:
        ValueError: values that are not finite, a count below 1, an unknown metric.
        AskedToStop: `on_progress` said so.
    """
    prepared = prepare(vectors, metric)
    count = _check_count(count, len(prepared) - 1)
    found = Neighbours(np.empty((len(prepared), count), np.int64), np.empty((len(prepared), count), np.float32))
    if count:
        for rows in _chunks(len(prepared), len(prepared), (count + SLACK) * prepared.shape[1]):
            found.indices[rows], found.distances[rows] = _search(prepared[rows], prepared, count, metric, rows.start)
            if on_progress(rows.stop / len(prepared)):
                raise AskedToStop
    return found


def nearest_to(queries: np.ndarray, vectors: np.ndarray, count: int, metric: Metric = "euclidean") -> Neighbours:
    """The `count` nearest of the (n, d) vectors (or all) of each of the (m, d) queries, itself among them if it is one.

    Raises:
        ValueError: values that are not finite, a count below 1, an unknown metric, no vectors, another width.
    """
    if queries.ndim != 2 or queries.shape[1:] != vectors.shape[1:]:
        raise ValueError(f"Queries have the shape {queries.shape}; expected rows of {vectors.shape[1]} values.")
    origin = vectors.mean(axis=0, dtype=np.float64) if len(vectors) else None
    prepared, asked = prepare(vectors, metric, origin), prepare(queries, metric, origin)
    count = _check_count(count, len(prepared))
    parts = [
        _search(asked[rows], prepared, count, metric)
        for rows in _chunks(len(asked), len(prepared), (count + SLACK) * prepared.shape[1])
    ]
    empty = (np.empty((0, count), np.int64), np.empty((0, count), np.float32))
    indices, distances = zip(*(parts or [empty]), strict=True)
    return Neighbours(np.concatenate(indices), np.concatenate(distances))


def squared_distances(queries: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """(m, d) and (n, d) float32 -> (m, n) float32, at least 0; pairs that are one up to rounding have 0."""
    lengths = np.einsum("ij,ij->i", queries, queries)
    squared = queries @ vectors.T
    squared *= -2
    squared += np.einsum("ij,ij->i", vectors, vectors)
    squared += lengths[:, None]
    squared[squared <= ROUNDING * lengths[:, None]] = 0
    return squared


def prepare(vectors: np.ndarray, metric: Metric, origin: np.ndarray | None = None) -> np.ndarray:
    """Vectors whose Euclidean distances order as the metric does: less the origin (None: their mean), or of length 1.

    (n, d) -> (n, d) float32; for cosine (n, d + 1).

    Raises ValueError as `nearest`.
    """
    if metric not in METRICS:
        raise ValueError(f"Unknown metric {metric!r}. Choose one of: {', '.join(METRICS)}.")
    vectors = np.asarray(vectors, np.float32)
    if not np.isfinite(vectors).all():
        raise ValueError("Neighbours need finite values, and some of these are not a number or infinite.")
    if metric == "cosine":
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        # A vector of zeros has no angle: a direction of its own keeps it at right angles to all others.
        return np.concatenate([vectors / np.where(lengths, lengths, 1), lengths == 0], axis=1, dtype=np.float32)
    if origin is None and len(vectors):
        origin = vectors.mean(axis=0, dtype=np.float64)
    return (vectors - origin).astype(np.float32) if len(vectors) else vectors


def _check_count(count: int, available: int) -> int:
    if count < 1:
        raise ValueError(f"The number of neighbours cannot be {count}. Expected 1 or more.")
    return max(0, min(count, available))


def _chunks(rows: int, columns: int, width: int) -> Iterator[slice]:
    step = max(1, PAIRS_AT_ONCE // max(columns, width, 1))
    for start in range(0, rows, step):
        yield slice(start, min(start + step, rows))


def _search(
    asked: np.ndarray, vectors: np.ndarray, count: int, metric: Metric, own_start: int | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """`own_start`: the row of `vectors` that the first of `asked` is; its distance to itself does not count."""
    rough = squared_distances(asked, vectors)
    if own_start is not None:
        rough[np.arange(len(asked)), np.arange(own_start, own_start + len(asked))] = np.inf
    keys = _keys(rough, np.arange(len(vectors), dtype=np.uint64))
    candidates = min(count + SLACK, len(vectors) - (own_start is not None))
    if candidates < len(vectors):
        keys = np.partition(keys, candidates, axis=1)[:, :candidates]
    indices = (keys & np.uint64(0xFFFFFFFF)).astype(np.int64)
    distances = _distances(asked, vectors[indices], metric)
    keys = np.sort(_keys(distances, indices.astype(np.uint64)), axis=1)[:, :count]
    distances = (keys >> np.uint64(32)).astype(np.uint32).view(np.float32)
    return (keys & np.uint64(0xFFFFFFFF)).astype(np.int64), distances


def _distances(asked: np.ndarray, found: np.ndarray, metric: Metric) -> np.ndarray:
    """(m, d) and (m, k, d) -> (m, k) float32, from the differences."""
    difference = found - asked[:, None]
    squared = np.einsum("ikj,ikj->ik", difference, difference)
    return squared / 2 if metric == "cosine" else np.sqrt(squared)  # of unit vectors, that is 1 less the cosine


def _keys(distances: np.ndarray, indices: np.ndarray) -> np.ndarray:
    """A whole number a pair that sorts by distance, then by index: the bits of a float of 0 or more keep its order."""
    keys = np.ascontiguousarray(distances, np.float32).view(np.uint32).astype(np.uint64)
    keys <<= np.uint64(32)
    keys |= indices
    return keys
