"""A run on disk: one folder, written by its job alone; the web side only reads and may add `cancel` and label.json.

config.json      the recipe, class names, data fingerprint, versions, machine
status.json      what the job is doing; see Status
cancel           present: stop at the next batch
label.json       what its owner calls it and noted; written by pages
owner.json       whose it is, where a visitor made it; see storage.owners
claim            locked by the process that trains it
metrics.jsonl    a line every half second and every epoch; empty where there are no epochs
sizes.json       of what learns without epochs: see size_curve
result.json      the finished run's figures and the hashes of its files
model.keras  model.onnx  predictions.npz  stages/N.npz  maps/features.npz  replay/NNN.npz  log.txt
checkpoint.npz  checkpoint-before.npz
"""

import dataclasses
import datetime
import hashlib
import importlib.metadata
import re
import secrets
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from fmnist_core import data, zoo
from fmnist_core.jobs import kinds, lifecycle, status
from fmnist_core.jobs.lifecycle import Job
from fmnist_core.jobs.status import ACTIVE, Status
from fmnist_core.machine import describe_machine
from fmnist_core.recipe import Recipe
from fmnist_core.runs import records
from fmnist_core.runs.records import Config, Family, Line, Result, StoredFile
from fmnist_core.storage import folders, owners, reading
from fmnist_core.storage.atomic import write_json
from fmnist_core.storage.folders import PROJECT, NotStored, RunError, explain, results_folder, runs_folder
from fmnist_core.storage.schema import as_plain, parse_json, to_json

Parsed = TypeVar("Parsed")
RUN_ID = re.compile(r"[a-z0-9_]{1,40}-[0-9]{8}-[0-9]{6}-[0-9a-f]{4}")
_LIBRARIES = ("tensorflow-cpu", "tensorflow", "keras", "scikit-learn", "onnxruntime", "numpy")


@dataclass(frozen=True)
class Run:
    """A run's folder. Cheap: nothing is read until asked for."""

    folder: Path
    shipped: bool = False

    @property
    def id(self) -> str:
        return self.folder.name

    @property
    def model(self) -> str:
        return model_in(self.id)


def model_in(run_id: str) -> str:
    """The name of its model, as the run's name says it: perhaps one that models once had."""
    return run_id.partition("-")[0]


class Began(NamedTuple):
    """What the name of a run says of when it was made, and what tells it from others of that second."""

    day: str  # such as 2026-11-22, in UTC
    time: str  # such as 18:30, in UTC
    mark: str  # four hexadecimal digits


def began(run_id: str) -> Began:
    """run_id: as RUN_ID has it."""
    _, day, clock, mark = run_id.split("-")
    return Began(f"{day[:4]}-{day[4:6]}-{day[6:]}", f"{clock[:2]}:{clock[2:4]}", mark)


def new_id(model: str, now: datetime.datetime | None = None) -> str:
    """What a run of that model is called that is made now."""
    return f"{model}-{now or datetime.datetime.now(datetime.UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"


def with_other_mark(run_id: str) -> str:
    """Another run's name with that model and time."""
    return f"{run_id.rpartition('-')[0]}-{secrets.token_hex(2)}"


def create(chosen: Recipe, family: Family | None = None, folder: Path | None = None) -> Run:
    """Makes the folder of a new run, queued; family: whose one it is; folder: its own, where it is settled already.

    Raises:
        ValueError: the recipe cannot be trained.
        RunError: the folder cannot be written.
    """
    zoo.check(chosen)
    now = datetime.datetime.now(datetime.UTC)
    run = Run(folder or runs_folder() / new_id(chosen.model, now))
    config = dataclasses.replace(config_of(chosen, now), family=family)
    try:
        run.folder.mkdir(parents=True)
    except OSError as error:  # where another run has that name, too: its folder must stay
        raise not_stored(error) from None
    try:
        owners.mark(run.folder)
        write_json(run.folder / "config.json", as_plain(config))
        status.write(run.folder, Status("queued", "Waiting for its turn.", epochs=chosen.epochs, queued_at=time.time()))
    except OSError as error:
        shutil.rmtree(run.folder, ignore_errors=True)
        raise not_stored(error) from None
    return run


def config_of(chosen: Recipe, now: datetime.datetime | None = None) -> Config:
    """What config.json of a run says that is made now, here."""
    created = f"{now or datetime.datetime.now(datetime.UTC):%Y-%m-%dT%H:%M:%SZ}"
    return Config(chosen, data.CLASS_NAMES, data.fingerprint(), versions(), describe_machine(), created)


def not_stored(error: OSError) -> NotStored:
    return NotStored(f"A run cannot be stored in the folder of runs: {explain(error)}")


