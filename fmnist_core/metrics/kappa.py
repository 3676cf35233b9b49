"""How far two people, or networks, name the same things alike, beyond what chance alone would give. Arrays only."""

from typing import NamedTuple

import numpy as np

from fmnist_core.metrics.evaluation import confusion_matrix, wilson_interval


class Kappa(NamedTuple):
    """Of two who each put the same n things into one of k categories."""

    table: np.ndarray  # (k, k) int64: rows are the first's categories, columns the second's
    agreement: float  # the part that both put into the same; NaN for nothing
    interval: tuple[float, float]  # of that, 95 %, Wilson
    by_chance: float  # what two would have who put as many into each at random
    value: float  # Cohen's kappa, from -1 to 1; NaN where both put all into one category
    value_interval: tuple[float, float]  # 95 %; (-1, 1) where there is no kappa

    @property
    def total(self) -> int:
        return int(self.table.sum())


def kappa(first: np.ndarray, second: np.ndarray, categories: int) -> Kappa:
    """Cohen's kappa (Educational and Psychological Measurement 20, 1960, 37) of (n,) categories from 0.

    Its interval is Wilson's of the agreement, each end less what chance gives, as kappa itself is made, with what
    chance gives held fixed. The usual one, of the standard error by Fleiss, Cohen and Everitt (Psychological Bulletin
    72, 1969, 323), has no width where two agree everywhere, and of few pictures holds a high kappa far less often than
    in 95 of 100 cases; this one in about so many (tests/core/metrics/test_kappa.py simulates both), and more often
    where one category has nearly all.

    Raises:
        ValueError: not as many of one as of the other, or a category that there is not.
    """
    table = confusion_matrix(first, second, categories)
    total, same = int(table.sum()), int(table.trace())
    if not total:
        return Kappa(table, float("nan"), (0.0, 1.0), float("nan"), float("nan"), (-1.0, 1.0))
    by_chance = float((table.sum(axis=0) * table.sum(axis=1)).sum() / total**2)
    interval = wilson_interval(same, total)
    if by_chance == 1:
        return Kappa(table, same / total, interval, by_chance, float("nan"), (-1.0, 1.0))
    low, value, high = ((one - by_chance) / (1 - by_chance) for one in (interval[0], same / total, interval[1]))
    return Kappa(table, same / total, interval, by_chance, value, (max(low, -1.0), min(high, 1.0)))
