"""Maps as jobs: asked for, made in a process of their own, deleted.

Maps wait for each other, first come first served, but not for trainings: they have a slot of their own, and yield to
the pages (docs/decisions/0006-maps-have-a-slot-of-their-own.md).
"""

import shutil

from fmnist_core.jobs import kinds, lifecycle, queue
from fmnist_core.jobs.durations import Estimate
from fmnist_core.jobs.lifecycle import Job
from fmnist_core.jobs.status import ACTIVE
from fmnist_core.jobs.worker import Ending, Reporter
from fmnist_core.maps import maps
from fmnist_core.maps.map_making import MapMaker, iterations_of
from fmnist_core.maps.map_spec import MapSpec, as_json, check, resolve
from fmnist_core.maps.maps import MapFiles
from fmnist_core.storage import folders
from fmnist_core.storage.folders import RunError


def job(files: MapFiles) -> Job:
    return Job(kinds.MAP, files.job)


def submit(spec: MapSpec, expected: Estimate | None = None) -> MapFiles:
    """Starts the job that makes a map, unless it is there already or being made. expected: how long it will take.

    Raises:
        ValueError: a bad parameter, or no picture is left.
        RunError: the run is missing or has not finished, or nothing can be stored.
    """
    files, wanted = prepare(spec)
    if wanted:
        queue.join(job(files), expected)
    return files


def prepare(spec: MapSpec) -> tuple[MapFiles, bool]:
    """Queues a map for `worker.work`; False where it is finished, or a job is at it. Raises as `submit`."""
    check(spec)
    spec = spec.canonical
    resolve(spec)
    files = maps.files_of(spec)
    status = maps.read_status(files)
    if status is not None and status.state in ("done", *ACTIVE):
        return files, False
    if files.file.is_relative_to(folders.shipped_folder()):  # and so it is damaged, or was stopped before it shipped
        raise RunError(f"The map {files.name} comes with the app and cannot be made again.")
    return files, lifecycle.enqueue(job(files), epochs=iterations_of(spec, None), spec=as_json(spec))


def delete(files: MapFiles) -> None:
    """Removes a map that no job is working on. Raises RunError where one is, or it comes with the app."""
    status = maps.read_status(files)
    if status is not None and status.state in ACTIVE:
        raise RunError(f"The map {files.name} is still being made. Stop it first.")
    if files.file.is_relative_to(folders.shipped_folder()):
        raise RunError(f"The map {files.name} comes with the app and stays.")
    try:
        files.file.unlink(missing_ok=True)
        shutil.rmtree(files.job, ignore_errors=True)
    except OSError as error:
        raise RunError(f"The map {files.name} cannot be removed: {folders.explain(error)}") from None


def load() -> None:
    """What every map needs, in the process that waits for one: scipy's parts, which come when they are first used."""
    import scipy.fft
    import scipy.sparse  # noqa: F401


def work(reporter: Reporter) -> Ending:
    """Makes the map of a job; see `worker.work`. Tells its status with each frame."""
    files = MapFiles(reporter.folder.stem, reporter.folder.with_suffix(".npz"), reporter.folder)
    return MapMaker(files, reporter).make()
