"""The sweeps of a run, kept: robustness.json in its folder where it ships with them, else in results/robustness-RUN/.

Computing them takes a minute or two, so a page reads them or starts the job that makes them:
python -m fmnist_core work robustness FOLDER. The job's status.json, cancel and log.txt lie in the results folder.
"""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from fmnist_core import data
from fmnist_core.analysis import robustness
from fmnist_core.analysis.robustness import CHANGES, Sweep
from fmnist_core.inference.classifier import open_classifier
from fmnist_core.jobs import kinds, queue
from fmnist_core.jobs.durations import Estimate
from fmnist_core.jobs.lifecycle import Job
from fmnist_core.jobs.worker import Ending, Reporter, Stopped
from fmnist_core.progress import OnShare
from fmnist_core.runs import runs
from fmnist_core.runs.runs import Run
from fmnist_core.storage import reading
from fmnist_core.storage.atomic import write_json
from fmnist_core.storage.folders import RunError, results_folder
from fmnist_core.storage.schema import parse_json

FILE = "robustness.json"
PICTURES = 2_000
VERSION = 1
DIGITS = 4


@dataclass(frozen=True)
class Robustness:
    """All sweeps of a run on test pictures."""

    pictures: int
    seconds: float
    sweeps: dict[str, Sweep]  # by the change's name

    @property
    def flip_gap(self) -> float:
        """How much accuracy a mirrored picture costs."""
        return robustness.loss_at(self.sweeps[robustness.MIRROR], 1)


def job_folder(run: Run) -> Path:
    return results_folder() / f"robustness-{run.id}"


def load(run: Run) -> Robustness | None:
    """The run's sweeps; None where none were made. Raises RunError where the file is damaged."""
    for path in (run.folder / FILE, job_folder(run) / FILE):
        try:
            return _parse(parse_json(reading.read_bytes(path)))
        except FileNotFoundError:
            continue
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise RunError(
                f"The robustness figures of {run.id} cannot be read ({type(error).__name__}). Delete {path.name} in "
                f"{path.parent.name} and compute them again."
            ) from None
    return None


def job(run: Run) -> Job:
    """The job that computes a run's sweeps."""
    return Job(kinds.ROBUSTNESS, job_folder(run))


def submit(run: Run, expected: Estimate | None = None) -> None:
    """Starts the job that computes a run's sweeps, unless one is at it. Raises RunError where it cannot be started.

    expected: how long it will take.
    """
    queue.start(job(run), epochs=len(CHANGES), spec={"run": run.id}, expected=expected)


def work(reporter: Reporter) -> Ending:
    """Computes and keeps the sweeps of a job's run; see `worker.work`. Tells its status with each change."""
    run = runs.find(parse_json(reading.read_bytes(reporter.folder / "spec.json"))["run"])

    def report(share: float) -> None:
        if reporter.cancelled():
            raise Stopped("Stopped before it was done; nothing was kept.")
        reporter.tell(reporter.update(phase="changing pictures", message="", epoch=int(share * len(CHANGES))))

    save(job_folder(run) / FILE, compute(run, on_progress=report))
    return Ending(epoch=len(CHANGES))


def compute(run: Run, pictures: int = PICTURES, on_progress: OnShare = lambda share: None) -> Robustness:
    """All sweeps on the first `pictures` of the test set, which is in no order.

    Raises:
        RunError: the run has no model here.
        ValueError: a number of pictures that there is not.
    """
    test = data.load_split("test")
    if not 1 <= pictures <= len(test.images):
        raise ValueError(f"The test set has 1 to {len(test.images)} pictures. Received: {pictures}.")
    classifier = open_classifier(run)
    images, labels = test.images[:pictures], test.labels[:pictures]
    start, sweeps = time.perf_counter(), {}
    for number, name in enumerate(CHANGES):
        tell = lambda share, number=number: on_progress((number + share) / len(CHANGES))  # noqa: E731
        sweeps[name] = robustness.sweep(classifier, images, labels, name, tell)
    return Robustness(pictures, time.perf_counter() - start, sweeps)


def save(path: Path, found: Robustness) -> None:
    """Writes some 7 kB. Raises OSError."""
    value = {"version": VERSION, "pictures": found.pictures, "seconds": round(found.seconds, 1)}
    sweeps = {
        name: {
            "severities": list(sweep.severities),
            "accuracy": np.round(sweep.accuracy, DIGITS).tolist(),
            "by_class": [[None if np.isnan(v) else round(v, DIGITS) for v in row] for row in sweep.by_class.tolist()],
        }
        for name, sweep in found.sweeps.items()
    }
    write_json(path, value | {"sweeps": sweeps})


def _parse(value: Any) -> Robustness:
    if value["version"] != VERSION or not set(CHANGES) <= set(value["sweeps"]):
        raise ValueError("made by another version")
    sweeps = {}
    for name in CHANGES:
        row = value["sweeps"][name]
        sweep = Sweep(
            tuple(map(float, row["severities"])), np.array(row["accuracy"], float), np.array(row["by_class"], float)
        )
        if sweep.accuracy.shape != (len(sweep.severities),) or len(sweep.by_class) != len(sweep.severities):
            raise ValueError("severities and accuracies disagree")
        sweeps[name] = sweep
    return Robustness(int(value["pictures"]), float(value["seconds"]), sweeps)
