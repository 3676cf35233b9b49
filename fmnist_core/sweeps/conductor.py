"""Brings a sweep to its end: gives workers trainings, keeps what comes back, gives a dead worker's to another one.

Whatever a worker sends may be anything: it is bytes, checked before a word of it is believed.
"""

import contextlib
import json
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from fmnist_core import data
from fmnist_core.recipe import MOST_EPOCHS
from fmnist_core.runs import exchange, run_zip
from fmnist_core.runs.run_zip import LARGEST_ZIP
from fmnist_core.storage import owners
from fmnist_core.storage.folders import NotStored, RunError
from fmnist_core.storage.owners import Visitor
from fmnist_core.storage.schema import as_plain, from_json
from fmnist_core.sweeps import cluster, packing, plan, records, work
from fmnist_core.sweeps.cluster import Crew, Ended
from fmnist_core.sweeps.plan import Task
from fmnist_core.sweeps.records import Standing, Sweep
from fmnist_core.sweeps.work import Order, Request

LOOK_SECONDS = 1.0  # between two questions how far the trainings are
ALONE_SECONDS = 60.0  # after which a training ends that nobody has asked for
MOST_DEATHS = 4  # times that a training is cut off, before it counts as failed
MOST_LOST = 3  # different trainings one after the other, before a worker is set aside
LONGEST_MESSAGE = 300  # characters
GONE = "the worker that trained it is gone, or could not say what became of it"


@dataclass(frozen=True)
class _Heard:
    """What a worker says of a training."""

    run: str
    epoch: int
    accuracy: float | None
    version: int  # of its checkpoint


@dataclass(frozen=True)
class _Answer:
    trainings: tuple[_Heard, ...]


