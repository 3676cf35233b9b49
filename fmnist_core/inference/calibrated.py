"""A run's calibrator: what its validation pictures say of its probabilities.

Fitting one takes a second; those of runs that ship come with them, as calibrator.json.
"""

import contextlib
import dataclasses
from pathlib import Path

import numpy as np

from fmnist_core.metrics import calibrators
from fmnist_core.metrics.calibrators import Calibrator
from fmnist_core.runs import predictions
from fmnist_core.runs.runs import Run
from fmnist_core.storage import reading
from fmnist_core.storage.atomic import write_json
from fmnist_core.storage.folders import RunError
from fmnist_core.storage.schema import from_json, parse_json

FILE = "calibrator.json"
VERSION = 1  # of how they are fitted
DIGITS = 9


@dataclasses.dataclass(frozen=True)
class _Stored:
    version: int
    temperature: float
    knots: tuple[float, ...]
    heights: tuple[float, ...]
    pictures: int


def calibrator_of(run: Run) -> Calibrator | None:
    """Fitted on the run's validation pictures, never on those that are reported; None where it has none to read."""
    if run.shipped:
        with contextlib.suppress(OSError, ValueError):  # there is none, or it is damaged: it is fitted anew
            return _parse(reading.read_bytes(run.folder / FILE))
    return fitted(run)


def fitted(run: Run) -> Calibrator | None:
    """The same, fitted now."""
    try:
        validation = predictions.load(run, "validation")
    except RunError:
        return None
    return calibrators.fit(validation.logits, validation.labels)


def save(path: Path, found: Calibrator) -> None:
    """Raises OSError."""
    knots, heights = (tuple(np.round(values, DIGITS).tolist()) for values in (found.knots, found.heights))
    stored = _Stored(VERSION, round(found.temperature, DIGITS), knots, heights, found.pictures)
    write_json(path, dataclasses.asdict(stored))


def _parse(content: bytes) -> Calibrator:
    stored = from_json(_Stored, parse_json(content), FILE)
    knots, heights = np.array(stored.knots), np.array(stored.heights)
    rising = (np.diff(knots) > 0).all() and (np.diff(heights) >= 0).all()
    if stored.version != VERSION or stored.temperature <= 0 or len(knots) != len(heights) or not rising:
        raise ValueError("made by another version, or damaged")
    return Calibrator(stored.temperature, knots, heights, stored.pictures)
