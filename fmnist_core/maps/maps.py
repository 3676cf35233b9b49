"""A stored map: its place on disk, its file, and what of it can be seen while it is computed.

NAME.npz         the map; see `Stored`
NAME.job/        only while it is computed, or where that failed or ended early:
    spec.json    what was asked for
    status.json  a status.Status whose epochs are iterations
    live.npz     the frames so far, in the same form
    cancel       present: stop and keep what is there
    log.txt      what the process printed

Of an own run both lie in its maps/; else (pixels, a shipped run) in results/map-HASH/ beside the runs folder.
"""

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fmnist_core.jobs import kinds, lifecycle
from fmnist_core.jobs.lifecycle import Job
from fmnist_core.jobs.status import ACTIVE, State, Status
from fmnist_core.maps import own_vectors
from fmnist_core.maps.map_spec import METHOD_WORDS, NAME, MapSpec, address_of, as_json, labels_at, parse_spec
from fmnist_core.maps.vectors import FEATURES, PIXELS
from fmnist_core.runs import runs
from fmnist_core.storage import stored_arrays
from fmnist_core.storage.folders import RunError, results_folder
from fmnist_core.storage.schema import from_json, parse_json

FRAMES = 40  # of one map
FRAME_POINTS = 700_000  # points in all frames together, beyond 10 frames
FEWEST_FRAMES = 10
STEPS = 4_095  # from the middle of a frame to its edge: a pixel of a screen is ten times wider


@dataclass(frozen=True)
class MapFiles:
    """Where a map is, or will be: its file, and its job's folder."""

    name: str
    file: Path
    job: Path


@dataclass(frozen=True)
class Figures:
    """What was measured of a map; None where it was not, or means nothing."""

    seconds: float
    iterations: int  # finished ones
    stopped: bool = False  # before the last one, by the reader
    trustworthiness: float | None = None
    continuity: float | None = None
    knn_accuracy: float | None = None
    neighbours: int = 10  # that the three above and the trust of each point look at
    sampled: bool = False  # the first two are estimates from a sample
    reduced: str = ""  # one sentence: what it is made of
    notes: tuple[str, ...] = ()  # sentences: what was done otherwise than asked for


@dataclass(frozen=True)
class Stored:
    """A map, finished or as far as it has come. Rows belong together."""

    name: str
    spec: MapSpec
    figures: Figures
    positions: np.ndarray  # (n,) int64, sorted: see map_spec.PictureChoice
    coordinates: np.ndarray  # (n, dims) float32, aligned with the last frame
    frames: np.ndarray  # (k, n, dims) int16, the first the PCA start; each centred, its farthest value +-4095
    scales: np.ndarray  # (k,) float32: frame * scale are coordinates
    iterations: np.ndarray  # (k,) int64, those that each frame shows the layout after
    trust: np.ndarray | None = None  # (n,) float32 in 0..1: the share of the 10 true neighbours that were kept

    def frame(self, number: int) -> np.ndarray:
        """(n, dims) float32, in the scale of the coordinates."""
        return self.frames[number] * self.scales[number]

    @property
    def labels(self) -> np.ndarray:
        """(n,) uint8."""
        return labels_at(self.spec.pictures.split, self.positions)

    def address(self, row: int) -> str:
        """The picture of a row, such as "test/4021"."""
        return address_of(self.spec.pictures.split, int(self.positions[row]))


def files_of(spec: MapSpec) -> MapFiles:
    """Raises RunError where the run is missing or has not finished."""
    name, run = spec.name, spec.canonical.run
    if run is not None:
        found = runs.find(run)
        shipped = found.folder / "maps" / f"{name}.npz"
        if not found.shipped or shipped.exists():
            return MapFiles(name, shipped, _job_of(name) if found.shipped else shipped.with_suffix(".job"))
    return MapFiles(name, _result_of(name), _job_of(name))


def _result_of(name: str) -> Path:
    return results_folder() / f"map-{name.rpartition('-')[2]}" / f"{name}.npz"


def _job_of(name: str) -> Path:
    return _result_of(name).with_suffix(".job")


def find(name: str) -> MapFiles:
    """The map of that name, whatever its state. Raises RunError where there is none."""
    if NAME.fullmatch(name):
        here = MapFiles(name, _result_of(name), _job_of(name))
        others = [_files_in(run.folder / "maps", name) for run in runs.list_runs()]
        for found in (here, *others):
            if found.file.exists() or found.job.exists():
                return found
    raise RunError(f"There is no map {name[:80]!r}. It may have been deleted; make it again on the Map page.")


def _files_in(folder: Path, name: str) -> MapFiles:
    return MapFiles(name, folder / f"{name}.npz", folder / f"{name}.job")


def _damaged(where: MapFiles, error: Exception) -> RunError:
    reason = type(error).__name__
    return RunError(f"The map {where.name} is damaged and cannot be read ({reason}). Delete it and make it again.")


