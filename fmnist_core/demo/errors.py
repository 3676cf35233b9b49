"""Errors that nobody foresaw, as the owner reads them: what the log has with its traceback, in a line each.

results/errors.jsonl, of all processes that share the runs. A message is kept as it was raised; photos, addresses and
names of visitors are in none that this project raises.
"""

import contextlib
import json
import logging
import threading
import time
import traceback
from dataclasses import asdict, dataclass
from pathlib import Path

from fmnist_core.jobs import lifecycle
from fmnist_core.storage import reading
from fmnist_core.storage.folders import PROJECT, results_folder
from fmnist_core.storage.schema import from_json, parse_json

DAY = 24 * 3600.0
LONGEST = 300  # characters of a message
LARGEST = 500_000  # bytes of the file: then it begins anew, and the one before is kept beside it


@dataclass(frozen=True)
class Entry:
    when: float  # seconds since 1970
    what: str  # type and message, or what a log said
    where: str  # "fmnist_core/runs/runs.py:20", the last place of this project; what said it where there is none


class Recorder(logging.Handler):
    """Writes down what is logged as an error."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        if error is None:
            write(Entry(record.created, record.getMessage()[:LONGEST], record.name))
        else:
            write(of_exception(error))


def record() -> None:
    """From now on errors are written down: those of all loggers that there are, and those that end a thread."""
    loggers = [logging.getLogger(name) for name in list(logging.root.manager.loggerDict)]
    recorder = Recorder()
    for logger in (logging.root, *(one for one in loggers if not one.propagate)):
        logger.addHandler(recorder)
    before = threading.excepthook

    def note(ended: threading.ExceptHookArgs) -> None:
        if ended.exc_value is not None:
            write(of_exception(ended.exc_value))
        before(ended)

    threading.excepthook = note


def of_exception(error: BaseException) -> Entry:
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if Path(frame.filename).is_relative_to(PROJECT) and ".venv" not in frame.filename]
    where = f"{Path(own[-1].filename).relative_to(PROJECT)}:{own[-1].lineno}" if own else type(error).__module__
    return Entry(time.time(), f"{type(error).__name__}: {error}"[:LONGEST], where)


def write(entry: Entry) -> None:
    """Nothing happens where it cannot be written: the log has it."""
    path = _file()
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size > LARGEST:
            path.replace(_older())
        with reading.open_to_append(path) as file:
            file.write(json.dumps(asdict(entry)).encode() + b"\n")


def read(seconds: float = DAY) -> list[Entry]:
    """Those of the last so many seconds, the newest first."""
    found = []
    for path in (_older(), _file()):
        with contextlib.suppress(OSError):
            for line in reading.read_bytes(path).splitlines():
                with contextlib.suppress(ValueError):
                    found.append(from_json(Entry, parse_json(line), "error"))
    return sorted((one for one in found if time.time() - one.when < seconds), key=lambda one: -one.when)


def of_jobs(seconds: float = DAY) -> list[Entry]:
    """Jobs that failed or were interrupted within that time, the newest first; those that are still there."""
    found = []
    for job in lifecycle.every_job():
        standing = lifecycle.read_status(job)
        if standing is None or standing.state not in ("failed", "interrupted"):
            continue
        when = max(standing.heartbeat, standing.queued_at)
        if time.time() - when < seconds:
            found.append(Entry(when, standing.message, job.title))
    return sorted(found, key=lambda one: -one.when)


def _file() -> Path:
    return results_folder() / "errors.jsonl"


def _older() -> Path:
    return results_folder() / "errors-older.jsonl"
