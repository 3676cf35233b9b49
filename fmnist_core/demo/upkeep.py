"""What goes on beside the pages of a shared installation: old things go, jobs start when their turn has come, the
owner is told how the process is doing."""

import contextlib
import math
import threading
import time
from collections.abc import Callable

from fmnist_core import hosting
from fmnist_core.demo import disk, errors, limits
from fmnist_core.demo.processes import Teller
from fmnist_core.jobs import draining, queue
from fmnist_core.room import rooms
from fmnist_core.storage import folders
from fmnist_core.storage.folders import RunError

QUEUE_SECONDS = 3.0
TIDY_SECONDS = 600.0


def start(open_pages: Callable[[], int]) -> None:
    """Keeps house in a thread of a web process from now on, until the process ends. open_pages: how many it has."""
    threading.Thread(target=run, args=("web", open_pages), name="upkeep", daemon=True).start()


def run(role: str = "worker", open_pages: Callable[[], int] = lambda: 0) -> None:
    """Keeps house for ever: what was killed starts no other job, and nobody else looks for what has become old."""
    teller = Teller(role)
    if hosting.owner_secret():
        errors.record()
    if queue.starts_jobs():
        with contextlib.suppress(RunError):
            draining.end()  # the update is done
    tidied = -math.inf
    while True:
        with contextlib.suppress(RunError, OSError):  # a setting that cannot be understood is said where it is used
            if hosting.owner_secret():
                teller.tell(open_pages())
            if time.monotonic() - tidied > TIDY_SECONDS:
                tidied = time.monotonic()
                tidy()
            if folders.runs_folder().is_dir():
                queue.start_due()
        time.sleep(QUEUE_SECONDS)


def tidy() -> None:
    """Removes rooms that nobody uses any more, and what is old or too much, where there are such limits.

    Raises RunError where they cannot be understood.
    """
    with contextlib.suppress(RunError):  # said to who opens one
        rooms.tidy(time.time())
    found = limits.read()
    if min(found.days, found.megabytes) < math.inf:
        disk.tidy(found.days, found.megabytes)
