"""A run's probabilities on every page: calibrated, or raw where the visitor has asked for these."""

import numpy as np

from fmnist_core import glossary
from fmnist_core.metrics.calibrators import RAW, Calibrator
from fmnist_core.metrics.scores import Scores
from fmnist_core.runs.predictions import Predictions
from fmnist_core.runs.runs import Run
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
    found = calibrator(run)
    if found.pictures:
        curve = " and a curve" if found.curved else ""
        fitted = f"a temperature of {found.temperature:.2f}{curve}, fitted on {found.pictures:,} validation pictures"
        return f"Calibrated probabilities: {fitted}."
    if state.get("probabilities") == "raw":
        return "Raw probabilities: the softmax of the network's logits, as they are."
    return "Raw probabilities: the recipe sets no validation pictures aside to calibrate them with."


_HELP = glossary.several("Calibration", "Temperature")
