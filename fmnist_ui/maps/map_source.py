"""What stands on the map: the places of the pictures, and what a run says of them."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from fmnist_core.embedding import PCA
from fmnist_core.jobs.status import ACTIVE, Status
from fmnist_core.maps import maps
from fmnist_core.maps.map_spec import TRAIN, MapSpec, address_of, labels_at, resolve
from fmnist_core.maps.maps import Figures
from fmnist_core.runs.runs import Run
from fmnist_core.storage.folders import RunError
from fmnist_ui import cached, calibrated
from fmnist_ui.widgets.map_data import NO_SHEET, MapPoints, Sheet, default_sheet

COMPONENTS = 10  # that the axes can show


@dataclass(frozen=True, eq=False)
class Scene:
    """A map to draw; rows belong together."""

    spec: MapSpec
    positions: np.ndarray  # (n,) in the split; see map_spec.PictureChoice
    labels: np.ndarray  # (n,) uint8
    coordinates: np.ndarray  # (n, 2) or (n, 3)
    status: Status | None = None  # of the map's job; None: nothing was ever made
    frames: np.ndarray | None = None  # (k, n, dims), the last one the coordinates
    frame_labels: tuple[str, ...] = ()
    figures: Figures | None = None
    trust: np.ndarray | None = None  # (n,) 0..1
    pca: PCA | None = None  # where the coordinates are principal components

    @property
    def working(self) -> bool:
        return self.status is not None and self.status.state in ACTIVE

    @property
    def start_only(self) -> bool:
        """Whether these are the principal components that are shown until there is a map."""
        return self.pca is not None and not (self.spec.method == "pca" and self.spec.library is None)

    @property
    def numbers(self) -> np.ndarray:
        """(n,) the number of each picture: in its own split, as people say it."""
        return np.where(self._in_train, self.positions, self.positions - self._offset)

    @property
    def tiles(self) -> np.ndarray:
        """(n,) the tile of the sheet of test pictures; those of training pictures lie beyond it."""
        beyond = default_sheet().count if self.spec.pictures.split == "both" else 0
        return np.where(self._in_train, self.positions + beyond, self.positions - self._offset)

    @property
    def numbered(self) -> tuple[tuple[int, str], ...]:
        """From which tile on pictures are called what."""
        if self.spec.pictures.split == "both":
            return (0, "Test picture"), (default_sheet().count, "Training picture")
        return ((0, "Picture"),)

    @property
    def sheet(self) -> Sheet:
        return NO_SHEET if self.spec.pictures.split == "train" else default_sheet()

    @property
    def _offset(self) -> int:
        return TRAIN if self.spec.pictures.split == "both" else 0

    @property
    def _in_train(self) -> np.ndarray:
        split = self.spec.pictures.split
        return self.positions < TRAIN if split == "both" else np.full(len(self.positions), split == "train")

    def address(self, row: int) -> str:
        return address_of(self.spec.pictures.split, int(self.positions[row]))

    def row_of(self, address: str | None) -> int | None:
        """The row of a picture such as "test/4021"; None where it is not on the map."""
        if not address:
            return None
        split, _, number = address.partition("/")
        if self.spec.pictures.split not in (split, "both"):
            return None
        position = int(number) + (self._offset if split == "test" else 0)
        found = np.flatnonzero(self.positions == position)
        return int(found[0]) if len(found) else None


def look_up(spec: MapSpec) -> Scene:
    """The map as it is now: finished, as far as it has come, or where it would start from.

    Raises:
        RunError, ValueError: no such pictures, or something is damaged.
    """
    positions = resolve(spec)
    labels = labels_at(spec.pictures.split, positions)
    status = None
    if spec.method != "pca" or spec.library or (live := cached.map_vectors(spec)) is None:
        where = maps.files_of(spec)
        status = maps.read_status(where)
        if status is not None and (found := _stored(where, spec, len(positions))) is not None:
            return Scene(spec, positions, labels, status=status, **found)
        live = cached.map_vectors(spec)
    if live is None:
        return Scene(spec, positions, labels, np.zeros((0, spec.dims), np.float32), status)
    pca, coordinates = cached.map_components(spec.vectors_name, spec.spherize, live[1])
    return Scene(spec, positions, labels, coordinates, status, pca=pca)


def _stored(where: maps.MapFiles, spec: MapSpec, count: int) -> dict[str, Any] | None:
    try:
        stored = cached.load_map(where)
    except RunError:
        return None
    if len(stored.positions) != count:
        return None
    frames = stored.frames * stored.scales[:, None, None]
    start = "PCA, before it starts" if spec.library and spec.method == "umap" else "PCA, where it starts"
    words = [start if not number else f"iteration {number:,}" for number in stored.iterations]
    return {
        "coordinates": frames[-1],
        "frames": frames if len(frames) > 1 else None,
        "frame_labels": tuple(words) if len(frames) > 1 else (),
        "figures": stored.figures,
        "trust": stored.trust,
    }


@dataclass(frozen=True, eq=False)
class Verdicts:
    """What a run says of each picture of a map, (n,) each."""

    predicted: np.ndarray  # uint8
    confidence: np.ndarray  # 0..1
    loss: np.ndarray  # nats


def verdicts_on(run: Run, scene: Scene) -> Verdicts | None:
    """None where the run does not know all of these pictures. Raises RunError."""
    split, wanted = scene.spec.pictures.split, scene.positions
    parts = {"test": ("test",), "train": ("train", "validation"), "both": ("train", "validation", "test")}[split]
    stored = [cached.load_predictions(run, part) for part in parts]
    offset = {"test": TRAIN if split == "both" else 0}
    positions = np.concatenate([found.indices + offset.get(part, 0) for part, found in zip(parts, stored, strict=True)])
    order = np.argsort(positions)
    places = np.searchsorted(positions, wanted, sorter=order)
    if not len(positions) or (places >= len(positions)).any() or (positions[order[places]] != wanted).any():
        return None
    rows, scores = order[places], [calibrated.scores_of(run, found) for found in stored]
    return Verdicts(
        np.concatenate([found.predicted for found in stored])[rows].astype(np.uint8),
        np.concatenate([found.confidence for found in scores])[rows],
        np.concatenate([found.loss for found in scores])[rows],
    )


def points_of(scene: Scene, places: np.ndarray, verdicts: Verdicts | None, colour: np.ndarray) -> MapPoints:
    """What is drawn: the pictures of a scene at (n, 2) or (n, 3) places."""
    return MapPoints(
        x=places[:, 0],
        y=places[:, 1],
        z=places[:, 2] if places.shape[1] == 3 else None,
        picture=scene.tiles,
        colour=colour,
        label=scene.labels,
        predicted=None if verdicts is None else verdicts.predicted,
        confidence=None if verdicts is None else np.round(255 * verdicts.confidence).astype(np.uint8),
    )
