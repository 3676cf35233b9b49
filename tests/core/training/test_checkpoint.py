"""Training, taken up again: which checkpoint is sound, what is said where none is, which lines of metrics stay.

Run: python -m pytest tests/core/training/test_checkpoint.py
"""

import io
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from fmnist_core.jobs import lifecycle
from fmnist_core.jobs.status import Status
from fmnist_core.recipe import Split
from fmnist_core.runs import curves, runs
from fmnist_core.runs.records import EpochLine
from fmnist_core.runs.runs import Run
from fmnist_core.training import training_jobs
from fmnist_core.training.training_jobs import job
from tests.odd_files import at_once, put_in_place_of
from tests.tiny import tiny_recipe


@pytest.fixture(autouse=True)
def _no_export(monkeypatch):
    """Ends a training where it would export and classify: half of the time, and tested elsewhere."""
    from fmnist_core.training import train

    monkeypatch.setattr(train, "finish", lambda run, model, chosen, indices, training, *rest: training)


def stopped_after(epoch: int, epochs: int = 4) -> Run:
    """A run that was stopped when `epoch` of its epochs were finished; queued again."""

    def stop(line):
        if isinstance(line, EpochLine) and line.epoch == epoch:
            raise KeyboardInterrupt

    run = runs.create(tiny_recipe(epochs=epochs, split=Split("none", 0)))
    with pytest.raises(KeyboardInterrupt):
        training_jobs.run_job(run, stop)
    assert runs.read_status(run).state == "cancelled"
    lifecycle.requeue(job(run))
    return run


def rewritten(change: Callable[[dict[str, np.ndarray]], None]) -> Callable[[bytes], bytes]:
    """The file with its arrays changed, and nothing else wrong with it."""

    def rewrite(content: bytes) -> bytes:
        with np.load(io.BytesIO(content)) as stored:
            arrays = dict(stored)
        change(arrays)
        file = io.BytesIO()
        np.savez(file, **arrays)
        return file.getvalue()

    return rewrite


DAMAGES = {
    "garbage": lambda content: b"garbage",
    "cut": lambda content: content[:-100_000],
    "a flipped bit": lambda content: content[:5_000] + bytes([content[5_000] ^ 1]) + content[5_001:],
    "NaN": rewritten(lambda arrays: arrays["v0001"].fill(np.nan)),
    "another network": rewritten(lambda arrays: arrays.pop("v0001")),
    "a later epoch": rewritten(lambda arrays: arrays["progress"].fill(5)),
}
FROM_THE_START = "No checkpoint of it could be read, so the training began again from the first epoch."


def damage_files(run: Run, damage: str, *names: str) -> None:
    for name in names:
        path = run.folder / name
        path.write_bytes(DAMAGES[damage](path.read_bytes()))


def trained_epochs(run: Run) -> tuple[Status, list[int]]:
    """How the run's job ended, and the epochs that it trained."""
    begun: list[int] = []
    status = training_jobs.run_job(run, lambda line: begun.append(line.epoch))
    return status, sorted(set(begun))


SLOW = pytest.mark.slow  # quick: the others of the same test


@pytest.mark.parametrize("damage", [one if one == "garbage" else pytest.param(one, marks=SLOW) for one in DAMAGES])
def test_of_two_checkpoints_the_newest_sound_one_is_taken(damage):
    run = stopped_after(3)
    damage_files(run, damage, "checkpoint.npz")
    status, epochs = trained_epochs(run)
    assert (status.state, epochs) == ("done", [3, 4]), status.message
    assert status.notice == "The last checkpoint was damaged, so the training went on after epoch 2."
    assert runs.read_status(run).notice == status.notice
    assert [line.epoch for line in curves.epochs_of(runs.read_metrics(run))] == [1, 2, 3, 4]
    assert not list(run.folder.glob("checkpoint*"))


