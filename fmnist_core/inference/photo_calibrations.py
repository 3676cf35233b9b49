"""The photo calibration of a run: photos.json in its folder where it ships with it, else in results/photos-RUN/.

Making one takes a few seconds, as the damaged pictures come with the app; it is some kilobytes, and can be deleted at
any time.
"""

import contextlib
import dataclasses
import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fmnist_core.analysis import photo_calibration
from fmnist_core.analysis.photo_calibration import PhotoCalibration
from fmnist_core.inference import photo_reference
from fmnist_core.inference.classifier import Classifier
from fmnist_core.runs import runs
from fmnist_core.runs.runs import Run
from fmnist_core.splits import split_indices
from fmnist_core.storage import reading
from fmnist_core.storage.atomic import write_json
from fmnist_core.storage.folders import results_folder
from fmnist_core.storage.schema import from_json, parse_json

FILE = "photos.json"
VERSION = 1
DIGITS = 6
NOT_VALIDATION = (
    "This run was trained on some of the pictures that set this scale. It knows those better than others: expect more "
    "false alarms than the share that is named, and probabilities that are too sure."
)


@dataclass(frozen=True)
class _Stored:
    version: int
    temperature: float
    bias: tuple[float, ...]
    scores: tuple[float, ...]
    pictures: int
    false_alarms: float


def calibration(run: Run, classifier: Classifier) -> PhotoCalibration:
    """The run's, made and kept where there is none.

    Raises:
        RunError: the run is damaged, or the pictures that come with the app are.
        DataError: the dataset is missing, and it has to be made.
        ValueError: a network that gives values that are not finite.
    """
    classes = len(runs.read_config(run).class_names)
    path = place(run)
    with contextlib.suppress(OSError, ValueError):  # there is none, or it is damaged: it is made anew
        return _parse(reading.read_bytes(path), classes)
    made = make(classifier)
    with contextlib.suppress(OSError):  # no room to keep it is no reason not to answer
        path.parent.mkdir(parents=True, exist_ok=True)
        save(path, made)
    return made


def place(run: Run) -> Path:
    """Where it is kept. Another model.onnx, as after a resumed training, has another name."""
    if run.shipped and (run.folder / FILE).exists():
        return run.folder / FILE
    mark = ""
    with contextlib.suppress(OSError):
        model = (run.folder / "model.onnx").stat()
        mark = "-" + hashlib.sha256(f"{VERSION} {model.st_size} {model.st_mtime_ns}".encode()).hexdigest()[:12]
    return results_folder() / f"photos-{run.id}" / f"photos{mark}.json"


def make(classifier: Classifier) -> PhotoCalibration:
    """Raises as `calibration`."""
    found = photo_reference.found_or_error()
    count, views, *picture = found.views.shape
    logits = classifier.logits(found.views.reshape(-1, *picture)).reshape(count, views, -1)
    made = photo_calibration.fit(logits, found.labels, found.distances)
    rounded = {name: np.round(getattr(made, name), DIGITS) for name in ("bias", "scores")}
    return dataclasses.replace(made, temperature=round(made.temperature, DIGITS), **rounded)  # as it will be read


def save(path: Path, made: PhotoCalibration) -> None:
    """Some 2 kB. Raises OSError."""
    values = tuple(made.bias.tolist()), tuple(made.scores.tolist())
    stored = _Stored(VERSION, made.temperature, *values, made.pictures, made.false_alarms)
    write_json(path, dataclasses.asdict(stored))


def _parse(content: bytes, classes: int) -> PhotoCalibration:
    stored = from_json(_Stored, parse_json(content), FILE)
    scores = np.array(stored.scores)
    sound = stored.temperature > 0 and len(stored.bias) == classes and len(scores) and (np.diff(scores) >= 0).all()
    if stored.version != VERSION or not sound or not 0 < stored.false_alarms < 1:
        raise ValueError("made by another version, or for another network")
    return PhotoCalibration(stored.temperature, np.array(stored.bias), scores, stored.pictures, stored.false_alarms)


def note(run: Run) -> str | None:
    """A sentence where the calibration stands on weaker ground; None where it does not. Raises RunError."""
    set_aside = split_indices(runs.read_config(run).recipe).validation
    return None if np.isin(photo_reference.load().indices, set_aside).all() else NOT_VALIDATION
