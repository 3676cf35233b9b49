"""What the process of a job does: claims it, waits for its turn, works, keeps its status true, says how it ended."""

import contextlib
import dataclasses
import shutil
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import psutil

from fmnist_core.jobs import claim, durations, queue, slot, status
from fmnist_core.jobs.lifecycle import NEVER_BEGAN, Job, cannot, is_asked_to_stop, require
from fmnist_core.jobs.status import ACTIVE, Status
from fmnist_core.machine import host_name
from fmnist_core.storage import reading
from fmnist_core.storage.atomic import sweep
from fmnist_core.storage.folders import RunError

HEARTBEAT_SECONDS = 2.0

OnEvent = Callable[[Any], None]  # takes what the kind tells: a Status, or of a training a line of its metrics


class Stopped(Exception):
    """Raised by a kind's work where it was asked to stop; the message is for the reader."""


@dataclass(frozen=True)
class Ending:
    """How a kind's work ended."""

    state: Literal["done", "cancelled"] = "done"
    message: str = ""
    epoch: int | None = None  # None: as was told last
    leftover: tuple[str, ...] = ()  # files that nobody needs once the status says how it ended, and not a moment before
    discard: bool = False  # the folder is of no more use: the result lies elsewhere


class Reporter:
    """Keeps a job's status true while it works: changes at once, a heartbeat every two seconds."""

    def __init__(self, job: Job, on_progress: OnEvent = lambda event: None):
        self.job, self.tell = job, on_progress
        self._lock = threading.Lock()
        self._stop = threading.Event()
        me = psutil.Process()
        mine = {"pid": me.pid, "pid_started": me.create_time(), "host": host_name(), "awaits_process": False}
        self._status = dataclasses.replace(status.read(job.folder), state="queued", **mine)
        self.update()
        self._thread = threading.Thread(target=self._beat, daemon=True)
        self._thread.start()

    @property
    def folder(self) -> Path:
        return self.job.folder

    def cancelled(self) -> bool:
        """Whether somebody has asked it to stop."""
        return is_asked_to_stop(self.job)

    def update(self, **changes: Any) -> Status:
        with self._lock:
            self._status = dataclasses.replace(self._status, heartbeat=time.time(), **changes)
            with contextlib.suppress(OSError):  # a full disk must not end a job that may yet finish
                status.write(self.folder, self._status)
            return self._status

    def _beat(self) -> None:
        while not self._stop.wait(HEARTBEAT_SECONDS):
            self.update()

    def close(self, **changes: Any) -> Status:
        self._stop.set()
        self._thread.join()
        return self.update(**changes)


def work(job: Job, on_progress: OnEvent = lambda event: None) -> Status:
    """Does a queued job in this process: waits for its turn, works, and says how it ended.

    Work that fails raises nothing: the status says why, and log.txt holds what a developer needs.

    Raises:
        KeyboardInterrupt: from the keyboard, with the status' sentence, once the status says so.
        RunError: it is not queued, or another process has begun with it.
    """
    before = require(job)
    try:
        with claim.claimed(job.folder) as mine:
            if not mine:
                raise RunError(f"Another process works on the {job.title}, and nothing is to be done.")
            return _work(job, before, on_progress)
    except OSError as error:
        raise cannot(job, "be written", error) from None
    finally:
        queue.start_due()


def _work(job: Job, before: Status, on_progress: OnEvent) -> Status:
    found = status.read(job.folder)  # again: it may have ended before it was claimed
    if found.state != "queued" or found.pid is not None:
        state = before.state if found.state in ACTIVE else found.state  # "interrupted" is not written
        raise RunError(f"The {job.title} is {state}, and nothing is to be done.")
    sweep(job.folder)
    reporter = Reporter(job, on_progress)
    try:
        with slot.taken(job.kind.slot, lambda: queue.position(job) == 0, reporter.cancelled):
            if reporter.cancelled():
                return reporter.close(state="cancelled", message=NEVER_BEGAN)
            reporter.update(state="running", phase="preparing", message="Preparing.", started_at=time.time())
            ending: Ending = job.kind.load_work()(reporter)
    except (KeyboardInterrupt, Stopped) as error:
        kept = "Resume goes on with what is finished." if job.kind.resumes else ""
        stopped = reporter.close(state="cancelled", message=str(error) or f"Stopped. {kept}".strip())
        if isinstance(error, KeyboardInterrupt):
            raise KeyboardInterrupt(stopped.message) from None
        return stopped
    except Exception as error:
        with contextlib.suppress(OSError), reading.open_to_append(job.folder / "log.txt") as log:
            log.write(traceback.format_exc().encode())
        return reporter.close(state="failed", message=job.kind.explain(error))
    told = {} if ending.epoch is None else {"epoch": ending.epoch}
    ended = reporter.close(state=ending.state, message=ending.message, **told)
    if ended.state == "done" and ended.started_at and not ended.first:
        durations.keep(durations.Took(ended.like, ended.usual, time.time() - ended.started_at))
    with contextlib.suppress(OSError):
        for name in ending.leftover:
            (job.folder / name).unlink(missing_ok=True)
    if ending.discard:
        shutil.rmtree(job.folder, ignore_errors=True)
    return ended
