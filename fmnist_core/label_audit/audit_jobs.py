"""Audit the labels in a process of its own: start, watch, cancel, go on.

The folds are trainings, so an audit waits for the training at work; a finished fold is kept, and where the job was
stopped it goes on with the next one.
"""

import contextlib
import dataclasses
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from fmnist_core import data
from fmnist_core.analysis import confident_learning
from fmnist_core.analysis.confident_learning import Pairs
from fmnist_core.jobs import lifecycle, side_jobs
from fmnist_core.label_audit import audit_records
from fmnist_core.label_audit.audit_records import Audit, job_folder
from fmnist_core.label_audit.audit_spec import AuditSpec, check, code, recipe_of
from fmnist_core.runs import runs
from fmnist_core.runs.records import ACTIVE, Status
from fmnist_core.storage import folders, stored_arrays
from fmnist_core.storage.folders import RunError

TELL_SECONDS = 0.5  # between two words about how far it is

OnProgress = Callable[[Status], None]


class _Stopped(Exception):
    """The job was asked to stop."""


def read_status(spec: AuditSpec) -> Status | None:
    """What the job is doing; None where there is none."""
    return side_jobs.read_status(job_folder(spec))


def submit(spec: AuditSpec) -> None:
    """Starts the job, or goes on with a stopped one, unless one is at it.

    Raises:
        ValueError: what cannot be audited.
        RunError: it cannot be started.
    """
    if prepare(spec):
        try:
            lifecycle.start_process(["audit", "--work", *_as_arguments(spec)], job_folder(spec) / "log.txt")
        except OSError as error:
            message = f"The audit cannot be started: {error.strerror or error}. Free some space, then try again."
            with contextlib.suppress(OSError):
                _write(spec, Status("failed", message))
            raise RunError(message) from None


def _as_arguments(spec: AuditSpec) -> list[str]:
    return [f"--{name}={value}" for name, value in dataclasses.asdict(spec).items()]


def prepare(spec: AuditSpec) -> bool:
    """Queues an audit for `work`; False where a job is at it. Raises as `submit`."""
    check(spec)
    status = read_status(spec)
    if status is not None and status.state in ACTIVE:
        return False
    folder = job_folder(spec)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "cancel").unlink(missing_ok=True)
        runs.write_json(folder / "spec.json", dataclasses.asdict(spec))
        _write(spec, Status("queued", "Waiting for its turn.", queued_at=time.time(), epochs=_steps(spec)))
    except OSError as error:
        raise RunError(f"An audit cannot be stored: {error.strerror or error}. {folders.remedy(error)}") from None
    return True


def _steps(spec: AuditSpec) -> int:
    return spec.folds * spec.epochs


def cancel(spec: AuditSpec) -> None:
    """Asks the job to stop; finished folds are kept. Raises RunError where it cannot be told."""
    side_jobs.cancel(job_folder(spec))


def work(spec: AuditSpec, on_progress: OnProgress = lambda status: None) -> Status:
    """Does a queued audit in this process: waits for its turn, computes, and says how it ended.

    One that fails raises nothing: the status says why, and log.txt holds what a developer needs.

    Raises:
        RunError: it is not queued, or another process has begun with it.
    """
    status = read_status(spec)
    late = status is not None and status.state == "interrupted" and status.pid is None
    if status is None or (not late and (status.state != "queued" or status.pid is not None)):
        raise RunError(f"The audit {spec.name} is {status.state if status else 'not queued'}; nothing is to be done.")
    reporter = lifecycle.Reporter(spec, lambda one: read_status(one) or Status("queued"), _write)
    cancelled = (job_folder(spec) / "cancel").exists
    lock = folders.runs_folder() / ".slot"
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        with lifecycle.slot(lock, lambda: True, cancelled):
            if cancelled():
                return reporter.close(state="cancelled", message="Stopped before it began.")
            reporter.update(state="running", message="", started_at=time.time(), epochs=_steps(spec))
            Auditor(spec, reporter, on_progress, cancelled).make()
    except (_Stopped, KeyboardInterrupt):
        return reporter.close(state="cancelled", message="Stopped; the finished folds are kept.")
    except Exception as error:
        return reporter.close(state="failed", message=side_jobs.explain(job_folder(spec), error))
    return reporter.close(state="done", message="", phase="", epoch=_steps(spec))


