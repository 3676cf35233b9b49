"""Measures once how fast this machine trains: a network of convolutions and a dense one, by the very `train` of all.

Trainings that ship tell how fast each model is beside these two; so two measurements are enough for all of them. Both
are done to their end, as short trainings are bound by what comes before and after their epochs.
"""

import dataclasses
import os
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from fmnist_core.jobs import kinds, lifecycle, queue
from fmnist_core.jobs.durations import Estimate
from fmnist_core.jobs.lifecycle import Job
from fmnist_core.jobs.status import ACTIVE
from fmnist_core.jobs.worker import Ending, Reporter, Stopped
from fmnist_core.machine import machine_code
from fmnist_core.recipe import Recipe, Split, with_epochs
from fmnist_core.runs import curves, runs
from fmnist_core.runs.records import EpochLine, Line
from fmnist_core.runs.runs import Run
from fmnist_core.storage import reading
from fmnist_core.storage.atomic import write_json
from fmnist_core.storage.folders import results_folder
from fmnist_core.storage.schema import as_plain, from_json, parse_json
from fmnist_core.zoo import MODELS
from fmnist_core.zoo.summaries import total_macs

SWITCH = "FMNIST_MEASURE"  # "no": this machine is not measured
FILE = "speed.json"
CONVOLUTIONS, DENSE = "cnn_2", "simple_nn"
PICTURES = {CONVOLUTIONS: 6_000, DENSE: 40_000}  # of an epoch: some seconds each
EPOCHS, VALIDATION = 2, 1_000
VALIDATION_COST = 0.4  # of a training picture's time; a third of it is the forward pass
LEAST = 1e-3  # seconds
USUAL_SECONDS = 60.0  # of the measurement itself, which nothing can foretell: on two cores of 2023
FASTEST = 1e9  # pictures a second, and seconds


@dataclass(frozen=True)
class Speed:
    """What was measured. Rates are pictures a second, by the published recipe; times are seconds."""

    convolutions: float
    dense: float
    start: float  # before the first epoch, and what TensorFlow prepares within it
    epoch: float  # of each epoch beside its pictures: scores, replay, checkpoint
    export: float  # after the last epoch, whatever the network
    classify_convolutions: float  # all 70,000 pictures by the exported network
    classify_dense: float

    def rate(self, convolutions: bool) -> float:
        return self.convolutions if convolutions else self.dense

    def classify(self, macs: int) -> float:
        """Seconds for a network of so many multiply-adds: what each picture costs anyway, and its share of these."""
        share = (macs - total_macs(DENSE)) / (total_macs(CONVOLUTIONS) - total_macs(DENSE))
        return self.classify_dense + max(self.classify_convolutions - self.classify_dense, 0.0) * max(share, 0.0)


@dataclass(frozen=True)
class _Timed:
    """When things happened in one training, in seconds of `time.time`."""

    begun: float
    epochs: list[float]
    phases: list[tuple[str, float]]
    ended: float
    rate: float  # pictures a second in the last epoch, without validation

    def at(self, phase: str) -> float:
        return next(when for words, when in self.phases if words.startswith(phase))

    @property
    def classify(self) -> float:
        return self.at("writing") - self.at("classifying")


def job() -> Job:
    """This machine's; another one that shares the folder of results has its own."""
    return Job(kinds.SPEED, results_folder() / f"{kinds.SPEED.name}-{machine_code()}")


def read() -> Speed | None:
    """What was measured here; None where nothing was yet."""
    try:
        found: Speed = from_json(Speed, parse_json(reading.read_bytes(job().folder / FILE)), "speed")
    except (OSError, ValueError):
        return None
    return found if all(0 < value < FASTEST for value in dataclasses.asdict(found).values()) else None


def begin() -> bool:
    """Measures this machine in a process of its own, once; whether it is at it. Raises RunError where it cannot."""
    if lifecycle.read_status(job()) is None and os.environ.get(SWITCH) != "no":
        queue.start(job(), epochs=2, expected=Estimate(USUAL_SECONDS))
    return is_at_work()


def is_at_work() -> bool:
    """Whether this machine is being measured."""
    status = lifecycle.read_status(job())
    return status is not None and status.state in ACTIVE


def work(reporter: Reporter) -> Ending:
    """Measures; see `worker.work`."""
    with tempfile.TemporaryDirectory() as folder:
        speed = measure(Path(folder), reporter)
    write_json(reporter.folder / FILE, dataclasses.asdict(speed))
    return Ending(epoch=2)


def measure(folder: Path, reporter: Reporter) -> Speed:
    """folder: for what the trainings write, and nobody needs. Raises Stopped."""
    imported = time.process_time()  # of this process so far; it may have waited for its turn besides
    first = _train(folder, CONVOLUTIONS, reporter)
    reporter.update(epoch=1)
    second = _train(folder, DENSE, reporter)
    epoch = first.epochs[1] - first.epochs[0]  # the first epoch has what TensorFlow prepares, too
    pictures = PICTURES[CONVOLUTIONS] + VALIDATION_COST * VALIDATION
    return Speed(
        convolutions=first.rate,
        dense=second.rate,
        start=max(imported + first.epochs[0] - first.begun - epoch, LEAST),
        epoch=max(epoch - pictures / first.rate, LEAST),
        export=first.at("classifying") - first.at("exporting") + first.ended - first.at("writing"),
        classify_convolutions=first.classify,
        classify_dense=second.classify,
    )


def _train(folder: Path, model: str, reporter: Reporter) -> _Timed:
    from fmnist_core.training.train import Told, train

    phases: list[tuple[str, float]] = []
    epochs: list[float] = []

    def tell(words: str) -> None:
        if reporter.cancelled():
            raise Stopped
        reporter.update(phase=f"measuring: {words}")
        phases.append((words, time.time()))

    def count(line: Line) -> None:
        if isinstance(line, EpochLine):
            epochs.append(time.time())

    run = Run(folder / f"{model}-20000101-000000-0000")
    run.folder.mkdir()
    write_json(run.folder / "config.json", as_plain(runs.config_of(_recipe(model))))
    begun = time.time()
    train(run, Told(count, phase=tell))
    ended = time.time()
    rate = curves.epochs_of(runs.read_metrics(run))[-1].images_per_second
    return _Timed(begun, epochs, phases, ended, rate)


def _recipe(model: str) -> Recipe:
    published = with_epochs(MODELS[model].recipe, EPOCHS)
    split = Split("last", VALIDATION)
    return dataclasses.replace(published, split=split, images=PICTURES[model], keep="last", watch_test=False)
