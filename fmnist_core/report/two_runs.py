"""What the report says that holds two runs against each other: plain data for templates/two_runs.html.

The second run is judged by the first.
"""

from typing import Any

import numpy as np

from fmnist_core import data
from fmnist_core.formatting import duration
from fmnist_core.metrics import comparison, evaluation
from fmnist_core.metrics.comparison import Changes, Comparison
from fmnist_core.report import parts, recipe_words
from fmnist_core.report.finished import Finished
from fmnist_core.report.one_run import again
from fmnist_core.report.parts import LargeFigure, Matrix, Picture, Table, percent, points
from fmnist_core.runs import predictions
from fmnist_core.storage.folders import RunError

SHOWN = 25  # pictures that the second fixed, and as many that it broke


class Pair:
    """Two finished runs on the pictures that both have stored."""

    def __init__(self, first: Finished, second: Finished) -> None:
        """Raises RunError where the two cannot be compared."""
        if first.names != second.names:
            raise RunError(
                f"The runs {first.run.id} and {second.run.id} know different classes. Choose two that know the same."
            )
        try:
            self.stored = predictions.shared(first.stored, second.stored)
        except ValueError as error:
            raise RunError(str(error)) from None
        self.runs = (first, second)
        self.names = first.names
        a, b = self.stored
        self.right = (a.predicted == a.labels, b.predicted == b.labels)
        self.titles = _titles(first, second)
        self.changed: Changes = comparison.changes(a.labels, a.predicted, b.predicted, len(self.names))
        self.compared: Comparison = comparison.compare(self.titles[0], self.right[0], self.titles[1], self.right[1])


def _titles(first: Finished, second: Finished) -> tuple[str, str]:
    """The titles of the models; the names of the runs where one model is held against itself."""
    if first.title != second.title:
        return first.title, second.title
    return (first.run.id, second.run.id) if first.run.id != second.run.id else ("First", "Second")


def contents(pair: Pair) -> dict[str, Any]:
    """By the names that the template uses."""
    one, other = (run.config.recipe for run in pair.runs)
    changed = pair.changed
    return {
        "pair": pair,
        "tiles": tiles(pair),
        "verdict": comparison.in_words(pair.compared),
        "figures": figures(pair),
        "agreement": agreement(pair),
        "difference": difference(pair),
        "classes": classes(pair),
        "fixed": (int(changed.fixed.sum()), changed_pictures(pair, fixed=True)),
        "broken": (int(changed.broken.sum()), changed_pictures(pair, fixed=False)),
        "same_recipe": one == other,
        "recipes": Table("What differs", ("", *pair.titles), recipe_words.differences(one, other)),
        "again": [{"title": title} | again(run) for title, run in zip(pair.titles, pair.runs, strict=True)],
    }


def tiles(pair: Pair) -> list[LargeFigure]:
    low, high = comparison.difference_interval(pair.compared)
    difference = (pair.compared.right[1] - pair.compared.right[0]) / pair.compared.pictures
    interval, p_value = f"95 % interval {points(low)} to {points(high)}", pair.compared.test.p_value
    return [
        ("Difference in accuracy", f"{points(difference)} points", interval),
        ("Fixed by the second", f"{pair.changed.fixed.sum():,}", "wrong before, right now"),
        ("Broken by the second", f"{pair.changed.broken.sum():,}", "right before, wrong now"),
        ("McNemar’s test", comparison.p_in_words(p_value), "exact, two-sided"),
    ]


def figures(pair: Pair) -> Table:
    a, b = (run.result for run in pair.runs)
    accuracy = [right / pair.compared.pictures for right in pair.compared.right]
    intervals = [" to ".join(map(percent, run.interval)) for run in pair.runs]
    rows = [
        ("Test accuracy", *map(percent, accuracy), f"{points(accuracy[1] - accuracy[0])} points"),
        ("95 % interval", *intervals, None),
        _losses(pair),
        ("Validation accuracy", *(percent(run.result.val_accuracy) for run in pair.runs), None),
        ("Parameters", *(f"{run.result.parameters:,}" for run in pair.runs), _times(a.parameters, b.parameters)),
        ("MACs", *(run.macs for run in pair.runs), None),
        ("Epochs", *(f"{run.result.epochs:,}" for run in pair.runs), None),
        ("Training", *(duration(run.result.seconds, 1) for run in pair.runs), _times(a.seconds, b.seconds)),
        ("Precision", *(run.result.precision.replace("_", " ") for run in pair.runs), None),
        ("Seed", *(str(run.config.recipe.seed) for run in pair.runs), None),
    ]
    return Table("The figures of both", ("", *pair.titles, "Second less first, or times as much"), rows)


