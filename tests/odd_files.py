"""What may lie in place of a file: for tests that nothing waits for it."""

import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ODD = ("pipe", "device", "folder", "huge")
HUGE = 1_500_000_000  # bytes
SECONDS = 20  # what is at once, on a busy machine


def put_in_place_of(path: Path, kind: str) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    if kind == "pipe":
        os.mkfifo(path)  # whoever opens it waits for somebody who writes
    elif kind == "device":
        path.symlink_to("/dev/zero")  # whoever reads it reads without end
    elif kind == "folder":
        path.mkdir()
    else:
        with path.open("wb") as file:
            file.truncate(HUGE)  # a hole: takes no space


@contextmanager
def at_once(seconds: int = SECONDS) -> Iterator[None]:
    """Ends what waits, or reads for ever, with an error: each time, for code that goes on to the next file, and at the
    end once more, for code that takes the error for damage."""
    fired: list[object] = []

    def late(*_: object) -> None:
        fired.append(1)
        raise AssertionError(f"not done within {seconds} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds, 1)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert not fired, f"not done within {seconds} s"
