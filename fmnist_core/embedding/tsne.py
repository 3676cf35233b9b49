"""t-SNE (van der Maaten, Hinton 2008) that shows every iteration.

Started from PCA (Kobak, Berens 2019); early exaggeration, momentum and gains as scikit-learn has them; exact
neighbours; repulsion by FFT. On 10,000 points several times faster than scikit-learn (benchmarks/map_core.py).
"""

import numpy as np
import scipy  # its parts come when they are first used: none is imported before the first page

from fmnist_core.embedding.layout import Layout, OnIteration, pca_start, trivial
from fmnist_core.embedding.neighbours import AskedToStop, Metric, Neighbours, nearest
from fmnist_core.embedding.repulsion import Repulsion

ITERATIONS = 1_000
PERPLEXITY = 30.0
EXAGGERATION = 12.0
EARLY = 250  # iterations of early exaggeration, at most half of all
MOMENTA = (0.5, 0.8)  # during and after early exaggeration
SMALLEST_GAIN = 0.01
SMALLEST_LEARNING_RATE = 50.0
START_DEVIATION = 1e-4  # of the first coordinate at the start: small, so that the points can still pass each other
JITTER = 0.01  # of that deviation: points with the same place could never part
BISECTIONS = 64


def tsne(
    vectors: np.ndarray,
    dims: int = 2,
    *,
    perplexity: float = PERPLEXITY,
    learning_rate: float | None = None,
    early_exaggeration: float = EXAGGERATION,
    iterations: int = ITERATIONS,
    metric: Metric = "euclidean",
    seed: int = 0,
    on_iteration: OnIteration = lambda iteration, coordinates: None,
) -> Layout:
    """Lays out (n, d) vectors so that near ones stay near.

    Args:
        perplexity: about how many neighbours each point minds; lowered to (n - 1) / 3, and a note says so.
        learning_rate: None is n / early_exaggeration / 4, at least 50 (Belkina et al. 2019).
        seed: of the jitter at the start.

    Raises:
        ValueError: no vectors, values that are not finite, a parameter outside its range.
    """
    _check(perplexity, learning_rate, early_exaggeration, iterations)
    start = pca_start(vectors, dims)
    if on_iteration(0, start):
        return Layout(start, 0, stopped=True)
    if (simple := trivial(start, "t-SNE")) is not None:
        return simple
    notes = []
    most = (len(start) - 1) / 3
    if perplexity > most:
        notes.append(f"The perplexity was lowered from {perplexity:g} to {most:.4g}: only {len(start)} pictures.")
        perplexity = most
    try:
        count = int(3 * perplexity)
        found = nearest(vectors, count, metric, lambda share: on_iteration(0, start))
    except AskedToStop:
        return Layout(start, 0, stopped=True, notes=tuple(notes))
    affinities = _affinities(found, perplexity)
    noise = np.random.default_rng(seed).normal(scale=JITTER * START_DEVIATION, size=start.shape)
    placed = (start / (start[:, 0].std() / START_DEVIATION) + noise).astype(np.float32)
    rate = learning_rate or max(len(start) / early_exaggeration / 4, SMALLEST_LEARNING_RATE)
    coordinates, done, stopped = _descend(affinities, placed, rate, early_exaggeration, iterations, on_iteration)
    return Layout(coordinates, done, stopped, tuple(notes), found.indices)


def _check(perplexity: float, learning_rate: float | None, early_exaggeration: float, iterations: int) -> None:
    for name, value, low in (
        ("perplexity", perplexity, 1.0),
        ("learning rate", learning_rate if learning_rate is not None else 1.0, 1e-3),
        ("early exaggeration", early_exaggeration, 1.0),
        ("number of iterations", iterations, 1),
    ):
        if not low <= value < 1e6:
            raise ValueError(f"The {name} of t-SNE cannot be {value:g}. Expected {low:g} or more, below a million.")


