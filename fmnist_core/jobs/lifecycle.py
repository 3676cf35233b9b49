"""Start, watch, cancel, resume a job: a process of its own that trains one run.

The run's folder is the only channel between a job and everybody else, so a job outlives a page and a server. One job
works at a time; the others wait their turn, first come first served, each in its own process (a few megabytes: it
imports TensorFlow only when its turn has come).
"""

import contextlib
import dataclasses
import os
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil

from fmnist_core.machine import host_name
from fmnist_core.recipe import Recipe
from fmnist_core.runs import runs
from fmnist_core.runs.records import EpochLine, Line, OnLine
from fmnist_core.runs.runs import Run, Status
from fmnist_core.storage import folders
from fmnist_core.storage.folders import RunError

HEARTBEAT_SECONDS = 2.0
QUEUE_SECONDS = 0.5
NICENESS = 5  # a training yields to the web process: clicks stay fast while it works
RESUMABLE = ("cancelled", "failed", "interrupted")


def submit(chosen: Recipe) -> Run:
    """Creates a run and starts its job. Raises ValueError for a bad recipe, RunError where nothing can be stored."""
    run = runs.create(chosen)
    _spawn(run)
    return run


def resume(run: Run) -> None:
    """Starts a stopped run's job again; it goes on after its last finished epoch. Raises RunError as `requeue`."""
    requeue(run)
    _spawn(run)


def requeue(run: Run) -> None:
    """Puts a stopped run at the end of the queue, for `work` to do.

    Raises:
        RunError: the run is shipped, done or still at work, or its folder cannot be written.
    """
    status = _require_own(run)
    if status.state not in RESUMABLE:
        raise RunError(f"The run {run.id} is {status.state}; only a stopped run can go on.")
    try:
        (run.folder / "cancel").unlink(missing_ok=True)
        fresh = Status(
            "queued", "Waiting for its turn.", epoch=status.epoch, epochs=status.epochs, queued_at=time.time()
        )
        runs.write_status(run, fresh)
    except OSError as error:
        raise RunError(
            f"The run {run.id} cannot be written: {error.strerror or error}. {folders.remedy(error)}"
        ) from None


def cancel(run: Run) -> None:
    """Asks the job to stop at the next batch and keep what it learned."""
    _require_own(run)
    try:
        (run.folder / "cancel").touch()
    except OSError as error:
        raise RunError(
            f"The run {run.id} cannot be written: {error.strerror or error}. {folders.remedy(error)}"
        ) from None


def kill(run: Run) -> None:
    """Ends a job that does not answer to `cancel`; the run can go on after its last finished epoch."""
    status = _require_own(run)
    if status.state not in runs.ACTIVE or status.pid is None or status.host != host_name():
        raise RunError(f"The run {run.id} has no job on this machine that could be ended.")
    end_process(status.pid)


def end_process(pid: int) -> None:
    """Ends a job that is known to be alive, at once."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if os.getpgid(pid) == pid:  # a job leads a group of its own; a command line's may not
            os.killpg(pid, signal.SIGKILL)
        else:
            os.kill(pid, signal.SIGKILL)


def queue_position(run: Run) -> int:
    """How many jobs come before this one: 0 for the one at work or next."""
    queued = _queue()
    return next((place for place, (_, waiting) in enumerate(queued) if waiting.id == run.id), 0)


def jobs_ahead(run: Run) -> int:
    """How many jobs a queued run waits for: the one at work and those that came before it."""
    working = sum(_state_of(other) == "running" for other in runs.list_runs() if not other.shipped)
    return queue_position(run) + working


def _state_of(run: Run) -> str:
    try:
        return runs.read_status(run).state
    except RunError:
        return "damaged"


def _require_own(run: Run) -> Status:
    if run.shipped:
        raise RunError(f"The run {run.id} comes with the app and cannot be changed.")
    return runs.read_status(run)


def _spawn(run: Run) -> None:
    try:
        start_process(["work", run.id], run.folder / "log.txt")
    except OSError as error:
        message = f"The job of {run.id} cannot be started: {error.strerror or error}. Free some space, then resume."
        with contextlib.suppress(OSError):
            runs.write_status(run, dataclasses.replace(runs.read_status(run), state="failed", message=message))
        raise RunError(message) from None


def start_process(arguments: list[str], log: Path) -> None:
    """Starts `python -m fmnist_core ARGUMENTS` as a job: in a group of its own, what it prints goes to the log.

    Raises OSError.
    """
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "fmnist_core", *arguments],
            cwd=folders.PROJECT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,
        )
    threading.Thread(target=process.wait, daemon=True).start()  # or it would stay as a zombie when it has ended


class Reporter:
    """Keeps a job's status.json true while it works: changes at once, a heartbeat every two seconds."""

    def __init__(
        self,
        job: Any,
        read: Callable[[Any], Status] = lambda run: runs.read_status(run),
        write: Callable[[Any, Status], None] = lambda run, status: runs.write_status(run, status),
    ):
        """job: what `read` and `write` take; a run, unless told otherwise."""
        self._job, self._write = job, write
        self._lock = threading.Lock()
        self._stop = threading.Event()
        me = psutil.Process()
        old = read(job)
        self._status = dataclasses.replace(
            old, state="queued", pid=me.pid, pid_started=me.create_time(), host=host_name()
        )
        self.update()
        self._thread = threading.Thread(target=self._beat, daemon=True)
        self._thread.start()

    def update(self, **changes: Any) -> Status:
        with self._lock:
            self._status = dataclasses.replace(self._status, heartbeat=time.time(), **changes)
            with contextlib.suppress(OSError):  # a full disk must not end a job that may yet finish
                self._write(self._job, self._status)
            return self._status

    def _beat(self) -> None:
        while not self._stop.wait(HEARTBEAT_SECONDS):
            self.update()

    def close(self, **changes: Any) -> Status:
        self._stop.set()
        self._thread.join()
        return self.update(**changes)


