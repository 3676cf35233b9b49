"""The maps that come with the app; `python -m fmnist_core.release.shipped_maps` (`make maps`) makes missing ones.

t-SNE and UMAP of what each shipped network sees of the test pictures, in 2D with the usual parameters, and of the
default run in 3D, too; with fewer frames than a map that is made here keeps.
"""

import dataclasses
import sys
from collections.abc import Iterator

import numpy as np

from fmnist_core.embedding.layout import DIMENSIONS
from fmnist_core.jobs import worker
from fmnist_core.maps import map_jobs, maps
from fmnist_core.maps.map_spec import MapSpec
from fmnist_core.maps.maps import MapFiles, Stored
from fmnist_core.runs import catalogue, runs
from fmnist_core.runs.runs import Run
from fmnist_core.storage.folders import RunError

METHODS = ("tsne", "umap")
FRAMES = {2: 10, 3: 4}  # by dimensions: both maps in space take half a megabyte
COARSE = 16  # quantised steps that frames before the last, which pass in a moment, are rounded to
FINE = 2.0**-13  # of the map's half width: what the coordinates are rounded to


def missing() -> Iterator[tuple[Run, MapSpec]]:
    """The maps that a shipped run should have and has not, in the order of their runs."""
    rows = [row for row in map(catalogue.describe, runs.list_runs()) if row.run.shipped]
    default = catalogue.default_run(rows)
    for row in (row for row in rows if row.kind == "network"):
        for method in METHODS:
            for dims in DIMENSIONS if row is default else DIMENSIONS[:1]:
                spec = MapSpec(method, run=row.run.id, dims=dims)  # type: ignore[arg-type]
                if not file_of(row.run, spec).file.exists():
                    yield row.run, spec


def file_of(run: Run, spec: MapSpec) -> MapFiles:
    """Where the map lies among the run's files."""
    name = spec.name
    return MapFiles(name, run.folder / "maps" / f"{name}.npz", run.folder / "maps" / f"{name}.job")


def ship_map(run: Run, spec: MapSpec) -> MapFiles:
    """Makes the map in this process, unless it was made before, and puts it among the run's files.

    Raises:
        RunError: the map cannot be made.
    """
    where, wanted = map_jobs.prepare(spec)
    status = worker.work(map_jobs.job(where)) if wanted else maps.read_status(where)
    if status is None or status.state != "done":
        raise RunError(f"The map {where.name} was not made: {status.message if status else 'nobody began'}.")
    target = file_of(run, spec)
    maps.save(target.file, thinned(maps.load(where)))
    map_jobs.delete(where)
    return target


def thinned(stored: Stored) -> Stored:
    """The map with at most so many frames as FRAMES says, first and last among them, rounded so that they compress."""
    count = len(stored.iterations)
    most = min(FRAMES[stored.spec.dims], count)
    kept = np.unique(np.linspace(0, count - 1, most).round().astype(int))
    parts = {name: getattr(stored, name)[kept] for name in ("frames", "scales", "iterations")}
    parts["frames"][:-1] = _to_steps(parts["frames"][:-1], COARSE)
    width = float(np.abs(stored.coordinates).max(initial=0)) or 1.0
    parts["coordinates"] = _to_steps(stored.coordinates, 2.0 ** np.floor(np.log2(width * FINE)))
    return dataclasses.replace(stored, **parts)


def _to_steps(values: np.ndarray, step: float) -> np.ndarray:
    """Rounded to whole multiples of a power of two: in their own type, without another error."""
    return (np.round(values / step) * step).astype(values.dtype)


if __name__ == "__main__":
    for _run, _spec in missing():
        _where = ship_map(_run, _spec)
        sys.stderr.write(f"{_run.id}: {_where.name}, {_where.file.stat().st_size / 1e6:.2f} MB\n")
