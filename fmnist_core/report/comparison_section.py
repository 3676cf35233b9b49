"""The sections of the report that holds two runs against each other: the second is judged by the first."""

import numpy as np

from fmnist_core import data
from fmnist_core.metrics import comparison, evaluation
from fmnist_core.metrics.comparison import Changes, Comparison
from fmnist_core.report.elements import (
    Html,
    Picture,
    code,
    element,
    gallery,
    joined,
    matrix,
    paragraph,
    percent,
    points,
    section,
    table,
    tiles,
)
from fmnist_core.report.recipe_section import as_text, commands, differences
from fmnist_core.report.sections import Finished, made_with, minutes
from fmnist_core.runs import predictions
from fmnist_core.runs.predictions import Predictions
from fmnist_core.storage.folders import RunError

SHOWN = 25  # pictures that the second mended, and as many that it broke


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


def head(pair: Pair) -> Html:
    (a, b), (mended, broken) = pair.titles, (int(cells.sum()) for cells in (pair.changed.mended, pair.changed.broken))
    low, high = comparison.difference_interval(pair.compared)
    difference = (pair.compared.right[1] - pair.compared.right[0]) / pair.compared.pictures
    shown = tiles(
        [
            (
                "Difference in accuracy",
                f"{points(difference)} points",
                f"95 % interval {points(low)} to {points(high)}",
            ),
            ("Mended by the second", f"{mended:,}", "wrong before, right now"),
            ("Broken by the second", f"{broken:,}", "right before, wrong now"),
            ("McNemar’s test", comparison.p_in_words(pair.compared.test.p_value), "exact, two-sided"),
        ]
    )
    ids = f"First: {pair.runs[0].run.id}. Second: {pair.runs[1].run.id}."
    return joined(
        [
            element("p", "Fashion-MNIST Explorer · two runs compared", class_="kicker"),
            element("h1", f"{a} and {b}"),
            paragraph(ids, quiet=True),
            shown,
            paragraph(comparison.in_words(pair.compared)),
        ]
    )


def figures(pair: Pair) -> Html:
    a, b = pair.runs
    accuracy = [right / pair.compared.pictures for right in pair.compared.right]
    loss = [evaluation.cross_entropy(one.logits, one.labels) for one in pair.stored]
    intervals = [[percent(end) for end in run.interval] for run in pair.runs]
    rows: list[tuple[object, ...]] = [
        ("Test accuracy", *map(percent, accuracy), f"{points(accuracy[1] - accuracy[0])} points"),
        ("95 % interval", *(f"{low} to {high}" for low, high in intervals), None),
        ("Test loss", *(f"{value:.4f}" for value in loss), f"{loss[1] - loss[0]:+.4f}".replace("-", "\N{MINUS SIGN}")),
        ("Validation accuracy", *(percent(run.result["val_accuracy"]) for run in pair.runs), None),
        ("Parameters", *(f"{run.result['parameters']:,}" for run in pair.runs), _times(a, b, "parameters")),
        ("Epochs", *(f"{run.result['epochs']:,}" for run in pair.runs), None),
        ("Training", *(minutes(run.result["seconds"]) for run in pair.runs), _times(a, b, "seconds")),
        ("Precision", *(run.result["precision"].replace("_", " ") for run in pair.runs), None),
        ("Seed", *(str(run.config.recipe.seed) for run in pair.runs), None),
    ]
    shown = table("The figures of both", ["", *pair.titles, "Second less first, or times as much"], rows)
    return section("Side by side", shown, _agreement(pair))


def _times(first: Finished, second: Finished, name: str) -> str | None:
    before, after = first.result[name], second.result[name]
    return f"{after / before:.2f} ×" if before else None


def _agreement(pair: Pair) -> Html:
    """The four counts that McNemar's test looks at."""
    a, b = pair.right
    counts = [[int((one & other).sum()) for other in (b, ~b)] for one in (a, ~a)]
    headings = ["", f"{pair.titles[1]} right", f"{pair.titles[1]} wrong"]
    rows = [
        (f"{pair.titles[0]} {word}", *(f"{count:,}" for count in line))
        for word, line in zip(("right", "wrong"), counts, strict=True)
    ]
    same = float((pair.stored[0].predicted == pair.stored[1].predicted).mean())
    return joined([table(f"Pictures; the two say the same of {percent(same)} of them", headings, rows)])


