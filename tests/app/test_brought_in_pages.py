"""Bring your own, and the pages with a run that came of it: a model, answers alone.

Run: python -m pytest tests/app/test_brought_in_pages.py
"""

import shutil
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper
from streamlit.testing.v1 import AppTest

from fmnist_core import data
from fmnist_core.brought_in import bringing, conventions
from fmnist_core.inference.classifier import open_classifier
from fmnist_core.runs import runs
from fmnist_core.runs.runs import Run
from fmnist_ui import cached
from tests.app.test_pages import FILES, open_page

sys.path.insert(0, str(Path(__file__).parents[1] / "core" / "brought_in"))
import made_elsewhere

CONVENTION = conventions.parse("nchw,0..255")


def answers() -> bytes:
    """Those of a classifier that is right for four of five."""
    labels = data.load_split("test").labels
    said = np.eye(10, dtype=int)[(labels + (np.arange(10_000) % 5 == 0)) % 10]
    return "\n".join(",".join(map(str, row)) for row in said).encode()


def with_a_layer(model: onnx.ModelProto) -> None:
    """A pool of single pixels, which changes none of them."""
    model.graph.node.insert(0, helper.make_node("MaxPool", ["<b>x"], ["pooled"], kernel_shape=[1, 1]))
    model.graph.node[1].input[0] = "pooled"


@pytest.fixture(scope="session")
def brought_folder(made_once) -> Path:
    def make(folder: Path) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("FMNIST_RUNS", str(folder / "runs"))
            bringing.bring(made_elsewhere.model(CONVENTION, change=with_a_layer), "network.onnx")
            bringing.bring(answers(), "answers.csv")

    return made_once("brought", make) / "runs"


@pytest.fixture
def brought(brought_folder, runs_folder) -> dict[str, Run]:
    """By "onnx" and "csv"."""
    shutil.copytree(brought_folder, runs_folder)
    cached.forget_rows()
    yield {runs.read_config(run).brought_in.format: run for run in runs.list_runs() if not run.shipped}
    cached.forget_rows()


def said(app: AppTest) -> str:
    kinds = (app.warning, app.error, app.info, app.success, app.markdown, app.caption)
    return " ".join(element.value for kind in kinds for element in kind)


@pytest.mark.parametrize("format", ["onnx", "csv"])
@pytest.mark.parametrize("file", FILES)
def test_every_page_opens(brought, format, file):
    app = open_page(file, run=brought[format].id)
    assert not app.exception and len(app.title) == 1


def test_the_map_offers_what_its_model_gives(brought):
    app = open_page("map.py", run=brought["onnx"].id)
    (layer,) = open_classifier(brought["onnx"]).layers
    assert app.selectbox(key="widget_of").options == ["What the network sees", "Raw pixels", f"Layer {layer}"]
    app = open_page("map.py", run=brought["csv"].id)
    assert app.selectbox(key="widget_of").options == ["Raw pixels"] and "no features" not in said(app)
