"""What visitors' things take on disk, and which of them go: what is old, and the oldest where there is no room.

Never what ships, what the machine made, or what a job works on. Maps and figures of runs that everybody sees are
nobody's; they can be made again, and go like the rest.
"""

import contextlib
import shutil
import stat
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from fmnist_core.jobs import lifecycle
from fmnist_core.jobs.status import ACTIVE
from fmnist_core.label_audit import label_sets
from fmnist_core.maps import own_vectors
from fmnist_core.photo_sets import photo_sets
from fmnist_core.storage import owners
from fmnist_core.storage.folders import results_folder, runs_folder

DAY = 24 * 3600.0
REMEMBERED_SECONDS = 5.0  # for which a sum over all files is not made again
_SHELVES = own_vectors.SHELF, photo_sets.SHELF, label_sets.SHELF
_DERIVED = ("map-*", "robustness-*", "favourites-*")  # in the folder of results


@dataclass(frozen=True)
class Thing:
    """A folder that is kept or goes as a whole."""

    folder: Path
    owner: str | None  # None: nobody's, or the machine's
    size: int  # bytes
    changed: float  # seconds since 1970

    @property
    def goes(self) -> bool:
        """Whether it may go at all."""
        return self.owner is not None or self.folder.parent == results_folder()


@dataclass(frozen=True)
class Used:
    total: int  # bytes of what may go
    of: dict[str | None, int]  # bytes by owner


_LOCK = threading.Lock()
_remembered: dict[Path, tuple[float, Used]] = {}


def used() -> Used:
    """How many bytes things take, a few seconds old at most."""
    with _LOCK:
        when, found = _remembered.get(runs_folder(), (-REMEMBERED_SECONDS, Used(0, {})))
        if time.monotonic() - when >= REMEMBERED_SECONDS:
            found = _sum(things())
            _remembered.clear()
            _remembered[runs_folder()] = time.monotonic(), found
        return found


def _sum(all_things: list[Thing]) -> Used:
    of: dict[str | None, int] = {}
    for thing in all_things:
        of[thing.owner] = of.get(thing.owner, 0) + thing.size
    return Used(sum(thing.size for thing in all_things if thing.goes), of)


def things() -> list[Thing]:
    """All that visitors or the machine have made, without what ships."""
    folders = [*runs_folder().glob("*-*")]
    folders += [one for shelf in _SHELVES for one in shelf.folders()]
    folders += [one for pattern in _DERIVED for one in results_folder().glob(pattern)]
    return [_thing(folder) for folder in folders if folder.is_dir() and not folder.name.startswith(".")]


def _thing(folder: Path) -> Thing:
    size, changed = 0, 0.0
    for path in folder.rglob("*"):
        with contextlib.suppress(OSError):  # it has just gone
            about = path.lstat()
            if not stat.S_ISREG(about.st_mode):
                continue
            size, changed = size + about.st_size, max(changed, about.st_mtime)
    return Thing(folder, owners.id_of(folder), size, changed)


def tidy(days: float, megabytes: float) -> list[Path]:
    """Removes what has not changed for so many days, then the oldest until the rest fits. Returns what has gone."""
    now, gone, busy = time.time(), [], _at_work()
    found = [thing for thing in things() if thing.goes]
    left = sum(thing.size for thing in found)
    for thing in sorted(found, key=lambda one: one.changed):
        too_old, too_much = now - thing.changed > days * DAY, left > megabytes * 1e6
        if not (too_old or too_much) or any(one.is_relative_to(thing.folder) for one in busy):
            continue
        with contextlib.suppress(OSError):
            shutil.rmtree(thing.folder)
            left -= thing.size
            gone.append(thing.folder)
            for derived in results_folder().glob(f"*-{thing.folder.name}"):
                shutil.rmtree(derived)
    for decisions in results_folder().glob("audit-decisions-*.json"):  # of visitors: some kilobytes each
        with contextlib.suppress(OSError):
            if now - decisions.stat().st_mtime > days * DAY:
                decisions.unlink()
    with _LOCK:
        _remembered.clear()
    return gone


def _at_work() -> list[Path]:
    """Folders of all jobs, whatever their kind, that work or wait to."""
    return [
        job.folder for job in lifecycle.every_job() if (found := lifecycle.read_status(job)) and found.state in ACTIVE
    ]
