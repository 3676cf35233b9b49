"""Slots: how many jobs work at once, and how one waits for its turn."""

import contextlib
import os
import time
from collections.abc import Callable, Iterator

from fmnist_core.storage import reading
from fmnist_core.storage.folders import RunError, runs_folder

SLOTS = {"training": 1, "map": 1, "robustness": 1}  # how many jobs of a slot work at once; FMNIST_SLOTS changes it
MOST = 64
QUEUE_SECONDS = 0.5


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
def taken(name: str, is_next: Callable[[], bool], is_cancelled: Callable[[], bool]) -> Iterator[None]:
    """Waits until it is this job's turn and a place of the slot is free. Leaves early once it is cancelled."""
    import fcntl

    folder = runs_folder()
    folder.mkdir(parents=True, exist_ok=True)  # a map of pixels may come before the first run
    with contextlib.ExitStack() as stack:
        paths = [folder / f".slot-{name}-{number}" for number in range(size(name))]
        places = [stack.enter_context(reading.open_to_append(path)) for path in paths]

        def take() -> bool:
            for place in places:
                with contextlib.suppress(BlockingIOError):
                    fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    return True
            return False

        while not is_cancelled() and not (is_next() and take()):
            time.sleep(QUEUE_SECONDS)
        yield  # closing the files, or the death of the process, frees the place
