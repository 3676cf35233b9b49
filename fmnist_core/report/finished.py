"""A finished run as its report reads it: once, with what several of the report's parts ask of it."""

import functools
from dataclasses import dataclass

import numpy as np

from fmnist_core import zoo
from fmnist_core.inference.calibrated import calibrator_of
from fmnist_core.metrics import evaluation
from fmnist_core.metrics.calibrators import RAW, Calibrator
from fmnist_core.report import parts, tables
from fmnist_core.runs import catalogue, predictions
from fmnist_core.runs.predictions import Predictions
from fmnist_core.runs.records import Config, Result
from fmnist_core.runs.runs import Run
from fmnist_core.storage.folders import RunError
from fmnist_core.zoo.others import classical
from fmnist_core.zoo.others.brought_in import BroughtIn
from fmnist_core.zoo.spec import Kind, Model
from fmnist_core.zoo.summaries import total_macs


@dataclass(frozen=True)
class Finished:
    """A finished run, read once."""

    run: Run
    config: Config
    result: Result
    stored: Predictions  # of the test pictures

    @property
    def names(self) -> tuple[str, ...]:
        return self.config.class_names

    @property
    def model(self) -> Model | None:
        return zoo.find(self.config.recipe)

    @property
    def title(self) -> str:
        return self.model.title if self.model else self.config.recipe.model

    @property
    def kind(self) -> Kind:
        return zoo.kind_of(self.config.recipe)

    @property
    def source(self) -> Model | None:
        """What it can be compared with: its model's row, but of none that was made elsewhere."""
        return None if self.kind == "brought in" else self.model

    @property
    def follows_source(self) -> bool:
        """Whether its recipe is the published one."""
        return self.source is not None and tables.follows_published(self.config.recipe, self.source)

    @property
    def macs(self) -> str:
        counted = self.model and self.kind == "network"
        return f"{total_macs(self.config.recipe) / 1e6:,.1f} M" if counted else parts.NOTHING

    @property
    def brought_in(self) -> BroughtIn | None:
        return self.config.brought_in

    @property
    def accuracy(self) -> float:
        """Of the test pictures."""
        return evaluation.accuracy(self.matrix)

    @functools.cached_property
    def test_loss(self) -> float | None:
        """Mean cross-entropy of the test pictures, nats; None of a classifier that answers with distances."""
        if not classical.has_loss(self.config.recipe.model):
            return None
        return evaluation.cross_entropy(self.stored.logits, self.stored.labels)

    @property
    def matrix(self) -> np.ndarray:
        return evaluation.confusion_matrix(self.stored.labels, self.stored.predicted, len(self.names))

    @functools.cached_property
    def calibrator(self) -> Calibrator | None:
        """None without validation pictures: then its probabilities are raw."""
        return calibrator_of(self.run)

    def probabilities(self, logits: np.ndarray) -> np.ndarray:
        """(n, classes) logits -> (n, classes), calibrated where that can be."""
        return (self.calibrator or RAW).probabilities(logits)

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the test accuracy."""
        return evaluation.wilson_interval(int(self.matrix.trace()), int(self.matrix.sum()))


def read_finished(run: Run) -> Finished:
    """Raises RunError where the run has not finished, or something of it is damaged."""
    row = catalogue.describe(run)
    if row.config is None or row.result is None:
        raise RunError(row.problem or f"The run {run.id} has not finished. Let it finish, or choose another run.")
    return Finished(run, row.config, row.result, predictions.load(run, "test"))
