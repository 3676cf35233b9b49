"""A sweep on disk: one folder, written by its job alone, as those of all jobs (see jobs.lifecycle).

spec.json        what was asked for: the plan, with the id that each run will have; see Spec
tasks.json       how each training stands; replaced whole
checkpoints/     RUN.zip: the newest of a training at work that came home; sent to whoever goes on with it, never opened
scratch/         of local workers, while they work
owner.json  status.json  cancel  claim  log.txt
"""

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from fmnist_core.jobs import kinds, lifecycle
from fmnist_core.jobs.lifecycle import Job
from fmnist_core.recipe import MOST_EPOCHS
from fmnist_core.runs.records import GROUP_ID
from fmnist_core.runs.run_zip import LARGEST_ZIP
from fmnist_core.runs.runs import Run
from fmnist_core.storage import owners, reading
from fmnist_core.storage.atomic import replacing, write_json
from fmnist_core.storage.folders import RunError, results_folder, runs_folder
from fmnist_core.storage.schema import as_plain, from_json, parse_json, to_json
from fmnist_core.sweeps import plan as plans
from fmnist_core.sweeps.plan import Plan, Task

TASKS = "tasks.json"
KEEP_SECONDS = 60.0  # between two checkpoints of a training that come home
_LARGEST = 8_000_000  # bytes of a spec or the tasks: a thousand tasks with their values


@dataclass(frozen=True)
class Spec:
    """What was asked for."""

    plan: Plan
    on: str = "local"  # see cluster.check_place
    keep_seconds: float = KEEP_SECONDS


@dataclass(frozen=True)
class Standing:
    """How a training stands."""

    state: Literal["waiting", "running", "done", "failed"] = "waiting"
    epoch: int = 0  # finished epochs, as was heard last
    accuracy: float | None = None  # by validation, as was heard last
    deaths: int = 0  # times that it was cut off
    message: str = ""  # why it failed
    before: float = 0.0  # the part of it, from 0 to 1, that was done when the sweep was taken up last

    def share(self, epochs: int) -> float:
        """The part of it, from 0 to 1, that is done; of one that failed 1. epochs: of all."""
        if self.state in ("done", "failed"):
            return 1.0
        return min(self.epoch / epochs, 1.0) if epochs else 0.0


@dataclass(frozen=True)
class _Tasks:
    tasks: dict[str, Standing] = field(default_factory=dict)


@dataclass(frozen=True)
class Sweep:
    """A sweep that is here."""

    id: str
    spec: Spec

    @property
    def folder(self) -> Path:
        return folder_of(self.id)

    @property
    def job(self) -> Job:
        return job_of(self.id)

    @property
    def plan(self) -> Plan:
        return self.spec.plan


def folder_of(sweep_id: str) -> Path:
    return results_folder() / f"sweep-{sweep_id}"


def job_of(sweep_id: str) -> Job:
    return Job(kinds.SWEEP, folder_of(sweep_id))


def find(sweep_id: str) -> Sweep:
    """Raises RunError where there is none that who asks may look at, or its file is damaged."""
    folder = folder_of(sweep_id)
    if not (GROUP_ID.fullmatch(sweep_id) and folder.is_dir() and owners.is_visible(owners.read(folder))):
        raise RunError(f"There is no sweep {sweep_id[:20]!r}. `sweep --list` names those there are.")
    try:
        content = reading.read_bytes(folder / "spec.json", _LARGEST)
        spec: Spec = from_json(Spec, parse_json(content), "sweep")
        plans.check(spec.plan)
    except (OSError, ValueError) as error:
        raise RunError(
            f"The sweep {sweep_id} is damaged: its spec.json cannot be read ({type(error).__name__}). Delete its "
            "folder in the results, and start another one. Its runs stay."
        ) from None
    return Sweep(sweep_id, spec)


def list_sweeps() -> list[Sweep]:
    """Those that who asks may look at, the newest first, without damaged ones."""
    found = []
    for job in (job_of(path.name.removeprefix("sweep-")) for path in kinds.SWEEP.folders()):
        with contextlib.suppress(RunError):
            found.append(find(job.folder.name.removeprefix("sweep-")))
    return sorted(found, key=lambda sweep: sweep.plan.tasks[0].run.split("-", 1)[1], reverse=True)


def write_spec(sweep: Sweep) -> None:
    """Raises OSError."""
    write_json(sweep.folder / "spec.json", as_plain(sweep.spec))


def read_standings(sweep: Sweep) -> dict[str, Standing]:
    """How each training stands, by the id of its run, in the plan's order.

    A run that is here is done, whatever the file says; a training that nobody works on is none at work.
    """
    stored = _Tasks()
    with contextlib.suppress(OSError, ValueError):
        stored = from_json(_Tasks, parse_json(reading.read_bytes(sweep.folder / TASKS, _LARGEST)), "tasks")
    found = lifecycle.read_status(sweep.job)
    at_work = found is not None and found.state == "running"
    return {task.run: _standing(task, stored.tasks.get(task.run, Standing()), at_work) for task in sweep.plan.tasks}


def _standing(task: Task, said: Standing, at_work: bool) -> Standing:
    if not (0 <= said.epoch <= MOST_EPOCHS and 0 <= (said.accuracy or 0.0) <= 1 and 0 <= said.before <= 1):
        said = Standing()
    if is_here(task.run):
        return replace(said, state="done", message="")
    if said.state == "running" and not at_work:
        return replace(said, state="waiting", message="")
    return said


def write_standings(sweep: Sweep, standings: dict[str, Standing]) -> None:
    """Raises OSError."""
    write_json(sweep.folder / TASKS, {"tasks": {name: to_json(one) for name, one in standings.items()}})


def is_here(run_id: str) -> bool:
    return (runs_folder() / run_id).is_dir()


def made_runs(sweep: Sweep) -> list[tuple[Task, Run]]:
    """The tasks whose runs are here, in the plan's order."""
    return [(task, Run(runs_folder() / task.run)) for task in sweep.plan.tasks if is_here(task.run)]


def keep_checkpoint(sweep: Sweep, run_id: str, content: bytes) -> None:
    """Raises OSError."""
    path = _checkpoint(sweep, run_id)
    path.parent.mkdir(exist_ok=True)
    with replacing(path) as temporary:
        temporary.write_bytes(content)


def checkpoint(sweep: Sweep, run_id: str) -> bytes:
    """The newest that came home; b"" where there is none."""
    try:
        return reading.read_bytes(_checkpoint(sweep, run_id), LARGEST_ZIP)
    except OSError:
        return b""


def drop_checkpoints(sweep: Sweep, run_ids: Iterable[str]) -> None:
    for run_id in run_ids:
        with contextlib.suppress(OSError):
            _checkpoint(sweep, run_id).unlink(missing_ok=True)


def _checkpoint(sweep: Sweep, run_id: str) -> Path:
    return sweep.folder / "checkpoints" / f"{run_id}.zip"
