"""Cohen's kappa: its values by hand, against scikit-learn, and how often its interval holds the true one.

Run: python -m pytest tests/core/metrics/test_kappa.py
"""

import math

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from fmnist_core.metrics.kappa import Kappa, kappa


def test_by_hand():
    # Of 50 both say yes to 20 and no to 15; 0.7 agree, and by chance 0.5 * 0.6 + 0.5 * 0.4 = 0.5 would.
    first = np.repeat([0, 0, 1, 1], [20, 5, 10, 15])
    second = np.repeat([0, 1, 0, 1], [20, 5, 10, 15])
    found = kappa(first, second, 2)
    assert found.table.tolist() == [[20, 5], [10, 15]] and found.total == 50
    assert (found.agreement, found.by_chance) == (0.7, 0.5) and found.value == pytest.approx(0.4)
    low, high = found.interval  # Wilson's of 35 of 50
    assert (low, high) == pytest.approx((0.5625, 0.8090), abs=1e-4)
    assert found.value_interval == pytest.approx(((low - 0.5) / 0.5, (high - 0.5) / 0.5))


def test_as_scikit_learn_counts_it():
    generator = np.random.default_rng(0)
    for categories in (2, 3, 11):
        first = generator.integers(0, categories, 200)
        second = np.where(generator.random(200) < 0.6, first, generator.integers(0, categories, 200))
        expected = cohen_kappa_score(first, second)
        assert kappa(first, second, categories).value == pytest.approx(expected)


def test_full_agreement_has_a_width_and_one_category_no_kappa():
    full = kappa(np.array([0, 1, 2] * 5), np.array([0, 1, 2] * 5), 3)
    assert full.value == 1 and full.value_interval[1] == 1 and 0.6 < full.value_interval[0] < 0.8
    same = kappa(np.zeros(5, int), np.zeros(5, int), 3)
    assert math.isnan(same.value) and same.agreement == 1 and same.value_interval == (-1, 1)
    none = kappa(np.zeros(0, int), np.zeros(0, int), 3)
    assert math.isnan(none.value) and math.isnan(none.agreement) and none.total == 0
    never = kappa(np.array([0, 1]), np.array([1, 0]), 2)
    assert never.value == -1 and never.value_interval[0] == -1
    with pytest.raises(ValueError):
        kappa(np.array([0]), np.array([3]), 3)


def usual_interval(found: Kappa) -> tuple[float, float]:
    """By the standard error of Fleiss, Cohen and Everitt (1969)."""
    shares = found.table / found.total
    rows, columns, kept = shares.sum(axis=1), shares.sum(axis=0), np.diag(shares)
    value, rest = found.value, 1 - found.value
    diagonal = (kept * (1 - (rows + columns) * rest) ** 2).sum()
    others = (shares * (columns[:, None] + rows[None, :]) ** 2).sum() - (kept * (rows + columns) ** 2).sum()
    variance = diagonal + rest**2 * others - (value - found.by_chance * rest) ** 2
    half = 1.96 * math.sqrt(max(variance, 0) / found.total) / (1 - found.by_chance)
    return value - half, value + half


SKEW = np.array([0.35, 0.02, 0.12, 0.1, 0.13, 0.01, 0.2, 0.01, 0.02, 0.02, 0.02])


@pytest.mark.parametrize("true", [0.0, 0.4, 0.8, 0.95])
@pytest.mark.parametrize(
    "shares", [np.r_[np.full(10, 0.09), 0.1], SKEW, np.array([0.6, 0.3, 0.1])], ids=("even", "skew", "kinds")
)
def test_the_interval_holds_the_true_kappa_in_95_of_100(shares, true):
    """Two who put things into categories with these shares, and agree beyond chance by so much."""
    generator = np.random.default_rng(1)
    together = true * np.diag(shares) + (1 - true) * np.outer(shares, shares)
    for pictures in (20, 100):
        held, usual, draws = 0, 0, 600
        for table in generator.multinomial(pictures, (together / together.sum()).ravel(), draws):
            first, second = np.divmod(np.repeat(np.arange(table.size), table), len(shares))
            found = kappa(first, second, len(shares))
            (low, high), (lower, higher) = found.value_interval, usual_interval(found)
            held += low <= true <= high
            usual += lower <= true <= higher
        assert held / draws > 0.89, pictures  # of many draws 0.93 and more; so few differ by 0.03
        if true == 0.95 and pictures == 20:
            assert usual / draws < 0.7
