"""What a family shows: figures of each run, whether they differ, and what was learned, in a line.

Runs are compared on the validation pictures, which all have in common; the test set chooses nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from fmnist_core.families import varying
from fmnist_core.families.members import Member, Members, listed
from fmnist_core.formatting import epochs, percent
from fmnist_core.metrics import comparison, evaluation
from fmnist_core.metrics.comparison import Corrected
from fmnist_core.runs import predictions
from fmnist_core.runs.predictions import Predictions
from fmnist_core.runs.runs import Run
from fmnist_core.storage.folders import RunError

Load = Callable[[Run, str], Predictions]
SEED = "one seed"  # what no test on pictures can tell: another seed may turn it around


@dataclass(frozen=True)
class Figures:
    """Of one run that has a result, by its stored logits. Accuracies are fractions of 1, by official labels."""

    member: Member
    words: str  # its value
    pictures: int  # of validation
    validation: float
    interval: tuple[float, float]  # of that, 95 %, Wilson
    training: float  # on the pictures that it was trained on, with the same weights and without dropout
    best_epoch: int | None
    epochs: int
    stopped: bool  # before its last epoch
    right: np.ndarray  # (pictures,) bool

    @property
    def gap(self) -> float:
        """By how much it is better on what it was trained on: what it has learned by heart."""
        return self.training - self.validation


@dataclass(frozen=True)
class Difference(Corrected):
    """Of another run (A) to the best one (B), on the same validation pictures; of all pairs that could be compared."""

    figures: Figures


@dataclass(frozen=True)
class Summary:
    members: Members
    figures: tuple[Figures, ...]  # of those that have a result, in the family's order
    judged: tuple[Figures, ...]  # of those that have gone through all their epochs, the best by validation first
    differences: tuple[Difference, ...]  # of `judged` but the first, in that order
    without: tuple[Member, ...]  # that ended without one


def summarise(members: Members, load: Load = predictions.load) -> Summary:
    """load: as `predictions.load`."""
    figures, without = [], []
    for one in members.runs:
        found = None if one.is_active or not one.row.result else _figures(members, one, load)
        if found:
            figures.append(found)
        elif not one.is_active:
            without.append(one)
    judged = sorted((one for one in figures if not one.stopped), key=lambda one: -one.validation)
    differences = [_difference(one, judged[0], len(judged)) for one in judged[1:]]
    return Summary(members, tuple(figures), tuple(judged), tuple(differences), tuple(without))


def _figures(members: Members, member: Member, load: Load) -> Figures | None:
    """None where its files are damaged, or where it has no validation pictures."""
    result = member.row.result
    try:
        validation, training = load(member.row.run, "validation"), load(member.row.run, "train")
    except RunError:
        return None
    if result is None or not len(validation.labels):
        return None
    right = validation.predicted == validation.labels
    return Figures(
        member,
        varying.words(members.varies, member.value),
        len(right),
        float(right.mean()),
        evaluation.wilson_interval(int(right.sum()), len(right)),
        float((training.predicted == training.labels).mean()),
        result.best_epoch,
        result.epochs,
        result.cancelled,
        right,
    )


def _difference(other: Figures, best: Figures, count: int) -> Difference:
    compared = comparison.compare(other.words, other.right, best.words, best.right)
    return Difference(compared, count * (count - 1) // 2, other)


def learned(summary: Summary) -> str:
    """What the family shows, in a line; it names no difference that chance may have made."""
    if active := len(summary.members.active):
        return f"{len(summary.members.runs) - active} of {len(summary.members.runs)} have ended."
    return " ".join(filter(None, [_compared(summary), *_left_out(summary)]))


def _compared(summary: Summary) -> str:
    if len(summary.judged) < 2:
        return "There is nothing to compare: fewer than two of the family have gone through all their epochs."
    best, several = summary.judged[0], varying.VARYING[summary.members.varies].several
    words = [one.words for one in sorted(summary.judged, key=summary.figures.index)]
    alike = [one for one in summary.differences if not one.real]
    worse = [one for one in summary.differences if one.real]
    pictures, reached = f"these {best.pictures:,} pictures", percent(best.validation, 1)
    head = f"Of {several} {listed(words)}"
    if not alike:
        second = worse[0]
        after = "the other" if len(summary.judged) == 2 else "the next"
        return (
            f"{head}, {best.words} was best on validation: {reached}, {_points(second.points)} over {after} (a real "
            f"difference on {pictures}, {SEED})."
        )
    if not worse:
        reached = listed([percent(one.validation, 1) for one in summary.judged])
        return f"{head} none was better than another: {reached} of {pictures} of validation lie within chance ({SEED})."
    near = listed([f"{one.figures.words} ({percent(one.figures.validation, 1)})" for one in alike])
    far = listed([one.figures.words for one in worse])
    return (
        f"{head}, {best.words} did best on validation with {reached}, but {near} cannot be told apart from it; {far} "
        f"{'is' if len(worse) == 1 else 'are'} worse, by {listed([_points(one.points) for one in worse])} (a real "
        f"difference on {pictures}, {SEED})."
    )


def _points(difference: float) -> str:
    return f"{100 * difference:.1f} {'point' if f'{100 * difference:.1f}' == '1.0' else 'points'}"


def _left_out(summary: Summary) -> list[str]:
    """Sentences about those that are not compared."""
    varies, found = summary.members.varies, []
    for one in summary.figures:
        if one.stopped:
            found.append(f"{varying.named(varies, one.member.value)} was stopped after {epochs(one.epochs)}")
    for member in summary.without:
        found.append(f"{varying.named(varies, member.value)} ended without a result")
    sentences = [f"{said[:1].upper()}{said[1:]} and is not compared." for said in found]
    if missing := summary.members.size - len(summary.members.runs):
        sentences.append(
            f"{missing} of the {summary.members.size} {'is' if missing == 1 else 'are'} not here any more."
        )
    return sentences


def rows(summary: Summary) -> list[dict[str, Any]]:
    """The table of the family: a row a run that has a result, in the family's order; figures are fractions of 1.

    What is compared has its difference to the best one, with interval and p; else these are None.
    """
    differences = {one.figures.words: one for one in summary.differences}
    found = []
    for one in summary.figures:
        apart = differences.get(one.words)
        found.append(
            {
                "run": one.member.row.run.id,
                "value": one.words,
                "validation": one.validation,
                "interval": one.interval,
                "training": one.training,
                "gap": one.gap,
                "best_epoch": one.best_epoch,
                "epochs": one.epochs,
                "behind": apart.points if apart else None,
                "behind_interval": apart.interval if apart else None,
                "p_value": apart.p_value if apart else None,
                "real": apart.real if apart else None,
                "best": bool(summary.judged) and one is summary.judged[0],
            }
        )
    return found
