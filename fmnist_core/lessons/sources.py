"""Where answers come from: which run a question means, and what is read of it."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from fmnist_core.inference.calibrated import calibrator_of
from fmnist_core.inference.classifier import Classifier, open_classifier
from fmnist_core.lessons.lesson import LessonError
from fmnist_core.metrics.calibrators import RAW, Calibrator
from fmnist_core.runs import catalogue, predictions, runs
from fmnist_core.runs.catalogue import Row
from fmnist_core.runs.predictions import Predictions
from fmnist_core.runs.records import Line
from fmnist_core.runs.runs import Run
from fmnist_core.storage import owners
from fmnist_core.zoo import MODELS

RUN_FIELDS = ("run", "other", "among", "compare")  # of an address: in a lesson, models' names do, too
LISTS_OF_RUNS = ("among", "compare")  # of these, the ones that take several, with commas between them
OWN = "own"  # the newest run of who asks


@dataclass(frozen=True)
class Sources:
    """How runs are read; pages give functions that keep what they have read. Each raises RunError."""

    rows: Callable[[], list[Row]] = catalogue.list_rows
    predictions: Callable[[Run, str], Predictions] = predictions.load
    classifier: Callable[[Run], Classifier] = open_classifier
    metrics: Callable[[Run], list[Line]] = runs.read_metrics
    calibrator: Callable[[Run], Calibrator | None] = calibrator_of

    def probabilities(self, run: Run, logits: np.ndarray) -> np.ndarray:
        """(n, classes) logits -> the same as the app's pages show them: calibrated, where the run can be."""
        return (self.calibrator(run) or RAW).probabilities(logits)

    def row(self, named: str) -> Row:
        """The run that a question names: a model of the zoo (of its runs one that ships, by validation), a run's own
        name, or "own", optionally with a model, "own cnn_2".

        Raises LessonError where there is none.
        """
        own, _, model = named.partition(" ")
        usable = [row for row in self.rows() if row.usable]
        if own == OWN:
            fits = [row for row in usable if _is_own(row) and (not model or row.model == model)]
            if not fits:
                which = f" of {MODELS[model].title}" if model in MODELS else ""
                raise LessonError(
                    f"This asks of a training of your own{which}, and none has ended yet. Train one first."
                )
            return fits[0]  # the newest first
        fits = [row for row in usable if row.run.id == named or row.model == named]
        found = catalogue.default_run([row for row in fits if row.run.shipped] or fits)
        if found is None:
            raise LessonError(f"This asks of {named[:60]}, of which there is no finished run here. Train it first.")
        return found

    def address(self, field: str, text: str) -> str:
        """What a view's field says of runs, with their own names: "cnn_2, flagship" -> "cnn_2-2026…,flagship-2026…".

        Raises LessonError as `row`.
        """
        if field not in RUN_FIELDS:
            return text
        return ",".join(self.row(one.strip()).run.id for one in text.split(","))


def _is_own(row: Row) -> bool:
    """Of the machine's, which owns all, only what nobody else made: a class trains on it."""
    return row.own and (row.owner is None or not owners.visitor().owns_all)


def is_named(text: str) -> bool:
    """Whether a text can name a run at all."""
    own, _, model = text.partition(" ")
    return text in MODELS or bool(runs.RUN_ID.fullmatch(text)) or (own == OWN and (not model or model in MODELS))
