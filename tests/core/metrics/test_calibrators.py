"""Probabilities are made to say how often they are right, the order of the classes stays, and cross-fitting chooses.

Run: python -m pytest tests/core/metrics/test_calibrators.py
"""

import numpy as np
import pytest
from scipy import special

from fmnist_core.metrics import calibration, calibrators, evaluation
from fmnist_core.metrics.calibrators import RAW


def drawn(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Logits, and labels drawn from their softmax."""
    generator = np.random.default_rng(seed)
    logits = generator.normal(0, 2.5, (count, 10))
    below = evaluation.softmax(logits).cumsum(axis=1)
    return logits, (generator.random((count, 1)) > below).sum(axis=1).clip(0, 9)


def bent(logits: np.ndarray) -> np.ndarray:
    """The same order, but sure too seldom where it is right and too often where it is not, as smoothed labels do it."""
    wanted = 3 * np.tanh(calibrators.largest_logit(logits) / 4) + 0.4
    return calibrators._sharpened(logits, wanted)


def error_of(probabilities: np.ndarray, labels: np.ndarray) -> float:
    return calibration.reliability(probabilities.max(axis=1), probabilities.argmax(axis=1) == labels).error


def test_one_temperature_is_enough_where_one_is():
    logits, labels = drawn(6_000, 1)
    found = calibrators.fit(2 * logits, labels)
    assert not found.curved and found.temperature == pytest.approx(2, rel=0.05) and found.pictures == 6_000


def test_a_curve_mends_what_no_temperature_can():
    logits, labels = drawn(6_000, 2)
    found = calibrators.fit(bent(logits), labels)
    others, theirs = drawn(20_000, 3)
    temperature_alone = evaluation.softmax(bent(others), found.temperature)
    assert found.curved and (np.diff(found.heights) > 0).all()
    assert error_of(temperature_alone, theirs) > 0.05 > 0.02 > error_of(found.probabilities(bent(others)), theirs)


def test_the_order_of_the_classes_stays_and_rows_sum_to_one():
    logits, labels = drawn(3_000, 4)
    found = calibrators.fit(bent(logits), labels)
    shown = found.probabilities(bent(logits))
    np.testing.assert_array_equal(shown.argsort(axis=1), bent(logits).argsort(axis=1))
    np.testing.assert_allclose(shown.sum(axis=1), 1)
    largest = special.logit(shown.max(axis=1))
    wanted = calibrators._along(found.knots, found.heights, calibrators.largest_logit(bent(logits) / found.temperature))
    least = special.logit(1 / 10)  # of the largest of ten probabilities
    np.testing.assert_allclose(largest, np.maximum(wanted, least), atol=1e-4)


def test_one_picture_none_and_huge_logits():
    logits, labels = drawn(3_000, 5)
    found = calibrators.fit(bent(logits), labels)
    assert found.curved and found.probabilities(logits[:0]).shape == (0, 10)
    extreme = np.zeros((2, 10))
    extreme[0, 3] = 1e4
    shown = found.probabilities(extreme)
    assert np.isfinite(shown).all() and shown[0].argmax() == 3
    np.testing.assert_allclose(shown.sum(axis=1), 1)
    np.testing.assert_allclose(RAW.probabilities(logits), evaluation.softmax(logits))


def test_few_pictures_and_all_right_have_a_temperature_alone():
    logits, labels = drawn(40, 6)
    assert not calibrators.fit(bent(logits), labels).curved
    logits, _ = drawn(500, 7)
    assert not calibrators.fit(logits, logits.argmax(axis=1)).curved


def test_what_cannot_be_calibrated_is_refused():
    with pytest.raises(ValueError, match="there are none"):
        calibrators.fit(np.zeros((0, 3)), np.zeros(0, int))
    with pytest.raises(ValueError, match="not finite"):
        RAW.probabilities(np.array([[0, np.nan]]))
