"""Alternating pairs: two ways of doing one thing, measured side by side, so that a noisy machine hits both."""

import statistics
from collections.abc import Callable


def median_ratio(first: Callable[[], float], second: Callable[[], float], pairs: int) -> tuple[float, list[float]]:
    """Runs first, second, first, second, ...; each returns a rate. The median of first/second, and every ratio."""
    ratios = []
    for number in range(pairs):
        # Every other pair the other way round: what a machine does slowly over time would favour one side.
        order = (first, second) if number % 2 == 0 else (second, first)
        rates = {run: run() for run in order}
        ratios.append(rates[first] / rates[second])
    return statistics.median(ratios), ratios


def show(name: str, ratio: float, ratios: list[float], expected: float) -> None:
    """One line: the median, the range, and what it should be at least."""
    verdict = "ok" if ratio >= expected else "falls short"
    print(
        f"{name:<58}{ratio:6.2f}  ({min(ratios):.2f} to {max(ratios):.2f} in {len(ratios)} pairs; "
        f"at least {expected:.2f}: {verdict})",
        flush=True,
    )
