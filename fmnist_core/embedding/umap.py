"""UMAP (McInnes, Healy, Melville 2018, https://arxiv.org/abs/1802.03426) that shows every epoch.

The same fuzzy neighbourhoods, curve and sampling as the package umap-learn, but in NumPy alone: there is nothing to
compile, so the first frame comes after a second instead of a minute. What differs: neighbours are exact, the start is
PCA, and an epoch's edges move their points in four batches instead of one after the other.
"""

import numpy as np
import scipy  # its parts come when they are first used: none is imported before the first page

from fmnist_core.embedding.layout import Layout, OnIteration, pca_start, trivial
from fmnist_core.embedding.neighbours import AskedToStop, Metric, Neighbours, nearest

NEIGHBOURS = 15
MIN_DIST = 0.1
SPREAD = 1.0
EPOCHS, EPOCHS_OF_MANY, MANY = 500, 200, 10_000  # as umap-learn: fewer for more than 10,000 points
NEGATIVE_SAMPLES = 5  # for each edge
LARGEST_STEP = 4.0
BATCHES = 4  # an epoch; with one, points that many edges pull overshoot
START_EXTENT = 10.0
JITTER = 1e-4
LABEL_DISTANCE = 5.0  # umap-learn's far_dist at its default target_weight of 0.5
BISECTIONS = 64
SMALLEST_SCALE = 1e-3  # of the mean distance


def umap(
    vectors: np.ndarray,
    dims: int = 2,
    *,
    n_neighbors: int = NEIGHBOURS,
    min_dist: float = MIN_DIST,
    metric: Metric = "euclidean",
    labels: np.ndarray | None = None,
    iterations: int | None = None,
    seed: int = 0,
    on_iteration: OnIteration = lambda iteration, coordinates: None,
) -> Layout:
    """Lays out (n, d) vectors so that near ones stay near, and gaps between groups show.

    Args:
        n_neighbors: how many each point minds, itself included; lowered to n - 1, and a note says so.
        min_dist: how near points may lie, 0 to below 1.
        labels: (n,) whole numbers: supervised, neighbours of another label are moved away. None: not.
        iterations: epochs; None is 500 up to 10,000 points, else 200.
        seed: of the sampling and the jitter at the start.

    Raises:
        ValueError: no vectors, values that are not finite, a parameter outside its range.
    """
    _check(n_neighbors, min_dist, iterations)
    start = pca_start(vectors, dims)
    if on_iteration(0, start):
        return Layout(start, 0, stopped=True)
    if (simple := trivial(start, "UMAP")) is not None:
        return simple
    notes = []
    if n_neighbors > len(start) - 1:
        notes.append(f"The neighbours were lowered from {n_neighbors} to {len(start) - 1}: there are no more pictures.")
        n_neighbors = len(start) - 1
    try:
        found = nearest(vectors, n_neighbors - 1, metric, lambda share: on_iteration(0, start))
    except AskedToStop:
        return Layout(start, 0, stopped=True, notes=tuple(notes))
    graph = _fuzzy_graph(found, n_neighbors, labels)
    epochs = iterations or (EPOCHS if len(start) <= MANY else EPOCHS_OF_MANY)
    coordinates, done, stopped = _optimise(graph, start, fit_curve(min_dist), epochs, seed, on_iteration)
    return Layout(coordinates, done, stopped, tuple(notes), found.indices)


def _check(n_neighbors: int, min_dist: float, iterations: int | None) -> None:
    if not 2 <= n_neighbors <= 1_000:
        raise ValueError(f"n_neighbors of UMAP cannot be {n_neighbors}. Expected 2 to 1,000.")
    if not 0 <= min_dist < SPREAD:
        raise ValueError(f"The smallest distance of UMAP cannot be {min_dist:g}. Expected 0 to below 1.")
    if iterations is not None and not 1 <= iterations <= 100_000:
        raise ValueError(f"The number of iterations of UMAP cannot be {iterations}. Expected 1 to 100,000.")


def fit_curve(min_dist: float) -> tuple[float, float]:
    """a and b of 1 / (1 + a r^2b), the nearest to 1 up to min_dist and exp(min_dist - r) beyond."""
    distances = np.linspace(0, 3 * SPREAD, 300)
    wanted = np.where(distances < min_dist, 1, np.exp((min_dist - distances) / SPREAD))
    a, b = scipy.optimize.curve_fit(lambda r, a, b: 1 / (1 + a * r ** (2 * b)), distances, wanted)[0]
    return float(a), float(b)