class Conductor:
    """One sweep, while it is at work in this process."""

    def __init__(
        self,
        sweep: Sweep,
        crew: Crew,
        on_change: Callable[[dict[str, Standing]], object] = lambda standings: None,
        train: Callable[[bytes, bytes], bytes] = work.train,
        bring_home: Callable[[Sweep, Task, bytes], object] | None = None,
    ) -> None:
        """on_change: called with how all stand, when something has changed. train, bring_home: what a worker does, and
        what is done with what it has made.

        What failed before is tried again.
        """
        self._sweep, self._crew, self._on_change = sweep, crew, on_change
        self._train, self._bring_home = train, bring_home or bring_run_home
        self._tasks = {task.run: task for task in sweep.plan.tasks}
        before = records.read_standings(sweep)
        self.standings = {name: self._taken_up(self._tasks[name], one) for name, one in before.items()}
        self._waiting = deque(name for name, one in self.standings.items() if one.state == "waiting")
        self._versions: dict[str, int] = {}  # of checkpoints that came home
        self._lost: dict[str, list[str]] = {}  # by worker: the trainings that it has lost since it ended one
        self._looked = self._kept = 0.0
        self._changed = True

    def _taken_up(self, task: Task, found: Standing) -> Standing:
        if found.state == "done":
            return replace(found, before=1.0)
        afresh = Standing(epoch=found.epoch, accuracy=found.accuracy)
        return replace(afresh, before=afresh.share(plan.epochs_of(self._sweep.plan, task)))

    @property
    def ended(self) -> bool:
        return all(one.state in ("done", "failed") for one in self.standings.values())

    def conduct(self, cancelled: Callable[[], bool]) -> bool:
        """Until all trainings have ended; False where it was cancelled first. Raises RunError, OSError."""
        self._crew.look()
        self._hear(checkpoints=True, stop=True)  # of a client that died, whose trainings nobody can fetch any more
        try:
            while not self.ended:
                if cancelled():
                    return False
                self._step()
            return True
        finally:
            self._hear(checkpoints=True, stop=True)
            self._store()

    def _step(self) -> None:
        for worker in self._crew.idle:
            if self._waiting:
                self._start(worker, self._next_for(worker))
        if ended := self._crew.wait(LOOK_SECONDS / 2):
            self._end(ended)
        if (now := time.monotonic()) - self._looked >= LOOK_SECONDS:
            for lost in self._crew.look():
                self._end(lost)
            keep = now - self._kept >= self._sweep.spec.keep_seconds
            self._hear(checkpoints=keep)
            self._looked = time.monotonic()
            self._kept = self._looked if keep else self._kept
            self._store()  # what lies between two looks is known again by the runs that are here

    def _next_for(self, worker: str) -> str:
        """Where another one waits, not one that this worker has lost."""
        lost = self._lost.get(worker, [])
        name = next((one for one in self._waiting if one not in lost), self._waiting[0])
        self._waiting.remove(name)
        return name

    def _start(self, worker: str, name: str) -> None:
        order = Order(self._sweep.id, name, plan.recipe_of(self._sweep.plan, self._tasks[name]), ALONE_SECONDS)
        self._crew.start(
            worker, name, self._train, json.dumps(as_plain(order)).encode(), records.checkpoint(self._sweep, name)
        )
        self._versions.pop(name, None)
        self._set(name, state="running")

    def _set(self, name: str, **changes: Any) -> None:
        changed = replace(self.standings[name], **changes)
        self._changed = self._changed or changed != self.standings[name]
        self.standings[name] = changed

    def _store(self) -> None:
        if self._changed:
            records.write_standings(self._sweep, self.standings)
            self._on_change(self.standings)
            self._changed = False

    def _hear(self, checkpoints: bool, stop: bool = False) -> None:
        request = Request(self._sweep.id, self._versions, checkpoints, stop)
        for said in self._crew.ask(json.dumps(as_plain(request)).encode()).values():
            with contextlib.suppress(ValueError):
                told, parts = packing.split(said)
                for one, part in zip(from_json(_Answer, told, "answer").trainings, parts, strict=True):
                    self._believe(one, part)

    def _believe(self, heard: _Heard, part: bytes) -> None:
        """Raises ValueError for what no training of this sweep can say."""
        if heard.run not in self._tasks or self.standings[heard.run].state in ("done", "failed"):
            return
        if not 0 <= heard.epoch <= MOST_EPOCHS or not 0 <= (heard.accuracy or 0.0) <= 1:
            raise ValueError("out of range")
        if part:
            records.keep_checkpoint(self._sweep, heard.run, part)
            self._versions[heard.run] = heard.version
        if heard.epoch:
            self._set(heard.run, epoch=heard.epoch, accuracy=heard.accuracy)

    def _end(self, ended: Ended) -> None:
        name, state, message, parts = ended.name, "lost", GONE, [b""]
        with contextlib.suppress(ValueError):
            told, parts = packing.split(ended.content)
            state, message = str(told.get("state")), plain(str(told.get("message"))) or GONE
        if state == "done" and parts:
            self._bring(ended, parts[0])
            return
        if parts and 0 < len(parts[0]) <= LARGEST_ZIP:
            records.keep_checkpoint(self._sweep, name, parts[0])
        if state == "failed":
            self._lost.pop(ended.worker, None)
            self._set(name, state="failed", message=message)
        elif state == "stopped":  # as it had not been asked for, while this process slept
            self._again(name)
        elif state == "unfit":
            self._again(name)
            self._set_aside(ended.worker, message)
        else:
            self._cut_off(ended, message)

    def _bring(self, ended: Ended, content: bytes) -> None:
        name = ended.name
        try:
            self._bring_home(self._sweep, self._tasks[name], content)
        except NotStored:  # no fault of the worker's, and the next one would fare the same
            raise
        except RunError as error:
            self._cut_off(ended, f"what came back was refused. {error}")
            return
        self._lost.pop(ended.worker, None)
        records.drop_checkpoints(self._sweep, [name])
        self._set(name, state="done")

    def _cut_off(self, ended: Ended, reason: str) -> None:
        """A training goes on elsewhere, as long as it is not the one that ends its workers."""
        name, deaths = ended.name, self.standings[ended.name].deaths + 1
        if deaths < MOST_DEATHS:
            self._again(name, deaths=deaths)
        else:
            advice = "where memory runs out, take fewer at once"
            message = f"It was cut off {deaths} times; {advice}. The last time {reason}"
            self._set(name, state="failed", deaths=deaths, message=message)
        lost = self._lost.setdefault(ended.worker, [])
        lost += [] if name in lost else [name]
        if len(lost) >= MOST_LOST:
            self._set_aside(ended.worker, f"It has lost {len(lost)} trainings, the last one so: {reason}")

    def _set_aside(self, worker: str, message: str) -> None:
        """Raises RunError where it was the last one of this machine; a scheduler elsewhere may get others."""
        self._crew.set_aside(worker, message)
        if self._waiting and not self._crew.left and cluster.is_local(self._sweep.spec.on):
            raise RunError(f"No worker process is left that can train. {message.rstrip('.')}. Mend that, then resume.")

    def _again(self, name: str, **changes: Any) -> None:
        self._set(name, state="waiting", **changes)
        self._waiting.appendleft(name)


def bring_run_home(sweep: Sweep, task: Task, content: bytes) -> None:
    """Makes a run of the zip that a worker sent, under the id that the plan has for it, the sweep's owner's own.

    Nothing happens where it is here already. Raises RunError where it is no sound run, or not the one asked for.
    """
    if records.is_here(task.run):
        return
    checked = run_zip.check_zip(content, f"the zip of {task.run}")
    wanted = plan.recipe_of(sweep.plan, task)
    config, result = checked.config, checked.result
    if (checked.run_id, config.recipe, config.family) != (task.run, wanted, None):
        raise RunError("It is not the run that was asked for: its name or its recipe differs.")
    if checked.status.state != "done" or result.cancelled or result.epochs != wanted.epochs:
        raise RunError("It did not go through all of its epochs.")
    if (config.data_fingerprint, config.class_names) != (data.fingerprint(), data.CLASS_NAMES):
        raise RunError("It was trained on other data than those that are here.")
    owner = owners.read(sweep.folder)
    with owners.acting(Visitor(owner.owner if owner and owner.owner else None)):
        exchange.store(checked)


def plain(text: str) -> str:
    """A worker's sentence: short, and nothing that a page or a terminal could take for more than words."""
    kept = "".join(one if one.isalnum() or one in " .,:;'%+=()/-" else " " for one in text[:LONGEST_MESSAGE])
    return " ".join(kept.split())
