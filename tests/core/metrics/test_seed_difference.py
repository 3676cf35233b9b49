"""Two recipes over seeds: the interval of their difference covers what it says, simulated.

Run: python -m pytest tests/core/metrics/test_seed_difference.py
"""

import numpy as np
import pytest

from fmnist_core.metrics import comparison
from fmnist_core.metrics.comparison import compare
from fmnist_core.metrics.seed_difference import in_words, seed_difference


def trained(generator: np.random.Generator, hard: np.ndarray, skill: float, spread: float, seeds: int) -> np.ndarray:
    """(seeds, n) bool: which pictures each seed of a recipe has right. hard: (n,) how hard each picture is."""
    skills = skill + spread * generator.standard_normal(seeds)
    own = 0.5 * generator.standard_normal((seeds, len(hard)))  # what a seed makes of a picture
    return np.asarray(hard + own < skills[:, None])


@pytest.mark.parametrize("spread", [0.0, 0.05, 0.2])
def test_the_interval_covers_the_true_difference_of_two_recipes(spread):
    generator = np.random.default_rng(0)
    many = np.mean(
        [
            [trained(generator, generator.standard_normal(4_000), skill, spread, 1).mean() for skill in (1.2, 1.35)]
            for _ in range(2_000)
        ],
        axis=0,
    )
    truth, held = many[1] - many[0], 0
    for _ in range(300):
        hard = generator.standard_normal(1_000)
        a, b = (trained(generator, hard, skill, spread, 3) for skill in (1.2, 1.35))
        found = seed_difference(a.mean(axis=1), b.mean(axis=1), compare("A", a[0], "B", b[0]))
        held += found.interval[0] <= truth <= found.interval[1]
    assert held >= 0.93 * 300  # of 95 %, as far as 300 can tell


def test_the_chance_of_pictures_alone_is_mcnemars():
    """Seeds that agree to a picture leave what a pair of runs says, and no more."""
    right_a = np.arange(10_000) < 9_000
    right_b = (np.arange(10_000) >= 100) & (np.arange(10_000) < 9_250)
    compared = compare("A", right_a, "B", right_b)
    found = seed_difference(np.full(3, 0.9), np.full(3, 0.915), compared)
    assert found.interval == pytest.approx(comparison.difference_interval(compared), abs=2e-4)
    assert found.p_value == pytest.approx(compared.test.p_value, rel=0.5) and found.real


def test_seeds_that_differ_as_much_as_the_recipes_say_that_nothing_is_known():
    right = np.arange(10_000) < 9_000
    compared = compare("A", right, "B", np.arange(10_000) < 9_200)
    found = seed_difference(np.array([0.90, 0.92, 0.91]), np.array([0.92, 0.905, 0.915]), compared)
    assert not found.real and found.interval[0] < 0 < found.interval[1]
    assert found.points == pytest.approx(1 / 300)
    words = in_words("CNN 1", "CNN 2", found)
    assert "CNN 1 has 91.00 ± 1.00 % over 3 seeds, CNN 2 has 91.33 ± 0.76 % over 3 seeds." in words
    assert "the recipes cannot be told apart" in words
    better = seed_difference(np.array([0.90, 0.901, 0.9]), np.array([0.92, 0.921, 0.92]), compared)
    assert "the recipe of CNN 2 is better (+1." in in_words("CNN 1", "CNN 2", better)


def test_one_seed_is_not_enough():
    compared = compare("A", np.ones(10, bool), "B", np.zeros(10, bool))
    with pytest.raises(ValueError, match="two or more seeds of each"):
        seed_difference(np.array([0.9]), np.array([0.9, 0.91]), compared)