def read_status(where: MapFiles) -> Status | None:
    """How the map stands: queued, running, done, cancelled, failed or interrupted; None where there is none.

    A finished map has done or cancelled, the latter with the frames up to there.
    """
    status = lifecycle.read_status(Job(kinds.MAP, where.job))
    if where.file.exists() and (status is None or status.state not in ACTIVE and not _newer(where)):
        return _finished_status(where)
    return status


def _newer(where: MapFiles) -> bool:
    """Whether the job began after the map that is there was written."""
    try:
        return (where.job / "spec.json").stat().st_mtime_ns > where.file.stat().st_mtime_ns
    except OSError:
        return False


def _finished_status(where: MapFiles) -> Status:
    try:  # its figures alone: a page asks with every click, and the frames are most of the file
        about = parse_json(stored_arrays.load(where.file, "about")["about"].tobytes())
        figures = from_json(Figures, about["figures"], "figures")
    except (OSError, ValueError, KeyError, TypeError) as error:
        return Status("failed", str(_damaged(where, error)))
    state: State = "cancelled" if figures.stopped else "done"
    message = f"Stopped after {figures.iterations:,} iterations; what was there is kept." if figures.stopped else ""
    return Status(state, message, epoch=figures.iterations, epochs=figures.iterations)


def load(where: MapFiles) -> Stored:
    """The finished map; where there is none, or a newer one is being made, the frames so far.

    Raises:
        RunError: neither can be read.
    """
    live = where.job / "live.npz"
    for path in (live, where.file) if live.exists() and _newer(where) else (where.file, live):
        try:
            return _read(path, where.name)
        except FileNotFoundError:
            continue
        except (ValueError, KeyError, TypeError) as error:
            raise _damaged(where, error) from None
    raise RunError(f"The map {where.name} shows nothing yet. Wait a moment, or make it again.")


def _read(path: Path, name: str) -> Stored:
    arrays = stored_arrays.load(path)
    about = parse_json(arrays.pop("about").tobytes())
    spec, figures = parse_spec(about["spec"]), from_json(Figures, about["figures"], "figures")
    arrays["frames"] = np.cumsum(arrays["frames"], axis=0, dtype=np.int16).swapaxes(1, 2)
    arrays["positions"] = arrays["positions"].astype(np.int64)
    stored = Stored(name, spec, figures, **{key: value for key, value in arrays.items() if key != "trust"})
    n, k = len(stored.positions), len(stored.iterations)
    trust = arrays.get("trust")
    good = stored.coordinates.shape == (n, spec.dims) and stored.frames.shape == (k, n, spec.dims)
    if not good or stored.scales.shape != (k,) or (trust is not None and trust.shape != (n,)):
        raise ValueError("its arrays do not fit together")
    return dataclasses.replace(stored, trust=None if trust is None else trust.astype(np.float32))


def save(path: Path, stored: Stored, compress: bool = True) -> None:
    """Replaces the file in one step. Raises OSError.

    frames are kept as differences from one to the next, a coordinate after the other: half the size once compressed.
    """
    about = {"spec": as_json(stored.spec), "figures": dataclasses.asdict(stored.figures)}
    arrays: dict[str, np.ndarray] = {
        "about": np.frombuffer(json.dumps(about).encode(), np.uint8),
        "positions": stored.positions.astype(np.uint32),
        "coordinates": stored.coordinates,
        "frames": np.diff(stored.frames.swapaxes(1, 2), axis=0, prepend=np.int16(0)),
        "scales": stored.scales,
        "iterations": stored.iterations,
    }
    if stored.trust is not None:
        arrays["trust"] = stored.trust.astype(np.float16)
    stored_arrays.save(path, arrays, compress)


def quantise(coordinates: np.ndarray) -> tuple[np.ndarray, float]:
    """(n, dims), centred -> int16 of the same shape, and what to multiply it by."""
    scale = float(np.abs(coordinates).max(initial=0)) / STEPS or 1.0
    return np.round(coordinates / scale).astype(np.int16), scale


def frame_iterations(iterations: int, points: int) -> list[int]:
    """After which iterations a frame is kept, evenly; the last is the last. The start comes before them."""
    count = min(FRAMES, max(FEWEST_FRAMES, FRAME_POINTS // max(points, 1))) - 1
    return sorted({round(iterations * (number + 1) / count) for number in range(count)} - {0})


def method_words(spec: MapSpec) -> str:
    """Such as "t-SNE", "UMAP by umap-learn", "densMAP by umap-learn"."""
    words = "densMAP" if spec.parameters.densmap else METHOD_WORDS[spec.method]
    return f"{words} by {spec.library}" if spec.library else words


def describe(spec: MapSpec) -> str:
    """A few words: "t-SNE of the features, 2D"."""
    what = {PIXELS: "pixels", FEATURES: "features"}.get(spec.of, f"layer {spec.of}")
    what = "own vectors" if own_vectors.is_own(spec.of) else f"the {what}"
    return f"{method_words(spec)} of {what}, {spec.dims}D"
