"""Figures from labels and logits, against scikit-learn, the literature and by hand.

Run: python -m pytest tests/core/metrics/test_evaluation.py
"""

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics

from fmnist_core.metrics import evaluation

GENERATOR = np.random.default_rng(5)
LABELS = GENERATOR.integers(0, 10, 500)
CASES = {
    "random": (LABELS, np.where(GENERATOR.random(500) < 0.6, LABELS, GENERATOR.integers(0, 10, 500))),
    "all right": (LABELS, LABELS),
    "all wrong": (LABELS, (LABELS + 1) % 10),
    "one class predicted": (LABELS, np.full(500, 3)),
    "one label": (np.full(500, 3), LABELS),
    "a class without pictures": (LABELS % 5, LABELS % 7),
    "one picture": (LABELS[:1], LABELS[:1]),
}
every_case = pytest.mark.parametrize("case", list(CASES))


@every_case
def test_matrix_is_that_of_scikit_learn(case):
    labels, predicted = CASES[case]
    matrix = evaluation.confusion_matrix(labels.astype(np.uint8), predicted, 10)
    np.testing.assert_array_equal(matrix, metrics.confusion_matrix(labels, predicted, labels=range(10)))
    assert matrix.dtype == np.int64
    assert evaluation.accuracy(matrix) == pytest.approx(metrics.accuracy_score(labels, predicted))


@every_case
def test_report_is_that_of_scikit_learn(case):
    labels, predicted = CASES[case]
    report = evaluation.class_report(evaluation.confusion_matrix(labels, predicted, 10))
    expected = metrics.precision_recall_fscore_support(labels, predicted, labels=range(10), zero_division=np.nan)
    precision, recall, f1, support = expected
    np.testing.assert_allclose(report.precision, precision)
    np.testing.assert_allclose(report.recall, recall)
    np.testing.assert_allclose(report.f1, f1)
    np.testing.assert_array_equal(report.support, support)


def test_many_classes_do_not_overflow_small_integers():
    labels = np.arange(40, dtype=np.uint8)
    np.testing.assert_array_equal(evaluation.confusion_matrix(labels, labels, 40), np.eye(40))


def test_no_pictures():
    matrix = evaluation.confusion_matrix(np.zeros(0, np.uint8), np.zeros(0, np.int64), 10)
    assert matrix.shape == (10, 10) and not matrix.any()
    assert np.isnan(evaluation.accuracy(matrix))
    assert np.isnan(evaluation.class_report(matrix).f1).all()


@pytest.mark.parametrize(("label", "predicted"), [(10, 0), (0, 10), (0, 12), (-1, 5)])
def test_class_outside_the_matrix_is_refused(label, predicted):
    with pytest.raises(ValueError, match="0 to 9"):
        evaluation.confusion_matrix(np.array([1, label]), np.array([1, predicted]), 10)


def test_labels_and_predictions_must_be_as_many():
    with pytest.raises(ValueError):
        evaluation.confusion_matrix(np.array([1]), np.array([1, 2]), 10)


def test_probabilities_and_loss_are_those_of_scikit_learn():
    logits = GENERATOR.normal(0, 5, (500, 10)).astype(np.float32)
    probabilities = evaluation.softmax(logits)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    by_hand = np.exp(logits.astype(float)) / np.exp(logits.astype(float)).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(probabilities, by_hand)
    expected = metrics.log_loss(LABELS, probabilities, labels=range(10))
    assert evaluation.cross_entropy(logits, LABELS) == pytest.approx(expected)


def test_large_logits_neither_overflow_nor_lose_the_loss():
    logits = np.array([[1e4, 0.0], [0.0, 1e4]], np.float32)
    np.testing.assert_array_equal(evaluation.softmax(logits), [[1, 0], [0, 1]])
    assert evaluation.cross_entropy(logits, np.array([0, 0])) == pytest.approx(5_000)


def test_temperature_divides_the_logits():
    logits = np.array([[2.0, 0.0]])
    np.testing.assert_allclose(evaluation.softmax(logits, 2.0), evaluation.softmax(np.array([[1.0, 0.0]])))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_values_that_are_not_finite_are_refused(value):
    logits = np.zeros((3, 10), np.float32)
    logits[1, 4] = value
    for function in (evaluation.softmax, lambda values: evaluation.cross_entropy(values, np.array([0, 1, 2]))):
        with pytest.raises(ValueError, match="not finite"):
            function(logits)


@pytest.mark.parametrize(
    ("successes", "total", "low", "high"),
    [  # R. Newcombe, Two-sided confidence intervals for the single proportion, 1998, table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (20, 20, 0.8389, 1.0),
        (0, 0, 0.0, 1.0),
    ],
)
def test_wilson_interval_is_the_published_one(successes, total, low, high):
    found = evaluation.wilson_interval(successes, total)
    assert found == pytest.approx((low, high), abs=5e-5)
    assert all(isinstance(end, float) for end in found)


def test_most_confused_pairs():
    matrix = np.array([[90, 7, 3], [7, 80, 0], [1, 0, 99]])
    assert evaluation.most_confused(matrix) == [(0, 1, 7), (1, 0, 7), (0, 2, 3)]
    assert evaluation.most_confused(matrix, 9) == [(0, 1, 7), (1, 0, 7), (0, 2, 3), (2, 0, 1)]
    assert evaluation.most_confused(np.eye(3, dtype=int)) == []
    assert matrix[0, 0] == 90  # the argument is left as it is


def judged(only_a: int, only_b: int, both: int = 3, neither: int = 2) -> tuple[np.ndarray, np.ndarray]:
    counts = (only_a, only_b, both, neither)
    return np.repeat([True, False, True, False], counts), np.repeat([False, True, True, False], counts)


@pytest.mark.parametrize(
    ("only_a", "only_b", "p_value"),
    [  # by hand: twice the share of coin throws that are at least so unequal
        (0, 0, 1.0),
        (1, 0, 1.0),  # 2 / 2
        (4, 4, 1.0),
        (0, 5, 2 / 32),
        (1, 5, 2 * (1 + 6) / 64),
        (7, 1, 2 * (1 + 8) / 256),
    ],
)
def test_mcnemar_is_the_one_by_hand(only_a, only_b, p_value):
    assert evaluation.mcnemar(*judged(only_a, only_b)) == (only_a, only_b, pytest.approx(p_value))
    assert (
        evaluation.mcnemar(*judged(only_a, only_b, 0, 90)).p_value
        == evaluation.mcnemar(*judged(only_a, only_b, 70, 0)).p_value
    )


@pytest.mark.parametrize(("only_a", "only_b"), [(12, 30), (133, 120), (150, 86), (2_000, 10)])
def test_mcnemar_is_the_binomial_test_of_scipy(only_a, only_b):
    found = evaluation.mcnemar(*judged(only_a, only_b))
    assert found.p_value == pytest.approx(stats.binomtest(only_a, only_a + only_b).pvalue, rel=1e-9)
    assert type(found.only_a) is int and type(found.p_value) is float


@pytest.mark.parametrize(
    ("right_a", "right_b", "words"),
    [
        (np.ones(3, bool), np.ones(2, bool), "same pictures"),
        (np.ones(0, bool), np.ones(0, bool), "same pictures"),
        (np.ones((2, 2), bool), np.ones((2, 2), bool), "same pictures"),
        (np.array([3, 1]), np.array([3, 0]), "as booleans"),
    ],
)
def test_mcnemar_refuses_what_is_no_pair_of_verdicts(right_a, right_b, words):
    with pytest.raises(ValueError, match=words):
        evaluation.mcnemar(right_a, right_b)