def work(run: Run, on_progress: OnLine = lambda line: None) -> Status:
    """Does a queued run's job in this process: waits for its turn, trains, and says how it ended.

    A training that fails raises nothing: the status says why, and log.txt holds what a developer needs.

    Raises:
        RunError: the run is not queued, or another process has begun with it.
    """
    status = _require_own(run)
    late = status.state == "interrupted"  # this process took longer to start than anybody waits
    if not late and (status.state != "queued" or status.pid is not None):
        raise RunError(f"The run {run.id} is {status.state}, and nothing is to be done.")
    reporter = Reporter(run)
    try:
        cancelled = (run.folder / "cancel").exists
        with slot(folders.runs_folder() / ".slot", lambda: queue_position(run) == 0, cancelled):
            if cancelled():
                return reporter.close(state="cancelled", message="Stopped before it began.")
            reporter.update(state="running", phase="preparing", message="Preparing.", started_at=time.time())
            return reporter.close(**_train(run, reporter, on_progress))
    except KeyboardInterrupt:
        return reporter.close(state="cancelled", message="Stopped. Resume goes on after the last finished epoch.")
    except Exception as error:
        with contextlib.suppress(OSError), (run.folder / "log.txt").open("a") as log:
            traceback.print_exc(file=log)
        message = explain(error, smaller="a smaller batch or fewer pictures", again="resume")
        return reporter.close(state="failed", message=message)


def _train(run: Run, reporter: Reporter, on_progress: OnLine) -> dict[str, Any]:
    """Returns the fields of the final status."""
    from fmnist_core.training.train import train

    chosen = runs.read_config(run).recipe

    def report(line: Line) -> None:
        finished = line.epoch if isinstance(line, EpochLine) else line.epoch - 1
        last = isinstance(line, EpochLine) and finished == chosen.epochs
        stage = chosen.stage_at(min(finished, chosen.epochs - 1))
        reporter.update(phase="finishing" if last else "training", stage=stage, epoch=finished, message="")
        on_progress(line)

    result = train(run, report)
    if result.cancelled:
        return {
            "state": "cancelled",
            "message": f"Stopped in epoch {result.epochs + 1}; what it had learned is kept.",
        }
    return {"state": "done", "message": "", "epoch": result.epochs}


def explain(error: Exception, *, smaller: str, again: str) -> str:
    """One sentence about what ended a job.

    smaller: what would need less memory. again: how the work is taken up again, as in "then resume".
    """
    if isinstance(error, MemoryError):
        return f"The machine's memory ran out. Choose {smaller}, or close other programs."
    if isinstance(error, OSError):
        return f"A file could not be written: {error.strerror or error}. Free some space, then {again}."
    if isinstance(error, (RuntimeError, ValueError)) and type(error).__module__.startswith("fmnist_core"):
        return str(error)
    if isinstance(error, ValueError) and "not finite" in str(error):
        return str(error)
    return f"The job failed ({type(error).__name__}). The log.txt in its folder says more; to try again, {again}."


@contextlib.contextmanager
def slot(lock: Path, is_next: Callable[[], bool], is_cancelled: Callable[[], bool]) -> Iterator[None]:
    """Waits until this job is the next of its kind and no other holds the lock. Leaves early once it is cancelled."""
    import fcntl

    with lock.open("w") as file:
        while not is_cancelled():
            if is_next():
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    pass
            time.sleep(QUEUE_SECONDS)
        yield  # closing the file, or the death of the process, frees the slot


def _queue() -> list[tuple[float, Run]]:
    """The waiting runs, oldest first."""
    waiting = []
    for run in runs.list_runs():
        if run.shipped:
            continue
        with contextlib.suppress(RunError):
            status = runs.read_status(run)
            if status.state == "queued":
                waiting.append((status.queued_at, run))
    return sorted(waiting, key=lambda item: (item[0], item[1].id))
