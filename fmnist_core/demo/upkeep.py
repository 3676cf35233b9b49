"""What goes on beside the pages of a shared installation: old things go, jobs start when their turn has come."""

import contextlib
import math
import threading
import time

from fmnist_core.demo import disk, limits
from fmnist_core.jobs import queue
from fmnist_core.storage import folders
from fmnist_core.storage.folders import RunError

QUEUE_SECONDS = 3.0
TIDY_SECONDS = 600.0


def start() -> None:
    """Keeps house in a thread from now on, until the process ends."""
    threading.Thread(target=run, name="upkeep", daemon=True).start()


def run() -> None:
    """Keeps house for ever: what was killed starts no other job, and nobody else looks for what has become old."""
    tidied = -math.inf
    while True:
        with contextlib.suppress(RunError, OSError):  # a setting that cannot be understood is said where it is used
            if folders.runs_folder().is_dir():
                queue.start_due()
                if time.monotonic() - tidied > TIDY_SECONDS:
                    tidied = time.monotonic()
                    tidy()
        time.sleep(QUEUE_SECONDS)


def tidy() -> None:
    """Removes what is old or too much, where there are such limits. Raises RunError where they cannot be understood."""
    found = limits.read()
    if min(found.days, found.megabytes) < math.inf:
        disk.tidy(found.days, found.megabytes)
