"""What Explore is about: a run's answers, and another run's, to the pictures of one map, a row a picture."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import streamlit as st

from fmnist_core import data
from fmnist_core.label_audit import audit_records
from fmnist_core.maps import maps
from fmnist_core.maps.brushing import Answers
from fmnist_core.maps.map_spec import MapSpec, Method, PictureChoice
from fmnist_core.maps.vectors import FEATURES, PIXELS
from fmnist_core.runs.catalogue import Row
from fmnist_core.runs.runs import Run
from fmnist_core.storage.folders import RunError
from fmnist_ui import cached, parts, state
from fmnist_ui.maps.map_source import Scene, Verdicts, look_up, points_of, verdicts_on
from fmnist_ui.widgets.map_data import MapPoints


@dataclass(frozen=True, eq=False)
class Bench:
    row: Row  # A
    other: Row | None  # B
    scene: Scene
    answers: Answers
    names: tuple[str, ...]

    @property
    def split(self) -> str:
        return self.scene.spec.pictures.split

    @property
    def places(self) -> np.ndarray:
        """(n, 2) float, where the points are drawn: PCA knows more components than these."""
        return self.scene.coordinates[:, :2]

    @cached_property
    def points(self) -> MapPoints:
        """Coloured by class or, against another run, by what that one changes."""
        answers = self.answers
        verdicts = Verdicts(answers.predicted, answers.confidence, answers.loss)
        colour = answers.labels if self.other is None else answers.change
        return points_of(self.scene, self.places, verdicts, colour.astype(np.uint8))

    def address(self, row: int) -> str:
        return self.scene.address(row)


def spec_of(row: Row, method: Method, split: str) -> MapSpec:
    """Of what the run sees in the pictures; of their pixels where it comes without its model."""
    of = FEATURES if parts.opens(row, "map.py") else PIXELS
    return MapSpec(method, of, row.run.id, 2, PictureChoice("train" if split == "train" else "test"))


def load(row: Row, other: Row | None, spec: MapSpec) -> Bench:
    """Raises RunError: no answers of a run to all of these pictures, or something is damaged."""
    where = maps.files_of(spec)
    written = cached.newest(where.file, where.job / "live.npz", where.job / "status.json")
    stamps = tuple(cached.stamp(one.run, "predictions.npz", "features.npz") for one in (row, other) if one)
    ids = tuple(one.run for one in (row, other) if one)
    return _load(spec, ids, state.get("probabilities"), (written, stamps), row, other)


@st.cache_resource(max_entries=6, show_spinner=False)
def _load(
    spec: MapSpec, runs: tuple[Run, ...], probabilities: str, stamps: Any, _row: Row, _other: Row | None
) -> Bench:
    """Of one choice after another only what is chosen changes. stamps: change when what was read does."""
    scene = look_up(spec)
    mine = _verdicts(_row, scene)
    called = None if _other is None else _verdicts(_other, scene).predicted
    answers = Answers(scene.labels, mine.predicted, mine.confidence, mine.loss, called)
    return Bench(_row, _other, scene, answers, _row.config.class_names if _row.config else data.CLASS_NAMES)


def _verdicts(row: Row, scene: Scene) -> Verdicts:
    if (found := verdicts_on(row.run, scene)) is None:
        raise RunError(
            f"{parts.run_name(row)} has no answers to all {len(scene.positions):,} of these pictures: it was trained "
            "on a part of them. Choose the test pictures, or another run."
        )
    return found


def in_doubt(bench: Bench) -> np.ndarray:
    """(n,) bool: whether the label audit doubts the label."""
    return np.isin(bench.scene.positions, _doubted(audit_records.newest())[bench.split])


@st.cache_data(show_spinner=False)
def _doubted(newest: tuple[str, float]) -> dict[str, np.ndarray]:
    """Positions of each split. newest: changes when the audit does."""
    audit = audit_records.load()
    found = {} if audit is None else {split: kinds["label"] for split, kinds in audit.kinds.items()}
    return {split: np.array(found.get(split, []), np.int64) for split in ("train", "test")}