def _losses(pair: Pair) -> tuple[str | None, ...]:
    """Of the pictures that both have stored; see Finished.test_loss."""
    found = [
        None if run.test_loss is None else evaluation.cross_entropy(stored.logits, stored.labels)
        for run, stored in zip(pair.runs, pair.stored, strict=True)
    ]
    a, b = found
    difference = None if a is None or b is None else parts.signed(b - a, 4)
    return "Test loss", *(parts.NOTHING if one is None else parts.digits(one) for one in found), difference


def _times(before: float, after: float) -> str | None:
    return f"{after / before:.2f} ×" if before else None


def agreement(pair: Pair) -> Table:
    """The four counts that McNemar's test looks at."""
    a, b = pair.right
    rows = [
        (f"{pair.titles[0]} {word}", *(f"{int((one & other).sum()):,}" for other in (b, ~b)))
        for word, one in (("right", a), ("wrong", ~a))
    ]
    same = float((pair.stored[0].predicted == pair.stored[1].predicted).mean())
    headings = ("", f"{pair.titles[1]} right", f"{pair.titles[1]} wrong")
    return Table(f"Pictures; the two say the same of {percent(same)} of them", headings, rows)


def difference(pair: Pair) -> Matrix:
    change = pair.changed.difference
    good = np.where(np.eye(len(change), dtype=bool), change, -change)
    strengths = np.sign(good) * np.sqrt(np.abs(good) / max(int(np.abs(good).max()), 1))
    return parts.matrix("Change in the number of test pictures", pair.names, change, strengths, signed=True)


def classes(pair: Pair) -> Table:
    matrices = (evaluation.confusion_matrix(one.labels, one.predicted, len(pair.names)) for one in pair.stored)
    found = [evaluation.class_report(matrix) for matrix in matrices]
    rows = []
    for place, name in enumerate(pair.names):
        recalls = [float(one.recall[place]) for one in found]
        changed = (int(cells[place].sum()) for cells in (pair.changed.fixed, pair.changed.broken))
        counts = (f"{count:,}" for count in (*changed, int(found[0].support[place])))
        rows.append((name, *map(percent, recalls), points(recalls[1] - recalls[0]), *counts))
    headings = ("Class", *pair.titles, "Change, points", "Fixed", "Broken", "Pictures")
    return Table("Of what is so, the part that each calls so", headings, rows)


def changed_pictures(pair: Pair, fixed: bool) -> list[Picture]:
    """At most 25 of what the second fixed or broke, the mistake that was made surest first."""
    a, b = pair.right
    rows, mistaken = (~a & b, 0) if fixed else (a & ~b, 1)
    places = np.flatnonzero(rows)
    confidence = pair.runs[mistaken].probabilities(pair.stored[mistaken].logits[places]).max(axis=1, initial=0)
    return [_picture(pair, int(place)) for place in places[np.argsort(-confidence, kind="stable")][:SHOWN]]


def _picture(pair: Pair, place: int) -> Picture:
    stored = pair.stored[0]
    label, address = pair.names[stored.labels[place]], data.picture_address(stored.source, int(stored.indices[place]))
    said = []
    for word, run, one in zip(("first", "second"), pair.runs, pair.stored, strict=True):
        row = run.probabilities(one.logits[place : place + 1])[0]
        said.append(f"{word}: {pair.names[int(row.argmax())]}, {percent(float(row.max()), 1)}")
    return parts.picture(stored.images_at(place), f"{address}: {label}; {'; '.join(said)}", label, *said, address)
