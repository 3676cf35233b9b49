"""Confident learning, near-duplicates and faint pictures, held against what can be worked out by hand.

Run: python -m pytest tests/core/analysis/test_confident_learning.py
"""

import numpy as np
import pytest

from fmnist_core.analysis import confident_learning

# Labels 0 0 0 1 1 1. Mean self-confidence: class 0 (.9 + .8 + .1) / 3 = .6, class 1 (.8 + .7 + .3) / 3 = .6.
LABELS = np.array([0, 0, 0, 1, 1, 1])
FIRST = np.array([0.9, 0.8, 0.1, 0.2, 0.3, 0.7])
PROBABILITIES = np.stack([FIRST, 1 - FIRST], axis=1)


def test_confident_learning_by_hand():
    found = confident_learning.confident_learning(LABELS, PROBABILITIES)
    np.testing.assert_allclose(found.thresholds, [0.6, 0.6])
    assert found.guess.tolist() == [0, 0, 1, 1, 1, 0]
    assert found.joint.tolist() == [[2, 1], [1, 2]]
    assert np.flatnonzero(found.doubted(LABELS)).tolist() == [2, 5]
    # Margins .8 .6 -.8 .6 .4 -.4: the third is the most suspicious, then the last; equal ones by position.
    scores = confident_learning.margins(LABELS, PROBABILITIES)
    np.testing.assert_allclose(scores, [0.8, 0.6, -0.8, 0.6, 0.4, -0.4])
    assert confident_learning.ranking(np.round(scores, 9)).tolist() == [2, 5, 4, 1, 3, 0]
    np.testing.assert_allclose(
        confident_learning.self_confidence(LABELS, PROBABILITIES), [0.9, 0.8, 0.1, 0.8, 0.7, 0.3]
    )


def test_where_several_thresholds_are_reached_the_largest_probability_wins():
    labels = np.array([0, 1, 2, 0])
    values = np.array([[0.3, 0.45, 0.25], [0.2, 0.4, 0.4], [0.4, 0.35, 0.25], [0.2, 0.2, 0.6]])
    # Thresholds .25, .4, .25. The first reaches all three; the second 1 and 2 alike, and the first of these counts.
    found = confident_learning.confident_learning(labels, values)
    np.testing.assert_allclose(found.thresholds, [0.25, 0.4, 0.25])
    assert found.guess.tolist() == [1, 1, 0, 2]
    assert found.joint.tolist() == [[0, 1, 1], [0, 1, 0], [1, 0, 0]]


def test_who_reaches_no_threshold_is_not_counted():
    labels = np.array([0, 0, 1, 1])
    values = np.array([[0.9, 0.1], [0.55, 0.45], [0.1, 0.9], [0.45, 0.55]])
    found = confident_learning.confident_learning(labels, values)  # thresholds .725
    assert found.guess.tolist() == [0, -1, 1, -1] and found.joint.tolist() == [[1, 0], [0, 1]]
    assert not found.doubted(labels).any()


def test_a_class_that_no_picture_has():
    values = np.array([[0.6, 0.1, 0.3], [0.2, 0.1, 0.7], [0.1, 0.8, 0.1]])
    found = confident_learning.confident_learning(np.array([0, 2, 2]), values)
    assert np.isinf(found.thresholds[1]) and not found.joint[:, 1].any() and (found.guess != 1).all()


def test_all_right_all_wrong_and_one_picture():
    labels = np.arange(4)
    right = confident_learning.confident_learning(labels, np.eye(4))
    assert right.joint.tolist() == np.eye(4).tolist() and not right.doubted(labels).any()
    wrong = confident_learning.confident_learning(
        labels, np.eye(4)[::-1]
    )  # thresholds 0: all reach all, the largest wins
    assert wrong.guess.tolist() == [3, 2, 1, 0] and wrong.doubted(labels).all()
    assert (confident_learning.margins(labels, np.eye(4)[::-1]) == -1).all()
    one = confident_learning.confident_learning(np.array([1]), np.array([[0.5, 0.5]]))
    assert one.guess.tolist() == [1] and confident_learning.margins(np.array([1]), np.array([[0.5, 0.5]])).tolist() == [
        0
    ]


@pytest.mark.parametrize(
    ("labels", "values", "sentence"),
    [
        ([0], [[np.nan, 1]], "not finite"),
        ([0], [[2.0, -1.0]], "sum to 1"),
        ([0], [[0.2, 0.2]], "Were these logits"),
        ([2], [[0.5, 0.5]], "0 to 1. Received: 2 to 2"),
        ([0, 1], [[0.5, 0.5]], r"Received: \(2,\) and \(1, 2\)"),
        ([0], [[1.0]], "at least two probabilities"),
    ],
)
def test_what_is_no_probability_is_refused(labels, values, sentence):
    for function in (
        confident_learning.confident_learning,
        confident_learning.margins,
        confident_learning.self_confidence,
    ):
        with pytest.raises(ValueError, match=sentence):
            function(np.array(labels), np.array(values))


def test_no_pictures_are_refused():
    with pytest.raises(ValueError, match="no pictures to audit"):
        confident_learning.margins(np.zeros(0, int), np.zeros((0, 10)))


