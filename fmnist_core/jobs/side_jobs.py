"""Jobs beside trainings: each has a folder in results/ with status.json, log.txt and, when it should stop, cancel."""

import contextlib
import dataclasses
import traceback
from pathlib import Path

from fmnist_core.jobs import lifecycle
from fmnist_core.runs import records, runs
from fmnist_core.runs.records import ACTIVE, Status
from fmnist_core.storage import folders
from fmnist_core.storage.folders import RunError
from fmnist_core.storage.schema import parse_json


def read_status(folder: Path) -> Status | None:
    """What the job is doing; None where there is none, or its file is damaged."""
    try:
        status = records.parse_status(parse_json((folder / "status.json").read_bytes()))
    except (OSError, ValueError):
        return None
    if status.state in ACTIVE and not runs.is_alive(status):
        return dataclasses.replace(status, state="interrupted", message="The job ended without a word. Start it again.")
    return status


def write_status(folder: Path, status: Status) -> None:
    """Raises OSError."""
    runs.write_json(folder / "status.json", dataclasses.asdict(status))


def cancel(folder: Path) -> None:
    """Asks the job to stop. Raises RunError where it cannot be told."""
    try:
        if folder.is_dir():
            (folder / "cancel").touch()
    except OSError as error:
        raise RunError(f"The job cannot be stopped: {error.strerror or error}. {folders.remedy(error)}") from None


def explain(folder: Path, error: Exception) -> str:
    """Why the job failed, in a sentence for the status; the traceback goes to its log. Call where it is caught."""
    with contextlib.suppress(OSError), (folder / "log.txt").open("a") as log:
        traceback.print_exc(file=log)
    return lifecycle.explain(error, smaller="fewer pictures", again="start it again")
