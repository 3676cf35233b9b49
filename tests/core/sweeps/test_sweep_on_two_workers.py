"""A sweep on two worker processes: one is killed in mid-training, then its client, and each run is made once.

Run: python -m pytest tests/core/sweeps/test_sweep_on_two_workers.py
"""

import io
import time
import zipfile
from collections.abc import Callable

import numpy as np
import psutil
import pytest

from fmnist_core.jobs import lifecycle
from fmnist_core.runs import predictions, runs
from fmnist_core.runs.runs import Run
from fmnist_core.sweeps import plan, records, sweep_jobs
from fmnist_core.sweeps.records import Sweep
from fmnist_core.training import training_jobs
from tests.fitted import WITHOUT_ONNX, small_recipe
from tests.tiny import tiny_recipe

PATIENCE = 240.0  # seconds, on a machine that has much else to do


def wait_for(condition: Callable[[], object], sweep: Sweep) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        told = f"{lifecycle.read(sweep.job)} {records.read_standings(sweep)}"
        assert time.monotonic() < deadline, told
        assert lifecycle.read(sweep.job).state in ("queued", "running"), told
        time.sleep(0.1)


def descendants(sweep: Sweep) -> list[psutil.Process]:
    return psutil.Process(lifecycle.read(sweep.job).pid).children(recursive=True)


def worker_of(sweep: Sweep, run_id: str) -> psutil.Process:
    """The Dask worker whose process trains that run."""
    trains = next(one for one in descendants(sweep) if any(word.endswith(run_id) for word in one.cmdline()))
    return trains.parent()


def lives(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def first_epoch(metrics: str) -> str:
    return next(line for line in metrics.splitlines() if '"kind": "epoch"' in line)


def checkpoint_of(sweep: Sweep, run_id: str) -> zipfile.ZipFile | None:
    content = records.checkpoint(sweep, run_id)
    return zipfile.ZipFile(io.BytesIO(content)) if content else None


def check_made_once(sweep: Sweep) -> None:
    wanted = [task.run for task in sweep.plan.tasks]
    assert sorted(run.id for run in runs.every_run() if not run.shipped) == sorted(wanted)
    for task in sweep.plan.tasks:
        run = runs.find(task.run)
        assert runs.read_config(run).recipe == plan.recipe_of(sweep.plan, task)
        result = runs.read_result(run)
        assert (result.cancelled, result.epochs) == (False, plan.epochs_of(sweep.plan, task))
        epochs = [line.epoch for line in runs.read_metrics(run) if not hasattr(line, "steps")]
        assert epochs == list(range(1, result.epochs + 1))


def check_as_alone(sweep: Sweep, run_id: str) -> None:
    """Trained again in this process: float32 sums come in another order with another number of threads."""
    alone = runs.create(next(plan.recipe_of(sweep.plan, task) for task in sweep.plan.tasks if task.run == run_id))
    training_jobs.run_job(alone)
    swept, own = (predictions.load(Run(runs.runs_folder() / name), "validation") for name in (run_id, alone.id))
    assert (swept.indices == own.indices).all()
    assert np.abs(swept.logits - own.logits).max() < 0.02
    assert abs(runs.read_result(runs.find(run_id)).val_accuracy - runs.read_result(alone).val_accuracy) <= 0.004


def kill_worker_and_client(sweep: Sweep, victim: str, finished: str) -> str:
    """Returns the first line of an epoch of the victim, as its first worker wrote it.

    Its worker dies once a checkpoint of it came home; the client once it went on elsewhere and another has finished.
    """
    wait_for(lambda: checkpoint_of(sweep, victim), sweep)
    worker_of(sweep, victim).kill()
    wait_for(lambda: records.read_standings(sweep)[victim].deaths, sweep)
    before = first_epoch(checkpoint_of(sweep, victim).read("metrics.jsonl").decode())
    reached = records.read_standings(sweep)[victim].epoch
    wait_for(lambda: records.read_standings(sweep)[victim].epoch > reached and records.is_here(finished), sweep)
    client, left = psutil.Process(lifecycle.read(sweep.job).pid), descendants(sweep)
    assert len(left) >= 3  # two workers and a training
    client.kill()
    psutil.wait_procs(left, timeout=20)
    assert not [one for one in left if lives(one)]
    assert lifecycle.read(sweep.job).state == "interrupted"
    return before


def resume_to_its_end(sweep: Sweep) -> None:
    sweep_jobs.resume(sweep)
    deadline = time.monotonic() + 3 * PATIENCE
    while lifecycle.read(sweep.job).state in ("queued", "running"):
        assert time.monotonic() < deadline, records.read_standings(sweep)
        time.sleep(0.1)
    assert lifecycle.read(sweep.job).state == "done", lifecycle.read(sweep.job).message
    check_made_once(sweep)
    assert not list((sweep.folder / "checkpoints").iterdir()) and not (sweep.folder / "scratch").exists()


@pytest.mark.long
def test_each_run_is_made_once_though_a_worker_and_the_client_are_killed(runs_folder):
    made = plan.make([tiny_recipe(epochs=60), small_recipe(WITHOUT_ONNX)], {}, [3])
    sweep = sweep_jobs.submit(made, "local:2", keep_seconds=0.5)
    killed, quick = (task.run for task in made.tasks)
    before = kill_worker_and_client(sweep, killed, quick)
    finished = (runs_folder / quick).stat().st_ino
    resume_to_its_end(sweep)
    assert (runs_folder / quick).stat().st_ino == finished
    metrics = (runs_folder / killed / "metrics.jsonl").read_text()
    assert first_epoch(metrics) == before  # with the seconds that it took on the first worker: it was not begun anew
    check_as_alone(sweep, killed)


@pytest.mark.slow
def test_a_grid_of_twelve_is_made_though_a_worker_and_the_client_are_killed(runs_folder):
    grid = {"learning-rate": ("0.001", "0.0003"), "batch": ("64", "128")}
    made = plan.make([tiny_recipe(epochs=40)], grid, range(3))
    sweep = sweep_jobs.submit(made, "local:2", keep_seconds=0.5)
    names = [task.run for task in made.tasks]
    assert len(names) == 12
    wait_for(lambda: records.is_here(names[0]) and records.read_standings(sweep)[names[2]].epoch, sweep)
    before = kill_worker_and_client(sweep, names[2], names[0])
    resume_to_its_end(sweep)
    assert first_epoch((runs_folder / names[2] / "metrics.jsonl").read_text()) == before
    for name in (names[0], names[2], names[11]):
        check_as_alone(sweep, name)
