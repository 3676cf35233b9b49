"""What a worker does: trains what it is sent, tells how far it is when it is asked, stops when it is told to.

A worker needs this package and no disk that it shares with anybody. All that it takes and gives are bytes.
"""

import contextlib
import os
import signal
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from fmnist_core import data, recipe
from fmnist_core.recipe import Recipe
from fmnist_core.runs import exchange, records, runs
from fmnist_core.runs.records import EpochLine
from fmnist_core.runs.runs import Run
from fmnist_core.storage import reading
from fmnist_core.storage.folders import RunError
from fmnist_core.storage.schema import from_json, parse_json
from fmnist_core.sweeps import packing, training_process

POLL_SECONDS = 0.1
LOG_END = 200  # characters of a log that come home where a training's process died


@dataclass(frozen=True)
class Order:
    """What is to be trained, for whom."""

    sweep: str
    run: str
    recipe: Recipe
    alone_seconds: float  # after so long without being asked for it ends: nobody waits for it any more


@dataclass(frozen=True)
class Request:
    """What the sweep asks all of its workers."""

    sweep: str
    have: dict[str, int]  # versions of the checkpoints that it has already, by run
    checkpoints: bool  # whether newer ones are wanted
    stop: bool = False


class Training:
    """One that is at work on this worker."""

    def __init__(self, order: Order, run: Run) -> None:
        self.order, self.run = order, run
        self.asked, self.stopped = time.monotonic(), threading.Event()

    def work(self, threads: int, folder: Path) -> bytes:
        """Until it has ended, as `train`."""
        process = training_process.start(self.run.folder, threads)
        try:
            while process.poll() is None:
                alone = time.monotonic() - self.asked > self.order.alone_seconds
                if self.stopped.wait(POLL_SECONDS) or alone:
                    return packing.join({"state": "stopped", "message": ""})
        finally:
            training_process.end(process)
        found = runs.read_status(self.run)
        state, message = "lost", self._how_it_died(process.returncode)
        if found.state == "done":
            try:
                zipped = exchange.export_run(self.run, folder)
                return packing.join({"state": "done", "message": ""}, [exchange.read_file(zipped)])
            except RunError as error:
                message = f"it was trained and could not be sent. {error}"
        if found.state == "failed":
            unfit = process.returncode == training_process.UNFIT
            state, message = "unfit" if unfit else "failed", found.message
        return packing.join({"state": state, "message": message}, [self.checkpoint()])

    def checkpoint(self) -> bytes:
        """The newest, as `packing.pack_checkpoint`; b"" where there is none that can be sent."""
        with contextlib.suppress(OSError):
            return packing.pack_checkpoint(self.run.folder)
        return b""

    def _how_it_died(self, code: int) -> str:
        with contextlib.suppress(ValueError):
            return f"its process was ended by {signal.Signals(-code).name}{self._end_of_log()}"
        return f"its process ended with code {code}{self._end_of_log()}"

    def _end_of_log(self) -> str:
        """What a process printed last, in one line, for the end of a sentence."""
        printed = ""
        with contextlib.suppress(OSError):
            printed = " ".join(reading.read_bytes(self.run.folder / "log.txt").decode(errors="replace").split())
        return f"; its log ends so: {printed[-LOG_END:]}" if printed else ""

    def describe(self) -> dict[str, object]:
        epoch, accuracy, version = 0, None, 0
        with contextlib.suppress(OSError):
            version = (self.run.folder / packing.CHECKPOINT).stat().st_mtime_ns // 1_000
        with contextlib.suppress(OSError):
            lines = reading.read_bytes(self.run.folder / "metrics.jsonl").decode(errors="replace").splitlines()
            last = next((text for text in reversed(lines) if '"kind": "epoch"' in text), "")
            if isinstance(line := records.parse_line(last), EpochLine):
                epoch, accuracy = line.epoch, line.val_accuracy
        return {"run": self.order.run, "epoch": epoch, "accuracy": accuracy, "version": version}


_AT_WORK: list[Training] = []  # in this process


def train(order: bytes, checkpoint: bytes) -> bytes:
    """Trains an Order, from a checkpoint that came home from another worker where there is one (else b"").

    Returns what `packing.split` takes apart: state and message, and with "done" the zip of the run, with "stopped"
    nothing; with "failed" (no other worker would fare better), "unfit" (this one cannot train) and "lost" (its process
    died) the reason, and the newest checkpoint where there is one.
    """
    try:
        told = from_json(Order, parse_json(order), "order")
        recipe.check(told.recipe)
        threads, base = _place()
        with tempfile.TemporaryDirectory(prefix="training-", dir=base) as name:
            if not runs.RUN_ID.fullmatch(told.run):
                raise ValueError("The order names no run.")
            folder = Path(name)
            training = Training(told, runs.create(told.recipe, folder=folder / "runs" / told.run))
            with contextlib.suppress(ValueError):  # a damaged one: it begins anew
                packing.unpack_checkpoint(checkpoint, training.run.folder)
            _AT_WORK.append(training)
            try:
                return training.work(threads, folder)
            finally:
                _AT_WORK.remove(training)
    except ValueError as error:
        return packing.join({"state": "failed", "message": f"A worker could not train it: {error}"})
    except (OSError, RunError) as error:
        return packing.join({"state": "unfit", "message": str(error)})


def _place() -> tuple[int, str | None]:
    """The threads of this worker, and its folder for what is temporary: Dask removes what one that died has left."""
    from distributed import get_worker

    try:
        here = get_worker()
    except ValueError:  # in no worker
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1, None
    return here.state.nthreads, here.local_directory


def answer(request: bytes) -> bytes:
    """How far the trainings of a sweep are that this worker has, each with its newest checkpoint where it is wanted."""
    asked = from_json(Request, parse_json(request), "request")
    said, parts = [], []
    for training in [one for one in _AT_WORK if one.order.sweep == asked.sweep]:
        training.asked = time.monotonic()
        described = training.describe()
        newer = described["version"] not in (0, asked.have.get(training.order.run))
        said.append(described)
        parts.append(training.checkpoint() if asked.checkpoints and newer else b"")
        if asked.stop:
            training.stopped.set()
    return packing.join({"trainings": said}, parts)


def introduce() -> bytes:
    """What a worker is asked first: which code it would train with, on which data."""
    return packing.join({"code": runs.code_fingerprint(), "data": data.fingerprint()})
