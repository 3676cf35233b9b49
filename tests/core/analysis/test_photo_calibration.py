"""What probabilities are worth on photos, and outlines that do not fit the answer; with numbers made here.

Run: python -m pytest tests/core/analysis/test_photo_calibration.py
"""

import numpy as np
import pytest
from scipy import special

from fmnist_core.analysis import photo_calibration
from fmnist_core.analysis.photo_calibration import PhotoCalibration


def biased_network(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """(count, 2 views, 10) logits of a network that is twice too sure and favours class 3, and the true labels."""
    generator = np.random.default_rng(seed)
    true = generator.normal(0, 1.5, (count, 1, 10)).repeat(2, axis=1)
    labels = np.array([generator.choice(10, p=row) for row in special.softmax(true[:, 0], axis=1)])
    return 2 * (true + 1.5 * (np.arange(10) == 3)), labels


def test_a_bias_and_too_much_confidence_are_mended():
    logits, labels = biased_network(4_000)
    found = photo_calibration.fit(logits, labels, np.ones((4_000, 10)))
    assert found.temperature == pytest.approx(2, rel=0.1)
    apart = np.delete(found.bias, 3).mean() - found.bias[3]
    assert apart == pytest.approx(1.5, abs=0.2)
    other, truth = biased_network(4_000, seed=1)
    said = found.probabilities(other[:, 0])
    assert said.max(axis=1).mean() == pytest.approx((said.argmax(axis=1) == truth).mean(), abs=0.02)


def test_the_score_is_how_much_farther_the_answer_lies_than_the_nearest():
    distances = np.array([[40.0, 9.0] + [99.0] * 8])
    sure, torn = np.eye(10)[[0]], np.full((1, 10), 0.0)
    torn[0, :2] = 0.5
    assert photo_calibration.outline_scores(sure, distances) == pytest.approx(np.log(41 / 10))
    assert photo_calibration.outline_scores(torn, distances) == pytest.approx(np.log(25.5 / 10))
    assert photo_calibration.outline_scores(np.eye(10)[[1]], distances) == pytest.approx(0)
    taught = np.eye(11)[[10]]  # its outlines are not known: nothing speaks against it
    assert photo_calibration.outline_scores(taught, distances) == pytest.approx(0)


def test_the_verdict_is_the_share_that_scores_as_high():
    found = PhotoCalibration(1.0, np.zeros(10), np.linspace(0, 0.98, 99), 99)
    nearest = np.array([0.0] + [np.e - 1] * 9)
    usual, strange = found.judge(np.eye(10)[0], nearest), found.judge(np.eye(10)[1], nearest)
    assert usual == (True, 1.0, 0.15) and strange == (False, 1 / 100, 0.15)


def test_stated_false_alarms_hold_for_pictures_like_those_fitted_on():
    logits, labels = biased_network(2_000, seed=2)
    distances = np.random.default_rng(3).uniform(20, 100, (2_000, 10))
    found = photo_calibration.fit(logits[:1_000], labels[:1_000], distances[:1_000])
    shown = [found.probabilities(one).mean(axis=0) for one in logits[1_000:]]
    flagged = np.mean([not found.judge(row, away).known for row, away in zip(shown, distances[1_000:], strict=True)])
    assert flagged == pytest.approx(found.false_alarms, abs=0.04)


def test_too_few_and_broken_are_refused():
    logits, labels = biased_network(20)
    with pytest.raises(ValueError, match="7 pictures or more. Received: 6 labels"):
        photo_calibration.fit(logits[:6], labels[:6], np.ones((6, 10)))
    with pytest.raises(ValueError, match="not finite"):
        photo_calibration.fit(np.full_like(logits, np.nan), labels, np.ones((20, 10)))
