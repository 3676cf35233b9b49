"""What a sweep shows: each combination over its seeds, which differences are real, and data for two charts.

Everything is compared by validation; of test figures those of the one that validation chose in the end are told.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fmnist_core import zoo
from fmnist_core.formatting import percent
from fmnist_core.jobs import lifecycle
from fmnist_core.jobs.status import ACTIVE
from fmnist_core.metrics import comparison
from fmnist_core.metrics.comparison import SIGNIFICANT
from fmnist_core.runs import catalogue, predictions
from fmnist_core.runs.predictions import Predictions
from fmnist_core.runs.runs import Run
from fmnist_core.storage.folders import RunError
from fmnist_core.sweeps import records
from fmnist_core.sweeps.plan import OPTION, Plan, Task
from fmnist_core.sweeps.records import Sweep

ENOUGH_SEEDS = 3  # fewer say nothing about how much a seed does
MOST_NAMED = 5  # combinations, in a sentence
Load = Callable[[Run, str], Predictions]


@dataclass(frozen=True)
class Trained:
    """A run of the sweep that has a result. Accuracies are fractions of 1."""

    run: Run
    seed: int
    validation: float
    test: float


@dataclass(frozen=True)
class Combination:
    """A model with some values, over its seeds."""

    model: str  # its title
    values: dict[str, str]  # of each swept option, as it is written
    words: str  # what tells it from the others: "CNN 2, learning rate 0.001"
    trained: tuple[Trained, ...]  # in the order of the seeds; those that are here
    seeds: int  # that were asked for

    @property
    def complete(self) -> bool:
        return len(self.trained) == self.seeds

    @property
    def accuracies(self) -> np.ndarray:
        """(n,) float64, by validation, one a seed."""
        return np.array([one.validation for one in self.trained])

    @property
    def mean(self) -> float:
        return float(self.accuracies.mean())

    @property
    def deviation(self) -> float | None:
        """The standard deviation over seeds; None of fewer than two."""
        return float(self.accuracies.std(ddof=1)) if len(self.trained) > 1 else None


@dataclass(frozen=True)
class Difference:
    """Of a combination to the best one. p and interval hold for all pairs together (Bonferroni)."""

    combination: Combination
    points: float  # the best one's mean accuracy less this one's
    interval: tuple[float, float] | None  # 95 %; None: too few seeds
    p_value: float | None  # of Student's paired test over seeds; of one seed McNemar's over pictures

    @property
    def real(self) -> bool | None:
        """None where nobody can tell."""
        return None if self.p_value is None else self.p_value < SIGNIFICANT


@dataclass(frozen=True)
class Summary:
    sweep: Sweep
    combinations: tuple[Combination, ...]  # with a result at least, in the plan's order
    judged: tuple[Combination, ...]  # with all their seeds, the best by validation first
    differences: tuple[Difference, ...]  # of `judged` but the first, in that order
    missing: int  # trainings without a result
    settled: bool  # no more are to come

    @property
    def best(self) -> Combination | None:
        return self.judged[0] if self.judged else None


def summarise(sweep: Sweep, load: Load = predictions.load) -> Summary:
    """Of the runs that are here by now. load: as `predictions.load`."""
    found = _trained(sweep)
    combinations = [one for tasks in _by_combination(sweep.plan) if (one := _combination(sweep.plan, tasks, found))]
    judged = sorted((one for one in combinations if one.complete), key=lambda one: -one.mean)
    differences = _differences(sweep.plan, judged, load)
    missing = len(sweep.plan.tasks) - len(found)
    status = lifecycle.read_status(sweep.job)
    settled = not missing or status is None or status.state not in ACTIVE
    return Summary(sweep, tuple(combinations), tuple(judged), tuple(differences), missing, settled)


def _trained(sweep: Sweep) -> dict[str, Trained]:
    found = {}
    for task, run in records.made_runs(sweep):
        result = catalogue.describe(run).result
        if result is not None and result.val_accuracy is not None:
            found[task.run] = Trained(run, task.seed, result.val_accuracy, result.test_accuracy)
    return found


def _by_combination(plan: Plan) -> list[list[Task]]:
    groups: dict[tuple[Any, ...], list[Task]] = {}
    for task in plan.tasks:
        groups.setdefault((task.base, *task.values.values()), []).append(task)
    return list(groups.values())


def _combination(plan: Plan, tasks: Sequence[Task], found: dict[str, Trained]) -> Combination | None:
    first = tasks[0]
    trained = tuple(found[task.run] for task in tasks if task.run in found)
    model = zoo.model_of(plan.bases[first.base]).title
    return Combination(model, first.values, words_of(plan, first), trained, len(tasks)) if trained else None


def words_of(plan: Plan, task: Task) -> str:
    """What tells its combination from the others: "CNN 2, learning rate 0.001"."""
    said = [f"{label(name)} {text}" for name, text in task.values.items() if len(plan.values[name]) > 1]
    if len(plan.bases) > 1 or not said:
        said.insert(0, zoo.model_of(plan.bases[task.base]).title)
    return ", ".join(said)


def label(option: str) -> str:
    """What a swept option is called in a sentence: "batch size"."""
    return (OPTION[option].field or option).replace("_", " ").replace("-", " ")


def _differences(plan: Plan, judged: Sequence[Combination], load: Load) -> list[Difference]:
    """How often two could have been compared decides: which one is the best was chosen by its accuracy."""
    if len(judged) < 2:
        return []
    pairs = len(judged) * (len(judged) - 1) // 2
    if len(plan.seeds) == 1:
        return _by_pictures(judged, pairs, load)
    best = judged[0]
    if len(plan.seeds) < ENOUGH_SEEDS:
        return [Difference(one, best.mean - one.mean, None, None) for one in judged[1:]]
    resolution = 1 / plan.bases[0].split.validation
    found = []
    for one in judged[1:]:
        test = comparison.paired(one.accuracies, best.accuracies, resolution)
        found.append(Difference(one, test.mean, test.interval(pairs), comparison.bonferroni(test.p_value, pairs)))
    return found


def _by_pictures(judged: Sequence[Combination], pairs: int, load: Load) -> list[Difference]:
    """Of one seed each: what is known is on how many of the same pictures one is right and the other wrong."""
    right: list[np.ndarray | None] = []
    for one in judged:
        try:
            stored = load(one.trained[0].run, "validation")
            right.append(stored.predicted == stored.labels)
        except RunError:
            right.append(None)
    best, found = judged[0], []
    for one, own in zip(judged[1:], right[1:], strict=True):
        points = best.mean - one.mean
        if own is None or right[0] is None or own.shape != right[0].shape:
            found.append(Difference(one, points, None, None))
            continue
        test = comparison.Corrected(comparison.compare(one.words, own, best.words, right[0]), pairs)
        found.append(Difference(one, points, test.interval, test.p_value))
    return found


def learned(summary: Summary) -> str:
    """What the sweep shows, in some sentences; they name no difference that chance may have made."""
    best, plan = summary.best, summary.sweep.plan
    if best is None:
        ended = f"has all of its {len(plan.seeds)} seeds" if len(plan.seeds) > 1 else "has a result"
        return f"No combination {ended} yet."
    over = f"mean of {len(plan.seeds)} seeds" if len(plan.seeds) > 1 else "one seed"
    spread = f" ± {100 * best.deviation:.2f}" if best.deviation is not None else ""
    test = f"; test {percent(float(np.mean([one.test for one in best.trained])))}" if summary.settled else ""
    title = "Best by validation" if summary.settled else "Best by validation so far"
    words = [f"{title}: {best.words}, {percent(best.mean)}{spread} ({over}){test}."]
    alike = [one.combination.words for one in summary.differences if one.real is False]
    unknown = [one for one in summary.differences if one.real is None]
    if unknown and 1 < len(plan.seeds) < ENOUGH_SEEDS:
        words.append(
            f"{len(plan.seeds)} seeds are too few to tell which differences are real; take {ENOUGH_SEEDS} or more."
        )
    elif alike:
        more = len(alike) - MOST_NAMED
        others = f" and {more} {'other' if more == 1 else 'others'}" if more > 0 else ""
        words.append(f"It cannot be told apart from: {'; '.join(alike[:MOST_NAMED])}{others}.")
    elif summary.differences and not unknown:
        others = "the other one" if len(summary.differences) == 1 else "each of the others"
        words.append(f"It is really better than {others} on these validation pictures.")
    if len(plan.seeds) == 1 and summary.differences:
        words.append("With one seed each, another seed may turn this around.")
    if plan.sampled is not None:
        words.append("Of all combinations these are a random sample.")
    if summary.missing:
        has = "has" if summary.missing == 1 else "have"
        words.append(f"{summary.missing} of {len(plan.tasks)} trainings {has} no result.")
    return " ".join(words)


def rows(summary: Summary) -> list[dict[str, Any]]:
    """The table: a row a combination, the best by validation first; those that lack seeds last. Fractions of 1.

    `test` stands in the best one's row alone, and once no training is to come: another one might still be chosen.
    """
    apart = {id(one.combination): one for one in summary.differences}
    rest = [one for one in summary.combinations if not one.complete]
    found = []
    for one in [*summary.judged, *rest]:
        difference = apart.get(id(one))
        best = one is summary.best
        chosen = best and summary.settled
        tests = np.array([trained.test for trained in one.trained])
        found.append(
            {
                "combination": one.words,
                "model": one.model,
                "values": one.values,
                "seeds": [trained.seed for trained in one.trained],
                "runs": [trained.run.id for trained in one.trained],
                "validation": one.mean,
                "deviation": one.deviation,
                "complete": one.complete,
                "behind": difference.points if difference else None,
                "behind_interval": difference.interval if difference else None,
                "p_value": difference.p_value if difference else None,
                "real": difference.real if difference else None,
                "best": best,
                "test": float(tests.mean()) if chosen else None,
                "test_deviation": float(tests.std(ddof=1)) if chosen and len(tests) > 1 else None,
            }
        )
    return found
