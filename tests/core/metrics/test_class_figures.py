"""The figures of each class are scikit-learn's, on random and degenerate input; and which pictures stand for a class.

Run: python -m pytest tests/core/metrics/test_class_figures.py
"""

import numpy as np
import pytest
from sklearn import metrics

from fmnist_core.metrics import class_figures, evaluation, scores
from fmnist_core.metrics.class_figures import UNDEFINED

CLASSES = 5


def logits_for(called: np.ndarray, seed: int = 0) -> np.ndarray:
    """Random logits whose largest is that of the class that was called."""
    logits = np.random.default_rng(seed).uniform(0, 1, (len(called), CLASSES))
    logits[np.arange(len(called)), called] += 2
    return logits


def random_case() -> tuple[np.ndarray, np.ndarray]:
    labels, called = np.random.default_rng(5).integers(0, CLASSES, (2, 300))
    return labels, called


EVERY = np.arange(40) % CLASSES
CASES = {
    "random": random_case(),
    "one class is missing": (random_case()[0] % (CLASSES - 1), random_case()[1]),
    "one class is never called": (random_case()[0], random_case()[1] % (CLASSES - 1)),
    "all right": (EVERY, EVERY),
    "all wrong": (EVERY, (EVERY + 1) % CLASSES),
    "one picture": (np.array([2]), np.array([3])),
}


@pytest.mark.parametrize("case", CASES)
def test_figures_are_those_of_scikit_learn(case):
    labels, called = CASES[case]
    logits = logits_for(called)
    found = class_figures.class_figures(logits, labels, CLASSES)
    nan = float("nan")
    expected = metrics.precision_recall_fscore_support(labels, called, labels=range(CLASSES), zero_division=nan)
    for place, one in enumerate(found):
        np.testing.assert_allclose([one.precision.value, one.recall.value], [expected[0][place], expected[1][place]])
        if one.support or (called == place).any():
            assert one.f1.value == pytest.approx(expected[2][place] if expected[2][place] == expected[2][place] else 0)
        else:
            assert np.isnan(one.f1.value)
        assert one.support == expected[3][place]
        for interval in (one.precision, one.recall, one.f1):
            if not np.isnan(interval.value):
                assert 0 <= interval.low <= interval.value <= interval.high <= 1
    if case != "one picture":
        two = metrics.top_k_accuracy_score(labels, logits, k=2, labels=range(CLASSES))
        mean = np.nansum([one.top_two * one.support for one in found]) / len(labels)
        assert mean == pytest.approx(two)


def test_intervals_are_wilsons_and_narrower_with_more_pictures():
    labels, called = CASES["random"]
    one = class_figures.class_figures(logits_for(called), labels, CLASSES)[1]
    right, support = int(((labels == 1) & (called == 1)).sum()), int((labels == 1).sum())
    assert one.recall[1:] == evaluation.wilson_interval(right, support)
    few, many = class_figures.f1_interval(8, 2, 2), class_figures.f1_interval(800, 200, 200)
    assert few.value == many.value == pytest.approx(0.8)
    assert few.high - few.low > 3 * (many.high - many.low)


@pytest.mark.parametrize("pictures", [200, 1_000, 10_000])
@pytest.mark.parametrize("errors", [0.002, 0.01, 0.04])  # of all pictures; a class as easy as Trouser, and as Shirt
def test_f1_interval_holds_the_truth_about_as_often_as_it_says(errors, pictures):
    right, draws = 0.1 - errors / 2, 1_000
    truth, inside = 2 * right / (2 * right + errors), 0
    shares = [right, errors / 2, errors / 2, 1 - right - errors]
    for found, wrongly, missed, _ in np.random.default_rng(1).multinomial(pictures, shares, size=draws):
        one = class_figures.f1_interval(int(found), int(wrongly), int(missed))
        inside += one.low <= truth <= one.high
    assert 0.93 <= inside / draws <= 0.975


def test_f1_of_a_few_faultless_answers_is_not_certain():
    one = class_figures.f1_interval(5, 0, 0)
    assert one.value == one.high == 1 and one.low == pytest.approx(0.722, abs=1e-3)  # Wilson's 0.5655, by hand


def test_most_confused_with():
    labels, called = np.array([0, 0, 0, 0, 1, 2, 2]), np.array([0, 1, 1, 2, 1, 0, 2])
    found = class_figures.class_figures(logits_for(called), labels, CLASSES)
    assert (found[0].called, found[0].called_count, found[0].taken, found[0].taken_count) == (1, 2, 2, 1)
    assert (found[1].called, found[1].taken) == (None, 0)
    assert (found[4].called, found[4].taken, found[4].precision, found[4].f1) == (None, None, UNDEFINED, UNDEFINED)


def test_of_equal_logits_the_first_class_counts():
    assert class_figures.is_among(np.zeros((3, 4)), np.array([0, 1, 2]), 2).tolist() == [True, True, False]


def test_logits_that_are_no_numbers_are_refused():
    with pytest.raises(ValueError, match="not finite"):
        class_figures.class_figures(np.array([[np.nan, 0.0]]), np.array([0]), 2)


def test_no_pictures_have_no_figures():
    found = class_figures.class_figures(np.zeros((0, 2)), np.zeros(0, int), 2)
    assert [one.recall for one in found] == [UNDEFINED, UNDEFINED]


def test_pictures_that_stand_for_a_class():
    labels = np.array([0, 0, 0, 0, 1])
    logits = np.array([[3.0, 0], [1, 0], [0, 3], [2, 0], [9, 0]])
    features = np.array([[0.0], [1], [2], [9], [100]])  # class 0 has its mean at 3
    found = class_figures.exemplars(scores.score(logits, labels, features), labels, 0, 2)
    assert {kind: places.tolist() for kind, places in found.items()} == {
        "best": [0, 3],
        "worst": [2, 1],
        "typical": [2, 1],
        "unusual": [3, 0],
    }
    assert set(class_figures.exemplars(scores.score(logits, labels), labels, 1, 2)) == {"best", "worst"}
