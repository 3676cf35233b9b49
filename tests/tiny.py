"""What is small enough to test with: recipes whose training takes a second, and the runs that ship."""

import dataclasses
from typing import Any

from fmnist_core.recipe import Recipe, Split, with_epochs
from fmnist_core.runs import runs
from fmnist_core.runs.runs import Run
from fmnist_core.zoo import get_model


def tiny_recipe(model: str = "simple_nn", epochs: int = 2, **changes: Any) -> Recipe:
    """A model's published recipe on 600 pictures, 500 for validation, in float32; `changes` are fields of it."""
    small = {"images": 600, "batch_size": 64, "split": Split("last", 500), "precision": "float32"}
    return dataclasses.replace(with_epochs(get_model(model).recipe, epochs), **(small | changes))


def shipped_run(model: str) -> Run:
    """The newest run of a model that comes with the app. Raises StopIteration where none does."""
    return next(run for run in runs.list_runs() if run.shipped and run.id.startswith(f"{model}-"))