def test_folds_are_stratified_seeded_and_even():
    labels = np.random.default_rng(0).permutation(np.repeat(np.arange(3), [50, 25, 7]))
    folds = confident_learning.stratified_folds(labels, 5, 3)
    np.testing.assert_array_equal(folds, confident_learning.stratified_folds(labels, 5, 3))
    assert (folds != confident_learning.stratified_folds(labels, 5, 4)).any()
    assert np.ptp(np.bincount(folds)) <= 1 and len(np.bincount(folds)) == 5
    assert all(np.ptp(np.bincount(folds[labels == one], minlength=5)) <= 1 for one in range(3))
    for count in (1, 83):
        with pytest.raises(ValueError, match=f"2 to 82 folds of 82 pictures. Received: {count}"):
            confident_learning.stratified_folds(labels, count)


@pytest.mark.long
def test_near_duplicates_are_those_that_comparing_all_finds():
    generator = np.random.default_rng(1)
    kinds = generator.integers(0, 256, (40, 28, 28))
    noise = generator.integers(-30, 31, (600, 28, 28)) * generator.random((600, 1, 1))
    images = np.clip(kinds[generator.integers(0, 40, 600)] + noise, 0, 255).astype(np.uint8)
    images[500:] = images[:100]  # and a hundred that are one
    flat = images.reshape(600, -1) / 255
    distances = np.sqrt(((flat[:, None] - flat[None]) ** 2).mean(axis=2))
    first, second = np.nonzero(np.triu(distances < 0.04, 1))
    order = np.lexsort((second, first, np.round(distances[first, second], 9)))
    shares = []
    found = confident_learning.near_duplicates(images, 0.04, shares.append)
    assert len(first) > 300 and shares[-1] == 1
    np.testing.assert_allclose(found.distances, distances[first, second][order], atol=1e-9)
    assert set(zip(found.first, found.second, strict=True)) == set(zip(first, second, strict=True))
    labels = np.arange(600) % 2
    np.testing.assert_array_equal(found.conflicting(labels), (found.second - found.first) % 2 == 1)


def test_few_pictures_have_few_pairs():
    images = np.zeros((3, 28, 28), np.uint8)
    images[1, 0, 0], images[2] = 28, 255  # 28 / 255 in one of 784 pixels: 28 / 255 / 28
    found = confident_learning.near_duplicates(images, 0.0040)
    assert (found.first.tolist(), found.second.tolist()) == ([0], [1])
    assert found.distances[0] == pytest.approx(1 / 255)
    assert not len(confident_learning.near_duplicates(images, 1 / 255).first)  # below it, not at it
    assert not len(confident_learning.near_duplicates(images[:1], 0.1).first) and not len(
        confident_learning.near_duplicates(images[:0], 1).first
    )
    for distance in (0, -1, float("nan")):
        with pytest.raises(ValueError, match="above 0"):
            confident_learning.near_duplicates(images, distance)


def test_what_shows_little():
    images = np.zeros((4, 28, 28), np.uint8)
    images[1, :2] = 200  # 56 pixels
    images[2, 4:24, 4:24] = 100  # all alike
    images[3, 4:24, 4:14], images[3, 4:24, 14:24] = 60, 220
    found = confident_learning.faint(images)
    assert found.lit.tolist() == [0, 56, 400, 400]
    np.testing.assert_allclose(found.contrast, [0, 0, 0, 160 / 255])
    assert found.few.tolist() == [True, True, False, False] and found.flat.tolist() == [True, True, True, False]


def test_the_score_if_one_is_right():
    labels, called = np.array([0, 1, 2, 3]), np.array([0, 2, 2, 0])
    before = confident_learning.score_if_right(labels, called, {})
    assert (before.right, before.pictures, before.accuracy) == (2, 4, 0.5)
    after = confident_learning.score_if_right(labels, called, {1: 2, 0: 5}, np.array([3]))
    assert (after.right, after.pictures) == (2, 3) and after.interval[0] < 2 / 3 < after.interval[1]
    nothing = confident_learning.score_if_right(labels, called, {}, np.arange(4))
    assert np.isnan(nothing.accuracy) and nothing.interval == (0, 1)
    assert labels.tolist() == [0, 1, 2, 3]
    with pytest.raises(ValueError, match="0 to 3. Received: 4 to 4"):
        confident_learning.score_if_right(labels, called, {4: 0})
    with pytest.raises(ValueError, match="as many"):
        confident_learning.score_if_right(labels, called[:2], {})


def test_the_nearest_pictures():
    images = np.random.default_rng(2).integers(0, 256, (50, 28, 28)).astype(np.uint8)
    images[7] = images[3]
    distances = np.sqrt((((images / 255) - images[3] / 255) ** 2).mean(axis=(1, 2)))
    found, how_far = confident_learning.nearest_pictures(images[3], images, 5)
    assert found.tolist() == np.argsort(distances, kind="stable")[:5].tolist() and found[:2].tolist() == [3, 7]
    np.testing.assert_allclose(how_far, np.sort(distances)[:5], atol=1e-12)
