"""A photo's answer, in one place for pages and commands: what a network calls it, and whether it knows such pictures.

A photo may have several views; their answers are one (`photo.views`). Drawings have none and are answered as photos
with a single one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np

from fmnist_core.analysis import photo_calibration
from fmnist_core.analysis.photo_calibration import DRAWN_FALSE_ALARMS, PhotoCalibration, Verdict
from fmnist_core.inference import photo_reference
from fmnist_core.inference.calibrated import calibrator_of
from fmnist_core.metrics import evaluation, prediction_sets
from fmnist_core.metrics.prediction_sets import Measured, Rule
from fmnist_core.photo.alike import class_distances, outline_distance
from fmnist_core.photo.steps import Prepared
from fmnist_core.photo.views import combine, views
from fmnist_core.runs import predictions
from fmnist_core.runs.runs import Run

COVERAGE = 0.9  # of prediction sets, unless another is asked for
SMALLEST_BLAME = 0.01  # a step that changed less is not worth a sentence


class Network(Protocol):
    def logits(self, images: np.ndarray) -> np.ndarray: ...


@dataclass(frozen=True, eq=False)
class PhotoAnswer:
    """What a network says of one photo or drawing. Without a calibration it has no verdict, without a rule no inside.

    names: of the classes. probabilities: (classes,) float64 of sum 1, calibrated for photos or raw. verdict: whether it
    looks like what the network was trained on. inside: (classes,) bool, the prediction set. drawn: whether it is a
    drawing.
    """

    names: tuple[str, ...]
    probabilities: np.ndarray
    verdict: Verdict | None = None
    inside: np.ndarray | None = None
    drawn: bool = False

    @property
    def known(self) -> bool | None:
        return None if self.verdict is None else self.verdict.known

    @property
    def in_distribution_score(self) -> float | None:
        """0 to 1, the share of known pictures that look at least as strange."""
        return None if self.verdict is None else self.verdict.in_distribution_score

    @property
    def label(self) -> str:
        return self.names[self.best]

    @property
    def best(self) -> int:
        return int(self.probabilities.argmax())

    @property
    def confidence(self) -> float:
        return float(self.probabilities[self.best])

    def top(self, count: int = 3) -> list[tuple[str, float]]:
        """The likeliest classes with their probabilities; of equal ones the first in order."""
        order = np.argsort(-self.probabilities, kind="stable")[:count]
        return [(self.names[index], float(self.probabilities[index])) for index in order]

    @property
    def set_names(self) -> list[str]:
        """The classes of the prediction set, likeliest first; none where there is no set."""
        inside = self.inside
        order = np.argsort(-self.probabilities, kind="stable")
        return [] if inside is None else [self.names[index] for index in order if inside[index]]


class Blame(NamedTuple):
    """The step that changed the probability of a class most."""

    step: int  # from 1: what stood before it is the step in front
    before: float
    after: float


def answer(
    prepared: Prepared,
    network: Network,
    names: Sequence[str],
    calibration: PhotoCalibration | None = None,
    rule: Rule | None = None,
    *,
    raw: bool = False,
) -> PhotoAnswer:
    """The answer to a photo in any mode.

    Args:
        names: the run's classes, in order.
        calibration: the run's for photos; without one the probabilities are raw, and whether the network knows such
            pictures is not told.
        raw: whether the probabilities are to be the network's own all the same.
        rule: for the prediction set, of the photo's views averaged as the rule calibrates them. What is known to be
            strange gets none: no class of it need be right.

    Raises:
        ValueError: the network gives values that are not finite, or as many classes as names were expected.
        DataError, RunError: with a calibration, where the training pictures, or those that come with the app, are not
            there.
    """
    logits = network.logits(views(prepared))
    probabilities = combine(prepared, evaluation.softmax(logits), names)
    verdict = inside = None
    if calibration is not None:
        calibrated = combine(prepared, calibration.probabilities(logits), names)
        verdict = judge(prepared, calibration, calibrated)
        probabilities = probabilities if raw else calibrated
    if rule is not None and (verdict is None or verdict.known):
        averaged = combine(prepared, rule.calibrator.probabilities(logits), names)
        inside = prediction_sets.inside(rule, averaged[np.newaxis])[0]
    return PhotoAnswer(tuple(names), probabilities, verdict, inside, prepared.drawn)


def judge(prepared: Prepared, calibration: PhotoCalibration, probabilities: np.ndarray) -> Verdict:
    """Whether it looks like what was trained on. probabilities: (classes,), calibrated, of all views."""
    if prepared.drawn:
        known = photo_reference.drawn_distances()
        return photo_calibration.verdict(outline_distance(prepared.picture), known, DRAWN_FALSE_ALARMS)
    return calibration.judge(probabilities, outline_distances(prepared))


def outline_distances(prepared: Prepared) -> np.ndarray:
    """(10,) float64, the mean over a photo's views: see `class_distances`. Raises DataError."""
    weights = np.array([view.weight for view in prepared.views]) if prepared.views else np.ones(1)
    return np.asarray(weights @ class_distances(views(prepared)))


def measured_sets(run: Run, rule: Rule) -> Measured:
    """What the rule's sets are worth on the run's test pictures. Raises RunError where these cannot be read."""
    test = predictions.load(run, "test")
    return prediction_sets.measure(prediction_sets.sets(rule, test.logits), test.labels)


def prediction_rule(run: Run, coverage: float = COVERAGE) -> Rule | None:
    """The rule that the run's validation pictures give; None where its recipe sets none aside.

    Raises:
        RunError: the run has no readable predictions.
        ValueError: a coverage outside (0, 1).
    """
    stored = predictions.load(run, "validation")
    if not len(stored.labels):
        return None
    return prediction_sets.fit(stored.logits, stored.labels, coverage, calibrator_of(run))


def answers_along(prepared: Prepared, network: Network, calibration: PhotoCalibration | None = None) -> np.ndarray:
    """(steps, classes): what the network would say if the way had ended at each step. Raises ValueError as `answer`."""
    logits = network.logits(np.stack([step.picture for step in prepared.steps]))
    return evaluation.softmax(logits) if calibration is None else calibration.probabilities(logits)


def blame(probabilities: np.ndarray, target: int) -> Blame | None:
    """The step that changed the target's probability most; None where none changed it by a percent.

    probabilities: (steps, classes), as `answers_along` gives them.
    """
    of_target = probabilities[:, target].astype(np.float64)
    changes = np.abs(np.diff(of_target))
    if not len(changes) or changes.max() < SMALLEST_BLAME:
        return None
    step = 1 + int(changes.argmax())
    return Blame(step, float(of_target[step - 1]), float(of_target[step]))
