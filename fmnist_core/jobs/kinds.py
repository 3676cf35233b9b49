"""The kinds of jobs there are, one row each: what they are called, where they lie, whom they wait for, what they do.

A new kind is a row here and a function that takes a `worker.Reporter` and returns a `worker.Ending`.
"""

import importlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fmnist_core.storage.folders import is_full, reason, results_folder, runs_folder

MORE = "The log.txt in its folder says more; to try again,"


@dataclass(frozen=True)
class JobKind:
    name: str  # as in `python -m fmnist_core work NAME FOLDER`
    noun: str  # in a sentence: "The map ... is still being made."
    folders: Callable[[], Iterator[Path]]  # of all jobs of this kind, whatever their state
    slot: str  # jobs that share one wait for each other, first come first served
    work: str  # "package.module:function"; only the process that does the work imports it
    resumes: bool  # a stopped one goes on with what it has; else it begins anew
    unit: str  # what the status' epochs count
    smaller: str  # what would need less memory
    again: str  # how the work is taken up again, as in "then resume"
    prepare: str = ""  # as `work`: what a process does that waits for such a job; "": none waits, see `warm`

    def load_work(self) -> Callable[[Any], Any]:
        return _load(self.work)

    def load_preparation(self) -> Callable[[], Any]:
        """Raises ValueError of a kind that has none."""
        if not self.prepare:
            raise ValueError(f"No process waits for a {self.noun}. Expected the folder of one.")
        return _load(self.prepare)

    def explain(self, error: Exception) -> str:
        """One sentence about what ended a job of this kind."""
        if isinstance(error, MemoryError):
            return f"The machine's memory ran out. Choose {self.smaller}, or close other programs."
        if isinstance(error, OSError):
            if is_full(error):
                return f"A file could not be written: {reason(error)}. Free some space, then {self.again}."
            return f"A file could not be read or written: {reason(error)}. {MORE} {self.again}."
        if isinstance(error, (RuntimeError, ValueError)) and type(error).__module__.startswith("fmnist_core"):
            return str(error)
        if isinstance(error, ValueError) and "not finite" in str(error):
            return str(error)
        name = type(error).__name__
        return f"The job failed ({name}). {MORE} {self.again}."


def _load(place: str) -> Callable[..., Any]:
    module, _, function = place.partition(":")
    found: Callable[..., Any] = getattr(importlib.import_module(module), function)
    return found


def _maps() -> Iterator[Path]:
    yield from results_folder().glob("map-*/*.job")
    yield from runs_folder().glob("*/maps/*.job")


TRAINING = JobKind(
    "train",
    "run",
    lambda: runs_folder().glob("*-*"),
    slot="training",
    work="fmnist_core.training.training_jobs:work",
    resumes=True,
    unit="epochs",
    smaller="a smaller batch or fewer pictures",
    again="resume",
    prepare="fmnist_core.training.training_jobs:prepare",
)
MAP = JobKind(
    "map",
    "map",
    _maps,
    slot="map",
    work="fmnist_core.maps.map_jobs:work",
    resumes=False,
    unit="iterations",
    smaller="fewer pictures",
    again="make the map again",
    prepare="fmnist_core.maps.map_jobs:load",
)
AUDIT = JobKind(
    "audit",
    "audit",
    lambda: results_folder().glob("audit-*"),
    slot="training",  # its folds are trainings
    work="fmnist_core.label_audit.audit_jobs:work",
    resumes=True,
    unit="epochs",
    smaller="fewer pictures",
    again="start it again",
)
ROBUSTNESS = JobKind(
    "robustness",
    "robustness measurement",
    lambda: results_folder().glob("robustness-*"),
    slot="robustness",
    work="fmnist_core.inference.robustness_records:work",
    resumes=False,
    unit="changes",
    smaller="fewer pictures",
    again="start it again",
)
FAVOURITES = JobKind(
    "favourites",
    "search for favourite pictures",
    lambda: results_folder().glob("favourites-*"),
    slot="robustness",  # both ask a finished network about many pictures
    work="fmnist_core.inside.favourites:work",
    resumes=False,
    unit="thousand pictures",
    smaller="a smaller network",
    again="start it again",
)
SPEED = JobKind(
    "speed",
    "speed measurement",
    lambda: results_folder().glob("speed-*"),
    slot="training",  # or each would be slowed by the other
    work="fmnist_core.speed.measurement:work",
    resumes=False,
    unit="networks",
    smaller="fewer pictures",
    again="delete its folder",
)
PHOTOS = JobKind(
    "photos",
    "measurement on photos",
    lambda: results_folder().glob("photo-sets/photos_*/job-*"),
    slot="robustness",  # as above
    work="fmnist_core.photo_sets.records:work",
    resumes=False,  # but what is finished lies beside its folder, and is not made again
    unit="photos",
    smaller="fewer photos",
    again="start it again",
)
SWEEP = JobKind(
    "sweep",
    "sweep",
    lambda: results_folder().glob("sweep-*"),
    slot="training",  # its workers train
    work="fmnist_core.sweeps.sweep_jobs:work",
    resumes=True,
    unit="trainings",
    smaller="fewer workers",
    again="resume",
)
KINDS = {kind.name: kind for kind in (TRAINING, MAP, AUDIT, ROBUSTNESS, FAVOURITES, SPEED, PHOTOS, SWEEP)}
