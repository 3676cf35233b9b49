"""Bring your own, and the pages with a run that came of it: a model, answers alone.

Run: python -m pytest tests/app/test_brought_in_pages.py
"""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper
from streamlit.testing.v1 import AppTest

from fmnist_core import data
from fmnist_core.brought_in import bringing, conventions, words
from fmnist_core.demo import limits
from fmnist_core.inference.classifier import open_classifier
from fmnist_core.runs import labels, runs
from fmnist_core.runs.runs import Run
from fmnist_core.storage import owners
from fmnist_ui import cached
from tests.app.test_pages import FILES, open_page

sys.path.insert(0, str(Path(__file__).parents[1] / "core" / "brought_in"))
import made_elsewhere

CONVENTION = conventions.parse("nchw,0..255")


def answers(columns: list[int] | None = None) -> bytes:
    """Those of a classifier that is right for four of five; columns: the class of each, where they are in another
    order."""
    labels = data.load_split("test").labels
    said = np.eye(10, dtype=int)[(labels + (np.arange(10_000) % 5 == 0)) % 10][:, columns or range(10)]
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
    """Without what keeps signs from being Markdown."""
    kinds = (app.warning, app.error, app.info, app.success, app.markdown, app.caption)
    return " ".join(element.value for kind in kinds for element in kind).replace("\\", "")


@pytest.mark.some(2)
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


# Bring your own


@pytest.fixture
def panel(runs_folder) -> Iterator[AppTest]:
    cached.forget_rows()
    yield open_page("models.py", table="runs")
    cached.forget_rows()


def bring(app: AppTest, file: str, content: bytes) -> AppTest:
    (uploader,) = [one for one in app.file_uploader if ".onnx" in one.proto.type]
    uploader.upload(file, content, "application/octet-stream").run()
    return app.button(key="bring").click().run()


def own_runs() -> list[Run]:
    return [run for run in runs.list_runs() if not run.shipped]


@pytest.mark.long
def test_a_model_is_brought_in_and_the_page_says_what_was_found_out(panel):
    assert not [button for button in panel.button if button.key == "bring"]  # until there is a file
    bring(panel, "my net.onnx", made_elsewhere.model(CONVENTION))
    assert not panel.exception and not panel.error, said(panel)
    (run,) = own_runs()
    assert f"The run {run.id} is here" in said(panel) and panel.query_params["run"] == run.id
    assert labels.read(run).name == "my net" and panel.subheader[0].value.startswith("my net")
    assert "nchw,0..255 (one channel, rows, columns; from 0 to 255)" in said(panel)
    panel.selectbox(key="bring-input").set_value("nhwc,0..1").run()
    assert panel.button(key="bring").label == "Bring in again, instead"
    panel.button(key="bring").click().run()
    assert "Its input cannot be nhwc,0..1. Expected one of the layouts nchw" in said(panel)
    assert own_runs() == [run]  # what is there stays where the next try fails


@pytest.mark.long
def test_an_order_is_warned_of_and_put_right_in_place_of_the_run_before(panel):
    names = sorted(data.CLASS_NAMES)
    bring(panel, "answers.csv", answers([data.CLASS_NAMES.index(one) for one in names]))
    (before,) = own_runs()
    assert "another order: alphabetical. They are as they came." in said(panel)
    assert runs.read_result(before).test_accuracy < 0.5
    assert words.NO_MODEL in said(panel)
    app = open_page("evaluate.py", run=before.id)
    assert "another order: alphabetical" in said(app)
    assert words.NO_MODEL in said(open_page("evaluate.py", run=before.id, view="changes"))
    assert "epoch by epoch, is not known" in said(open_page("evaluate.py", run=before.id, view="replay"))
    panel.checkbox(key="bring-reorder").check().run()
    panel.button(key="bring").click().run()
    (after,) = own_runs()
    assert after.id != before.id and runs.read_result(after).test_accuracy == 0.8
    assert "They were put right." in said(panel) and panel.query_params["run"] == after.id


@pytest.mark.long
def test_what_is_refused_is_said_and_leaves_nothing(panel, monkeypatch):
    bring(panel, "<b>bad</b>.onnx", b"\x08" + bytes(500))
    assert "The file is refused. It is no ONNX file" in said(panel) and not own_runs()
    bring(panel, "bad.csv", b"1,2,3\n")
    assert "The CSV has 1 rows. Expected 10,000" in said(panel) and not own_runs()
    (name,) = [one for one in panel.text_input if one.key.startswith("bring-name-")]
    name.set_value("[x](y)").run()
    panel.button(key="bring").click().run()
    assert "a sign that cannot be in one" in said(panel) and not own_runs()
    visitor = owners.visitor_of("somebody")
    monkeypatch.setattr(owners, "visitor", lambda: visitor)
    monkeypatch.setattr(limits, "free_memory", lambda: 10**8)
    name.set_value("").run()
    panel.button(key="bring").click().run()
    assert "It needs some 1.0 GB of memory; 0.1 GB are free here" in said(panel) and not own_runs()