def _affinities(found: Neighbours, perplexity: float) -> "scipy.sparse.csr_array":
    """Symmetric (n, n), sums to 1: how much each pair attracts, the upper half of it.

    Each point's neighbours weigh exp(-beta distance squared), with the beta that gives the perplexity.
    """
    squared = found.distances.astype(np.float64) ** 2
    squared -= squared[:, :1]  # the same weights, and exp cannot underflow for all
    low, high = np.zeros(len(squared)), np.full(len(squared), np.inf)
    means = squared.mean(axis=1)
    beta = 1 / np.where(means > 0, means, 1)
    for _ in range(BISECTIONS):
        weights = np.exp(-squared * beta[:, None])
        sums = weights.sum(axis=1)
        entropies = np.log(sums) + beta * (squared * weights).sum(axis=1) / sums
        wide = entropies > np.log(perplexity)
        low, high = np.where(wide, beta, low), np.where(wide, high, beta)
        beta = np.where(np.isinf(high), beta * 2, (low + high) / 2)
    n, k = squared.shape
    rows = np.repeat(np.arange(n), k)
    directed = scipy.sparse.coo_array(
        ((weights / sums[:, None]).ravel(), (rows, found.indices.ravel())), (n, n)
    ).tocsr()
    return scipy.sparse.triu(directed + directed.T, 1, format="csr") / (2 * n)


def _descend(
    affinities: "scipy.sparse.csr_array",
    coordinates: np.ndarray,
    learning_rate: float,
    exaggeration: float,
    iterations: int,
    on_iteration: OnIteration,
) -> tuple[np.ndarray, int, bool]:
    """Gradient descent; returns the coordinates, the number of finished iterations, and whether it was stopped."""
    attract = _Attraction(affinities)
    repel = Repulsion(coordinates.shape[1])
    early = min(EARLY, iterations // 2)
    speed, gains = np.zeros_like(coordinates), np.ones_like(coordinates)
    for done in range(1, iterations + 1):
        pulls = attract(coordinates)
        pushes, total = repel(coordinates)
        if done <= early:
            pulls *= np.float32(exaggeration)
        gradient = 4 * (pulls - pushes / np.float32(total))
        gains = np.where(speed * gradient < 0, gains + np.float32(0.2), gains * np.float32(0.8))
        np.maximum(gains, SMALLEST_GAIN, out=gains)
        speed = np.float32(MOMENTA[done > early]) * speed - np.float32(learning_rate) * gains * gradient
        coordinates = coordinates + speed
        coordinates -= coordinates.mean(axis=0)
        if on_iteration(done, coordinates):
            return coordinates, done, True
    return coordinates, iterations, False


class _Attraction:
    """The pull on i: the sum over its neighbours j of p_ij (y_i - y_j) / (1 + |y_i - y_j|^2)."""

    def __init__(self, affinities: "scipy.sparse.csr_array"):
        self._weights = affinities.data.astype(np.float32)
        self._counts = np.diff(affinities.indptr)
        self._columns = affinities.indices.astype(np.int64)
        self._pairs = scipy.sparse.csr_array(
            (self._weights.copy(), affinities.indices, affinities.indptr), affinities.shape, dtype=np.float32
        )
        self._mirrored = self._pairs.T  # shares the values

    def __call__(self, coordinates: np.ndarray) -> np.ndarray:
        squared = np.ones_like(self._weights)
        for axis in range(coordinates.shape[1]):
            along = np.ascontiguousarray(coordinates[:, axis])
            difference = np.repeat(along, self._counts)
            difference -= along[self._columns]
            difference *= difference
            squared += difference
        np.divide(self._weights, squared, out=self._pairs.data)
        extended = np.concatenate([coordinates, np.ones((len(coordinates), 1), np.float32)], axis=1)
        sums = self._pairs @ extended + self._mirrored @ extended
        return sums[:, -1:] * coordinates - sums[:, :-1]
