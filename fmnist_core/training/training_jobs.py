"""Trainings as jobs: one creates a run, starts it, and its process trains."""

import contextlib

from fmnist_core.jobs import kinds, queue, worker
from fmnist_core.jobs.durations import Estimate
from fmnist_core.jobs.lifecycle import Job
from fmnist_core.jobs.status import Status
from fmnist_core.jobs.worker import Ending, OnEvent, Reporter
from fmnist_core.recipe import Recipe
from fmnist_core.runs import runs
from fmnist_core.runs.records import EpochLine, Family, Line
from fmnist_core.runs.runs import Run
from fmnist_core.storage.folders import RunError
from fmnist_core.zoo import kind_of, model_of
from fmnist_core.zoo.spec import WeightsUnavailable

TRAINING = "training"  # the phase in which lines of metrics come


def job(run: Run) -> Job:
    """The job of an own run. Raises RunError for one that comes with the app."""
    if run.shipped:
        raise RunError(f"The run {run.id} comes with the app and cannot be changed.")
    return Job(kinds.TRAINING, run.folder)


def submit(chosen: Recipe, expected: Estimate | None = None, family: Family | None = None) -> Run:
    """Creates a run and starts its job when its turn has come. expected: how long it will take, where known; family:
    whose one it is.

    Raises:
        ValueError: the recipe cannot be trained.
        RunError: nothing can be stored, or weights that the model starts from cannot be had.
    """
    require_weights(chosen)
    run = runs.create(chosen, family)
    queue.join(job(run), expected)
    return run


def resume(run: Run) -> None:
    """Starts a stopped run's job again. Raises RunError as `submit`, and where it cannot go on."""
    require_weights(runs.read_config(run).recipe)
    queue.resume(job(run))


def require_weights(chosen: Recipe) -> None:
    """Raises RunError where weights that the model starts from are not here and cannot be downloaded."""
    try:
        model_of(chosen).require()
    except WeightsUnavailable as error:
        raise RunError(str(error)) from None


def run_job(run: Run, on_progress: OnEvent = lambda event: None) -> Status:
    """Does a queued run's job in this process; see `worker.work`.

    on_progress: called with each line of metrics; of a classical baseline, which has none, with its status.
    """
    return worker.work(job(run), on_progress)


def prepare() -> None:
    """What every training needs and takes seconds: imports TensorFlow, reads the dataset if it is here."""
    from fmnist_core import data
    from fmnist_core.training import train  # noqa: F401

    for split in data.SIZES:
        with contextlib.suppress(data.DataError):  # said by the training that needs it
            data.load_split(split)


def work(reporter: Reporter) -> Ending:
    """Trains the run of a job; see `worker.work`. Tells each line of its metrics, where it has some."""
    if kind_of(runs.read_config(Run(reporter.folder)).recipe) == "classical":
        return _fit(reporter)
    reporter.update(phase="loading TensorFlow", message="")
    from fmnist_core.training import checkpoint
    from fmnist_core.training.train import Told, train

    run = Run(reporter.folder)
    chosen = runs.read_config(run).recipe

    def report(line: Line) -> None:
        finished = line.epoch if isinstance(line, EpochLine) else line.epoch - 1
        last = isinstance(line, EpochLine) and finished == chosen.epochs
        stage = chosen.stage_at(min(finished, chosen.epochs - 1))
        reporter.update(phase="finishing" if last else TRAINING, stage=stage, epoch=finished, message="")
        reporter.tell(line)

    tell = lambda words: reporter.update(phase=words)  # noqa: E731
    result = train(run, Told(report, lambda words: reporter.update(notice=words), tell))
    if result.cancelled:
        return Ending("cancelled", f"Stopped in epoch {result.epochs + 1}; what it had learned is kept.")
    return Ending(epoch=result.epochs, leftover=checkpoint.FILES)  # nothing is left to go on with


def _fit(reporter: Reporter) -> Ending:
    """As `work`, of a classical baseline: without epochs, so that what it does now is all that there is to tell."""
    from fmnist_core.classical import fitting_process

    reporter.update(phase="loading scikit-learn", message="")
    tell = lambda words: reporter.tell(reporter.update(phase=words))  # noqa: E731
    fitting_process.train(Run(reporter.folder), tell, reporter.cancelled)
    return Ending()
