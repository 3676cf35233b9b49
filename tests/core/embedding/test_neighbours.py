"""Neighbours, trust, axes, alignment and landing: against brute force, scikit-learn and what must be true.

Run: python -m pytest tests/core/embedding/test_neighbours.py
"""

import time

import numpy as np
import pytest
from sklearn import manifold, neighbors

from fmnist_core.embedding.alignment import align, align_sequence
from fmnist_core.embedding.axes import custom_axis, spherize
from fmnist_core.embedding.landing import land
from fmnist_core.embedding.neighbours import AskedToStop, nearest, nearest_to
from fmnist_core.embedding.quality import (
    continuity,
    heaps,
    kept_neighbours,
    knn_accuracy,
    shown_neighbours,
    trustworthiness,
)

both = pytest.mark.parametrize("metric", ["euclidean", "cosine"])


def points(n: int = 300, d: int = 8, seed: int = 0) -> np.ndarray:
    """Far from the origin, where the rounding of squared lengths hurts."""
    return (np.random.default_rng(seed).normal(size=(n, d)) + 20).astype(np.float32)


# Neighbours


@both
def test_neighbours_are_those_of_brute_force(metric, monkeypatch):
    from fmnist_core.embedding import neighbours

    monkeypatch.setattr(neighbours, "PAIRS_AT_ONCE", 10_000)  # several chunks
    vectors = points()
    found = nearest(vectors, 7, metric)
    search = neighbors.NearestNeighbors(n_neighbors=8, metric=metric, algorithm="brute").fit(vectors.astype(np.float64))
    distances, indices = search.kneighbors(vectors.astype(np.float64))
    np.testing.assert_array_equal(found.indices, indices[:, 1:])
    np.testing.assert_allclose(found.distances, distances[:, 1:], atol=1e-6 if metric == "cosine" else 1e-4)
    assert found.distances.dtype == np.float32


@both
def test_a_question_may_find_itself(metric):
    vectors = points()
    found = nearest_to(vectors[[5, 17]], vectors, 3, metric)
    np.testing.assert_array_equal(found.indices[:, 0], [5, 17])
    np.testing.assert_allclose(found.distances[:, 0], 0, atol=1e-7)
    np.testing.assert_array_equal(found.indices[:, 1:], nearest(vectors, 2, metric).indices[[5, 17]])


@both
def test_equal_distances_come_in_the_order_of_their_indices(metric):
    vectors = np.repeat(points(3), 40, axis=0)
    found = nearest(vectors, 5, metric)
    np.testing.assert_array_equal(found.indices[0], [1, 2, 3, 4, 5])
    np.testing.assert_array_equal(found.indices[41], [40, 42, 43, 44, 45])
    np.testing.assert_allclose(found.distances, 0, atol=1e-7)


def test_there_are_no_more_neighbours_than_points():
    assert nearest(points(4), 10).indices.shape == (4, 3)
    assert nearest(points(1), 10).indices.shape == (1, 0)
    assert nearest(points(0), 10).indices.shape == (0, 0)
    assert nearest_to(points(2), points(4), 10).indices.shape == (2, 4)
    assert nearest_to(points(0), points(4), 2).indices.shape == (0, 2)


def test_a_vector_of_zeros_is_no_trouble():
    vectors = np.concatenate([np.zeros((1, 8), np.float32), points(20)])
    found = nearest(vectors, 20, "cosine")
    np.testing.assert_allclose(found.distances[0], 1, atol=1e-6)
    assert (found.indices[1:, -1] == 0).all()


def test_neighbours_refuse_in_a_sentence():
    with pytest.raises(ValueError, match="number of neighbours cannot be 0"):
        nearest(points(), 0)
    with pytest.raises(ValueError, match="Unknown metric 'manhattan'. Choose one of: euclidean, cosine"):
        nearest(points(), 3, "manhattan")
    with pytest.raises(ValueError, match="finite values"):
        nearest(np.full((5, 2), np.nan, np.float32), 3)
    with pytest.raises(ValueError, match="expected rows of 8 values"):
        nearest_to(points(3, 7), points(), 2)


def test_a_long_search_can_be_stopped():
    with pytest.raises(AskedToStop):
        nearest(points(), 3, on_progress=lambda share: True)


