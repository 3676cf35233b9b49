"""The processes of jobs, and of a kind one that is ready before it is asked for: its imports take seconds.

It is the process of a job that has none yet, `python -m fmnist_core work KIND -`. A web process starts it when somebody
opens the page that starts such jobs, tells it by its standard input which job to do, and closes that after some minutes
in which nobody asked; the system closes it where the web process dies. Either ends it.
"""

import contextlib
import math
import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import psutil

from fmnist_core.jobs.kinds import JobKind
from fmnist_core.machine import free_memory, thread_environment
from fmnist_core.storage import folders, reading
from fmnist_core.storage.folders import RunError

MINUTES = "FMNIST_WARM"  # how long it waits; 0: there is none
USUAL_MINUTES, MOST_MINUTES = 5.0, 1_440.0
LEAST_FREE = 2_000_000_000  # bytes of memory without which there is none: one of TensorFlow takes 0.7 GB
ANY = "-"  # in place of a folder: standard input will say
NICENESS = 15  # a job yields to the web process: clicks stay fast while it works
_LOOK_SECONDS = 2.0
_REST_SECONDS = 60.0  # until another one is started, where one could not import what its kind needs


@dataclass
class _Waiting:
    process: subprocess.Popen[bytes]
    until: float  # by time.monotonic


_waiting: dict[str, _Waiting] = {}  # by the name of their kind
_failed: dict[str, float] = {}  # when one ended by itself, by time.monotonic
_lock = threading.Lock()


def minutes() -> float:
    """Raises RunError where FMNIST_WARM cannot be understood."""
    said = os.environ.get(MINUTES, "").strip()
    try:
        found = float(said) if said else USUAL_MINUTES
    except ValueError:
        found = -1.0
    if not 0 <= found <= MOST_MINUTES:
        raise RunError(f"{MINUTES} cannot be {said!r}. Expected minutes from 0, for never, to {MOST_MINUTES:g}.")
    return found


def waits(kind: JobKind) -> bool:
    """Whether one waits for a job of a kind, or imports what that needs."""
    held = _waiting.get(kind.name)
    return held is not None and held.process.poll() is None


def memory(kind: JobKind) -> int:
    """Bytes that the one that waits has, which the job that it will do need not ask for; 0 where none does."""
    held = _waiting.get(kind.name)
    with contextlib.suppress(psutil.Error):
        return psutil.Process(held.process.pid).memory_info().rss if held else 0
    return 0


def keep(kind: JobKind) -> None:
    """From now on one waits for the next job of a kind, where there is memory for it, for some minutes.

    Raises RunError as `minutes`.
    """
    seconds = 60 * minutes()
    with _lock:
        if waits(kind):
            _waiting[kind.name].until = time.monotonic() + seconds
            return
        if not seconds or not kind.prepare or free_memory() < LEAST_FREE:
            return
        if time.monotonic() - _failed.get(kind.name, -math.inf) < _REST_SECONDS:
            return
        with contextlib.suppress(OSError):  # then the job will start its own, or say why there is none
            folders.results_folder().mkdir(parents=True, exist_ok=True)
            with (folders.results_folder() / f"waiting-{kind.name}.log").open("wb") as output:  # until it has a job
                process = start(kind, ANY, output, stdin=subprocess.PIPE)
            held = _waiting[kind.name] = _Waiting(process, time.monotonic() + seconds)
            threading.Thread(target=_let_go, args=(kind, held), daemon=True).start()


def give(kind: JobKind, folder: Path) -> bool:
    """Has the job of a folder done by the one that waits; False where there is none."""
    with _lock:
        held = _waiting.pop(kind.name, None)
    if held is None or held.process.stdin is None:
        return False
    with contextlib.suppress(OSError), held.process.stdin as told:  # closing may find that it has just ended
        if held.process.poll() is None:
            told.write(f"{folder.absolute()}\n".encode())
            return True
    return False


def start(kind: JobKind, folder: Path | str, output: IO[bytes] | int, stdin: int = subprocess.DEVNULL) -> Any:
    """A Popen: the process of a job, which leads a group of its own. Raises OSError."""
    process = subprocess.Popen(
        [sys.executable, "-m", "fmnist_core", "work", kind.name, str(folder)],
        cwd=folders.PROJECT,
        stdin=stdin,
        stdout=output,
        stderr=subprocess.STDOUT,
        env=os.environ | thread_environment() | {"PYTHONUNBUFFERED": "1"},
        start_new_session=True,
    )
    with contextlib.suppress(OSError):  # it does so itself, too, but imports much before
        os.setpriority(os.PRIO_PROCESS, process.pid, max(NICENESS, os.getpriority(os.PRIO_PROCESS, 0)))
    return process


def wait(kind: JobKind) -> Path | None:
    """In the process that waits: imports what its kind needs, then the folder of its job; None where nobody asked.

    From then on what it prints goes to the log of that job. Raises OSError.
    """
    kind.load_preparation()()
    told = sys.stdin.readline().rstrip("\n")
    if not told:
        return None
    with reading.open_to_append(Path(told) / "log.txt") as log:
        for descriptor in (sys.stdout.fileno(), sys.stderr.fileno()):
            os.dup2(log.fileno(), descriptor)
    return Path(told)


def _let_go(kind: JobKind, held: _Waiting) -> None:
    """Ends it when its time is over; and takes note of its end, or it would stay as a zombie."""
    while (code := held.process.poll()) is None:
        time.sleep(_LOOK_SECONDS)
        with _lock:
            if time.monotonic() > held.until and _waiting.get(kind.name) is held:
                del _waiting[kind.name]
                with contextlib.suppress(OSError):
                    held.process.stdin.close()  # type: ignore[union-attr]
    with _lock:
        if code and _waiting.get(kind.name) is held:
            _failed[kind.name] = time.monotonic()
            del _waiting[kind.name]
            with contextlib.suppress(OSError):
                held.process.stdin.close()  # type: ignore[union-attr]
