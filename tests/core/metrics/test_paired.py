"""Paired differences over seeds, against SciPy and by hand.

Run: python -m pytest tests/core/metrics/test_paired.py
"""

import numpy as np
import pytest
from scipy import stats

from fmnist_core.metrics import comparison


def test_it_is_students_paired_test():
    rng = np.random.default_rng(0)
    a = rng.normal(0.90, 0.01, 6)
    b = a + rng.normal(0.004, 0.003, 6)
    found, theirs = comparison.paired(a, b), stats.ttest_rel(b, a)
    assert found.p_value == pytest.approx(theirs.pvalue) and found.mean == pytest.approx((b - a).mean())
    assert found.interval() == pytest.approx(theirs.confidence_interval(0.95))
    assert found.interval(10) == pytest.approx(theirs.confidence_interval(1 - 0.05 / 10))


def test_equal_differences_are_known_as_exactly_as_accuracies_are_counted():
    a, b = np.array([0.90, 0.91, 0.92]), np.array([0.91, 0.92, 0.93])
    rough, fine = comparison.paired(a, b, 0.01), comparison.paired(a, b, 0.0001)
    assert rough.deviation == pytest.approx(0.01 / np.sqrt(6), rel=1e-6)
    assert fine.p_value < 0.001 < rough.p_value
    same = comparison.paired(a, a)
    assert (same.p_value, same.mean) == (1.0, 0.0)


@pytest.mark.parametrize(("a", "b"), [([0.9], [0.8]), ([0.9, 0.8], [0.9]), ([[0.9, 0.8]], [[0.9, 0.7]])])
def test_what_is_no_pairs_is_refused(a, b):
    with pytest.raises(ValueError, match="two or more pairs"):
        comparison.paired(np.array(a), np.array(b))