class Auditor:
    """Computes one audit and keeps its status true."""

    def __init__(
        self, spec: AuditSpec, reporter: lifecycle.Reporter, on_progress: OnProgress, cancelled: Callable[[], bool]
    ) -> None:
        self._spec, self._reporter, self._on_progress, self._cancelled = spec, reporter, on_progress, cancelled
        self._told = 0.0

    def make(self) -> None:
        spec, start = self._spec, time.perf_counter()
        labels = {split: data.load_split(split).labels[:size] for split, size in spec.sizes.items()}
        folds = confident_learning.stratified_folds(labels["train"], spec.folds, spec.seed)
        classes = len(data.CLASS_NAMES)
        own = np.empty((len(folds), classes), np.float16)
        of_test = np.zeros((len(labels["test"]), classes))
        for number in range(spec.folds):
            held = folds == number
            judged = self._fold(number, held)
            own[held] = judged["own"]
            of_test += judged["test"].astype(np.float64) / spec.folds
        splits = {
            "train": audit_records.rank(own, labels["train"]),
            "test": audit_records.rank(of_test.astype(np.float16), labels["test"]),
        }
        pairs, faint = self._look_alike()
        seconds = round(time.perf_counter() - start, 1)
        audit_records.save(job_folder(spec) / audit_records.FILE, Audit(spec, seconds, splits, pairs, faint))
        for number in range(spec.folds):
            self._file(number).unlink(missing_ok=True)

    def _file(self, number: int) -> Path:
        return job_folder(self._spec) / f"fold-{number}.npz"

    def _fold(self, number: int, held: np.ndarray) -> dict[str, np.ndarray]:
        """What one network says: "own" of the (n,) bool `held` training pictures, "test" of the test pictures."""
        spec = self._spec
        sizes = {"own": int(held.sum()), "test": spec.sizes["test"]}
        with contextlib.suppress(OSError, ValueError):
            stored = stored_arrays.load(self._file(number), *sizes)
            if all(stored[name].shape == (size, len(data.CLASS_NAMES)) for name, size in sizes.items()):
                return stored
        from fmnist_core.training.folds import train_fold

        train, test = data.load_split("train"), data.load_split("test")
        learned = np.flatnonzero(~held)
        judged = np.concatenate([train.images[: len(held)][held], test.images[: sizes["test"]]])
        found = train_fold(
            recipe_of(spec, number, len(learned)),
            train.images[learned],
            train.labels[learned],
            judged,
            lambda share: self._tell(f"Fold {number + 1} of {spec.folds}", (number + share) * spec.epochs),
        )
        if found is None:
            raise _Stopped
        values = found.astype(np.float16)
        stored = {"own": values[: sizes["own"]], "test": values[sizes["own"] :]}
        stored_arrays.save(self._file(number), stored)
        return stored

    def _look_alike(self) -> tuple[Pairs, np.ndarray]:
        """The near-duplicates, and the codes of the pictures that show little."""
        sizes = self._spec.sizes
        codes = np.concatenate([np.arange(size) + code(split, 0) for split, size in sizes.items()])
        images = np.concatenate([data.load_split(split).images[:size] for split, size in sizes.items()])

        def tell(share: float) -> None:
            if self._tell(f"Comparing {len(images):,} pictures, {share:.0%}", _steps(self._spec)):
                raise _Stopped

        found = confident_learning.near_duplicates(images, audit_records.CONFLICT, tell)
        pairs = Pairs(codes[found.first], codes[found.second], found.distances)
        kept = pairs.conflicting(audit_records.all_labels()) | (pairs.distances < audit_records.NEAR)
        little = confident_learning.faint(images)
        return Pairs(*(column[kept] for column in pairs)), codes[little.few | little.flat]

    def _tell(self, phase: str, epochs: float) -> bool:
        """Whether to stop."""
        now = time.monotonic()
        if now - self._told >= TELL_SECONDS:
            self._told = now
            self._on_progress(self._reporter.update(phase=phase, epoch=int(epochs)))
        return self._cancelled()


def _write(spec: AuditSpec, status: Status) -> None:
    side_jobs.write_status(job_folder(spec), status)
