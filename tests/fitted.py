"""Classical baselines that were really fitted, to 300 pictures: one with an ONNX model and one without."""

import dataclasses
from pathlib import Path
from typing import Any

from fmnist_core.classical import fitting
from fmnist_core.jobs import status
from fmnist_core.jobs.status import Status
from fmnist_core.recipe import Recipe, Split
from fmnist_core.runs import runs
from fmnist_core.runs.runs import Run
from fmnist_core.zoo import CLASSICAL

WITH_ONNX, WITHOUT_ONNX = "extra_tree", "k_neighbors"


def small_recipe(model: str, **changes: Any) -> Recipe:
    """A baseline's recipe on 300 pictures, 500 for validation; `changes` are fields of it."""
    return dataclasses.replace(CLASSICAL[model].recipe, **({"images": 300, "split": Split("last", 500)} | changes))


def fit(model: str, **changes: Any) -> Run:
    """A finished run in the folder of runs, fitted in this process."""
    run = runs.create(small_recipe(model, **changes))
    fitting.train(run)
    status.write(run.folder, Status("done", queued_at=1.0))
    return run


def only_run(folder: Path, model: str) -> Run:
    """The run of a model in a folder of runs."""
    (found,) = folder.glob(f"{model}-*")
    return Run(found)
