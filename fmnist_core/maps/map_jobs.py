"""Make a map in a process of its own: start, watch, cancel.

Maps wait for each other, first come first served, but not for trainings: they have a slot of their own, and yield to
the pages (docs/decisions/0006-maps-have-a-slot-of-their-own.md).
"""

import contextlib
import dataclasses
import shutil
import time
import traceback

from fmnist_core.jobs import lifecycle
from fmnist_core.machine import host_name
from fmnist_core.maps import maps
from fmnist_core.maps.map_making import MapMaker, OnFrame, iterations_of
from fmnist_core.maps.map_spec import MapSpec, as_json, check, resolve
from fmnist_core.maps.maps import Place
from fmnist_core.runs import runs
from fmnist_core.runs.records import ACTIVE, Status
from fmnist_core.storage import folders
from fmnist_core.storage.folders import RunError


def submit(spec: MapSpec) -> Place:
    """Starts the job that makes a map, unless it is there already or being made.

    Raises:
        ValueError: a bad parameter, or no picture is left.
        RunError: the run is missing or has not finished, or nothing can be stored.
    """
    where, wanted = prepare(spec)
    if wanted:
        try:
            lifecycle.start_process(["embed", "--work", where.name], where.job / "log.txt")
        except OSError as error:
            message = f"The map's job cannot be started: {error.strerror or error}. Free some space, then try again."
            _write(where, Status("failed", message))
            raise RunError(message) from None
    return where


def prepare(spec: MapSpec) -> tuple[Place, bool]:
    """Queues a map for `work`; False where it is finished, or a job is at it. Raises as `submit`."""
    check(spec)
    spec = spec.canonical
    resolve(spec)
    where = maps.place(spec)
    status = maps.read_status(where)
    if status is not None and status.state in ("done", *ACTIVE):
        return where, False
    if where.file.is_relative_to(folders.shipped_folder()):  # and so it is damaged, or was stopped before it shipped
        raise RunError(f"The map {where.name} comes with the app and cannot be made again.")
    try:
        shutil.rmtree(where.job, ignore_errors=True)
        where.job.mkdir(parents=True)
        runs.write_json(where.job / "spec.json", as_json(spec))
        _write(
            where, Status("queued", "Waiting for its turn.", queued_at=time.time(), epochs=iterations_of(spec, None))
        )
    except FileExistsError:  # somebody else has asked for it just now
        return where, False
    except OSError as error:
        reason = f"{error.strerror or error}. {folders.remedy(error)}"
        raise RunError(f"A map cannot be stored in {where.job.parent}: {reason}") from None
    return where, True


def cancel(where: Place) -> None:
    """Asks the job to stop and keep the frames so far. Raises RunError where it cannot be told."""
    if not where.job.is_dir():
        return  # it has just finished
    try:
        (where.job / "cancel").touch()
    except OSError as error:
        raise RunError(f"The map cannot be stopped: {error.strerror or error}. {folders.remedy(error)}") from None


def kill(where: Place) -> None:
    """Ends a job that does not answer to `cancel`; its frames so far stay. Raises RunError where none is here."""
    status = maps.read_status(where)
    if status is None or status.state not in ACTIVE or status.pid is None or status.host != host_name():
        raise RunError(f"The map {where.name} has no job on this machine that could be ended.")
    lifecycle.end_process(status.pid)


def delete(where: Place) -> None:
    """Removes a map that no job is working on. Raises RunError where one is, or it comes with the app."""
    status = maps.read_status(where)
    if status is not None and status.state in ACTIVE:
        raise RunError(f"The map {where.name} is still being made. Stop it first.")
    if where.file.is_relative_to(folders.shipped_folder()):
        raise RunError(f"The map {where.name} comes with the app and stays.")
    try:
        where.file.unlink(missing_ok=True)
        shutil.rmtree(where.job, ignore_errors=True)
    except OSError as error:
        raise RunError(f"The map {where.name} cannot be removed: {error.strerror or error}.") from None


def jobs_ahead(where: Place) -> int:
    """How many maps are made before this one, that at work included."""
    others = [status for other, status in _active() if other.name != where.name]
    working = sum(status.state == "running" for status in others)
    return working + _queue_position(where)


def _active() -> list[tuple[Place, Status]]:
    found = [(where, maps.read_status(where)) for where in maps.list_jobs()]
    return [(where, status) for where, status in found if status is not None and status.state in ACTIVE]


def _queue_position(where: Place) -> int:
    waiting = [(status.queued_at, other.name) for other, status in _active() if status.state == "queued"]
    names = [name for _, name in sorted(waiting)]
    return names.index(where.name) if where.name in names else 0


def _write(where: Place, status: Status) -> None:
    runs.write_json(where.job / "status.json", dataclasses.asdict(status))


def work(where: Place, on_frame: OnFrame = lambda status: None) -> Status:
    """Makes a queued map in this process: waits for its turn, computes, and says how it ended.

    One that fails raises nothing: the status says why, and log.txt holds what a developer needs.

    Raises:
        RunError: it is not queued, or another process has begun with it.
    """
    status = maps.read_status(where)
    late = status is not None and status.state == "interrupted" and status.pid is None
    if status is None or (not late and (status.state != "queued" or status.pid is not None)):
        raise RunError(f"The map {where.name} is {status.state if status else 'not queued'}; nothing is to be done.")
    reporter = lifecycle.Reporter(where, _read_queued, _write)
    cancelled = (where.job / "cancel").exists
    lock = folders.runs_folder() / ".map-slot"
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)  # a map of pixels may come before the first run
        with lifecycle.slot(lock, lambda: _queue_position(where) == 0, cancelled):
            if cancelled():
                return reporter.close(state="cancelled", message="Stopped before it began.")
            reporter.update(state="running", phase="preparing", message="Preparing.", started_at=time.time())
            ending = MapMaker(where, reporter, on_frame).make()
    except KeyboardInterrupt:
        return reporter.close(state="cancelled", message="Stopped.")
    except Exception as error:
        with contextlib.suppress(OSError), (where.job / "log.txt").open("a") as log:
            traceback.print_exc(file=log)
        message = lifecycle.explain(error, smaller="fewer pictures", again="make the map again")
        return reporter.close(state="failed", message=message)
    ended = reporter.close(**ending)
    if where.file.exists() and ending.get("epoch") is not None:
        shutil.rmtree(where.job, ignore_errors=True)
    return ended


def _read_queued(where: Place) -> Status:
    return maps.read_status(where) or Status("queued")
