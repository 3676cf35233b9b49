"""What visitors share: the dataset, open models, stored predictions. Keys are names; values are read-only."""

import contextlib
import gc
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import streamlit as st

from fmnist_core import data, embedding
from fmnist_core.embedding import PCA
from fmnist_core.embedding.neighbours import nearest
from fmnist_core.inference.classifier import Classifier, open_classifier
from fmnist_core.maps import map_vectors as vectors
from fmnist_core.maps import maps
from fmnist_core.maps.map_spec import MapSpec, resolve
from fmnist_core.maps.maps import MapFiles, Stored
from fmnist_core.maps.vectors import Space
from fmnist_core.report import tables
from fmnist_core.report.tables import StageEnd
from fmnist_core.runs import catalogue, predictions, runs
from fmnist_core.runs.catalogue import Row
from fmnist_core.runs.predictions import Predictions
from fmnist_core.storage.folders import RunError


@st.cache_resource(show_spinner=False)
def warm_up() -> None:
    """Once a process: what every page needs, then everything alive is declared permanent.

    Streamlit collects garbage after every rerun; walking all imported modules each time would cost more than most
    reruns do.
    """
    import onnxruntime  # noqa: F401

    for split in data.SPLITS:
        data.load_split(split)
    gc.collect()
    gc.freeze()


@st.cache_data(ttl=2, show_spinner=False)
def list_rows() -> list[Row]:
    """All runs, at most two seconds old; `forget_rows` after a change of one's own."""
    return catalogue.list_rows()


def forget_rows() -> None:
    list_rows.clear()


def load_predictions(run_id: str, split: str) -> Predictions:
    """Raises RunError."""
    return _load_predictions(run_id, split, _stamp(run_id, "predictions.npz"))


def load_classifier(run_id: str) -> Classifier:
    """Raises RunError."""
    return _load_classifier(run_id, _stamp(run_id, "model.onnx"))


def logits_of_picture(run_id: str, source: str, index: int) -> np.ndarray:
    """(1, classes) of one picture of the data: as stored, or classified now where the run stores none of it.

    Raises RunError where neither can be had.
    """
    for split in ("test",) if source == "test" else ("validation", "train"):
        with contextlib.suppress(RunError):  # no validation split, or damaged: the model itself may still answer
            stored = load_predictions(run_id, split)
            if len(found := np.flatnonzero(stored.indices == index)):
                return stored.logits[found[:1]]
    return load_classifier(run_id).logits(data.load_split(source).images[index : index + 1])


def read_stage_ends(run_id: str) -> list[StageEnd]:
    """Raises RunError."""
    return _read_stage_ends(run_id, _stamp(run_id, "result.json"))


@st.cache_resource(max_entries=24, show_spinner=False)
def _load_predictions(run_id: str, split: str, stamp: float) -> Predictions:
    return predictions.load(runs.find(run_id), split)


@st.cache_resource(max_entries=3, show_spinner=False)
def _load_classifier(run_id: str, stamp: float) -> Classifier:
    return open_classifier(runs.find(run_id), threads=1)


@st.cache_resource(max_entries=24, show_spinner=False)
def _read_stage_ends(run_id: str, stamp: float) -> list[StageEnd]:
    return tables.read_stage_ends(runs.find(run_id))


def drawn(draw: Callable[[], bytes]) -> bytes:
    """What `draw` makes with Matplotlib or Jinja2, either of which comes with its first use."""
    made = draw()
    _freeze_libraries(len({"matplotlib.figure", "jinja2"} & sys.modules.keys()))
    return made


@st.cache_resource(show_spinner=False)
def _freeze_libraries(count: int) -> None:
    """As `warm_up`, once for each that has come: walking Matplotlib takes 30 ms."""
    gc.collect()
    gc.freeze()


def load_map(where: MapFiles) -> Stored:
    """A stored map, or as far as it has come. Raises RunError."""
    return _load_map(where.name, _newest(where.file, where.job / "live.npz"))


@st.cache_resource(max_entries=8, show_spinner=False)
def _load_map(name: str, stamp: float) -> Stored:
    return maps.load(maps.find(name))


def _newest(*paths: Path) -> float:
    stamps = [0.0]
    for path in paths:
        with contextlib.suppress(OSError):
            stamps.append(path.stat().st_mtime)
    return max(stamps)


def map_vectors(spec: MapSpec) -> tuple[Space, np.ndarray] | None:
    """The vectors that a map is made of, where a page can have them at once; else None. Raises RunError."""
    stamp = _newest(vectors.vectors_file(spec))
    return _map_vectors(spec.vectors_name, spec.spherize, spec, stamp)


@st.cache_resource(max_entries=4, show_spinner=False)
def _map_vectors(name: str, spherize: bool, _spec: MapSpec, stamp: float) -> tuple[Space, np.ndarray] | None:
    found = vectors.read_vectors(_spec, resolve(_spec))
    return None if found is None else (found[0], vectors.original(_spec, found[1]))


@st.cache_resource(max_entries=4, show_spinner=False)
def map_components(name: str, spherize: bool, _vectors: np.ndarray) -> tuple[PCA, np.ndarray]:
    """The first ten principal components of a map's vectors, and (n, at most 10) coordinates."""
    pca = embedding.fit_pca(_vectors, 10)
    return pca, pca.transform(_vectors)


@st.cache_resource(max_entries=4, show_spinner=False)
def label_agreement(name: str, spherize: bool, _vectors: np.ndarray, _labels: np.ndarray) -> np.ndarray:
    """(n,) the share of the ten nearest pictures that have the label of the picture itself."""
    return (_labels[nearest(_vectors, 10).indices] == _labels[:, None]).mean(axis=1)


def _stamp(run_id: str, name: str) -> float:
    """Changes when the file does: a resumed run replaces its files under the same name."""
    try:
        return (runs.find(run_id).folder / name).stat().st_mtime
    except OSError:
        return 0.0
