"""That one process works on one job, and one at a time asks for one: locks.

The system frees them when the process dies, however it dies, and whatever the clock is set to.
"""

import contextlib
import fcntl
import time
from collections.abc import Iterator
from pathlib import Path

from fmnist_core.storage import reading

FILE = "claim"
ASKED = ".asked"
SECONDS = 0.5  # of trying: who only looks holds the lock for a moment, too


@contextlib.contextmanager
def claimed(folder: Path) -> Iterator[bool]:
    """Whether this process may work on the job of a folder: False where another one does. Raises OSError."""
    with reading.open_to_append(folder / FILE) as file:
        deadline = time.monotonic() + SECONDS
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
    with contextlib.suppress(OSError), reading.open_file(folder / FILE) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Waits until nobody else asks for a job in the folder of runs: two that find none would both start one.

    Raises OSError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with reading.open_to_append(folder / ASKED) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
