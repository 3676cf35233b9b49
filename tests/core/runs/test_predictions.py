"""What a run says of the pictures, and the pictures themselves.

Run: python -m pytest tests/core/runs/test_predictions.py
"""

import dataclasses

import numpy as np
import pytest

from fmnist_core import data, zoo
from fmnist_core.recipe import BROUGHT_IN, Recipe, Split
from fmnist_core.runs import predictions, runs
from fmnist_core.zoo import CLASSICAL, MODELS
from fmnist_core.zoo.others.brought_in import BroughtIn

NONE = Split("none", 0)


@pytest.mark.parametrize(
    ("chosen", "about", "splits"),
    [
        (MODELS["cnn_1"].recipe, None, ("test", "validation", "train")),
        (dataclasses.replace(MODELS["cnn_1"].recipe, split=NONE), None, ("test", "train")),
        (CLASSICAL["svc_rbf"].recipe, None, ("test", "validation")),
        (dataclasses.replace(CLASSICAL["svc_rbf"].recipe, split=NONE), None, ("test",)),
        (zoo.ROWS[BROUGHT_IN].recipe, BroughtIn("onnx", input="nchw,0..1"), ("test", "validation")),
        (zoo.ROWS[BROUGHT_IN].recipe, BroughtIn("csv"), ("test",)),
    ],
)
def test_what_a_run_has_stored_answers_to(chosen: Recipe, about: BroughtIn | None, splits: tuple[str, ...]):
    assert predictions.splits_of(dataclasses.replace(runs.config_of(chosen), brought_in=about)) == splits


def test_a_picture_of_a_run_holds_no_others_in_memory(run):
    """120 of them, each a view of a copy of all, were 940 MB."""
    stored = predictions.load(run, "test")
    images = data.load_split("test").images[stored.indices]
    for rows in (7, np.array([3, 9]), slice(2, 5)):
        found = stored.images_at(rows)
        np.testing.assert_array_equal(found, images[rows])
        whole = found if found.base is None else found.base
        assert whole.nbytes <= found.nbytes or np.shares_memory(found, data.load_split("test").images)
