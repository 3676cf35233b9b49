"""The queue of each slot: who is before whom, how long one will wait, and whose process is started next.

A job that the app starts waits without a process. Whoever comes by starts those whose turn has come: who has asked for
one, a job that has ended, and the upkeep of the web process or of `python -m fmnist_core worker`, for where a job was
killed.
"""

import contextlib
import dataclasses
import os
import threading
import time
from typing import Any

from fmnist_core.jobs import claim, draining, kinds, lifecycle, slot, status, warm
from fmnist_core.jobs.durations import Estimate
from fmnist_core.jobs.kinds import JobKind
from fmnist_core.jobs.lifecycle import Job
from fmnist_core.jobs.status import ACTIVE, Status
from fmnist_core.storage import folders, reading
from fmnist_core.storage.folders import RunError

WORKER = "FMNIST_WORKER"  # "elsewhere": another process than those that serve pages starts jobs
SHORTEST_SECONDS = 5.0  # that a job at work is taken to need still, however long it has taken

# How many are before one, and for how long


def position(job: Job) -> int:
    """How many waiting jobs come before this one in its slot: 0 for the next."""
    waiting = [one.folder for one, found in active(job.kind.slot) if found.state == "queued"]
    return waiting.index(job.folder) if job.folder in waiting else 0


def jobs_ahead(job: Job) -> int:
    """How many jobs come before this one in its slot, those at work included."""
    return len(kinds_ahead(job))


def kinds_ahead(job: Job) -> list[JobKind]:
    """What they are, a kind a job, in their order."""
    found = active(job.kind.slot)
    return [one.kind for one, _ in found[: position(job) + sum(standing.state == "running" for _, standing in found)]]


def seconds_to_wait(job: Job | None, name: str = "") -> float | None:
    """Until a queued job's turn, or of None until the turn of one that joined the queue of slot `name` now.

    None where of a job before it nobody knows how long it takes.
    """
    name = job.kind.slot if job else name
    found = active(name)
    jobs = [one for one, _ in found]
    before = found[: jobs.index(job)] if job in jobs else found
    free_at = [0.0] * slot.size(name)  # when each place of the slot is free, in seconds from now
    for _, standing in before:
        seconds = seconds_left(standing)
        if seconds is None:
            return None
        free_at[free_at.index(min(free_at))] += seconds
    return min(free_at)


def seconds_left(standing: Status) -> float | None:
    """Until a job has ended, its wait not counted; None where nobody knows.

    The more of it is done, the more by how long that took, and the less by what was expected: the first epoch has the
    start in it, and after the last there is still something to do.
    """
    since = time.time() - standing.started_at if standing.state == "running" and standing.started_at else 0.0
    done, all_of_them = standing.epoch - standing.first, standing.epochs - standing.first
    share = min(done / all_of_them, 1.0) if since and done > 0 and all_of_them > 0 else 0.0
    expected = None if standing.expected is None else standing.expected - since
    if not share or (share == 1 and expected is not None):
        return None if expected is None else max(expected, SHORTEST_SECONDS)
    by_what_is_done = since * (1 - share) / share
    late = by_what_is_done if expected is None else max(expected, 0.0)
    return max(share * by_what_is_done + (1 - share) * late, SHORTEST_SECONDS)


def active(name: str) -> list[tuple[Job, Status]]:
    """The jobs of a slot that work, then those that wait, the next first."""
    of_slot = [Job(kind, folder) for kind in kinds.KINDS.values() if kind.slot == name for folder in kind.folders()]
    known = [(job, found) for job in of_slot if (found := lifecycle.read_status(job)) and found.state in ACTIVE]
    return sorted(known, key=lambda one: (one[1].state == "queued", one[1].queued_at, str(one[0].folder)))


# Starting


def start(job: Job, *, epochs: int, spec: Any = None, expected: Estimate | None = None) -> None:
    """Queues a job, see `lifecycle.enqueue`; its process starts when its turn has come. Raises RunError.

    Nothing happens where one is at it already. expected: how long it will take, where that is known.
    """
    if lifecycle.enqueue(job, epochs=epochs, spec=spec):
        join(job, expected)


def resume(job: Job) -> None:
    """Queues a stopped job; it goes on with what it has. Raises RunError as `lifecycle.requeue`."""
    lifecycle.requeue(job)
    join(job)


def join(job: Job, expected: Estimate | None = None) -> None:
    """From now on a job that was queued waits without a process of its own. Raises RunError."""
    _change(job, expected, awaits_process=True)
    start_due(job.kind.slot, told=job)


def expect(job: Job, expected: Estimate | None) -> None:
    """Says how long a job will take that was queued and that this process is about to do. Raises RunError."""
    _change(job, expected)


def _change(job: Job, expected: Estimate | None, **more: Any) -> None:
    if expected is not None:
        more |= {"expected": expected.seconds, "like": expected.like, "usual": expected.usual}
    try:
        with claim.alone(folders.runs_folder()):
            status.write(job.folder, dataclasses.replace(lifecycle.require(job), **more))
    except OSError as error:
        raise lifecycle.cannot(job, "be written", error) from None


def starts_jobs() -> bool:
    """Whether it is this process, among those that share the runs, that starts jobs."""
    return os.environ.get(WORKER) != "elsewhere"


def prepare(kind: JobKind) -> None:
    """For who may ask for a job of a kind in the next minutes: a process is ready for it then, see `warm`.

    Not where the next such job would have to wait anyway, or another process starts jobs. Raises RunError where
    FMNIST_WARM or FMNIST_SLOTS cannot be understood.
    """
    if not starts_jobs() or draining.is_draining():
        return
    if warm.waits(kind) or len(active(kind.slot)) < slot.size(kind.slot):
        warm.keep(kind)


def start_due(name: str | None = None, told: Job | None = None) -> None:
    """Starts the processes of those jobs whose turn has come, of one slot or of all.

    told: whose failure to start is raised as RunError; of others their status says it.
    """
    if not starts_jobs() or draining.is_draining():
        return
    with contextlib.suppress(OSError), claim.alone(folders.runs_folder()):
        for one in slot.SLOTS if name is None else (name,):
            for job, found in active(one)[: slot.size(one)]:
                if not found.awaits_process:
                    continue
                with contextlib.suppress(RunError) if job != told else contextlib.nullcontext():
                    _spawn(job, found)


def _spawn(job: Job, queued: Status) -> None:
    """Starts the process of a job: a group of its own, what it prints goes to its log. Raises RunError."""
    status.write(job.folder, dataclasses.replace(queued, awaits_process=False, heartbeat=time.time()))
    if warm.give(job.kind, job.folder):
        return
    try:
        with reading.open_to_append(job.folder / "log.txt") as output:
            process = warm.start(job.kind, job.folder.absolute(), output)
    except OSError as error:
        end = f"{'Free some space, then' if folders.is_full(error) else 'To try again,'} {job.kind.again}."
        message = f"The {job.title} cannot be started: {folders.reason(error)}. {end}"
        failed = dataclasses.replace(queued, state="failed", message=message, awaits_process=False)
        with contextlib.suppress(OSError, ValueError):
            status.write(job.folder, failed)
        raise RunError(message) from None
    threading.Thread(target=process.wait, daemon=True).start()  # or it would stay as a zombie when it has ended