def test_one_question_among_70_000_takes_a_moment():
    vectors = points(70_000, 64)
    nearest_to(vectors[:1], vectors, 12)
    times = []
    for _ in range(5):
        start = time.process_time()
        nearest_to(vectors[:1], vectors, 500)
        times.append(time.process_time() - start)
    assert min(times) < 0.25  # of both cores; 0.03 s on an idle machine


# Trust


def test_trustworthiness_is_that_of_scikit_learn():
    vectors, shown = points(), points(300, 2, seed=1)
    for count in (1, 5, 20):
        theirs = manifold.trustworthiness(vectors, shown, n_neighbors=count)
        assert trustworthiness(vectors, shown, count) == pytest.approx(theirs, abs=1e-9)
        back = manifold.trustworthiness(shown, vectors, n_neighbors=count)
        assert continuity(vectors, shown, count) == pytest.approx(back, abs=1e-9)
    theirs = manifold.trustworthiness(vectors - 20, shown, n_neighbors=5, metric="cosine")
    assert trustworthiness(vectors - 20, shown, 5, "cosine") == pytest.approx(theirs, abs=1e-5)


def test_a_layout_that_keeps_everything_is_trusted():
    plane = points(200, 2)
    turned = plane @ np.array([[0, 1], [-1, 0]], np.float32) * 3
    assert trustworthiness(plane, turned) == continuity(plane, turned) == 1
    kept = kept_neighbours(nearest(plane, 10).indices, nearest(turned, 10).indices)
    np.testing.assert_array_equal(kept, np.ones(200, np.float32))


def test_a_sample_estimates_trust(monkeypatch):
    from fmnist_core.embedding import quality

    vectors, shown = points(2_500), points(2_500, 2, seed=1)
    exact = trustworthiness(vectors, shown)
    monkeypatch.setattr(quality, "EXACT_ROWS", 2_000)
    estimate = trustworthiness(vectors, shown)
    assert estimate != exact and estimate == pytest.approx(exact, abs=0.01)


def test_kept_neighbours_are_counted_whatever_their_order():
    original = np.array([[1, 2, 3, 4], [0, 2, 3, 4]])
    shown = np.array([[4, 9, 1, 8], [5, 6, 7, 8]])
    np.testing.assert_array_equal(kept_neighbours(original, shown), np.array([0.5, 0], np.float32))
    with pytest.raises(ValueError, match="cannot be compared"):
        kept_neighbours(original, shown[:, :2])


@pytest.mark.parametrize("n", [1, 2])
def test_too_few_points_have_no_figures(n):
    assert trustworthiness(points(n), points(n, 2)) is None
    assert continuity(points(n), points(n, 2)) is None
    assert kept_neighbours(nearest(points(n), 3).indices, nearest(points(n, 2), 3).indices).tolist() == [1] * n


def test_neighbours_in_a_layout_are_the_nearest_others():
    shown = points(300, 2)
    np.testing.assert_array_equal(shown_neighbours(shown, 7), nearest(shown, 7).indices)
    at_one_place = shown_neighbours(np.zeros((50, 2)), 7)
    assert at_one_place.shape == (50, 7) and not (at_one_place == np.arange(50)[:, None]).any()
    assert shown_neighbours(shown[:1], 7).shape == (1, 0)


def test_knn_accuracy_is_that_of_scikit_learn():
    shown = points(300, 2)
    labels = (shown[:, 0] > 20).astype(np.uint8) + (np.arange(300) % 7 == 0)
    found = neighbors.NearestNeighbors(n_neighbors=10).fit(shown).kneighbors(return_distance=False)
    voted = [np.bincount(labels[row]).argmax() for row in found]
    assert knn_accuracy(shown, labels) == pytest.approx((voted == labels).mean())
    assert knn_accuracy(shown[:1], labels[:1]) is None


# Axes