@pytest.mark.parametrize("damage", [pytest.param("garbage", marks=SLOW), pytest.param("NaN", marks=SLOW), None])
def test_without_a_sound_checkpoint_a_training_begins_again_and_says_so(damage):
    run = stopped_after(2)
    names = ("checkpoint.npz", "checkpoint-before.npz")
    if damage:
        damage_files(run, damage, *names)
    else:
        for name in names:
            (run.folder / name).unlink()
    shutil.copy(run.folder / "replay" / "002.npz", run.folder / "replay" / "004.npz")
    seen = []
    status = training_jobs.run_job(run, lambda line: seen.append(sorted(path.stem for path in replay_of(run))))
    assert (status.state, status.notice) == ("done", FROM_THE_START)
    assert seen[0] == []  # what was shown of epochs that are trained again is gone
    assert [line.epoch for line in curves.epochs_of(runs.read_metrics(run))] == [1, 2, 3, 4]


def replay_of(run: Run) -> list[Path]:
    return list((run.folder / "replay").iterdir())


def test_a_checkpoint_that_is_a_folder_is_passed_over():
    run = stopped_after(2)
    (run.folder / "checkpoint.npz").unlink()
    (run.folder / "checkpoint.npz" / "inside").mkdir(parents=True)
    status, epochs = trained_epochs(run)
    assert (status.state, epochs) == ("done", [2, 3, 4]), status.message
    assert status.notice == "The last checkpoint was damaged, so the training went on after epoch 1."


@pytest.mark.parametrize("kind", ["pipe", *(pytest.param(kind, marks=SLOW) for kind in ("device", "huge"))])
def test_what_is_no_file_is_passed_over(kind):
    run = stopped_after(2)
    for name in ("checkpoint.npz", "metrics.jsonl"):
        put_in_place_of(run.folder / name, kind)
    with at_once(120):
        status, epochs = trained_epochs(run)
    assert (status.state, epochs) == ("done", [2, 3, 4]), status.message
    assert status.notice.endswith("the training went on after epoch 1. Its curves lack 1 of 1 epochs: 1.")


def test_killed_between_two_checkpoints_a_training_has_the_one_before():
    run = stopped_after(2)
    os.replace(run.folder / "checkpoint.npz", run.folder / "checkpoint-before.npz")
    status, epochs = trained_epochs(run)
    assert (status.state, epochs, status.notice) == ("done", [3, 4], "")


def test_going_on_tidies_the_metrics_and_says_what_is_missing():
    run = stopped_after(3, epochs=5)
    path = run.folder / "metrics.jsonl"
    lines = path.read_text().splitlines()
    ends = {json.loads(line)["epoch"]: line for line in lines if json.loads(line)["kind"] == "epoch"}
    kept = [line for line in lines if line != ends[2]]  # that of the second epoch is missing,
    beyond = ends[3].replace('"epoch": 3', '"epoch": 7')
    path.write_text("\n".join([*kept, *kept, beyond, '{"kind": "ba']) + "\n")  # the others are there twice
    status = training_jobs.run_job(run)
    assert status.state == "done", status.message
    assert status.notice == "Its curves lack 1 of 3 epochs: 2."
    assert path.read_text().splitlines()[: len(kept)] == kept
    assert [line.epoch for line in curves.epochs_of(runs.read_metrics(run))] == [1, 3, 4, 5]


def test_stopped_in_its_first_epoch_a_training_has_lost_nothing():
    def stop(line):
        raise KeyboardInterrupt

    run = runs.create(tiny_recipe())
    with pytest.raises(KeyboardInterrupt):
        training_jobs.run_job(run, stop)
    lifecycle.requeue(job(run))
    assert training_jobs.run_job(run).notice == ""


def test_weights_that_are_not_finite_leave_no_checkpoint(monkeypatch):
    """Although the network's answers are: a filter may be one that nothing is computed with."""
    from fmnist_core.training.observer import Observer

    monkeypatch.setattr(Observer, "_is_finite", lambda observer: observer.progress.epoch < 1)
    run = runs.create(tiny_recipe(epochs=3))
    status = training_jobs.run_job(run)
    assert status.state == "failed" and "The loss is no longer a number in epoch 2" in status.message
    assert sorted(path.name for path in run.folder.glob("checkpoint*")) == ["checkpoint.npz"]
