"""Every page with a run of a classical baseline, with an ONNX model and without, as Streamlit runs it.

Run: python -m pytest tests/app/test_classical_pages.py
"""

import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core import fields
from fmnist_core.report import one_run
from fmnist_core.report.finished import read_finished
from fmnist_core.report.page import run_report
from fmnist_core.runs import catalogue
from fmnist_core.runs.runs import Run
from fmnist_ui import cached
from fmnist_ui.frame import PAGES
from tests.fitted import WITH_ONNX, WITHOUT_ONNX, fit, only_run
from tests.tiny import shipped_run

FILES = [row.file for row in PAGES if row.file not in ("start.py", "lessons.py", "owner.py")]


@pytest.fixture(scope="session")
def fitted_folder(made_once) -> Path:
    def make(folder: Path) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("FMNIST_RUNS", str(folder / "runs"))
            for model in (WITH_ONNX, WITHOUT_ONNX):
                fit(model)

    return made_once("fitted", make) / "runs"


@pytest.fixture(params=[WITH_ONNX, WITHOUT_ONNX])
def fitted(request, fitted_folder, runs_folder) -> Run:
    shutil.copytree(fitted_folder, runs_folder)
    cached.forget_rows()
    yield only_run(runs_folder, request.param)
    cached.forget_rows()


def open_page(file: str, **parameters: str) -> AppTest:
    app = AppTest.from_file("../../app.py", default_timeout=60)
    app.query_params.update(parameters)
    app.switch_page(f"pages/{file}")
    return app.run()


@pytest.mark.some(2)
@pytest.mark.parametrize("file", FILES)
def test_every_page_opens(fitted, file):
    app = open_page(file, run=fitted.id)
    assert not app.exception and len(app.title) == 1


@pytest.mark.some(2)
@pytest.mark.parametrize("fitted", [WITHOUT_ONNX], indirect=True)  # which lacks most
@pytest.mark.parametrize("view", [view for view in fields.VIEWS if view not in ("matrix", "replay")])  # seen elsewhere
def test_every_view_of_evaluate_opens(fitted, view):
    app = open_page("evaluate.py", run=fitted.id, view=view)
    assert not app.exception and app.segmented_control(key="widget_view").value == view


def said(app: AppTest) -> str:
    return " ".join(element.value for kind in (app.warning, app.info, app.markdown, app.caption) for element in kind)


def test_it_shows_its_fits_where_others_have_curves(fitted):
    for page in ({"file": "train.py"}, {"file": "evaluate.py", "view": "replay"}, {"file": "report.py"}):
        app = open_page(**page, run=fitted.id)
        assert not app.exception
        assert "Fitted to 300 pictures, it gets" in said(app), page
    assert "no epochs" not in said(app) and "Before and after the last stage" not in [
        one.value for one in app.subheader
    ]


@pytest.mark.parametrize(("name", "has_loss"), [("gaussian_nb", True), ("sgd_hinge", False)])
def test_distances_have_no_cross_entropy(name, has_loss):
    row = catalogue.describe(shipped_run(name))
    assert (row.test_loss is not None) is has_loss
    page = open_page("evaluate.py", run=row.run.id)
    assert (", loss " in said(page)) is has_loss
    found = read_finished(row.run)
    tiles = {name: value for name, value, _ in one_run.tiles(found)}
    assert (tiles["Test loss"] != "–") is has_loss
    worst = one_run.worst(found)
    assert len(worst) == one_run.WORST
    assert [any(line.startswith("loss ") for line in one.lines) for one in worst] == [has_loss] * len(worst)
    assert ("with the largest loss" in run_report(row.run)) is has_loss


def test_pages_say_what_it_lacks(fitted):
    assert "no network to look into" in said(open_page("inside.py", run=fitted.id))
    assert open_page("map.py", run=fitted.id, of="features").selectbox(key="widget_of").options == ["Raw pixels"]
    assert open_page("evaluate.py", run=fitted.id).segmented_control(key="widget_split").options == [
        "Test",
        "Validation",
    ]
    cannot = "too large for an ONNX file" in said(open_page("predict.py", run=fitted.id))
    assert cannot == fitted.id.startswith(WITHOUT_ONNX)


def test_train_links_to_pages_that_have_something_to_show(fitted):
    labels = [one.proto.label for one in open_page("train.py", run=fitted.id).get("page_link")]
    assert {"Evaluate", "Report"} <= set(labels) and "Inside" not in labels
    assert ({"Predict", "Map"} <= set(labels)) == fitted.id.startswith(WITH_ONNX)


def test_decision_values_are_called_so(runs_folder):
    cached.forget_rows()
    app = open_page("evaluate.py", run=fit("sgd_hinge").id, view="calibration")
    assert "what is divided are its decision values" in said(app)


def test_the_form_has_only_what_it_heeds():
    app = open_page("train.py", model="svc_rbf")
    assert not app.exception
    assert [one.label for one in app.number_input] == ["Validation pictures", "Training pictures", "Seed"]
    app.number_input(key="fit-images").set_value(20).run()
    assert "images cannot be 20" in said(app)
    app.number_input(key="fit-images").set_value(400).run()
    assert "No epochs: fitted once to each size · 400 pictures, 5,000 for validation" in said(app)


def test_accuracy_stands_against_what_it_costs(fitted):
    app = open_page("models.py", model=fitted.id.partition("-")[0])
    assert not app.exception and "Why a network at all?" in [one.value for one in app.subheader]
    assert "On the Pareto front, from the fastest up:" in said(app)
    app.segmented_control(key="price-of").set_value("bytes").run()
    assert "On the Pareto front, from the smallest up:" in said(app)
