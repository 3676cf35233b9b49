"""What visitors share: the dataset, open models, stored predictions. Keys are names; values are read-only."""

import contextlib
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import streamlit as st
from streamlit import runtime

from fmnist_core import data, embedding
from fmnist_core.demo import upkeep
from fmnist_core.embedding import PCA
from fmnist_core.embedding.neighbours import nearest
from fmnist_core.inference.calibrated import calibrator_of
from fmnist_core.inference.classifier import Classifier, open_classifier
from fmnist_core.inside.session import Inside, open_inside
from fmnist_core.jobs import kinds
from fmnist_core.maps import map_vectors as vectors
from fmnist_core.maps import maps
from fmnist_core.maps.map_spec import MapSpec, resolve
from fmnist_core.maps.maps import MapFiles, Stored
from fmnist_core.maps.vectors import Space
from fmnist_core.metrics import scores
from fmnist_core.metrics.calibrators import Calibrator
from fmnist_core.metrics.scores import Scores
from fmnist_core.photo.alike import training_outlines
from fmnist_core.report import tables
from fmnist_core.report.tables import StageEnd
from fmnist_core.runs import catalogue, feature_map, predictions, runs
from fmnist_core.runs.catalogue import Row
from fmnist_core.runs.predictions import Predictions
from fmnist_core.runs.records import Line
from fmnist_core.runs.runs import Run
from fmnist_core.storage import owners
from fmnist_core.storage.folders import RunError
from fmnist_core.sweeps import records as sweep_records
from fmnist_core.sweeps import summary
from fmnist_core.sweeps.records import Sweep
from fmnist_core.sweeps.summary import Summary
from fmnist_ui import memory


@st.cache_resource(show_spinner=False)
def warm_up() -> None:
    """Once a process. What the first page does without comes when that is there, and before anybody asks for it."""
    memory.keep(_prepare)
    upkeep.start(_open_pages)


def _prepare() -> None:
    import onnxruntime  # noqa: F401
    import pandas  # noqa: F401
    from PIL import ImageDraw  # noqa: F401

    with contextlib.suppress(data.DataError):  # said by the page that needs it
        for split in data.SPLITS:
            data.load_split(split)
        training_outlines()  # a second, which nobody's first stroke is to wait for


def _open_pages() -> int:
    """How many browsers' pages this process serves now. No public interface of Streamlit (1.67) says it."""
    return runtime.get_instance()._session_mgr.num_active_sessions() if runtime.exists() else 0


def list_rows() -> list[Row]:
    """All runs that the visitor may look at, at most two seconds old; `forget_rows` after a change of one's own."""
    return [row for row in _every_row() if owners.is_visible(row.owner)]


@st.cache_resource(ttl=2, show_spinner=False)
def _every_row() -> list[Row]:
    return [catalogue.describe(run) for run in runs.every_run()]


def forget_rows() -> None:
    _every_row.clear()


def list_sweeps() -> list[Sweep]:
    """Those that the visitor may look at and whose files can be read, in no order."""
    found = []
    for folder in kinds.SWEEP.folders():
        if owners.is_visible(owners.read(folder)):
            with contextlib.suppress(RunError):
                found.append(find_sweep(folder.name.removeprefix("sweep-")))
    return found


def find_sweep(sweep_id: str) -> Sweep:
    """As `sweep_records.find`."""
    folder = sweep_records.folder_of(sweep_id)
    if not owners.is_visible(owners.read(folder)):
        return sweep_records.find(sweep_id)  # which says so
    return _find_sweep(sweep_id, newest(folder / "spec.json"))


@st.cache_resource(max_entries=64, show_spinner=False)
def _find_sweep(sweep_id: str, stamp: float) -> Sweep:
    return sweep_records.find(sweep_id)


def summarise_sweep(sweep: Sweep, active: bool) -> Summary:
    """What it shows. active: whether more is to come."""
    here = tuple(task.run for task, _ in sweep_records.made_runs(sweep))
    return _summarise_sweep(sweep.id, active, here, sweep)


@st.cache_resource(max_entries=16, show_spinner=False)
def _summarise_sweep(sweep_id: str, active: bool, here: tuple[str, ...], _sweep: Sweep) -> Summary:
    return summary.summarise(_sweep, load_predictions)


def stamp(run: Run, *names: str) -> tuple[float, ...]:
    """When these files of a run were written, 0 where there is none: a resumed run replaces them, the names stay."""
    return tuple(newest(run.folder / name) for name in names)


def load_predictions(run: Run, split: str) -> Predictions:
    """Raises RunError."""
    return _load_predictions(run, split, stamp(run, "predictions.npz"))


def read_metrics(run: Run) -> list[Line]:
    """As `runs.read_metrics`; the caller changes nothing of it."""
    return _read_metrics(run, stamp(run, "metrics.jsonl"))


def load_classifier(run: Run) -> Classifier:
    """Raises RunError."""
    return _load_classifier(run, stamp(run, "model.onnx"))


def load_inside(run: Run) -> Inside:
    """Raises RunError."""
    return _load_inside(run, stamp(run, "model.onnx"))


def calibrator(run: Run) -> Calibrator | None:
    """None where the run has no validation pictures."""
    return _calibrator(run, stamp(run, "predictions.npz"))


def scores_of(run: Run, stored: Predictions, calibrator: Calibrator) -> Scores:
    """stored: a split of that run, as `load_predictions` gives it, or by the labels of a label set."""
    files = stamp(run, "predictions.npz", "maps/features.npz")
    return _scores_of(run, stored.split, labels_of(stored), calibrator.pictures > 0, files, stored, calibrator)


