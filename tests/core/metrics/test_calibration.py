"""Whether probabilities can be believed.

Run: python -m pytest tests/core/metrics/test_calibration.py
"""

import numpy as np
import pytest

from fmnist_core.metrics import calibration, evaluation
from fmnist_core.metrics.calibration import coverage, fit_temperature, reliability


def drawn(temperature: float, count: int = 40_000) -> tuple[np.ndarray, np.ndarray]:
    """Logits, and labels drawn from their softmax at this temperature: dividing by it calibrates them."""
    generator = np.random.default_rng(0)
    logits = generator.normal(0, 2, (count, 4))
    cumulated = evaluation.softmax(logits, temperature).cumsum(axis=1)
    return logits, (generator.random((count, 1)) > cumulated).sum(axis=1).clip(max=3)


def test_bins_by_hand():
    found = reliability(np.array([0.1, 0.5, 0.55, 1.0]), np.array([False, True, False, True]), bins=2)
    np.testing.assert_array_equal(found.edges, [0, 0.5, 1])
    np.testing.assert_array_equal(found.counts, [2, 2])
    np.testing.assert_allclose(found.confidence, [0.3, 0.775])
    np.testing.assert_allclose(found.accuracy, [0.5, 0.5])
    assert found.error == pytest.approx((0.2 * 2 + 0.275 * 2) / 4)


def test_empty_bins_count_nothing():
    found = reliability(np.array([0.95, 0.97]), np.array([True, True]))
    assert np.isnan(found.accuracy[:-1]).all() and found.counts.tolist() == [0] * 14 + [2]
    assert found.error == pytest.approx(0.04)
    assert np.isnan(reliability(np.array([]), np.array([], bool)).error)
    assert reliability(np.array([0.0]), np.array([False])).counts[0] == 1


@pytest.mark.parametrize("confidence", [[-0.1, 0.5], [0.5, 1.1], [0.5]])
def test_what_cannot_be_is_refused(confidence):
    with pytest.raises(ValueError, match="Received"):
        reliability(np.array(confidence), np.array([True, False]))


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_the_temperature_is_found_and_calibrates(temperature):
    logits, labels = drawn(temperature)
    found = fit_temperature(logits, labels)
    assert found == pytest.approx(temperature, rel=0.03)
    probabilities = evaluation.softmax(logits, found)
    right = probabilities.argmax(axis=1) == labels
    assert reliability(probabilities.max(axis=1), right).error < 0.012
    assert calibration.classwise_errors(probabilities, labels).max() < 0.012


def test_too_sure_has_an_error_that_the_temperature_takes_away():
    logits, labels = drawn(3.0)
    before = evaluation.softmax(logits)
    assert reliability(before.max(axis=1), before.argmax(axis=1) == labels).error > 0.2
    assert calibration.classwise_errors(before, labels).min() > 0.05


def test_no_pictures_fit_no_temperature():
    with pytest.raises(ValueError, match="there are none"):
        fit_temperature(np.zeros((0, 3)), np.zeros(0, int))


def test_coverage_by_hand():
    found = coverage(np.array([0.6, 0.9, 0.8, 0.7]), np.array([True, True, False, True]))
    np.testing.assert_array_equal(found.order, [1, 2, 3, 0])
    np.testing.assert_allclose(found.threshold, [0.9, 0.8, 0.7, 0.6])
    np.testing.assert_allclose(found.coverage, [0.25, 0.5, 0.75, 1])
    np.testing.assert_allclose(found.accuracy, [1, 1 / 2, 2 / 3, 3 / 4])
    assert [found.largest(accuracy) for accuracy in (0.7, 0.75, 0.76, 1.0)] == [4, 4, 1, 1]
    assert coverage(np.array([0.5]), np.array([False])).largest(0.9) == 0


def test_pictures_of_one_confidence_are_answered_together():
    found = coverage(np.array([1.0, 0.5, 1.0, 1.0]), np.array([True, True, False, True]))
    np.testing.assert_array_equal(found.answered, [3, 3, 3, 4])
    np.testing.assert_allclose(found.coverage, [0.75, 0.75, 0.75, 1])
    np.testing.assert_allclose(found.accuracy, [2 / 3, 2 / 3, 2 / 3, 3 / 4])
    assert (found.largest(0.7), found.largest(0.76)) == (4, 0)  # not the first picture alone, which is right
