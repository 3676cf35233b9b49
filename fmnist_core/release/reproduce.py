"""Trains a model by its published recipe, so that what ships can be repeated by anyone."""

import dataclasses
from collections.abc import Callable

from fmnist_core.jobs import lifecycle
from fmnist_core.jobs.status import ACTIVE, Status
from fmnist_core.recipe import Recipe
from fmnist_core.release.shipping import ship
from fmnist_core.runs import catalogue, runs
from fmnist_core.runs.runs import Run
from fmnist_core.storage.folders import RunError
from fmnist_core.training import training_jobs
from fmnist_core.zoo import get_trainable

Work = Callable[[Run], Status]


def reproduce(model: str, seed: int = 0, *, replace: bool = False, work: Work = training_jobs.run_job) -> Run:
    """Trains the published recipe of a model to its end and ships the run where none of that seed ships yet.

    An own run of this recipe that stopped or crashed goes on after its last epoch. One that has finished is shipped
    as it is; where one ships already, it is trained anew, to compare.

    Args:
        replace: ship it even where one ships already; that one is removed.
        work: does the job of a queued run, e.g. with a progress bar around it.

    Returns:
        The own run; where it was shipped, the shipped run has the same name.

    Raises:
        RunError: the training failed or was stopped; its message says why and what to do.
    """
    chosen = dataclasses.replace(get_trainable(model).recipe, seed=seed)
    shipped = shipped_run(chosen)
    run = _begun(chosen, finished=shipped is None) or runs.create(chosen)
    status = runs.read_status(run)
    if status.state != "done":
        if status.state != "queued":
            lifecycle.requeue(training_jobs.job(run))
        status = work(run)
    if status.state != "done":
        raise RunError(status.message or f"The run {run.id} was {status.state}. The same command goes on with it.")
    if replace or shipped is None:
        ship(run)
    return run


def shipped_run(chosen: Recipe) -> catalogue.Row | None:
    """The shipped run of exactly this recipe, seed and all."""
    rows = [row for row in catalogue.list_rows() if row.run.shipped and row.usable]
    return next((row for row in rows if row.recipe == chosen), None)


def _begun(chosen: Recipe, finished: bool) -> Run | None:
    """The newest own run of this recipe that can go on; or, where finished ones count, that is done."""
    for row in catalogue.list_rows():
        if row.run.shipped or row.recipe != chosen or row.state == "damaged" or row.state in ACTIVE:
            continue
        if finished or row.state != "done":
            return row.run
    return None
