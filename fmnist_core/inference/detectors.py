"""The out-of-distribution detectors of a run: made of its own training and validation pictures, and kept.

A run folder belongs to the job that wrote it, and shipped ones are read-only; so detectors lie in results/detectors-
RUN/, where they can be deleted at any time. Making one takes some seconds (minutes for VGG19), reading it a few
hundredths of one.
"""

import contextlib
import hashlib
from pathlib import Path

import numpy as np

from fmnist_core import data
from fmnist_core.analysis import out_of_distribution
from fmnist_core.analysis.out_of_distribution import Detector, Kind, Layer
from fmnist_core.inference.classifier import Classifier
from fmnist_core.photo.corruptions import damaged
from fmnist_core.progress import OnShare
from fmnist_core.runs import runs
from fmnist_core.runs.runs import Run
from fmnist_core.splits import split_indices
from fmnist_core.storage import stored_arrays
from fmnist_core.storage.folders import results_folder

VERSION = 3  # of what is stored: to be raised when a detector is made otherwise
SEED = 0
_COMMON = ("between", "zero", "unit", "validation", "false_alarms")
_FIELDS = ("mean", "scale", "components", "within", "total", "centres")

NO_VALIDATION = (
    "This recipe sets no validation pictures aside, so the detector was set with pictures that the network was trained "
    "on. It knows those better than others: expect more false alarms than the share that is named."
)


def detector(run: Run, kind: Kind, classifier: Classifier, on_progress: OnShare = lambda share: None) -> Detector:
    """The run's detector for pictures of the data ("picture"), or for photos and drawings ("photo").

    on_progress: called with the share that is done, where it has to be made.

    Raises:
        ValueError: an unknown kind, or a network that gives values that are not finite.
        RunError: the run is damaged.
    """
    if kind not in out_of_distribution.KINDS:
        raise ValueError(f"Unknown kind of detector {kind!r}. Choose one of: {', '.join(out_of_distribution.KINDS)}.")
    path = place(run, kind)
    with contextlib.suppress(OSError, ValueError):  # there is none, or it is damaged: it is made anew
        return _load(path)
    made = _make(run, kind, classifier, on_progress)
    with contextlib.suppress(OSError):  # no room to keep it is no reason not to answer
        path.parent.mkdir(parents=True, exist_ok=True)
        _save(path, made)
    return made


def place(run: Run, kind: Kind) -> Path:
    """Where the detector is kept. Another model.onnx, as after a resumed training, has another name."""
    with contextlib.suppress(OSError):
        model = (run.folder / "model.onnx").stat()
        mark = hashlib.sha256(f"{VERSION} {model.st_size} {model.st_mtime_ns}".encode()).hexdigest()[:12]
        return results_folder() / f"detectors-{run.id}" / f"{kind}-{mark}.npz"
    return results_folder() / f"detectors-{run.id}" / f"{kind}.npz"


def note(run: Run) -> str | None:
    """A sentence for the reader where the detector stands on weaker ground; None where it does not. Raises RunError."""
    return None if len(split_indices(runs.read_config(run).recipe).validation) else NO_VALIDATION


def reference_indices(run: Run) -> tuple[np.ndarray, np.ndarray]:
    """Positions in the training set of the pictures that make a detector, and of those that set its scale; disjoint."""
    chosen = split_indices(runs.read_config(run).recipe)
    generator = np.random.default_rng(SEED)
    train = generator.permutation(chosen.train)
    if len(chosen.validation):
        return train[: out_of_distribution.REFERENCE], generator.permutation(chosen.validation)[
            : out_of_distribution.VALIDATION
        ]
    held = min(out_of_distribution.VALIDATION, len(train) // 2)
    return train[held : held + out_of_distribution.REFERENCE], train[:held]


def _make(run: Run, kind: Kind, classifier: Classifier, on_progress: OnShare) -> Detector:
    known, others = reference_indices(run)
    pictures = data.load_split("train")
    images, labels, validation = pictures.images[known], pictures.labels[known], pictures.images[others]
    overlaid = None
    if kind == "photo":
        generator = np.random.default_rng(SEED)
        overlaid = out_of_distribution.lay_over(images, labels, generator)
        # In one call: all draw from the same shadows and folds, so that these cannot tell one garment from two.
        groups = np.cumsum([len(images), len(validation)])
        images, validation, overlaid = np.split(
            damaged(np.concatenate([images, validation, overlaid]), generator), groups
        )
    return out_of_distribution.fit(
        classifier, images, labels, validation, overlaid, on_progress, out_of_distribution.FALSE_ALARMS[kind]
    )


def _save(path: Path, made: Detector) -> None:
    arrays = {"names": np.array(made.names)} | {field: np.asarray(getattr(made, field)) for field in _COMMON}
    for number, layer in enumerate(made.layers):
        arrays |= {f"{number}.{field}": getattr(layer, field) for field in _FIELDS}
    stored_arrays.save(path, arrays, compress=False)


def _load(path: Path) -> Detector:
    arrays = stored_arrays.load(path)
    try:
        names = tuple(map(str, arrays["names"]))
        layers = tuple(Layer(*(arrays[f"{number}.{field}"] for field in _FIELDS)) for number in range(len(names)))
        between, zero, unit, validation, false_alarms = (arrays[field] for field in _COMMON)
        return Detector(names, layers, between, zero, unit, validation, float(false_alarms))
    except KeyError as error:
        raise ValueError(f"{path.name} lacks {error}") from None