def test_a_custom_axis_leads_from_one_centroid_to_the_other():
    vectors = points(60, 5)
    vectors[30:] += np.array([0, 8, 0, 0, 0], np.float32)
    axis = custom_axis(vectors, np.arange(30), np.arange(60) >= 30)
    assert np.linalg.norm(axis.direction) == pytest.approx(1)
    along = axis.project(vectors)
    assert along[:30].mean() == pytest.approx(-axis.length / 2, abs=1e-4)
    assert along[30:].mean() == pytest.approx(axis.length / 2, abs=1e-4)
    with pytest.raises(ValueError, match="second selection of the axis holds no picture"):
        custom_axis(vectors, np.arange(30), np.arange(0))
    with pytest.raises(ValueError, match="same middle"):
        custom_axis(vectors, np.arange(30), np.arange(30))


def test_spherized_vectors_have_length_one_around_their_mean():
    vectors = points()
    found = spherize(vectors)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
    direction = vectors[3] - vectors.mean(axis=0)
    np.testing.assert_allclose(found[3], direction / np.linalg.norm(direction), atol=1e-5)
    np.testing.assert_array_equal(spherize(np.full((4, 3), 7.3, np.float32)), np.zeros((4, 3)))


# Alignment


@pytest.mark.parametrize("dims", [2, 3])
@pytest.mark.parametrize("mirrored", [False, True])
def test_a_turned_or_mirrored_layout_lies_on_the_other_again(dims, mirrored):
    layout = points(50, dims)
    turn = np.linalg.qr(np.random.default_rng(2).normal(size=(dims, dims)))[0]
    if (np.linalg.det(turn) < 0) != mirrored:
        turn[:, 0] *= -1
    moved = (layout @ turn * 3 + 5).astype(np.float32)
    np.testing.assert_allclose(align(moved, layout, scale=True), layout, atol=1e-3)
    same_size = align(moved, layout)
    spread = np.linalg.norm(same_size - same_size.mean(axis=0)) / np.linalg.norm(layout - layout.mean(axis=0))
    assert spread == pytest.approx(3, rel=1e-4)


def test_a_sequence_does_not_spin():
    layout = points(50, 2)
    angles = np.linspace(0, 3, 7)
    turns = [np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]], np.float32) for a in angles]
    for found in align_sequence([layout @ turn for turn in turns]):
        np.testing.assert_allclose(found, layout, atol=1e-3)
    assert align(np.zeros((0, 2)), np.zeros((0, 2))).shape == (0, 2)
    with pytest.raises(ValueError, match="cannot be aligned"):
        align(layout, layout[1:])


# Landing


def test_a_picture_of_the_map_lands_on_itself():
    vectors, shown = points(), points(300, 2, seed=1)
    found = land(vectors[[4, 9]], vectors, shown)
    np.testing.assert_allclose(found.coordinates, shown[[4, 9]], atol=1e-4)
    np.testing.assert_array_equal(found.indices[:, 0], [4, 9])


def test_a_new_picture_lands_between_those_that_pull_it():
    vectors, shown = points(), points(300, 2, seed=1)
    found = land(points(3, seed=5), vectors, shown)
    assert found.indices.shape == found.weights.shape == (3, 12)
    np.testing.assert_allclose(found.weights.sum(axis=1), 1, atol=1e-6)
    assert (np.diff(found.weights, axis=1) <= 0).all()
    ratio = found.weights[:, 0] / found.weights[:, 5]
    np.testing.assert_allclose(ratio, (found.distances[:, 5] / found.distances[:, 0]) ** 2, rtol=1e-4)
    mean = (found.weights[..., None] * shown[found.indices]).sum(axis=1)
    np.testing.assert_allclose(found.coordinates, mean, atol=1e-4)


def test_classes_that_lie_within_each_other_are_one_heap():
    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(5), 200)
    middles = np.array([[0, 0], [0.5, 0], [9, 0], [9, 0.5], [0, 9]])  # two pairs and one alone
    places = middles[labels] + rng.normal(size=(1_000, 2))
    assert heaps(places, labels, 5) == [[0, 1], [2, 3]]
    far = np.array([[0, 0], [1.5, 0], [3, 0], [20, 0], [0, 20]])  # each overlaps with the next: one heap of three
    assert heaps(far[labels] + rng.normal(size=(1_000, 2)), labels, 5) == [[0, 1, 2]]
    assert heaps(100 * far[labels] + rng.normal(size=(1_000, 2)), labels, 5) == []
