"""What the published sources show of a network, for any finished run, as tables; `pictures` draws it.

A table is a list of rows, dicts with the same keys in the same order; `as_csv` takes any of them. Accuracies,
precisions and recalls are fractions of 1, losses are in nats, and None is a value that there is not.
"""

import csv
import dataclasses
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fmnist_core import data
from fmnist_core.metrics import evaluation
from fmnist_core.metrics.calibrators import RAW, Calibrator
from fmnist_core.metrics.evaluation import ClassReport
from fmnist_core.recipe import OWN, Recipe
from fmnist_core.runs import curves, predictions, runs
from fmnist_core.runs.predictions import Predictions
from fmnist_core.runs.records import EpochLine, Line
from fmnist_core.runs.runs import Run
from fmnist_core.storage.folders import RunError
from fmnist_core.storage.schema import to_json
from fmnist_core.zoo.spec import Model, StageFigures

ReportRow = dict[str, Any]

MONTAGE_PICTURES = 16
DIGITS = 6  # as metrics.jsonl and result.json have them
_FIRST = ("epoch", "step")  # columns of the history
LINE_FIGURES: dict[str, Callable[[EpochLine], float | None]] = {  # names, and where a line of metrics.jsonl has them
    "training accuracy": lambda line: line.accuracy,
    "training loss": lambda line: line.loss,
    "validation accuracy": lambda line: line.val_accuracy,
    "validation loss": lambda line: line.val_loss,
    "distorted validation accuracy": lambda line: line.val_augmented_accuracy,
    "distorted validation loss": lambda line: line.val_augmented_loss,
}


