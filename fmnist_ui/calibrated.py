"""A run's probabilities on every page: calibrated, or raw where the visitor has asked for these."""

import contextlib

import numpy as np

from fmnist_core import glossary
from fmnist_core.metrics.calibrators import RAW, Calibrator
from fmnist_core.metrics.scores import Scores
from fmnist_core.runs import runs
from fmnist_core.runs.predictions import Predictions
from fmnist_core.runs.runs import Run
from fmnist_core.storage.folders import RunError
from fmnist_core.zoo import kind_of
from fmnist_core.zoo.others import classical
from fmnist_ui import cached, state

KINDS = {"calibrated": "Calibrated", "raw": "Raw"}


def calibrator(run: Run) -> Calibrator:
    """RAW where that was chosen, or where the run has no validation pictures to fit another on."""
    return RAW if state.get("probabilities") == "raw" else cached.calibrator(run) or RAW


def probabilities(run: Run, logits: np.ndarray) -> np.ndarray:
    """(n, classes) logits -> (n, classes) float64. Raises ValueError for logits that are not finite."""
    return calibrator(run).probabilities(logits)


def scores_of(run: Run, stored: Predictions) -> Scores:
    """stored: a split of that run. Its losses are those of the network itself."""
    return cached.scores_of(run, stored, calibrator(run))


def choose() -> str:
    """The control, whose choice all views share."""
    return str(state.segmented("Probabilities", "probabilities", tuple(KINDS), format_func=KINDS.get, help=_HELP))


def words(run: Run) -> str:
    """Which ones are shown, for a line beside them."""
    found, logits = calibrator(run), _logits_of(run)
    if found.pictures:
        curve = " and a curve" if found.curved else ""
        fitted = f"a temperature of {found.temperature:.2f}{curve}, fitted on {found.pictures:,} validation pictures"
        own = f" It has no probabilities of its own; what is divided are its {logits}." if logits else ""
        return f"Calibrated probabilities: {fitted}.{own}"
    if state.get("probabilities") == "raw":
        if logits:
            return f"Raw probabilities: the softmax of its {logits}, which were never meant as probabilities."
        return "Raw probabilities: the softmax of the network's logits, as they are."
    return "Raw probabilities: the recipe sets no validation pictures aside to calibrate them with."


def _logits_of(run: Run) -> str:
    """ "decision values" where a classical baseline answers with these; else ""."""
    with contextlib.suppress(RunError):
        recipe = runs.read_config(run).recipe
        if kind_of(recipe) == "classical" and classical.answers_of(recipe.model) == "decision values":
            return "decision values"
    return ""


_HELP = glossary.several("Calibration", "Temperature")
