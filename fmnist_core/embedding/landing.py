"""Where a new picture lands on a map that was made without it."""

from dataclasses import dataclass

import numpy as np

from fmnist_core.embedding.neighbours import Metric, nearest_to

NEIGHBOURS = 12


@dataclass(frozen=True)
class Landing:
    """m new pictures on a map of n."""

    coordinates: np.ndarray  # (m, dims) float32
    indices: np.ndarray  # (m, k) int64 rows of the map that pulled, nearest first
    distances: np.ndarray  # (m, k) float32 in the original space
    weights: np.ndarray  # (m, k) float32, each row sums to 1


def land(
    new: np.ndarray,
    vectors: np.ndarray,
    coordinates: np.ndarray,
    count: int = NEIGHBOURS,
    metric: Metric = "euclidean",
) -> Landing:
    """The mean place of the nearest neighbours in the original space, each weighing 1 / distance squared.

    A picture that is on the map already lands on itself. Raises ValueError as `nearest_to`.

    Args:
        new: (m, d). vectors: (n, d), what the map was made of. coordinates: (n, dims), the map.
    """
    found = nearest_to(new, vectors, count, metric)
    same = found.distances <= 1e-6 * found.distances.max(axis=1, keepdims=True, initial=0)
    nearest = found.distances[:, :1]
    pulls = np.where(same.any(axis=1, keepdims=True), same, (nearest / np.where(same, 1, found.distances)) ** 2)
    weights = (pulls / pulls.sum(axis=1, keepdims=True)).astype(np.float32)
    places = np.einsum("mk,mkd->md", weights, coordinates[found.indices]).astype(np.float32)
    return Landing(places, found.indices, found.distances, weights)