def as_csv(rows: Sequence[ReportRow]) -> str:
    """The rows under a line of their keys; None is an empty field, and numbers keep all their digits."""
    file = io.StringIO()
    writer = csv.DictWriter(file, list(rows[0]) if rows else [], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()


def classification_rows(matrix: np.ndarray, names: Sequence[str]) -> list[ReportRow]:
    """Precision, recall, F1 and support of each class, then accuracy and both averages, as scikit-learn counts them.

    Undefined values count as 0, as scikit-learn's zero_division has it. The accuracy stands under F1.

    Raises:
        ValueError: no pictures, or not a name a class.
    """
    if len(names) != len(matrix) or not matrix.sum():
        raise ValueError(
            f"A report needs pictures and a name a class. Received: {matrix.sum()} pictures, {len(matrix)} classes, "
            f"{len(names)} names."
        )
    report = evaluation.class_report(matrix)
    total = int(matrix.sum())
    scores = np.nan_to_num(np.array(report[:3]))  # (3, classes)
    lines: list[tuple[Any, ...]] = [(*each, int(n)) for each, n in zip(scores.T.tolist(), report.support, strict=True)]
    lines.append((None, None, evaluation.accuracy(matrix), total))
    for means in (scores.mean(axis=1), scores @ (report.support / total)):
        lines.append((*means.tolist(), total))
    titles = (*names, "accuracy", "macro avg", "weighted avg")
    keys = ("precision", "recall", "f1-score", "support")
    return [{"class": title} | dict(zip(keys, line, strict=True)) for title, line in zip(titles, lines, strict=True)]


def with_published(rows: Sequence[ReportRow], model: Model) -> list[ReportRow]:
    """The rows of `classification_rows`, with the source's own precision and recall of each class where it has them."""
    pairs = model.published.precision_recall
    if not pairs or len(rows) != len(pairs) + 3:  # a class was taught since
        return list(rows)
    padded = (*pairs, *[(None, None)] * 3)
    keys = ("published precision", "published recall")
    return [row | dict(zip(keys, pair, strict=True)) for row, pair in zip(rows, padded, strict=True)]


def classification_text(rows: Sequence[ReportRow], digits: int = 2) -> str:
    """The rows of `classification_rows` as scikit-learn prints them."""
    width = max(len(row["class"]) for row in rows)
    keys = list(rows[0])[1:]
    text = " " * width + " " + "".join(f" {key:>9}" for key in keys) + "\n\n"
    for row in rows:
        if row["class"] == "accuracy":
            text += "\n"
        cells = [" " * 9 if row[key] is None else f"{row[key]:>9.{digits}f}" for key in keys[:-1]]
        text += f"{row['class']:>{width}}  {' '.join(cells)} {row['support']:>9}\n"
    return text


def history_rows(lines: Sequence[Line], recipe: Recipe, names: Sequence[str]) -> list[ReportRow]:
    """The finished epochs of a run, a row each: its stage, then what metrics.jsonl says, a column a class for recall.

    lines: as of `runs.read_metrics`.
    """
    epochs = curves.epochs_of(lines)
    figures = [to_json(line) for line in epochs]
    found = dict.fromkeys(key for line in figures for key in line if key != "val_recall")
    keys = sorted(found, key=lambda key: (key not in _FIRST, "loss" not in key and "accuracy" not in key))
    rows = []
    for line, values in zip(epochs, figures, strict=True):
        stage = recipe.stage_at(min(line.epoch, recipe.epochs) - 1) + 1
        recalls = line.val_recall or [None] * len(names)
        row = {"stage": stage} | {key: values.get(key) for key in keys}
        rows.append(row | {f"val_recall {name}": value for name, value in zip(names, recalls, strict=False)})
    return rows


def choose_pictures(stored: Predictions, seed: int) -> np.ndarray:
    """(16,) int64 rows of `stored`, drawn at random without repetition; the same seed draws the same."""
    return np.random.default_rng(seed).choice(len(stored.labels), MONTAGE_PICTURES, replace=False)


def montage_rows(
    stored: Predictions, chosen: np.ndarray, names: Sequence[str], calibrator: Calibrator = RAW
) -> list[ReportRow]:
    """What the network says of the chosen pictures, a row each, in the montage's order."""
    probabilities = calibrator.probabilities(stored.logits[chosen])
    rows = []
    for index, row in zip(chosen, probabilities, strict=True):
        label, called = int(stored.labels[index]), int(row.argmax())
        address = data.picture_address(stored.source, int(stored.indices[index]))
        verdict = "right" if label == called else "wrong"
        known = {"picture": address, "label": names[label], "called": names[called]}
        rows.append(known | {"probability": round(float(row[called]), 4), "verdict": verdict})
    return rows


@dataclass(frozen=True)
class StageEnd:
    """A run as it was when a stage ended; the last one is what it keeps."""

    number: int  # from 1
    epoch: int
    figures: dict[str, float | None]  # of that epoch, and of the test set
    report: ClassReport  # on the test set


def read_stage_ends(run: Run) -> list[StageEnd]:
    """Two or more ends of stages, in order.

    Raises:
        RunError: the run has one stage, or keeps nothing of an earlier one, or something of it is damaged.
    """
    recipe, kept = runs.read_config(run).recipe, runs.read_result(run).kept_epoch
    if len(recipe.stages) < 2:
        raise RunError("This run was trained in one stage, so there is no before and after.")
    last = recipe.stage_at(min(max(kept, 1), recipe.epochs) - 1) + 1
    if last == 1:
        raise RunError(f"This run keeps the weights of epoch {kept}, in stage 1, so there is nothing after it.")
    numbers = [number for number in predictions.list_stages(run) if number < last]
    if not numbers:
        raise RunError(
            "This run keeps no test figures from the end of its first stage: it was trained before they were kept. "
            "Train it again to compare the stages."
        )
    lines = {line.epoch: line for line in curves.epochs_of(runs.read_metrics(run))}
    epochs = [sum(stage.epochs for stage in recipe.stages[:number]) for number in numbers]
    earlier = [predictions.load_stage(run, number) for number in numbers]
    ends = zip((*numbers, last), (*epochs, kept), (*earlier, predictions.load(run, "test")), strict=True)
    return [_stage_end(number, epoch, lines.get(epoch), stored) for number, epoch, stored in ends]


def _stage_end(number: int, epoch: int, line: EpochLine | None, stored: Predictions) -> StageEnd:
    matrix = evaluation.confusion_matrix(stored.labels, stored.predicted, stored.logits.shape[1])
    figures = {name: of_line(line) if line else None for name, of_line in LINE_FIGURES.items()}
    figures["test accuracy"] = round(evaluation.accuracy(matrix), DIGITS)
    figures["test loss"] = round(evaluation.cross_entropy(stored.logits, stored.labels), DIGITS)
    return StageEnd(number, epoch, figures, evaluation.class_report(matrix))


def published_columns(model: Model) -> dict[str, dict[str, float | None]]:
    """The source's own figures by their names, a column each: "published stage 1", "published stage 2"; or "published".

    James Le's second stages report a validation accuracy on distorted pictures. Empty where nothing is published.
    """
    published, stages = model.published, model.recipe.stages
    last = f"published stage {len(stages)}" if len(stages) > 1 else "published"
    distorted = "distorted " if stages and stages[-1].augment_validation else ""
    columns = {"published stage 1": _by_name(published.first_stage), last: _by_name(published, distorted)}
    return {name: values for name, values in columns.items() if any(value is not None for value in values.values())}


def _by_name(figures: StageFigures, distorted: str = "") -> dict[str, float | None]:
    """distorted: stands before the names of the figures of validation, where that was on distorted pictures."""
    return {
        "training accuracy": figures.train_accuracy,
        "training loss": figures.train_loss,
        f"{distorted}validation accuracy": figures.validation_accuracy,
        f"{distorted}validation loss": figures.validation_loss,
        "test accuracy": figures.test_accuracy,
        "test loss": figures.test_loss,
    }


def stage_rows(ends: Sequence[StageEnd], published: Mapping[str, Mapping[str, float | None]]) -> list[ReportRow]:
    """The figures of each stage's end, what the last stage changed, and beside them the source's own columns.

    Figures that the run does not have are left out.

    Args:
        published: as of `published_columns`.
    """
    rows = []
    for name in ends[-1].figures:
        values = [end.figures[name] for end in ends]
        if all(value is None for value in values):
            continue
        row: ReportRow = {"figure": name} | {f"stage {end.number}": end.figures[name] for end in ends}
        row["change"] = _change(*values[-2:])
        rows.append(row | {column: figures.get(name) for column, figures in published.items()})
    return rows


def stage_words(rows: Sequence[ReportRow]) -> list[dict[str, str]]:
    """The rows of `stage_rows` as a reader wants them: accuracies in percent, changes with their sign."""
    return [{key: in_words(row["figure"].endswith("loss"), key, value) for key, value in row.items()} for row in rows]


def in_words(loss: bool, key: str, value: Any) -> str:
    if value is None or isinstance(value, str):
        return value or "–"
    if key == "change":
        return f"{value:+.3f}" if loss else f"{100 * value:+.2f} points"
    return f"{value:.3f}" if loss else f"{100 * value:.2f} %"


def class_rows(ends: Sequence[StageEnd], names: Sequence[str], model: Model | None) -> list[ReportRow]:
    """Recall and precision of each class on the test set before and after the last stage, and the source's own."""
    pairs = model.published.precision_recall if model else None
    before, after = ends[-2:]
    rows = []
    for index, name in enumerate(names):
        row: ReportRow = {"class": name}
        for place, measure in ((1, "recall"), (0, "precision")):
            old, new = (_number(getattr(end.report, measure)[index]) for end in (before, after))
            row |= {f"{measure} stage {before.number}": old, f"{measure} stage {after.number}": new}
            row[f"{measure} change"] = _change(old, new)
            if pairs and len(pairs) == len(names):
                row[f"published {measure}"] = pairs[index][place]
        rows.append(row)
    return rows


def follows_published(recipe: Recipe, model: Model) -> bool:
    """Whether the run was trained as the model's source trains it, whatever its seed and precision.

    No source has published an own network.
    """
    return (
        model.name != OWN
        and dataclasses.replace(recipe, seed=model.recipe.seed, precision=model.recipe.precision) == model.recipe
    )


def _number(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), DIGITS)


def _change(old: float | None, new: float | None) -> float | None:
    return None if old is None or new is None else round(new - old, DIGITS)