def _fuzzy_graph(found: Neighbours, n_neighbors: int, labels: np.ndarray | None) -> "scipy.sparse.csr_array":
    """Symmetric (n, n), values in 0..1: how surely two points are neighbours."""
    distances = found.distances.astype(np.float64)
    nearest_other = np.where(distances > 0, distances, np.inf).min(axis=1)
    nearest_other[np.isinf(nearest_other)] = 0
    beyond = np.maximum(distances - nearest_other[:, None], 0)
    low, high, scale = np.zeros(len(beyond)), np.full(len(beyond), np.inf), np.ones(len(beyond))
    for _ in range(BISECTIONS):
        large = np.exp(-beyond / scale[:, None]).sum(axis=1) > np.log2(n_neighbors)
        low, high = np.where(large, low, scale), np.where(large, scale, high)
        scale = np.where(np.isinf(high), scale * 2, (low + high) / 2)
    scale = np.maximum(scale, SMALLEST_SCALE * np.where(nearest_other > 0, distances.mean(axis=1), distances.mean()))
    weights = np.exp(-beyond / np.where(scale > 0, scale, 1)[:, None])
    n, k = weights.shape
    rows, columns = np.repeat(np.arange(n), k), found.indices.ravel()
    graph = _union(scipy.sparse.coo_array((weights.ravel(), (rows, columns)), (n, n)).tocsr())
    if labels is None:
        return graph
    edges = graph.tocoo()
    edges.data *= np.where(labels[edges.row] == labels[edges.col], 1, np.exp(-LABEL_DISTANCE))
    largest = edges.max(axis=1).toarray().ravel()
    edges.data /= largest[edges.row]  # each point is surely a neighbour of its nearest again
    return _union(edges.tocsr())


def _union(directed: "scipy.sparse.csr_array") -> "scipy.sparse.csr_array":
    """An edge is there if one of two points or the other says so: p + q - p q."""
    return directed + directed.T - directed * directed.T


def _optimise(
    graph: "scipy.sparse.csr_array",
    start: np.ndarray,
    curve: tuple[float, float],
    epochs: int,
    seed: int,
    on_iteration: OnIteration,
) -> tuple[np.ndarray, int, bool]:
    """Samples each edge as often as it is sure; returns the coordinates, finished epochs, whether it was stopped."""
    edges = graph.tocoo()
    shares = edges.data / edges.data.max()
    kept = shares >= 1 / epochs  # the others would not be sampled once
    heads, tails, shares = edges.row[kept].astype(np.int64), edges.col[kept].astype(np.int64), shares[kept]
    random = np.random.default_rng(seed)
    placed = start * (START_EXTENT / np.abs(start).max()) + random.normal(scale=JITTER, size=start.shape)
    axes = np.ascontiguousarray(placed.T, np.float32)
    for epoch in range(epochs):
        due = np.flatnonzero(np.floor((epoch + 1) * shares + 1e-9) > np.floor(epoch * shares + 1e-9))
        step = np.float32(1 - epoch / epochs)
        for batch in np.array_split(random.permutation(due), BATCHES):
            strangers = random.integers(0, len(start), (len(batch), NEGATIVE_SAMPLES))
            _move(axes, heads[batch], tails[batch], strangers, curve, step)
        shown = axes.T - axes.mean(axis=1)
        if on_iteration(epoch + 1, shown):
            return shown, epoch + 1, True
    return shown, epochs, False


def _move(
    axes: np.ndarray,
    heads: np.ndarray,
    tails: np.ndarray,
    strangers: np.ndarray,
    curve: tuple[float, float],
    step: np.float32,
) -> None:
    """Pulls the ends of edges together and pushes heads away from strangers, in place; axes: (dims, n) float32."""
    a, b = np.float32(curve[0]), np.float32(curve[1])
    n = axes.shape[1]
    apart = [along[heads] - along[tails] for along in axes]
    squared = sum(np.square(difference) for difference in apart)
    power = squared**b
    pull = -2 * a * b * power / (np.where(squared > 0, squared, 1) * (a * power + 1))
    apart_strangers = [along[heads][:, None] - along[strangers] for along in axes]
    squared = sum(np.square(difference) for difference in apart_strangers)
    push = 2 * b / ((np.float32(0.001) + squared) * (a * squared**b + 1))
    for along, difference, from_strangers in zip(axes, apart, apart_strangers, strict=True):
        pulled = np.clip(pull * difference, -LARGEST_STEP, LARGEST_STEP)
        pushed = np.clip(push * from_strangers, -LARGEST_STEP, LARGEST_STEP).sum(axis=1)
        along += step * (np.bincount(heads, pulled + pushed, n) - np.bincount(tails, pulled, n)).astype(np.float32)
