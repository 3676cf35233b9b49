"""A run's answers by the labels of a label set, beside the official ones: the same pictures, the same answers."""

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np

from fmnist_core.analysis.label_set import LabelSet
from fmnist_core.formatting import percent
from fmnist_core.metrics import comparison, evaluation
from fmnist_core.metrics.comparison import Comparison
from fmnist_core.runs.predictions import Predictions

FAVOURS = "Who decides after seeing what a network says favours networks."


@dataclass(frozen=True)
class Rescored:
    """Of the pictures of a split that the set does not call ambiguous."""

    name: str  # the set's
    stored: Predictions  # by its labels
    relabelled: int  # of them
    ambiguous: int  # left out of the split
    compared: Comparison  # A: by official labels, B: by the set's

    @property
    def became_right(self) -> int:
        return self.compared.test.only_b

    @property
    def became_wrong(self) -> int:
        return self.compared.test.only_a

    @property
    def accuracies(self) -> tuple[float, float]:
        """By the official labels and by the set's, fractions of 1."""
        first, second = self.compared.right
        return first / self.compared.pictures, second / self.compared.pictures

    @property
    def intervals(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """Of these, 95 %, Wilson."""
        first, second = (evaluation.wilson_interval(right, self.compared.pictures) for right in self.compared.right)
        return first, second

    @property
    def decides(self) -> bool:
        """Whether anything of this split is otherwise than officially."""
        return bool(self.relabelled or self.ambiguous)


def rescore(stored: Predictions, labels: LabelSet) -> Rescored:
    """stored: a split of a run, by the official labels.

    Raises:
        ValueError: the set calls every picture of it ambiguous.
    """
    decisions = labels.of_split(stored.source)
    left_out = [position for position, held in decisions.items() if held.kind == "ambiguous"]
    counts = ~np.isin(stored.indices, left_out)
    if not counts.any():
        raise ValueError(f"{labels.name} calls all {len(counts):,} {stored.split} pictures ambiguous: none is left.")
    official = dataclasses.replace(
        stored, indices=stored.indices[counts], labels=stored.labels[counts], logits=stored.logits[counts]
    )
    said = {position: held.label for position, held in decisions.items() if held.label is not None}
    rows = np.flatnonzero(np.isin(official.indices, list(said)))
    changed = official.labels.copy()
    changed[rows] = [said[int(position)] for position in official.indices[rows]]
    mine = dataclasses.replace(official, labels=changed)
    for array in (official.indices, official.labels, official.logits, changed):
        array.setflags(write=False)
    found = comparison.compare(
        "official", official.predicted == official.labels, labels.name, mine.predicted == mine.labels
    )
    return Rescored(labels.name, mine, len(rows), int((~counts).sum()), found)


def in_words(found: Rescored) -> str:
    """What is otherwise by the set's labels, in some sentences; its accuracy itself is left to who shows it."""
    split = found.stored.split
    if not found.decides:
        return f"It relabels none of the {found.compared.pictures:,} {split} pictures, and calls none ambiguous."
    left_out = f"{found.ambiguous:,} left out as ambiguous" if found.ambiguous else "none left out"
    words = f"{found.relabelled:,} of {found.compared.pictures:,} {split} pictures relabelled, {left_out}."
    if found.relabelled:
        wrong = found.relabelled - found.became_right - found.became_wrong
        words += f" Of the {found.relabelled:,}, {found.became_right:,} became right, {found.became_wrong:,} became "
        words += f"wrong, {wrong:,} stayed wrong."
    if found.became_right or found.became_wrong:
        low, high = comparison.difference_interval(found.compared)
        first, second = found.accuracies
        told = comparison.p_in_words(found.compared.test.p_value)
        words += (
            f" On the same pictures that is {100 * (second - first):+.2f} points (95 % interval {100 * low:+.2f} to "
            f"{100 * high:+.2f}; exact McNemar test, {told})."
        )
    return words


def as_value(found: Rescored, num_classes: int) -> dict[str, Any]:
    """The same for JSON."""
    first, second = found.accuracies
    return {
        "name": found.name,
        "pictures": found.compared.pictures,
        "relabelled": found.relabelled,
        "ambiguous": found.ambiguous,
        "accuracy": second,
        "interval": list(found.intervals[1]),
        "official_accuracy": first,
        "official_interval": list(found.intervals[0]),
        "difference": second - first,
        "difference_interval": list(comparison.difference_interval(found.compared)),
        "became_right": found.became_right,
        "became_wrong": found.became_wrong,
        "p_value": found.compared.test.p_value,
        "confusion_matrix": evaluation.confusion_matrix(
            found.stored.labels, found.stored.predicted, num_classes
        ).tolist(),
    }


def head(found: Rescored) -> str:
    """ "95.63 % (95 % interval 95.21 % to 96.01 %) by Anna, 95.10 % (...) by the official labels of these"."""
    by_set, official = (
        f"{percent(accuracy)} (95 % interval {percent(low)} to {percent(high)})"
        for accuracy, (low, high) in zip(reversed(found.accuracies), reversed(found.intervals), strict=True)
    )
    return f"{by_set} by {found.name}; the same pictures by their official labels: {official}"
