"""The training pictures that move each channel most, and where in them: inside.npz, made once a run by a job.

It lies in the folder of a run that ships with it, else in results/favourites-RUN/, where the job's own files are, too:
`python -m fmnist_core work favourites FOLDER`.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fmnist_core import data
from fmnist_core.inference.sharing import share_out
from fmnist_core.inside.layers import Network
from fmnist_core.inside.session import BATCH, Inside, open_inside
from fmnist_core.jobs import kinds, queue
from fmnist_core.jobs.durations import Estimate
from fmnist_core.jobs.lifecycle import Job
from fmnist_core.jobs.worker import Ending, Reporter, Stopped
from fmnist_core.progress import OnShare
from fmnist_core.runs import runs
from fmnist_core.runs.runs import Run
from fmnist_core.storage import reading, stored_arrays
from fmnist_core.storage.folders import RunError, results_folder
from fmnist_core.storage.schema import parse_json

FILE = "favourites.npz"
COUNT = 16  # pictures a channel
AT_ONCE = 1_000  # pictures between two words about it


@dataclass(frozen=True)
class Favourites:
    """By layer, c channels; the picture that moves a channel most comes first."""

    pictures: dict[str, np.ndarray]  # (c, COUNT) uint16 positions in the training set
    places: dict[str, np.ndarray]  # (c, COUNT, 2) uint8: row and column of the layer where the value is largest
    values: dict[str, np.ndarray]  # (c, COUNT) float32: it


def shown_layers(network: Network) -> tuple[str, ...]:
    """Those whose channels have favourites: all that computes something of its own."""
    return tuple(name for name in network.switchable if network[name].kind not in ("max pooling", "average pooling"))


def job_folder(run: Run) -> Path:
    return results_folder() / f"favourites-{run.id}"


def job(run: Run) -> Job:
    """The job that finds a run's favourites."""
    return Job(kinds.FAVOURITES, job_folder(run))


def submit(run: Run, expected: Estimate | None = None) -> None:
    """Starts the job, unless one is at it. Raises RunError where it cannot be. expected: how long it will take."""
    queue.start(job(run), epochs=data.SIZES["train"] // AT_ONCE, spec={"run": run.id}, expected=expected)


def load(run: Run, network: Network) -> Favourites | None:
    """The run's favourites; None where none were found yet. Raises RunError where the file is damaged."""
    for path in (run.folder / FILE, job_folder(run) / FILE):
        try:
            return _read(path, network)
        except FileNotFoundError:
            continue
        except (OSError, ValueError) as error:
            raise RunError(
                f"The favourite pictures of {run.id} cannot be read ({type(error).__name__}). Find them again."
            ) from None
    return None


def _read(path: Path, network: Network) -> Favourites:
    names = shown_layers(network)
    kinds_of = ("pictures", "places", "values")
    stored = stored_arrays.load(path, *(f"{kind}.{name}" for kind in kinds_of for name in names))
    pictures, places, values = ({name: stored[f"{kind}.{name}"] for name in names} for kind in kinds_of)
    for name in names:
        layer = network[name]
        limits = layer.shape[1:] if len(layer.shape) == 3 else (1, 1)
        shapes = (pictures[name].shape, places[name].shape, values[name].shape)
        if shapes != ((layer.channels, COUNT), (layer.channels, COUNT, 2), (layer.channels, COUNT)):
            raise ValueError("not of this network")
        if (
            pictures[name].max() >= len(data.load_split("train").images)
            or (places[name].max(axis=(0, 1)) >= limits).any()
        ):
            raise ValueError("a place outside")
    return Favourites(pictures, places, {name: one.astype(np.float32) for name, one in values.items()})


def work(reporter: Reporter) -> Ending:
    """Finds and keeps the favourites of a job's run; see `worker.work`."""
    run = runs.find(parse_json(reading.read_bytes(reporter.folder / "spec.json"))["run"])
    steps = data.SIZES["train"] // AT_ONCE

    def report(share: float) -> None:
        if reporter.cancelled():
            raise Stopped("Stopped before all training pictures were looked at; nothing was kept.")
        reporter.tell(reporter.update(phase="looking at training pictures", message="", epoch=int(share * steps)))

    save(job_folder(run) / FILE, find(open_inside(run), on_progress=report))
    return Ending(epoch=steps)


def find(inside: Inside, images: np.ndarray | None = None, on_progress: OnShare = lambda share: None) -> Favourites:
    """images: (n, 28, 28) uint8; None: all training pictures, each looked at once, without its mirror image."""
    images = data.load_split("train").images if images is None else images
    names = shown_layers(inside.network)
    found: dict[str, np.ndarray] = {}
    for start in range(0, len(images), AT_ONCE):
        on_progress(start / len(images))
        part = images[start : start + AT_ONCE]
        batches = [(start + at, part[at : at + BATCH]) for at in range(0, len(part), BATCH)]
        for name, rows in _merged(share_out(lambda one: _peaks(inside, names, *one), batches), names).items():
            found[name] = _best([found[name], rows] if name in found else [rows])
    return Favourites(
        {name: rows[0].astype(np.uint16) for name, rows in found.items()},
        {name: rows[1:3].transpose(1, 2, 0).astype(np.uint8) for name, rows in found.items()},
        {name: rows[3].astype(np.float32) for name, rows in found.items()},
    )


def _peaks(inside: Inside, names: tuple[str, ...], start: int, images: np.ndarray) -> dict[str, np.ndarray]:
    """(4, channels, n) float64 a layer: picture, row, column and value of a channel's largest in each picture."""
    seen, peaks = inside.look_at(images), {}
    for name in names:
        values = seen[name].reshape(len(images), inside.network[name].channels, -1)
        at = values.argmax(axis=2)
        columns = inside.network[name].shape[2] if len(inside.network[name].shape) == 3 else 1
        largest = np.take_along_axis(values, at[:, :, None], axis=2)[:, :, 0]
        positions = np.broadcast_to(np.arange(start, start + len(images))[:, None], at.shape)
        peaks[name] = np.stack([positions, at // columns, at % columns, largest]).transpose(0, 2, 1)
    return peaks


def _merged(parts: list[dict[str, np.ndarray]], names: tuple[str, ...]) -> dict[str, np.ndarray]:
    return {name: _best([part[name] for part in parts]) for name in names}


def _best(parts: list[np.ndarray]) -> np.ndarray:
    """(4, channels, at most COUNT): the largest values, of equal ones the first picture's."""
    rows = np.concatenate(parts, axis=2)
    order = np.argsort(-rows[3], axis=1, kind="stable")[:, :COUNT]
    return np.take_along_axis(rows, order[None], axis=2)


def save(path: Path, found: Favourites) -> None:
    """Raises OSError."""
    arrays = {}
    for name in found.pictures:
        arrays[f"pictures.{name}"], arrays[f"places.{name}"] = found.pictures[name], found.places[name]
        arrays[f"values.{name}"] = stored_arrays.as_float16(found.values[name])
    path.parent.mkdir(parents=True, exist_ok=True)
    stored_arrays.save(path, arrays)
