"""Which interval of a proportion covers what it says, for the proportions that the app shows.

    python -m benchmarks.intervals

Recall, precision and intersection over union (from which F1 comes) of each class, by a weak, a middling and a good
network, on slices of some sizes: how often each kind of 95 % interval holds the truth. Nothing is drawn by chance: the
probabilities of all counts are added up, also over how many pictures of a class a slice has.

A count is a whole number, so the coverage of any interval jumps as the truth moves: with 50 pictures and a truth of
0.997 it is either 0.86 (only "all 50 right" counts) or 0.99. No interval keeps every class within 0.93 and 0.97.
"""

from collections.abc import Callable
from functools import cache

import numpy as np
from scipy import stats

from benchmarks.truth import GOAL, MODELS, shipped
from fmnist_core.metrics import evaluation
from fmnist_core.runs import predictions

SIZES = (100, 200, 500, 1_000)  # pictures in a slice
TAIL, NORMAL = 0.025, 1.959964
LEAST = 1e-5  # probability of a size of a class that is counted
BISECTIONS = 50

Ends = tuple[np.ndarray, np.ndarray]  # of all counts from 0 to n, each (n + 1,)


def wilson(n: int) -> Ends:
    ends = np.array([evaluation.wilson_interval(count, n) for count in range(n + 1)])
    return ends[:, 0], ends[:, 1]


def beta(n: int, below: tuple[float, float], above: tuple[float, float]) -> Ends:
    """Quantiles of the beta distribution with so much added to the counts of right and wrong."""
    right = np.arange(n + 1)
    low = stats.beta.ppf(TAIL, right + below[0], n - right + below[1])
    high = stats.beta.ppf(1 - TAIL, right + above[0], n - right + above[1])
    low[0], high[-1] = 0, 1
    return low, high


def agresti_coull(n: int) -> Ends:
    more = n + NORMAL**2
    centre = (np.arange(n + 1) + NORMAL**2 / 2) / more
    half = NORMAL * np.sqrt(centre * (1 - centre) / more)
    return centre - half, centre + half


def mid_p(n: int) -> Ends:
    """Clopper's and Pearson's with half of the probability of the count itself; by bisection."""
    right = np.arange(n + 1)

    def solve(above: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        low, high = np.zeros(n + 1), np.ones(n + 1)
        for _ in range(BISECTIONS):
            middle = (low + high) / 2
            is_above = above(middle)
            low, high = np.where(is_above, low, middle), np.where(is_above, middle, high)
        return (low + high) / 2

    def half_of(p: np.ndarray) -> np.ndarray:
        return np.asarray(0.5 * stats.binom.pmf(right, n, p))

    low = solve(lambda p: stats.binom.sf(right, n, p) + half_of(p) >= TAIL)
    high = solve(lambda p: stats.binom.cdf(right - 1, n, p) + half_of(p) <= TAIL)
    low[0], high[-1] = 0, 1
    return low, high


KINDS: dict[str, Callable[[int], Ends]] = {
    "Wilson": wilson,
    "Jeffreys": lambda n: beta(n, (0.5, 0.5), (0.5, 0.5)),
    "uniform prior": lambda n: beta(n, (1, 1), (1, 1)),
    "Agresti and Coull": agresti_coull,
    "mid-P": mid_p,
    "Clopper and Pearson": lambda n: beta(n, (0, 1), (1, 0)),
}


@cache
def ends_of(kind: str, n: int) -> Ends:
    return KINDS[kind](n)


def coverage(kind: str, truth: float, size: int, share: float) -> float:
    """How often the interval holds the truth, in slices of that size of which a share counts."""
    counts = np.arange(1, size + 1)
    weights = stats.binom.pmf(counts, size, share)
    held = total = 0.0
    for n, weight in zip(counts[weights > LEAST].tolist(), weights[weights > LEAST], strict=True):
        low, high = ends_of(kind, n)
        holds = (low <= truth) & (truth <= high)
        held += weight * stats.binom.pmf(np.arange(n + 1), n, truth)[holds].sum()
        total += weight
    return held / total


def proportions() -> list[tuple[float, float]]:
    """(truth, share of the pictures it is about) of each class and figure."""
    found = []
    for model in MODELS:
        stored = predictions.load(shipped(model), "test")
        matrix = evaluation.confusion_matrix(stored.labels, stored.predicted, 10)
        for place in range(len(matrix)):
            right, labelled, called = matrix[place, place], matrix[place].sum(), matrix[:, place].sum()
            found += [(right / one, one / matrix.sum()) for one in (labelled, called, labelled + called - right)]
    return found


def main() -> None:
    of_all = proportions()
    print(
        f"{'pictures':>8}  {'interval':<20} {'lowest':>7} {'mean':>7} {'highest':>8}  within {GOAL}, of {len(of_all)}"
    )
    for size in SIZES:
        for kind in KINDS:
            found = np.array([coverage(kind, truth, size, share) for truth, share in of_all])
            within = int(((GOAL[0] <= found) & (found <= GOAL[1])).sum())
            print(f"{size:>8,}  {kind:<20} {found.min():>7.3f} {found.mean():>7.3f} {found.max():>8.3f}  {within}")


if __name__ == "__main__":
    main()
