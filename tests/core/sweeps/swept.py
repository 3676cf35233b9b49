"""Sweeps without workers: a plan that is stored, and runs with made-up figures in its places."""

import dataclasses
import shutil

import numpy as np

from fmnist_core import data
from fmnist_core.jobs import lifecycle, status
from fmnist_core.jobs.status import Status
from fmnist_core.runs import runs
from fmnist_core.runs.predictions import Predictions
from fmnist_core.storage.schema import as_plain
from fmnist_core.sweeps import plan
from fmnist_core.sweeps.records import Spec, Sweep
from tests.made_up import made_up_result
from tests.tiny import tiny_recipe


def stored_sweep(values=None, seeds=(0, 1, 2), bases=None, sweep_id="0123abcd", **changes) -> Sweep:
    """Queued, with its folder, of two learning rates unless said otherwise."""
    values = {"learning-rate": ("0.001", "0.0003")} if values is None else values
    made = plan.make(bases or [tiny_recipe()], values, seeds)
    sweep = Sweep(sweep_id, Spec(made, **changes))
    lifecycle.enqueue(sweep.job, epochs=len(made.tasks), spec=as_plain(sweep.spec))
    return sweep


def put_run(sweep: Sweep, place: int, validation: float, test: float = 0.5) -> str:
    """A finished run without a network in the place of a task."""
    task = sweep.plan.tasks[place]
    folder = runs.runs_folder() / task.run
    shutil.rmtree(folder, ignore_errors=True)
    run = runs.create(plan.recipe_of(sweep.plan, task), folder=folder)
    runs.write_result(run, made_up_result(val_accuracy=validation, test_accuracy=test))
    status.write(run.folder, Status("done", queued_at=1.0))
    return task.run


def end(sweep: Sweep, state="done") -> None:
    before = status.read(sweep.folder)
    status.write(sweep.folder, dataclasses.replace(before, state=state))


def predictions_of(right: np.ndarray) -> Predictions:
    """Of pictures of class 0, some of which are called 1. right: (n,) bool."""
    logits = np.zeros((len(right), len(data.CLASS_NAMES)), np.float32)
    logits[np.arange(len(right)), np.where(right, 0, 1)] = 1
    return Predictions("validation", np.arange(len(right)), np.zeros(len(right), np.uint8), logits)
