"""Measures once how fast this machine trains: a network of convolutions and a dense one, by the very `train` of all.

Trainings that ship tell how fast each model is beside these two; so two measurements are enough for all of them. The
first is done to its end, as short trainings are bound by what comes before and after their epochs.
"""

import dataclasses
import hashlib
import json
import os
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from fmnist_core.jobs import kinds, lifecycle
from fmnist_core.jobs.lifecycle import Job
from fmnist_core.jobs.status import ACTIVE
from fmnist_core.jobs.worker import Ending, Reporter, Stopped
from fmnist_core.machine import describe_machine
from fmnist_core.recipe import Recipe, Split, with_epochs
from fmnist_core.runs import curves, runs
from fmnist_core.runs.records import EpochLine
from fmnist_core.runs.runs import Run
from fmnist_core.storage import reading
from fmnist_core.storage.folders import results_folder
from fmnist_core.storage.schema import from_json, parse_json
from fmnist_core.zoo import MODELS

SWITCH = "FMNIST_MEASURE"  # "no": this machine is not measured
FILE = "speed.json"
CONVOLUTIONS, DENSE = "cnn_2", "simple_nn"
PICTURES = {CONVOLUTIONS: 6_000, DENSE: 40_000}  # of an epoch: some seconds each
EPOCHS, VALIDATION = 2, 1_000
FASTEST = 1e9  # pictures a second, and seconds


@dataclass(frozen=True)
class Speed:
    """What was measured. Rates are pictures a second, by the published recipe; times are seconds."""

    convolutions: float
    dense: float
    start: float  # before the first epoch, and what TensorFlow prepares within it
    export: float  # after the last epoch, whatever the network
    classify: float  # all 70,000 pictures by the exported network of convolutions

    def rate(self, convolutions: bool) -> float:
        return self.convolutions if convolutions else self.dense


class _Enough(Exception):
    """What was to be measured is."""


def job() -> Job:
    """This machine's; another one that shares the folder of results has its own."""
    described = {name: value for name, value in describe_machine().items() if name != "python"}
    code = hashlib.sha256(json.dumps(described, sort_keys=True).encode()).hexdigest()[:12]
    return Job(kinds.SPEED, results_folder() / f"{kinds.SPEED.name}-{code}")


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
        lifecycle.start(job(), epochs=2)
    return is_at_work()


def is_at_work() -> bool:
    """Whether this machine is being measured."""
    status = lifecycle.read_status(job())
    return status is not None and status.state in ACTIVE


def work(reporter: Reporter) -> Ending:
    """Measures; see `worker.work`."""
    with tempfile.TemporaryDirectory() as folder:
        speed = measure(Path(folder), reporter)
    runs.write_json(reporter.folder / FILE, dataclasses.asdict(speed))
    return Ending(epoch=2)


def measure(folder: Path, reporter: Reporter) -> Speed:
    """folder: for what the trainings write, and nobody needs. Raises Stopped."""
    from fmnist_core.training.train import Told, train

    imported = time.process_time()  # of this process so far; it may have waited for its turn besides
    phases: list[tuple[str, float]] = []
    epochs: list[float] = []

    def tell(words: str) -> None:
        if reporter.cancelled():
            raise Stopped
        reporter.update(phase=f"measuring: {words}")
        phases.append((words, time.time()))

    def tell_shortly(words: str) -> None:
        tell(words)
        if words.startswith("exporting"):
            raise _Enough

    begun = time.time()
    first = _prepare(folder / f"{CONVOLUTIONS}-20000101-000000-0000", _recipe(CONVOLUTIONS))
    train(first, Told(lambda line: epochs.append(time.time()) if isinstance(line, EpochLine) else None, phase=tell))
    ended = time.time()
    reporter.update(epoch=1)
    second = _prepare(folder / f"{DENSE}-20000101-000000-0000", _recipe(DENSE))
    try:
        train(second, Told(phase=tell_shortly))
    except _Enough:
        pass
    exporting = next(at for words, at in phases if words.startswith("exporting"))
    classifying = next(at for words, at in phases if words.startswith("classifying"))
    writing = next(at for words, at in phases if words.startswith("writing"))
    epoch = epochs[1] - epochs[0]  # the second; the first has what TensorFlow prepares, too, and that is of the start
    return Speed(
        convolutions=_rate(first),
        dense=_rate(second),
        start=max(imported + epochs[0] - begun - epoch, 0.1),
        export=classifying - exporting + ended - writing,
        classify=writing - classifying,
    )


def _recipe(model: str) -> Recipe:
    published = with_epochs(MODELS[model].recipe, EPOCHS)
    split = Split("last", VALIDATION)
    return dataclasses.replace(published, split=split, images=PICTURES[model], keep="last", watch_test=False)


def _prepare(folder: Path, chosen: Recipe) -> Run:
    run = Run(folder)
    folder.mkdir()
    runs.write_json(folder / "config.json", dataclasses.asdict(runs.config_of(chosen)))
    return run


def _rate(run: Run) -> float:
    """Pictures a second in the last epoch, without validation."""
    return curves.epochs_of(runs.read_metrics(run))[-1].images_per_second
