"""Audit the labels in a process of its own: start, watch, cancel, go on.

The folds are trainings, so an audit waits for the training at work; a finished fold is kept, and where the job was
stopped it goes on with the next one.
"""

import contextlib
import time
from pathlib import Path

import numpy as np

from fmnist_core import data
from fmnist_core.analysis import confident_learning
from fmnist_core.analysis.confident_learning import Pairs
from fmnist_core.jobs import kinds, lifecycle, queue
from fmnist_core.jobs.durations import Estimate
from fmnist_core.jobs.lifecycle import Job
from fmnist_core.jobs.worker import Ending, Reporter, Stopped
from fmnist_core.label_audit import audit_records
from fmnist_core.label_audit.audit_records import Audit, job_folder
from fmnist_core.label_audit.audit_spec import AuditSpec, check, code, folds_of, recipe_of
from fmnist_core.storage import reading, stored_arrays
from fmnist_core.storage.schema import as_plain, from_json, parse_json

TELL_SECONDS = 0.5  # between two words about how far it is


def job(spec: AuditSpec) -> Job:
    return Job(kinds.AUDIT, job_folder(spec))


def submit(spec: AuditSpec, expected: Estimate | None = None) -> None:
    """Starts the job, or goes on with a stopped one, unless one is at it. expected: how long it will take.

    Raises:
        ValueError: what cannot be audited.
        RunError: it cannot be started.
    """
    if prepare(spec):
        queue.join(job(spec), expected)


def prepare(spec: AuditSpec) -> bool:
    """Queues an audit for `worker.work`; False where a job is at it. Raises as `submit`."""
    check(spec)
    return lifecycle.enqueue(job(spec), epochs=_steps(spec), spec=as_plain(spec))


def _steps(spec: AuditSpec) -> int:
    return spec.networks * spec.epochs


def work(reporter: Reporter) -> Ending:
    """Computes the audit of a job; see `worker.work`. Tells its status twice a second."""
    spec = from_json(AuditSpec, parse_json(reading.read_bytes(reporter.folder / "spec.json")), "spec")
    check(spec)
    Auditor(spec, reporter).make()
    return Ending(epoch=_steps(spec))


class Auditor:
    """Computes one audit and keeps its status true."""

    def __init__(self, spec: AuditSpec, reporter: Reporter) -> None:
        self._spec, self._reporter = spec, reporter
        self._told = 0.0
        self._damaged: list[int] = []  # folds, from 1

    def make(self) -> None:
        spec, start = self._spec, time.perf_counter()
        labels = {split: data.load_split(split).labels[:size] for split, size in spec.sizes.items()}
        own, of_test = (np.zeros((len(labels[split]), len(data.CLASS_NAMES))) for split in ("train", "test"))
        for number in range(spec.networks):
            repeat, fold = divmod(number, spec.folds)
            held = folds_of(spec, repeat, labels["train"]) == fold
            judged = self._fold(number, held)
            own[held] += judged["own"].astype(np.float64) / spec.repeats
            of_test += judged["test"].astype(np.float64) / spec.networks
        splits = {
            "train": audit_records.rank(own.astype(np.float16), labels["train"]),
            "test": audit_records.rank(of_test.astype(np.float16), labels["test"]),
        }
        pairs, faint = self._look_alike()
        seconds = round(time.perf_counter() - start, 1)
        audit_records.save(job_folder(spec) / audit_records.FILE, Audit(spec, seconds, splits, pairs, faint))
        for number in range(spec.networks):
            self._file(number).unlink(missing_ok=True)

    def _file(self, number: int) -> Path:
        return job_folder(self._spec) / f"fold-{number}.npz"

    def _fold(self, number: int, held: np.ndarray) -> dict[str, np.ndarray]:
        """What one network says: "own" of the (n,) bool `held` training pictures, "test" of the test pictures."""
        spec = self._spec
        sizes = {"own": int(held.sum()), "test": spec.sizes["test"]}
        with contextlib.suppress(FileNotFoundError):
            if (stored := self._stored(number, sizes)) is not None:
                kept = (number + 1) * spec.epochs
                self._reporter.update(epoch=kept, first=kept)
                return stored
            self._damaged.append(number + 1)
            folds = ", ".join(map(str, self._damaged))
            words = f"What was kept of these folds was damaged, and they are trained again: {folds}."
            self._reporter.update(notice=words)
        self._reporter.update(phase="loading TensorFlow")
        from fmnist_core.training.folds import train_fold

        self._reporter.update(phase=f"Fold {number + 1} of {spec.networks}, compiling the network")
        train, test = data.load_split("train"), data.load_split("test")
        learned = np.flatnonzero(~held)
        judged = np.concatenate([train.images[: len(held)][held], test.images[: sizes["test"]]])
        found = train_fold(
            recipe_of(spec, number, len(learned)),
            train.images[learned],
            train.labels[learned],
            judged,
            lambda share: self._tell(f"Fold {number + 1} of {spec.networks}", (number + share) * spec.epochs),
        )
        if found is None:
            raise Stopped("Stopped; the finished folds are kept.")
        values = found.astype(np.float16)
        stored = {"own": values[: sizes["own"]], "test": values[sizes["own"] :]}
        stored_arrays.save(self._file(number), stored)
        return stored

    def _stored(self, number: int, sizes: dict[str, int]) -> dict[str, np.ndarray] | None:
        """A fold that was finished before; None where it is damaged. Raises FileNotFoundError."""
        try:
            stored = stored_arrays.load(self._file(number), *sizes)
        except FileNotFoundError:
            raise
        except (OSError, ValueError):
            return None
        shapes = {name: (size, len(data.CLASS_NAMES)) for name, size in sizes.items()}
        sound = all(one.shape == shapes[name] and one.dtype == np.float16 for name, one in stored.items())
        return stored if sound and all(np.isfinite(one).all() for one in stored.values()) else None

    def _look_alike(self) -> tuple[Pairs, np.ndarray]:
        """The near-duplicates, and the codes of the pictures that show little."""
        sizes = self._spec.sizes
        codes = np.concatenate([np.arange(size) + code(split, 0) for split, size in sizes.items()])
        images = np.concatenate([data.load_split(split).images[:size] for split, size in sizes.items()])

        def tell(share: float) -> None:
            if self._tell(f"Comparing {len(images):,} pictures, {share:.0%}", _steps(self._spec)):
                raise Stopped("Stopped; the finished folds are kept.")

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
            self._reporter.tell(self._reporter.update(phase=phase, message="", epoch=int(epochs)))
        return self._reporter.cancelled()
