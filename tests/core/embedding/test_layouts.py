"""t-SNE and UMAP: forces against brute force, groups that separate, and what happens at the edges.

Run: python -m pytest tests/core/embedding/test_layouts.py
"""

import numpy as np
import pytest
from sklearn import manifold

from fmnist_core.embedding import repulsion
from fmnist_core.embedding.neighbours import nearest
from fmnist_core.embedding.quality import knn_accuracy, trustworthiness
from fmnist_core.embedding.repulsion import Repulsion
from fmnist_core.embedding.tsne import _affinities, tsne
from fmnist_core.embedding.umap import fit_curve, umap

methods = pytest.mark.parametrize("method", [tsne, umap], ids=["tsne", "umap"])


def groups(n: int = 200, d: int = 10, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Four groups, apart from each other by more than they are wide."""
    random = np.random.default_rng(seed)
    labels = np.arange(n) % 4
    return (random.normal(size=(n, d)) + 10 * random.normal(size=(4, d))[labels]).astype(np.float32), labels


# Forces


@pytest.mark.parametrize(("dims", "allowed"), [(2, 0.03), (3, 0.12)])
def test_the_grid_pushes_as_all_pairs_do(dims, allowed, monkeypatch):
    shown = (np.random.default_rng(0).normal(size=(700, dims)) * 6).astype(np.float32)
    found, total = Repulsion(dims)(shown)
    monkeypatch.setattr(repulsion, "EXACT_POINTS", len(shown))
    pushes, exact = Repulsion(dims)(shown)
    difference = shown[3] - shown
    by_hand = (difference / (1 + (difference**2).sum(axis=1, keepdims=True)) ** 2).sum(axis=0)
    np.testing.assert_allclose(pushes[3], by_hand, rtol=1e-4)
    assert total == pytest.approx(exact, rel=0.02)
    assert np.square(found - pushes).sum() < allowed**2 * np.square(pushes).sum()


def test_the_grid_serves_layouts_of_any_width():
    push = Repulsion(2)
    shown = np.random.default_rng(0).normal(size=(700, 2)).astype(np.float32)
    for width in (1e-4, 1, 3e3, 1):
        fresh, again = Repulsion(2)(shown * np.float32(width)), push(shown * np.float32(width))
        np.testing.assert_allclose(fresh[0], again[0], rtol=0.2, atol=0.02 * np.abs(fresh[0]).max())
        assert push._nodes <= repulsion.MOST_NODES[2] * 1.2


def test_affinities_are_those_of_scikit_learn():
    from sklearn.manifold._t_sne import _joint_probabilities_nn

    vectors, _ = groups()
    found = _affinities(nearest(vectors, 30), 10)
    search = manifold._t_sne.NearestNeighbors(n_neighbors=30).fit(vectors)
    graph = search.kneighbors_graph(mode="distance")
    graph.data **= 2
    theirs = _joint_probabilities_nn(graph, 10, 0).toarray()
    np.testing.assert_allclose((found + found.T).toarray(), theirs, atol=1e-6)
    assert 2 * found.sum() == pytest.approx(1)


def test_the_curve_is_that_of_the_paper():
    assert fit_curve(0.1) == pytest.approx((1.577, 0.895), abs=1e-3)  # known values of umap-learn's default
    assert fit_curve(0.5) == pytest.approx((0.583, 1.334), abs=1e-3)


# Layouts


@pytest.mark.some(2)
@methods
@pytest.mark.parametrize("dims", [2, 3])
@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
def test_groups_separate(method, dims, metric):
    vectors, labels = groups()
    found = method(vectors, dims, metric=metric, iterations=250)
    assert found.coordinates.shape == (200, dims) and found.coordinates.dtype == np.float32
    assert (found.iterations, found.stopped, found.notes) == (250, False, ())
    assert knn_accuracy(found.coordinates, labels) == 1
    np.testing.assert_allclose(found.coordinates.mean(axis=0), 0, atol=1e-4)


def test_tsne_is_as_good_as_scikit_learn():
    vectors = groups(150, 20)[0] * np.float32(0.3)
    theirs = manifold.TSNE(init="pca", perplexity=20, max_iter=250, random_state=0).fit_transform(vectors)
    ours = tsne(vectors, perplexity=20, iterations=250).coordinates
    assert trustworthiness(vectors, ours) > trustworthiness(vectors, theirs) - 0.005


def test_labels_pull_groups_apart():
    vectors = np.random.default_rng(0).normal(size=(300, 5)).astype(np.float32)
    labels = np.arange(300) % 3
    plain, supervised = (umap(vectors, labels=given, iterations=200).coordinates for given in (None, labels))
    assert knn_accuracy(plain, labels) < 0.5
    assert knn_accuracy(supervised, labels) > 0.9


@methods
def test_a_layout_can_be_made_again(method):
    vectors, _ = groups(100)
    first, again = (method(vectors, iterations=50, seed=3).coordinates for _ in range(2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, method(vectors, iterations=50, seed=4).coordinates)


@methods
def test_every_iteration_is_shown_and_the_first_is_pca(method):
    from fmnist_core.embedding import fit_pca

    vectors, _ = groups(100)
    seen = {}
    found = method(vectors, iterations=20, on_iteration=lambda number, shown: seen.update({number: shown.copy()}))
    assert list(seen) == list(range(21))
    np.testing.assert_allclose(seen[0], fit_pca(vectors, 2).transform(vectors), atol=1e-4)
    np.testing.assert_array_equal(seen[20], found.coordinates)
    steps = [np.abs(seen[number + 1] - seen[number]).max() for number in range(1, 20)]
    assert min(steps) > 0


@methods
def test_stopping_keeps_what_is_there(method):
    vectors, _ = groups(100)
    found = method(vectors, on_iteration=lambda number, shown: number == 7)
    assert (found.iterations, found.stopped) == (7, True) and np.isfinite(found.coordinates).all()
    start = method(vectors, on_iteration=lambda number, shown: True)
    assert (start.iterations, start.stopped) == (0, True) and start.coordinates.any()


# Edges


@methods
@pytest.mark.parametrize("n", [1, 2, 3])
def test_few_points_lie_as_pca_places_them(method, n):
    found = method(groups(n)[0])
    assert found.coordinates.shape == (n, 2) and np.isfinite(found.coordinates).all()
    expected = "lies in the middle" if n == 1 else f"needs 4 pictures or more; these {n} lie as PCA places them"
    assert expected in found.notes[0] and found.coordinates.any() == (n > 1)


@methods
@pytest.mark.parametrize("n", [3, 40])
def test_identical_points_are_one(method, n):
    found = method(np.full((n, 5), 0.3, np.float32))
    np.testing.assert_array_equal(found.coordinates, np.zeros((n, 2)))
    assert found.notes == (f"All {n} pictures have the same values: one point.",)


@methods
def test_some_identical_points_are_no_trouble(method):
    vectors, _ = groups(60)
    vectors[:30] = vectors[0]
    few = {"perplexity": 5} if method is tsne else {}  # so few that all neighbours are the same point
    found = method(vectors, iterations=100, **few)
    assert np.isfinite(found.coordinates).all()


@methods
@pytest.mark.parametrize("n", [4, 5, 12])
def test_too_many_neighbours_are_lowered_with_a_note(method, n):
    found = method(groups(n)[0], iterations=100)
    assert np.isfinite(found.coordinates).all() and found.coordinates.any()
    assert "lowered from" in found.notes[0]


@methods
def test_vectors_of_one_value_make_a_line(method):
    vectors = np.random.default_rng(0).normal(size=(50, 1)).astype(np.float32)
    found = method(vectors, 3, iterations=50)
    assert found.coordinates.shape == (50, 3) and np.isfinite(found.coordinates).all()


@methods
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_values_that_are_not_finite_are_refused(method, value):
    vectors, _ = groups(50)
    vectors[3, 2] = value
    with pytest.raises(ValueError, match="only finite values"):
        method(vectors)


@methods
def test_no_points_are_refused(method):
    with pytest.raises(ValueError, match="at least one picture"):
        method(np.zeros((0, 5), np.float32))


@pytest.mark.parametrize(
    ("method", "parameters", "words"),
    [
        (tsne, {"perplexity": 0.5}, "perplexity of t-SNE cannot be 0.5"),
        (tsne, {"perplexity": float("nan")}, "perplexity of t-SNE cannot be nan"),
        (tsne, {"learning_rate": 0.0}, "learning rate of t-SNE cannot be 0"),
        (tsne, {"early_exaggeration": 0.1}, "early exaggeration of t-SNE cannot be 0.1"),
        (tsne, {"iterations": 0}, "iterations of t-SNE cannot be 0"),
        (tsne, {"dims": 4}, "cannot have 4 dimensions"),
        (umap, {"n_neighbors": 1}, "n_neighbors of UMAP cannot be 1"),
        (umap, {"min_dist": 1.0}, "smallest distance of UMAP cannot be 1"),
        (umap, {"iterations": 0}, "iterations of UMAP cannot be 0"),
        (umap, {"dims": 1}, "cannot have 1 dimensions"),
        (umap, {"metric": "far"}, "Unknown metric 'far'"),
    ],
)
def test_parameters_out_of_range_are_refused(method, parameters, words):
    with pytest.raises(ValueError, match=words):
        method(groups(50)[0], **parameters)