def versions() -> dict[str, str]:
    """The code's fingerprint and the versions of the libraries that decide a training's figures."""
    found = {"code": code_fingerprint()}
    for name in _LIBRARIES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def code_fingerprint() -> str:
    """A SHA-256 over the library's source files, shortened: which code a run was made with."""
    digest = hashlib.sha256()
    for path in sorted((PROJECT / "fmnist_core").rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def find(run_id: str) -> Run:
    """The run of that name, own or shipped.

    Raises:
        RunError: not the name of a run, or there is none of that name that who asks may look at.
    """
    if RUN_ID.fullmatch(run_id):
        for run in (Run(runs_folder() / run_id), Run(folders.shipped_folder() / run_id, shipped=True)):
            if run.folder.is_dir() and owners.is_visible(owners.read(run.folder)):
                return run
    raise RunError(f"There is no run {run_id[:80]!r}. It may have been deleted; choose another one on the Models page.")


def list_runs() -> list[Run]:
    """The runs that who asks may look at, in the order of `every_run`."""
    return [run for run in every_run() if owners.is_visible(owners.read(run.folder))]


def every_run() -> list[Run]:
    """All runs, newest first; the shipped ones last, of them the baselines that are no networks.

    Damaged ones too: reading them says what is wrong.
    """
    own = [Run(folder) for folder in _run_folders(runs_folder())]
    shipped = [Run(folder, shipped=True) for folder in _run_folders(folders.shipped_folder())]
    return [*own, *sorted(shipped, key=lambda run: run.id.split("-", 1)[0] in zoo.CLASSICAL)]


def _run_folders(folder: Path) -> list[Path]:
    try:
        found = [path for path in folder.iterdir() if RUN_ID.fullmatch(path.name) and path.is_dir()]
    except OSError:
        return []
    return sorted(found, key=lambda path: path.name.split("-", 1)[1], reverse=True)


def delete(run: Run) -> None:
    """Removes an own run that no job is working on, with what was computed of it and lies elsewhere.

    Raises:
        RunError: it is shipped or another visitor's, or a job works on it, or the folder cannot be removed.
    """
    if run.shipped:
        raise RunError(f"The run {run.id} comes with the app and stays.")
    owners.require(run.folder, f"run {run.id}")
    try:
        at_work = read_status(run).state in ACTIVE
    except RunError:  # to delete it is what its sentence advises
        at_work = False
    if at_work:
        raise RunError(f"The run {run.id} is still at work. Stop it first.")
    try:
        shutil.rmtree(run.folder)
        for folder in results_folder().glob(f"*-{run.id}"):  # photo calibrations, figures of robustness
            shutil.rmtree(folder)
    except OSError as error:
        raise RunError(f"The run {run.id} cannot be removed: {explain(error)}") from None


def read_config(run: Run) -> Config:
    """What the run was made with. Raises RunError where config.json is missing or damaged."""
    return _read(run, "config.json", records.parse_config)


def read_status(run: Run) -> Status:
    """What the run's job is doing now. Raises RunError where status.json is missing or damaged."""
    try:
        return lifecycle.read(Job(kinds.TRAINING, run.folder))
    except (OSError, ValueError) as error:
        raise _damaged(run, status.FILE, error) from None


def read_result(run: Run) -> Result:
    """The finished run's figures; see training.finish. Raises RunError before it has finished, or if damaged."""
    if not (run.folder / "result.json").exists() and read_status(run).state != "done":
        raise RunError(f"The run {run.id} has not finished. Let it finish, or choose another run.")
    return _read(run, "result.json", records.parse_result)


def write_result(run: Run, result: Result) -> None:
    write_json(run.folder / "result.json", to_json(result))


def describe_files(run: Run) -> dict[str, StoredFile]:
    """Size and SHA-256 of each of the run's files that an import checks, by its path in the folder. Raises OSError."""
    arrays = "predictions.npz stages/[1-9].npz maps/features.npz replay/[0-9]*.npz"
    patterns = f"config.json sizes.json metrics.jsonl model.* {arrays}"
    found = {}
    for path in [path for pattern in patterns.split() for path in sorted(run.folder.glob(pattern))]:
        stored = StoredFile(path.stat().st_size, hashlib.sha256(reading.read_bytes(path)).hexdigest())
        found[path.relative_to(run.folder).as_posix()] = stored
    return found


def read_metrics(run: Run) -> list[Line]:
    """The lines of metrics.jsonl in order; unreadable lines are left out.

    A job may be writing the last line just now, so half a line is no damage.
    """
    try:
        text = reading.read_bytes(run.folder / "metrics.jsonl").decode(errors="replace")
    except OSError:
        return []
    return [line for line in map(records.parse_line, text.splitlines()) if line]


def _read(run: Run, name: str, parse: Callable[[Any], Parsed]) -> Parsed:
    try:
        return parse(parse_json(reading.read_bytes(run.folder / name)))
    except (OSError, ValueError) as error:
        raise _damaged(run, name, error) from None


def _damaged(run: Run, name: str, error: Exception) -> RunError:
    reason = "is missing" if isinstance(error, FileNotFoundError) else f"cannot be read ({type(error).__name__})"
    return RunError(f"The run {run.id} is damaged: its {name} {reason}. Delete the run and train it again.")
