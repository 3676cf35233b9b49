"""Where things lie: the project, own runs, results of no run, what ships; and what to say where a folder fails."""

import errno
import os
from pathlib import Path

PROJECT = Path(__file__).parents[2]


class RunError(RuntimeError):
    """Something stored cannot be found, read or written; the message says what, and what to do."""


class NotStored(RunError):
    """A folder of this machine cannot be written, whatever was to be stored."""


def runs_folder() -> Path:
    """Own runs: `runs` beside app.py, or where FMNIST_RUNS points."""
    return Path(os.environ.get("FMNIST_RUNS") or PROJECT / "runs").absolute()


def results_folder() -> Path:
    """What belongs to no own run; moves with FMNIST_RUNS."""
    return runs_folder().with_name("results")


def shipped_folder() -> Path:
    """The runs that come with the app, read-only."""
    return PROJECT / "assets" / "runs"


def reason(error: OSError) -> str:
    """What the system says of it, without the path: a page may be read elsewhere than on this machine."""
    return error.strerror or type(error).__name__


def is_full(error: OSError) -> bool:
    """Whether space is missing, and nothing else."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT)


def explain(error: OSError) -> str:
    """Why runs, results or what belongs to them cannot be written or removed, and what to do: the end of a sentence,
    and another one.
    """
    what = "Free some space."
    if not is_full(error):
        what = "Expected a folder that can be written: check its rights, or set FMNIST_RUNS to another one."
    return f"{reason(error)}. {what}"
