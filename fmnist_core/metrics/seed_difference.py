"""Whether one recipe is better than another: on other pictures, and with other seeds. Arrays only.

Two runs are compared by their answers to the same pictures (comparison.py). That says nothing of their recipes: another
seed gives another run. Here both kinds of chance count.
"""

from typing import NamedTuple

import numpy as np
from scipy import special

from fmnist_core.metrics.comparison import SIGNIFICANT, Comparison


class SeedDifference(NamedTuple):
    """B's mean accuracy over its seeds less A's. Fractions of 1."""

    seeds: tuple[int, int]
    means: tuple[float, float]
    deviations: tuple[float, float]
    interval: tuple[float, float]  # of the difference, 95 %
    p_value: float  # two-sided

    @property
    def points(self) -> float:
        return self.means[1] - self.means[0]

    @property
    def real(self) -> bool:
        return self.p_value < SIGNIFICANT


def seed_difference(a: np.ndarray, b: np.ndarray, compared: Comparison) -> SeedDifference:
    """a, b: (n,) float64, n at least 2, accuracies of two recipes, one a seed. compared: one run of each.

    The variance of the difference is the sum of what seeds make of it (Welch 1947, Biometrika 34, 28, with his degrees
    of freedom) and what the choice of pictures does, as a pair of runs shows it (McNemar's counts). A pair's own chance
    is in both, so that the interval is a little too wide rather than too narrow.

    Raises:
        ValueError: fewer than two seeds of either.
    """
    if min(len(a), len(b)) < 2:
        raise ValueError(f"Expected two or more seeds of each. Received: {len(a)} and {len(b)}.")
    step = 1 / compared.pictures  # an accuracy is no more exact than that: rounded, it has a variance of step^2 / 12
    by_seed = [float(one.var(ddof=1) + step**2 / 12) / len(one) for one in (a, b)]
    only_a, only_b = compared.test.only_a, compared.test.only_b
    by_pictures = (only_a + only_b - (only_b - only_a) ** 2 / compared.pictures) / compared.pictures**2
    variance = sum(by_seed) + by_pictures
    freedom = variance**2 / sum(part**2 / (len(one) - 1) for part, one in zip(by_seed, (a, b), strict=True))
    points, error = float(b.mean() - a.mean()), float(np.sqrt(variance))
    half = float(special.stdtrit(freedom, 1 - SIGNIFICANT / 2)) * error
    return SeedDifference(
        (len(a), len(b)),
        (float(a.mean()), float(b.mean())),
        (float(a.std(ddof=1)), float(b.std(ddof=1))),
        (points - half, points + half),
        float(2 * special.stdtr(freedom, -abs(points) / error)),
    )


def in_words(name_a: str, name_b: str, found: SeedDifference) -> str:
    """Two sentences: what seeds make of each, and whether the difference of the recipes is more than chance."""
    said = [
        f"{name} has {100 * mean:.2f} ± {100 * deviation:.2f} % over {seeds} seeds"
        for name, mean, deviation, seeds in zip(
            (name_a, name_b), found.means, found.deviations, found.seeds, strict=True
        )
    ]
    low, high = (f"{100 * end:+.2f}" for end in found.interval)
    better = name_b if found.points > 0 else name_a
    verdict = f"the recipe of {better} is better" if found.real else "the recipes cannot be told apart"
    return f"{said[0]}, {said[1]}. With other seeds and other pictures, too, {verdict} ({low} to {high} points, 95 %)."
