"""What the report of a run says, from what the run has stored: plain data for templates/one_run.html."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from fmnist_core import data
from fmnist_core.brought_in import words
from fmnist_core.formatting import duration
from fmnist_core.metrics import calibration, evaluation, scores
from fmnist_core.metrics.calibration import Reliability
from fmnist_core.metrics.calibrators import RAW, Calibrator
from fmnist_core.report import curve_pictures, parts, pictures, recipe_words, tables
from fmnist_core.report.beside_source import rows_beside_source
from fmnist_core.report.finished import Finished
from fmnist_core.report.papers import Svg
from fmnist_core.report.parts import LargeFigure, Matrix, Picture, Table, digits, percent
from fmnist_core.runs import curves, runs, size_curve
from fmnist_core.runs.predictions import Predictions
from fmnist_core.runs.records import Config

WORST = 50  # pictures


def contents(found: Finished) -> dict[str, Any]:
    """By the names that the template uses."""
    drawings, drawings_said = learning_curves(found)
    return {
        "run": found,
        "tiles": tiles(found),
        "confused": evaluation.most_confused(found.matrix),
        "curves": drawings,
        "curves_said": drawings_said,
        "confusion": confusion(found),
        "classes": classes(found),
        "beside_source": beside(found),
        "calibrated": calibrated(found),
        "worst": worst(found),
        "recipe": _recipe(found),
        "notes": words.sentences(found.brought_in, found.accuracy) if found.brought_in else [],
    } | again(found)


def _recipe(found: Finished) -> list[tuple[str, str]]:
    return words.facts(found.brought_in) if found.brought_in else recipe_words.in_words(found.config.recipe)


def tiles(found: Finished) -> list[LargeFigure]:
    low, high = (percent(end) for end in found.interval)
    result, total = found.result, len(found.stored.labels)
    stopped = "stopped before its end" if result.cancelled else f"kept: epoch {result.kept_epoch}"
    learned = "weights of the network"
    unvalidated = "no validation split" if result.val_accuracy is None else "on pictures set aside"
    test_loss = ("Test loss", parts.NOTHING, "it answers with distances, not with probabilities")
    if found.test_loss is not None:
        test_loss = ("Test loss", f"{found.test_loss:.4f}", "mean cross-entropy, nats")
    precision = result.precision.replace("_", " ")
    training = [
        ("Epochs", f"{result.epochs:,}", stopped),
        ("Training", duration(result.seconds, 1), f"in {precision}, on the machine named below"),
    ]
    if found.kind == "classical":
        training[0], learned = ("Epochs", "0", "it learns without"), "numbers or tree nodes that it learned"
    if found.kind == "brought in":
        unvalidated = "no model" if result.val_accuracy is None else "on pictures that it may have been trained on"
        learned = "numbers in its file"
        training = [("Training", parts.NOTHING, "made elsewhere: not known")]
    return [
        ("Test accuracy", percent(found.accuracy), f"95 % interval {low} to {high}"),
        test_loss,
        ("Errors", f"{total - int(found.matrix.trace()):,}", f"of {total:,} test pictures"),
        ("Validation accuracy", percent(result.val_accuracy), unvalidated),
        ("Parameters", f"{result.parameters:,}", learned),
        ("MACs", found.macs, "multiplications, each with its addition, for one picture"),
        *training,
    ]


def learning_curves(found: Finished) -> tuple[list[Svg], str]:
    """A drawing each of loss and accuracy, and what they say; none where no epoch has finished. Of what learns without
    epochs, accuracy against training size."""
    if found.kind == "brought in":
        return [], "It was made elsewhere: how it learned is not known."
    if found.kind == "classical":
        sizes, chosen = size_curve.read(found.run), found.config.recipe
        return [curve_pictures.sizes_svg(sizes)] if sizes else [], size_curve.in_words(sizes, chosen.split.validation)
    lines = runs.read_metrics(found.run)
    try:
        drawn = [curve_pictures.history_svg(lines, found.config.recipe, metric) for metric in curve_pictures.METRICS]
    except ValueError as error:
        return [], str(error)
    return drawn, curves.read_curves(lines)


def confusion(found: Finished) -> Matrix:
    counts = found.matrix
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    off = share * (1 - np.eye(len(counts)))
    strengths = np.where(np.eye(len(counts), dtype=bool), share, -np.sqrt(off / max(off.max(), 1e-9)))
    caption = f"Test pictures by label and by what {found.title} says"
    return parts.matrix(caption, found.names, counts, strengths)


def classes(found: Finished) -> Table:
    counts = found.matrix
    rows = tables.classification_rows(counts, found.names)
    if found.source and found.follows_source:
        rows = tables.with_published(rows, found.source)
    published = [key for key in ("published precision", "published recall") if key in rows[0]]
    headings = ["Class", "Precision", "Recall", "95 % interval of recall", "F1", "Pictures"]
    headings += [*map(str.capitalize, published), "Most often called instead"]
    lines = []
    for place, row in enumerate(rows):
        own = place < len(counts)
        line = [
            row["class"],
            digits(row["precision"]),
            digits(row["recall"]),
            _interval(counts, place) if own else None,
        ]
        line += [digits(row["f1-score"]), f"{row['support']:,}", *(digits(row[key]) for key in published)]
        lines.append([*line, _called_instead(counts, place, found.names) if own else None])
    return Table("On the test pictures; accuracy stands under F1", headings, lines, foot=3)


def beside(found: Finished) -> Table | None:
    """What the source reports; None where it reports nothing."""
    model = found.source
    rows = rows_beside_source(runs.read_metrics(found.run), found.result, model) if model else []
    if not model or not rows:
        return None
    headings = list(map(str.capitalize, rows[0]))
    return Table(f"Published by {model.source.author}", headings, [list(row.values()) for row in rows])


def _interval(counts: np.ndarray, place: int) -> str | None:
    total = int(counts[place].sum())
    if not total:
        return None
    low, high = evaluation.wilson_interval(int(counts[place, place]), total)
    return f"{low:.4f} to {high:.4f}"


def _called_instead(counts: np.ndarray, place: int, names: Sequence[str]) -> str | None:
    others = counts[place].copy()
    others[place] = 0
    return f"{names[int(others.argmax())]} ({others.max():,} ×)" if others.any() else None


class Calibrated(NamedTuple):
    """Calibration on the test pictures, before and after what the validation pictures say of it."""

    plain: Reliability
    confidence: float  # mean, as it is
    table: Table
    drawings: list[tuple[str, Svg]]  # each under its title
    calibrator: Calibrator | None
    fitted_error: float | None  # the expected calibration error with it


def calibrated(found: Finished) -> Calibrated:
    plain = _reliability(found.stored, RAW)
    confidence = float(np.nansum(plain.confidence * plain.counts) / plain.counts.sum())
    drawings = [("As it is", pictures.reliability_svg(plain, "as it is"))]
    calibrator = found.calibrator
    if calibrator is None:
        return Calibrated(plain, confidence, _bins(plain), drawings, None, None)
    fitted = _reliability(found.stored, calibrator)
    drawings.append(("Calibrated", pictures.reliability_svg(fitted, "calibrated")))
    return Calibrated(plain, confidence, _bins(plain), drawings, calibrator, fitted.error)


def _reliability(stored: Predictions, calibrator: Calibrator) -> Reliability:
    confidence = calibrator.probabilities(stored.logits).max(axis=1)
    return calibration.reliability(np.minimum(confidence, 1), stored.predicted == stored.labels)


def _bins(found: Reliability) -> Table:
    rows = []
    for place in np.flatnonzero(found.counts):
        low, high = found.edges[place : place + 2]
        confidence, accuracy = float(found.confidence[place]), float(found.accuracy[place])
        line = (f"{100 * low:.1f} to {100 * high:.1f} %", f"{found.counts[place]:,}", percent(confidence))
        rows.append((*line, percent(accuracy), parts.points(accuracy - confidence)))
    headings = ("Confidence", "Pictures", "Mean confidence", "Accuracy", "Accuracy less confidence, points")
    return Table(f"{calibration.BINS} bins of equal width; empty ones left out", headings, rows)


def worst(found: Finished) -> list[Picture]:
    """The 50 of the largest loss, the largest first; all of them where there are fewer. Of distances the loss is no
    figure that says anything, but it still grows with how far the label lies behind the answer."""
    stored, names = found.stored, found.names
    losses = scores.score(stored.logits, stored.labels).loss
    chosen = np.argsort(-losses, kind="stable")[:WORST]
    probabilities, loss = found.probabilities(stored.logits[chosen]), losses[chosen]
    shown = []
    for place, row, each in zip(chosen, probabilities, loss, strict=True):
        label, called = names[int(stored.labels[place])], names[int(row.argmax())]
        address = data.picture_address(stored.source, int(stored.indices[place]))
        figure = () if found.test_loss is None else (f"loss {each:.2f}",)
        lines = (label, f"called {called}", f"{percent(float(row.max()), 1)} sure", *figure, address)
        shown.append(parts.picture(stored.images_at(place), f"{address}: {label}, called {called}", *lines))
    return shown


def again(found: Finished) -> dict[str, Any]:
    """How to train it again: the recipe as JSON, a command with a note about it, and what it was made with."""
    command, note = recipe_words.command(found.config.recipe)
    return {
        "json": recipe_words.as_text(found.config.recipe),
        "command": command,
        "note": note,
        "made_with": _made_with(found.config),
    }


def _made_with(config: Config) -> list[tuple[str, str]]:
    """Seed, versions and machine."""
    versions = (("Code" if name == "code" else name, version) for name, version in config.versions.items())
    named = {"bfloat16_units": "Multiplies bfloat16 in hardware", "python": "Python"}
    on = ((named.get(key, key.capitalize()), _answer(value)) for key, value in config.machine.items())
    return [("Seed", str(config.recipe.seed)), ("Dataset fingerprint", config.data_fingerprint), *versions, *on]


def _answer(value: object) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
