"""Which processes share the runs, web processes and workers, and how each is doing: it says so in a file of its own.

results/processes/<host>-<number>.json, written anew every few seconds; who is silent for `SILENT_SECONDS` has ended.
"""

import contextlib
import dataclasses
import os
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from fmnist_core.machine import free_memory, host_name
from fmnist_core.storage import reading
from fmnist_core.storage.atomic import write_json
from fmnist_core.storage.folders import results_folder
from fmnist_core.storage.schema import from_json, parse_json

SILENT_SECONDS = 15.0
_LARGEST = 10_000  # bytes of such a file


@dataclass(frozen=True)
class Process:
    role: str  # "web" or "worker"
    host: str  # a container has a name of its own
    number: int
    started: float  # seconds since 1970, like `told`
    told: float
    pages: int  # open ones, each in a browser; 0 of a worker
    memory: int  # bytes that it holds, without its jobs
    free: int  # bytes that its machine or container has left
    cores: float  # that were busy with it since it told last


class Teller:
    """Says how this process is doing, each time it is asked to."""

    def __init__(self, role: str) -> None:
        self._role, self._me = role, psutil.Process()
        self._file = _folder() / f"{host_name()}-{os.getpid()}.json"
        self._me.cpu_percent()  # counts from now on

    def tell(self, pages: int) -> None:
        """Raises OSError."""
        told = Process(
            self._role,
            host_name(),
            self._me.pid,
            self._me.create_time(),
            time.time(),
            pages,
            self._me.memory_info().rss,
            free_memory(),
            round(self._me.cpu_percent() / 100, 2),
        )
        self._file.parent.mkdir(parents=True, exist_ok=True)
        write_json(self._file, dataclasses.asdict(told))


def alive() -> list[Process]:
    """Those that have told something lately, web processes first. What the others left is removed."""
    found = []
    for path in _folder().glob("*.json"):
        with contextlib.suppress(OSError, ValueError):
            told: Process = from_json(Process, parse_json(reading.read_bytes(path, _LARGEST)), "process")
            if time.time() - told.told < SILENT_SECONDS:
                found.append(told)
            else:
                path.unlink()
    return sorted(found, key=lambda one: (one.role, one.host, one.number))


def _folder() -> Path:
    return results_folder() / "processes"
