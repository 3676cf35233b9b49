"""Sets that hold the true class as often as is asked for.

Run: python -m pytest tests/core/metrics/test_prediction_sets.py
"""

import numpy as np
import pytest

from fmnist_core.metrics import evaluation
from fmnist_core.metrics.calibrators import RAW
from fmnist_core.metrics.prediction_sets import Rule, fit, measure, sets


def drawn(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Logits that are twice too sure, and labels drawn from what they should be."""
    generator = np.random.default_rng(seed)
    logits = generator.normal(0, 2, (count, 4))
    cumulated = evaluation.softmax(logits).cumsum(axis=1)
    return 2 * logits, (generator.random((count, 1)) > cumulated).sum(axis=1).clip(max=3)


@pytest.mark.parametrize("coverage", [0.5, 0.8, 0.95])
def test_coverage_is_kept_on_other_pictures(coverage):
    rule = fit(*drawn(4_000, 0), coverage)
    logits, labels = drawn(8_000, 1)
    found = measure(sets(rule, logits), labels)
    assert rule.calibrator.temperature == pytest.approx(2, rel=0.1)
    low, high = found.interval
    assert low <= found.coverage <= high
    assert found.coverage > coverage - 0.015
    assert coverage < 0.7 or found.coverage < coverage + 0.015  # a set is never empty, which adds to small ones


def test_the_rank_by_hand():
    """Nine right probabilities of 0.1 to 0.9: at 80 % the eighth of ten, counted from the surest, is let in."""
    right = np.arange(1, 10) / 10
    logits = np.log(np.stack([right, 1 - right], axis=1))
    rule = fit(logits, np.zeros(9, int), 0.8, RAW)
    assert rule.least == pytest.approx([0.2, 0.2]) and rule.pictures == 9  # no picture is of the other class
    assert rule.several == pytest.approx(6 / 9) and rule.tells  # 0.2 to 0.7: the other one then has 0.3 or more


def test_the_promise_holds_for_a_hard_class_beside_an_easy_one():
    generator = np.random.default_rng(2)

    def pictures(count: int) -> tuple[np.ndarray, np.ndarray]:
        labels = np.arange(count) % 2
        right = np.where(labels == 0, generator.uniform(0.9, 1, count), generator.uniform(0.2, 1, count))
        return np.log(
            np.stack([np.where(labels == 0, right, 1 - right), np.where(labels == 0, 1 - right, right)], 1)
        ), labels

    rule = fit(*pictures(4_000), 0.9, RAW)
    logits, labels = pictures(8_000)
    held = sets(rule, logits)[np.arange(8_000), labels]
    assert held[labels == 1].mean() == pytest.approx(0.9, abs=0.02)


def test_sets_that_never_hold_two_say_nothing():
    logits, _ = drawn(4_000, 3)
    sure = 20 * logits
    assert not fit(sure, sure.argmax(axis=1), 0.8, RAW).tells
    assert fit(*drawn(4_000, 3), 0.95).tells


def test_too_few_pictures_leave_nothing_out():
    rule = fit(*drawn(10, 0), 0.95)
    assert not rule.least.any() and sets(rule, drawn(5, 1)[0]).all()


def test_ties_and_one_picture():
    rule = Rule(0.9, RAW, np.full(4, 0.25), 100, 1.0)
    np.testing.assert_array_equal(sets(rule, np.zeros((1, 4))), [[True] * 4])
    high = rule._replace(least=np.array([0.9, 0.9, 0.2, 0.9]))
    np.testing.assert_array_equal(sets(high, np.zeros((1, 4))), [[True, False, True, False]])


def test_sizes_are_counted():
    inside = np.array([[True, False, False], [True, True, False]])
    found = measure(inside, np.array([0, 2]))
    assert (found.coverage, found.mean_size, found.sizes.tolist()) == (0.5, 1.5, [0, 1, 1, 0])


def test_what_cannot_be_is_refused():
    logits, labels = drawn(20, 0)
    for coverage in (0, 1, np.nan):
        with pytest.raises(ValueError, match="between 0 and 1"):
            fit(logits, labels, coverage)
    with pytest.raises(ValueError, match="20 pictures, 19 labels"):
        fit(logits, labels[1:], 0.9)
    with pytest.raises(ValueError, match="0 pictures"):
        fit(logits[:0], labels[:0], 0.9)
    with pytest.raises(ValueError, match="not finite"):
        fit(logits * np.nan, labels, 0.9)
    with pytest.raises(ValueError, match="not finite"):
        sets(Rule(0.9, RAW, np.full(4, 0.5), 9, 1.0), logits * np.inf)
    with pytest.raises(ValueError, match="As many labels"):
        measure(np.zeros((0, 3), bool), labels[:0])
