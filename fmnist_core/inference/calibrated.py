"""A run's calibrator: what its validation pictures say of its probabilities."""

from fmnist_core.metrics import calibrators
from fmnist_core.metrics.calibrators import Calibrator
from fmnist_core.runs import predictions
from fmnist_core.runs.runs import Run
from fmnist_core.storage.folders import RunError


def calibrator_of(run: Run) -> Calibrator | None:
    """Fitted on the run's validation pictures, never on those that are reported; None where it has none to read."""
    try:
        validation = predictions.load(run, "validation")
    except RunError:
        return None
    return calibrators.fit(validation.logits, validation.labels)
