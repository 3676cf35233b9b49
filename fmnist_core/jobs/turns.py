"""What the web process does of one kind at a time, whoever asks: each takes cores and memory."""

import contextlib
import threading
from collections.abc import Iterator

from fmnist_core.storage.folders import RunError

PATIENCE = 120  # seconds that one waits for its turn


@contextlib.contextmanager
def taken(lock: threading.Lock, done: str) -> Iterator[None]:
    """Waits for the lock and holds it. done: what is done with a file, such as "made".

    Raises:
        RunError: the turn does not come.
    """
    if not lock.acquire(timeout=PATIENCE):
        raise RunError(f"Another file is being {done}, one at a time. Try again in some minutes.")
    try:
        yield
    finally:
        lock.release()
