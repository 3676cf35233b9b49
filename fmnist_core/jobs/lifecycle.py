"""The one life of every job: queued, started in a process of its own, at work, ended; cancelled, killed, resumed.

A job's folder is the only channel between it and everybody else, so it outlives a page and a server:

status.json   how it stands; the job alone writes it once it has begun
cancel        present: stop as soon as possible and keep what is there; whoever asks for it writes it
claim         locked by the process that works on it: one at most
spec.json     what was asked for, where the kind has such a file
owner.json    who asked for it, where that was a visitor; see storage.owners
log.txt       what its process printed

Jobs of one slot work one at a time (or as many as the slot has), first come first served. One that the app starts gets
its process when its turn has come, see `queue`; one of the command line waits in its own.
"""

import contextlib
import dataclasses
import os
import shutil
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fmnist_core.jobs import claim, kinds, status
from fmnist_core.jobs.kinds import JobKind
from fmnist_core.jobs.status import ACTIVE, RESUMABLE, Status
from fmnist_core.machine import host_name
from fmnist_core.storage import folders, owners
from fmnist_core.storage.atomic import write_json
from fmnist_core.storage.folders import RunError

CANCEL = "cancel"  # in a job's folder; see above
NEVER_BEGAN = "Stopped before it began."


@dataclass(frozen=True)
class Job:
    kind: JobKind
    folder: Path

    @property
    def title(self) -> str:
        """In a sentence: "map tsne-features-2d-3fa9c1d20b7e"."""
        return f"{self.kind.noun} {self.folder.stem.removeprefix(f'{self.kind.name}-')}"


# What everybody may ask


def every_job() -> Iterator[Job]:
    """All jobs that there are, whatever their kind and state."""
    for kind in kinds.KINDS.values():
        for folder in kind.folders():
            yield Job(kind, folder)


def read(job: Job) -> Status:
    """How a job stands, "interrupted" where its process is dead. Raises OSError, ValueError for a damaged file."""
    found = status.read(job.folder)
    if found.state in ACTIVE and not (status.is_alive(found) or claim.is_claimed(job.folder)):
        end = "Resume goes on from there." if job.kind.resumes else f"To try again, {job.kind.again}."
        message = f"The job ended without a word after {found.epoch:,} of {found.epochs:,} {job.kind.unit}. {end}"
        return dataclasses.replace(found, state="interrupted", message=message)
    return found


def read_status(job: Job) -> Status | None:
    """As `read`; None where there is no job, or its file is damaged."""
    try:
        return read(job)
    except (OSError, ValueError):
        return None


def is_asked_to_stop(job: Job) -> bool:
    return (job.folder / CANCEL).exists()


def doing(job: Job, found: Status) -> str:
    """What a job at work does now, in words; what it still has to finish once it was asked to stop."""
    words = found.phase or "preparing"
    return f"Stopping. Still to be finished: {words}." if is_asked_to_stop(job) else words[:1].upper() + words[1:]


# What everybody may do


def enqueue(job: Job, *, epochs: int, spec: Any = None) -> bool:
    """Puts a job at the end of the queue, for `work` to do; False where one is queued or at work already.

    spec: what is asked for, as JSON, kept in spec.json. Raises RunError where nothing can be stored.
    """
    try:
        with claim.alone(folders.runs_folder()):
            before = read_status(job)
            if before is not None and before.state in ACTIVE:
                return False
            if not job.kind.resumes and job.folder.exists():
                shutil.rmtree(job.folder)
            job.folder.mkdir(parents=True, exist_ok=job.kind.resumes)
            owners.mark(job.folder)
            if spec is not None:
                write_json(job.folder / "spec.json", spec)
            _queue(job, Status("queued", epochs=epochs))
    except OSError as error:
        raise cannot(job, "be stored", error) from None
    return True


def requeue(job: Job) -> None:
    """Puts a stopped job at the end of the queue, for `work` to do.

    Raises:
        RunError: it is done or still at work, another visitor's, or its folder cannot be written.
    """
    owners.require(job.folder, job.title)
    try:
        with claim.alone(folders.runs_folder()):
            before = require(job)
            if before.state not in RESUMABLE:
                raise RunError(f"The {job.title} is {before.state}; only a stopped {job.kind.noun} can go on.")
            _queue(job, before)
    except OSError as error:
        raise cannot(job, "be written", error) from None


def _queue(job: Job, before: Status) -> None:
    (job.folder / CANCEL).unlink(missing_ok=True)
    fresh = Status("queued", "Waiting for its turn.", epoch=before.epoch, epochs=before.epochs, queued_at=time.time())
    if before.expected is not None and before.epochs > before.first:
        left = before.expected * (before.epochs - before.epoch) / (before.epochs - before.first)
        fresh = dataclasses.replace(fresh, expected=left)
    status.write(job.folder, dataclasses.replace(fresh, first=before.epoch))


def cancel(job: Job) -> None:
    """Asks a job to stop as soon as it can and keep what it has.

    Raises RunError where it cannot be told, or is another visitor's.
    """
    if not job.folder.is_dir():
        return  # it has just finished
    owners.require(job.folder, job.title)
    try:
        with claim.alone(folders.runs_folder()):
            found = read_status(job)
            if found is None or not found.awaits_process:
                (job.folder / CANCEL).touch()
                return
            gone = dataclasses.replace(found, state="cancelled", message=NEVER_BEGAN, awaits_process=False)
            status.write(job.folder, gone)
    except OSError as error:
        raise cannot(job, "be written", error) from None


def kill(job: Job) -> None:
    """Ends a job that does not answer to `cancel`, at once.

    Raises RunError where none is here, or it is another visitor's.
    """
    owners.require(job.folder, job.title)
    found = read_status(job)
    if found is None or found.state not in ACTIVE or found.pid is None or found.host != host_name():
        raise RunError(f"The {job.title} has no job on this machine that could be ended.")
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if os.getpgid(found.pid) == found.pid:  # a job leads a group of its own; a command line's may not
            os.killpg(found.pid, signal.SIGKILL)
        else:
            os.kill(found.pid, signal.SIGKILL)


def require(job: Job) -> Status:
    try:
        return read(job)
    except (OSError, ValueError) as error:
        raise RunError(
            f"The {job.title} is damaged: its status.json cannot be read ({type(error).__name__}). Delete it, then "
            "start it again."
        ) from None


def cannot(job: Job, what: str, error: OSError) -> RunError:
    return RunError(f"The {job.title} cannot {what}: {folders.explain(error)}")
