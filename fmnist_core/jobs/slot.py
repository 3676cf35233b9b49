"""Locks: how many jobs of a slot work at once, how one waits for its turn, and that one process works on one job.

The system frees a lock when its process dies, however it dies, and whatever the clock is set to.
"""

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from fmnist_core.storage.folders import RunError, runs_folder

SLOTS = {"training": 1, "map": 1, "robustness": 1}  # how many jobs of a slot work at once; FMNIST_SLOTS changes it
MOST = 64
QUEUE_SECONDS = 0.5
CLAIM = "claim"  # in a job's folder, locked by the process that works on it
CLAIM_SECONDS = 0.5  # for who only looks holds it for a moment, too


def size(name: str) -> int:
    """How many jobs of this slot may work at once: as SLOTS says, or FMNIST_SLOTS, such as "training=1,map=2".

    Raises RunError where FMNIST_SLOTS cannot be understood.
    """
    counts = dict(SLOTS)
    for part in filter(None, os.environ.get("FMNIST_SLOTS", "").split(",")):
        slot, _, count = part.strip().partition("=")
        if slot not in SLOTS or not (count.isascii() and count.isdecimal()) or not 1 <= int(count) <= MOST:
            known = ", ".join(f"{one}=1" for one in SLOTS)
            raise RunError(f"FMNIST_SLOTS cannot be {part!r}. Expected parts such as {known}, each from 1 to {MOST}.")
        counts[slot] = int(count)
    return counts[name]


@contextlib.contextmanager
def claimed(folder: Path) -> Iterator[bool]:
    """Whether this process may work on the job of a folder: False where another one does. Raises OSError."""
    import fcntl

    with (folder / CLAIM).open("a") as file:
        deadline = time.monotonic() + CLAIM_SECONDS
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > deadline:
                    yield False
                    return
                time.sleep(0.02)
            else:
                yield True
                return


def is_claimed(folder: Path) -> bool:
    """Whether a process works on the job of a folder now."""
    import fcntl

    with contextlib.suppress(OSError), (folder / CLAIM).open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


@contextlib.contextmanager
def taken(name: str, is_next: Callable[[], bool], is_cancelled: Callable[[], bool]) -> Iterator[None]:
    """Waits until it is this job's turn and a place of the slot is free. Leaves early once it is cancelled."""
    import fcntl

    folder = runs_folder()
    folder.mkdir(parents=True, exist_ok=True)  # a map of pixels may come before the first run
    with contextlib.ExitStack() as stack:
        paths = [folder / f".slot-{name}-{number}" for number in range(size(name))]
        places = [stack.enter_context(path.open("w")) for path in paths]

        def take() -> bool:
            for place in places:
                with contextlib.suppress(BlockingIOError):
                    fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    return True
            return False

        while not is_cancelled() and not (is_next() and take()):
            time.sleep(QUEUE_SECONDS)
        yield  # closing the files, or the death of the process, frees the place
