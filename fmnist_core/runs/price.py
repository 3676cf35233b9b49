"""What accuracy costs: each run's training time and size beside its test accuracy, and which runs nothing beats."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fmnist_core.runs.catalogue import Row

BYTES_OF_A_PARAMETER = 4  # float32, as a network computes
GROUPS = ("Classical baselines", "Networks", "Own runs")


@dataclass(frozen=True)
class Price:
    """Of one run. accuracy and its 95 % interval: fractions of 1, on the test pictures."""

    run_id: str
    name: str
    group: str  # one of GROUPS
    seconds: float  # of training, on the machine that the run names
    bytes: float  # of its parameters as float32; of a classical model, exported or as Python stores it
    accuracy: float
    low: float
    high: float

    def of(self, measure: str) -> float:
        return self.seconds if measure == "seconds" else self.bytes


def prices(rows: Sequence[Row], names: Mapping[str, str]) -> list[Price]:
    """Of the finished runs whose training was measured, the most accurate first. names: by the runs' ids."""
    found = []
    for row in rows:
        result, interval = row.result, row.interval
        if result is None or interval is None or result.cancelled or row.taught or result.seconds <= 0:
            continue
        size = result.model_bytes or BYTES_OF_A_PARAMETER * result.parameters
        group = GROUPS[2 if not row.run.shipped else 0 if row.kind == "classical" else 1]
        if size:
            named = (row.run.id, names[row.run.id], group)
            found.append(Price(*named, result.seconds, float(size), result.test_accuracy, *interval))
    return sorted(found, key=lambda price: -price.accuracy)


def front(costs: Sequence[float] | np.ndarray, accuracies: Sequence[float] | np.ndarray) -> np.ndarray:
    """(n,) bool: the Pareto front, those that no other is both at most as dear as and more accurate than, or cheaper
    than and at least as accurate as."""
    cost, accuracy = np.asarray(costs, float), np.asarray(accuracies, float)
    dearer = cost[:, None] >= cost
    worse = accuracy[:, None] <= accuracy
    strictly = (cost[:, None] > cost) | (accuracy[:, None] < accuracy)
    beaten = np.any(dearer & worse & strictly, axis=1)
    return np.logical_not(beaten)


def front_of(found: Sequence[Price], measure: str) -> list[Price]:
    """The Pareto front, from the cheapest to the dearest."""
    on = front([price.of(measure) for price in found], [price.accuracy for price in found])
    return sorted((price for price, is_on in zip(found, on, strict=True) if is_on), key=lambda price: price.of(measure))


def front_in_words(found: Sequence[Price], measure: str) -> str:
    """The front from the cheapest to the dearest, and how far the classical ones come; "" of nothing."""
    if not found:
        return ""
    each = (f"{price.name} ({100 * price.accuracy:.1f} %)" for price in front_of(found, measure))
    listed = ", ".join(dict.fromkeys(each))
    words = f"On the Pareto front, from the {'fastest' if measure == 'seconds' else 'smallest'} up: {listed}."
    classical = max((price for price in found if price.group == GROUPS[0]), key=lambda one: one.accuracy, default=None)
    if classical is None:
        return words
    most = max(found, key=lambda one: one.accuracy)
    return (
        f"{words} The best classical baseline, {classical.name}, reaches {100 * classical.accuracy:.1f} %, the "
        f"best run of all {100 * most.accuracy:.1f} %."
    )