def labels_of(stored: Predictions) -> tuple[int, int]:
    """What tells the pictures and labels of one split from those by somebody's label set."""
    return len(stored.labels), zlib.crc32(stored.labels.tobytes(), zlib.crc32(stored.indices.tobytes()))


def logits_of_picture(run: Run, source: str, index: int) -> np.ndarray:
    """(1, classes) of one picture of the data: as stored, or classified now where the run stores none of it.

    Raises RunError where neither can be had.
    """
    for split in ("test",) if source == "test" else ("validation", "train"):
        with contextlib.suppress(RunError):  # no validation split, or damaged: the model itself may still answer
            stored = load_predictions(run, split)
            if len(found := np.flatnonzero(stored.indices == index)):
                return stored.logits[found[:1]]
    return load_classifier(run).logits(data.load_split(source).images[index : index + 1])


def read_stage_ends(run: Run) -> list[StageEnd]:
    """Raises RunError."""
    return _read_stage_ends(run, stamp(run, "result.json"))


@st.cache_resource(max_entries=64, show_spinner=False)
def _load_predictions(run: Run, split: str, stamp: tuple[float, ...]) -> Predictions:
    return predictions.load(run, split)


@st.cache_resource(max_entries=2, show_spinner=False)
def _load_inside(run: Run, stamp: tuple[float, ...]) -> Inside:
    return open_inside(run)


@st.cache_resource(max_entries=32, show_spinner=False)
def _read_metrics(run: Run, stamp: tuple[float, ...]) -> list[Line]:
    return runs.read_metrics(run)


@st.cache_resource(max_entries=3, show_spinner=False)
def _load_classifier(run: Run, stamp: tuple[float, ...]) -> Classifier:
    return open_classifier(run, threads=1)


@st.cache_resource(max_entries=64, show_spinner=False)
def _scores_of(
    run: Run,
    split: str,
    labels: tuple[int, int],
    calibrated: bool,
    stamp: tuple[float, ...],
    _stored: Predictions,
    _calibrator: Calibrator,
) -> Scores:
    probabilities = _calibrator.probabilities(_stored.logits)
    return scores.score(_stored.logits, _stored.labels, _features_of(run, _stored), probabilities)


@st.cache_resource(max_entries=100, show_spinner=False)
def _calibrator(run: Run, stamp: tuple[float, ...]) -> Calibrator | None:
    return calibrator_of(run)


def _features_of(run: Run, stored: Predictions) -> np.ndarray | None:
    """(n, at most 64) principal components of test pictures' features; None for others, or where there are none."""
    if stored.split != "test":
        return None
    with contextlib.suppress(RunError):
        found = feature_map.load(run).coordinates
        if len(found) == data.SIZES["test"]:
            return found[stored.indices]
    return None


@st.cache_resource(max_entries=24, show_spinner=False)
def _read_stage_ends(run: Run, stamp: tuple[float, ...]) -> list[StageEnd]:
    return tables.read_stage_ends(run)


def drawn(draw: Callable[[], bytes]) -> bytes:
    """What `draw` makes with Matplotlib or Jinja2, either of which comes with its first use."""
    made = draw()
    _freeze_libraries(len({"matplotlib.figure", "jinja2"} & sys.modules.keys()))
    return made


@st.cache_resource(show_spinner=False)
def _freeze_libraries(count: int) -> None:
    """Once for each that has come: walking Matplotlib takes 30 ms."""
    memory.freeze()


def load_map(where: MapFiles) -> Stored:
    """A stored map, or as far as it has come. Raises RunError."""
    return _load_map(where.name, newest(where.file, where.job / "live.npz"))


@st.cache_resource(max_entries=16, show_spinner=False)
def _load_map(name: str, stamp: float) -> Stored:
    return maps.load(maps.find(name))


def newest(*paths: Path) -> float:
    stamps = [0.0]
    for path in paths:
        with contextlib.suppress(OSError):
            stamps.append(path.stat().st_mtime)
    return max(stamps)


def map_vectors(spec: MapSpec) -> tuple[Space, np.ndarray] | None:
    """The vectors that a map is made of, where a page can have them at once; else None. Raises RunError."""
    stamp = newest(*vectors.files_of_vectors(spec))
    return _map_vectors(spec.vectors_name, spec.spherize, spec, stamp)


@st.cache_resource(max_entries=12, show_spinner=False)
def _map_vectors(name: str, spherize: bool, _spec: MapSpec, stamp: float) -> tuple[Space, np.ndarray] | None:
    found = vectors.read_vectors(_spec, resolve(_spec))
    return None if found is None else (found[0], vectors.original(_spec, found[1]))


@st.cache_resource(max_entries=12, show_spinner=False)
def map_components(name: str, spherize: bool, _vectors: np.ndarray) -> tuple[PCA, np.ndarray]:
    """The first ten principal components of a map's vectors, and (n, at most 10) coordinates."""
    pca = embedding.fit_pca(_vectors, 10)
    return pca, pca.transform(_vectors)


@st.cache_resource(max_entries=12, show_spinner=False)
def label_agreement(name: str, spherize: bool, _vectors: np.ndarray, _labels: np.ndarray) -> np.ndarray:
    """(n,) the share of the ten nearest pictures that have the label of the picture itself."""
    return (_labels[nearest(_vectors, 10).indices] == _labels[:, None]).mean(axis=1)
