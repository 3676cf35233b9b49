"""What status.json says of a job, read and written here alone."""

import dataclasses
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import psutil

from fmnist_core.machine import host_name
from fmnist_core.storage import reading
from fmnist_core.storage.atomic import write_json
from fmnist_core.storage.schema import from_json, parse_json

State = Literal["queued", "running", "done", "cancelled", "failed", "interrupted"]
ACTIVE = ("queued", "running")
FINISHED = ("done", "cancelled")  # only such a job may have a result that fits its other files
RESUMABLE = ("cancelled", "failed", "interrupted")
FILE = "status.json"
HEARTBEAT_LIMIT = 60.0  # seconds of silence after which a job on another machine counts as interrupted


@dataclass(frozen=True)
class Status:
    """How a job stands; "interrupted" is concluded by who reads, and never written."""

    state: State
    message: str = ""  # one sentence for the reader
    notice: str = ""  # sentences for the reader: what went otherwise than asked for, however the job ends
    phase: str = ""  # a word or two: what it is doing
    stage: int = 0  # of a recipe, from 0
    epoch: int = 0  # finished epochs, iterations or steps: what its kind counts
    epochs: int = 0  # of how many
    queued_at: float = 0.0  # seconds since 1970
    awaits_process: bool = False  # queued without a process: `queue.start_due` starts one when its turn has come
    first: int = 0  # of these epochs, how many were finished before it was taken up again
    expected: float | None = None  # seconds that it will take, as was estimated when it was asked for
    like: str = ""  # what its duration is kept by, and
    usual: float = 0.0  # the seconds that it is kept beside: see `durations.Estimate`
    started_at: float | None = None
    heartbeat: float = 0.0
    pid: int | None = None
    pid_started: float | None = None  # the process' own start time: numbers are used again
    host: str = ""

    @property
    def has_process(self) -> bool:
        """Whether it works, or has a process that waits to."""
        return self.state == "running" or (self.state == "queued" and not self.awaits_process)


def read(folder: Path) -> Status:
    """What the job of a folder wrote last. Raises OSError, and ValueError where the file is damaged."""
    return parse(parse_json(reading.read_bytes(folder / FILE)))


def parse(value: Any) -> Status:
    """From JSON. Raises ValueError."""
    status: Status = from_json(Status, value, "status")
    if status.state == "interrupted":
        raise ValueError("No job writes that it was interrupted.")
    return status


def write(folder: Path, status: Status) -> None:
    """Replaces the file in one step. Raises OSError."""
    write_json(folder / FILE, dataclasses.asdict(status))


def is_alive(status: Status) -> bool:
    """Whether the job that wrote this status is still at work, or about to begin."""
    if status.awaits_process:
        return True
    if status.pid is None:  # between being queued, or started, and the job's first word
        return time.time() - max(status.queued_at, status.heartbeat) < HEARTBEAT_LIMIT
    if status.host != host_name():
        return time.time() - status.heartbeat < HEARTBEAT_LIMIT
    try:
        process = psutil.Process(status.pid)
        same = abs(process.create_time() - (status.pid_started or 0)) < 2
        return same and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