def difference(pair: Pair) -> Html:
    change = pair.changed.difference
    good = np.where(np.eye(len(change), dtype=bool), change, -change)
    strengths = np.sign(good) * np.sqrt(np.abs(good) / max(int(np.abs(good).max()), 1))
    told = (
        "The second’s confusion matrix less the first’s. Green is better (more on the diagonal, fewer elsewhere), "
        "orange is worse."
    )
    shown = matrix("Change in the number of test pictures", pair.names, change, strengths, signed=True)
    return section("Difference of the matrices", paragraph(told), shown)


def classes(pair: Pair) -> Html:
    found = [evaluation.class_report(run_matrix(one, len(pair.names))) for one in pair.stored]
    rows = []
    for place, name in enumerate(pair.names):
        recalls = [float(one.recall[place]) for one in found]
        mended, broken = (int(cells[place].sum()) for cells in (pair.changed.mended, pair.changed.broken))
        line = (name, *map(percent, recalls), points(recalls[1] - recalls[0]))
        rows.append((*line, f"{mended:,}", f"{broken:,}", f"{int(found[0].support[place]):,}"))
    headings = ["Class", *pair.titles, "Change, points", "Mended", "Broken", "Pictures"]
    return section("Recall, class by class", table("Of what is so, the part that each calls so", headings, rows))


def run_matrix(stored: Predictions, num_classes: int) -> np.ndarray:
    return evaluation.confusion_matrix(stored.labels, stored.predicted, num_classes)


def surest_places(pair: Pair, kind: str) -> np.ndarray:
    """At most 25 rows of what the second "mended" or "broke", the mistake that was made surest first."""
    a, b = pair.right
    rows, mistaken = (~a & b, pair.stored[0]) if kind == "mended" else (a & ~b, pair.stored[1])
    places = np.flatnonzero(rows)
    confidence = evaluation.softmax(mistaken.logits[places]).max(axis=1, initial=0)
    return np.asarray(places[np.argsort(-confidence, kind="stable")][:SHOWN])


def changed_pictures(pair: Pair, kind: str) -> Html:
    places = surest_places(pair, kind)
    total = int((pair.changed.mended if kind == "mended" else pair.changed.broken).sum())
    who = (
        "the first was wrong and the second is right"
        if kind == "mended"
        else "the first was right and the second is wrong"
    )
    told = (
        f"On {total:,} pictures {who}. Here are the {len(places)} whose mistake was made with the greatest confidence."
    )
    if not total:
        told = f"There is no picture on which {who}."
    pictures = [_picture(pair, int(place)) for place in places]
    return section(f"What the second {'mended' if kind == 'mended' else 'broke'}", paragraph(told), gallery(pictures))


def _picture(pair: Pair, place: int) -> Picture:
    stored = pair.stored[0]
    label, address = pair.names[stored.labels[place]], data.picture_address(stored.source, int(stored.indices[place]))
    said = []
    for word, one in zip(("first", "second"), pair.stored, strict=True):
        row = evaluation.softmax(one.logits[place : place + 1])[0]
        said.append(f"{word}: {pair.names[int(row.argmax())]}, {percent(float(row.max()), 1)}")
    return Picture(stored.images[place], f"{address}: {label}; {'; '.join(said)}", (label, *said, address))


def recipes(pair: Pair) -> Html:
    one, other = (run.config.recipe for run in pair.runs)
    rows = differences(one, other)
    same = paragraph("Both were trained by the same recipe.")
    if one != other and not rows:
        same = paragraph("The recipes differ only in what their JSON says.")
    shown = table("What differs", ["", *pair.titles], rows) if rows else same
    return section("Recipes", shown, *(_again(run, title) for run, title in zip(pair.runs, pair.titles, strict=True)))


def _again(run: Finished, title: str) -> Html:
    lines, note = commands(run.config.recipe)
    told = paragraph(note) if note else ""
    begin = [element("h3", f"{title}: its recipe"), code(as_text(run.config.recipe)), made_with(run)]
    return joined([*begin, element("h3", f"{title}: train it again"), told, *map(code, lines)])
