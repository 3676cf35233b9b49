"""What pages share, without a page.

Run: python -m pytest tests/app/test_parts.py
"""

import dataclasses
from pathlib import Path

import pytest

from fmnist_core import zoo
from fmnist_core.jobs.status import Status
from fmnist_core.recipe import BROUGHT_IN
from fmnist_core.runs import runs
from fmnist_core.runs.catalogue import Row
from fmnist_core.runs.records import StoredFile
from fmnist_core.runs.runs import Run
from fmnist_core.zoo.others.brought_in import BroughtIn
from fmnist_ui import parts
from tests.made_up import made_up_result

PAGES = ("evaluate.py", "inside.py", "predict.py", "report.py", "map.py")
MODEL, FEATURES = "model.onnx", "maps/features.npz"


@pytest.mark.parametrize(
    ("model", "files", "closed"),
    [
        ("cnn_1", {MODEL, FEATURES}, set()),
        ("patel_deep", {FEATURES}, {"inside.py", "predict.py"}),
        ("mlp_100", {MODEL, FEATURES}, {"inside.py"}),
        ("k_neighbors", set(), {"inside.py", "predict.py", "map.py"}),
        (BROUGHT_IN, {MODEL, FEATURES}, set()),
        (BROUGHT_IN, set(), {"inside.py", "predict.py", "map.py"}),
    ],
)
def test_pages_open_for_what_a_run_comes_with(model: str, files: set[str], closed: set[str]):
    about = BroughtIn("onnx", input="nchw,0..1" if MODEL in files else "") if model == BROUGHT_IN else None
    config = dataclasses.replace(runs.config_of(zoo.ROWS[model].recipe), brought_in=about)
    result = made_up_result(files={name: StoredFile(1, "") for name in files})
    row = Row(Run(Path(f"{model}-20261122-000000-0000")), config, Status("done"), result)
    assert {page for page in PAGES if not parts.opens(row, page)} == closed
