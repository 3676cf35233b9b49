"""How long jobs took on this machine, kept as they end: by them the next one of their like is foretold.

An estimate begins with what the work costs on another machine ("usual"). What jobs took here, as a multiple of that,
sets it right: a busy machine, fewer cores, another processor.
"""

import contextlib
import dataclasses
import math
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from fmnist_core.jobs import claim
from fmnist_core.machine import machine_code
from fmnist_core.storage import reading
from fmnist_core.storage.atomic import write_json
from fmnist_core.storage.folders import results_folder, runs_folder
from fmnist_core.storage.schema import from_json, parse_json

KEPT = 200  # jobs, the newest
NEAREST = 5  # jobs that an estimate is made from: those whose work is nearest in size
BELIEVED = 3.0  # times as long as usual is the most that one job says, which may have met a swamped machine; two say 9
LONGEST = 1e7  # seconds


@dataclass(frozen=True)
class Estimate:
    """How long a job will take."""

    seconds: float
    basis: str = ""  # where the figure comes from, for the reader
    like: str = ""  # what tells its kind of work, its first word the widest; empty: its duration is not kept
    usual: float = 0.0  # seconds by its work alone, before what other jobs took here was considered


@dataclass(frozen=True)
class Took:
    """A job that was done here."""

    like: str
    usual: float
    seconds: float


@dataclass(frozen=True)
class _Stored:
    took: tuple[Took, ...]


def estimate(like: str, usual: float, basis: str) -> Estimate:
    """What work that takes `usual` seconds elsewhere will take here.

    By those of its like that were done here; else by others with the same first word; else as is usual. The less, the
    farther they are in size: how much longer one takes than another that is ten times as large is known by half.

    basis: for the reader, where nothing of the kind was done here.
    """
    took = read()
    same = [one for one in took if one.like == like]
    akin = same or [one for one in took if one.like.split()[0] == like.split()[0]]
    if not akin:
        return Estimate(usual, basis, like, usual)
    decades = {one: abs(math.log10(one.usual / usual)) for one in akin}
    nearest = sorted(akin, key=lambda one: decades[one])[:NEAREST]
    factor = median((one.seconds / one.usual) ** (1 / (1 + decades[one])) for one in nearest)
    most = BELIEVED ** len(nearest)
    factor = min(max(factor, 1 / most), most)
    words = "measured on this machine: " + ("the same kind" if same else f"another {like.split()[0]}")
    return Estimate(usual * factor, words, like, usual)


def keep(done: Took) -> None:
    """Adds a job that has ended. Where nothing can be stored, the next one is foretold without it."""
    if not (done.like and _is_sound(done)):
        return
    with contextlib.suppress(OSError), claim.alone(runs_folder()):
        _file().parent.mkdir(parents=True, exist_ok=True)
        write_json(_file(), dataclasses.asdict(_Stored((*read(), done)[-KEPT:])))


def read() -> tuple[Took, ...]:
    """The jobs that ended here, the newest last; none where the file is missing or damaged."""
    try:
        stored: _Stored = from_json(_Stored, parse_json(reading.read_bytes(_file())), "durations")
    except (OSError, ValueError):
        return ()
    return tuple(one for one in stored.took if one.like and _is_sound(one))


def _is_sound(took: Took) -> bool:
    return 0 < took.usual < LONGEST and 0 < took.seconds < LONGEST


def _file() -> Path:
    """This machine's; another one that shares the folder of results has its own."""
    return results_folder() / f"durations-{machine_code()}.json"
