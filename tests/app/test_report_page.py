"""The Report page, run as Streamlit runs it, without a browser.

Run: python -m pytest tests/app/test_report_page.py
"""

import dataclasses
import json
import subprocess
import sys

import numpy as np
import pytest

from fmnist_core import data
from fmnist_core.recipe import Augmentation, Stage
from fmnist_core.report import beside_source
from fmnist_core.runs import predictions, runs
from fmnist_core.storage import folders
from fmnist_core.storage.atomic import write_json
from fmnist_ui import cached
from tests.app.test_pages import open_page, sentences
from tests.tiny import shipped_run

ROOT = folders.PROJECT


@pytest.fixture(autouse=True)
def _fresh_lists():
    cached.forget_rows()
    yield
    cached.forget_rows()


HEADINGS = {
    "beside": "Reproduced",
    "report": "F1-score",
    "sixteen": "Verdict",
    "figures": "Change",
    "classes": "Recall change",
}


def tables(app) -> dict:
    """The tables on the page, known by a heading that only one of them has."""
    frames = [frame.value for frame in app.dataframe]
    return {name: frame for name, heading in HEADINGS.items() for frame in frames if heading in frame.columns}


def downloads(app) -> set[str]:
    return {button.proto.label for button in app.get("download_button")}


def test_every_output_is_there_and_can_be_downloaded(run):
    app = open_page("report.py", run=run.id)
    assert not app.exception
    assert len(app.subheader) == 5
    assert len(app.image) == 1  # the montage
    assert [chart.proto.alt.split()[0] for chart in app.get("plotly_chart")] == ["loss", "accuracy"]
    assert {"Report as CSV", "Report as TXT", "Report as PNG", "Curves as CSV", "Curves as PNG"} <= downloads(app)
    assert {"Montage as CSV", "Montage as PNG"} <= downloads(app)
    assert {"Source as CSV", "Source as PNG"} <= downloads(app)
    assert "macro avg" in app.code[0].value
    beside = tables(app)["beside"].set_index("Figure")
    assert (
        beside.loc["test accuracy", "Published"] == "91.60 %" and beside.loc[beside_source.OVERFITS, "Published"] == "8"
    )


def test_published_curves_are_laid_over_the_run_s_own_and_named_so():
    app = open_page("report.py", run=shipped_run("minivggnet").id)
    assert not app.exception and "Adrian Rosebrock published" in " ".join(one.value for one in app.caption)
    for chart in app.get("plotly_chart"):
        names = {line["name"]: line["line"].get("dash") for line in json.loads(chart.proto.spec)["data"]}
        assert {"Published: training", "Published: test set", "Training"} <= set(names) and names["Published: training"]


def test_the_accuracy_of_the_report_is_the_runs(run):
    report = tables(open_page("report.py", run=run.id))["report"]
    shown = report.set_index("Class").loc["accuracy", "F1-score"]
    assert shown == pytest.approx(runs.read_result(run).test_accuracy, abs=1e-6)


def test_another_sixteen_changes_pictures_and_address(run):
    app = open_page("report.py", run=run.id, sample="41")
    before = list(tables(app)["sixteen"]["Picture"])
    app.button(key="another").click().run()
    assert app.query_params["sample"] == "42"
    assert list(tables(app)["sixteen"]["Picture"]) != before
    assert list(tables(open_page("report.py", run=run.id, sample="41"))["sixteen"]["Picture"]) == before


def test_the_last_seed_is_followed_by_the_first(run):
    app = open_page("report.py", run=run.id, sample="999999")
    app.button(key="another").click().run()
    assert not app.exception and not app.warning and "sample" not in app.query_params


@pytest.mark.some(2)
@pytest.mark.parametrize("seed", ["-1", "1000000", "abc", "1e3", "![x](http://nowhere.example/x.png)"])
def test_a_seed_that_is_none_is_left_out(run, seed):
    app = open_page("report.py", run=run.id, sample=seed)
    assert not app.exception
    assert "sample was left out" in sentences(app) and "nowhere.example" not in sentences(app)


def test_a_run_of_one_stage_has_no_before_and_after(run):
    app = open_page("report.py", run=run.id)
    assert "one stage" in sentences(app)
    assert not tables(app).keys() & {"figures", "classes"}


@pytest.fixture
def two_stages(run):
    config = runs.read_config(run)
    stages = (Stage(1), Stage(1, Augmentation(rotation=8)))
    config = dataclasses.replace(config, recipe=dataclasses.replace(config.recipe, stages=stages))
    write_json(run.folder / "config.json", dataclasses.asdict(config))
    runs.write_result(run, dataclasses.replace(runs.read_result(run), kept_epoch=2))
    predictions.save_stage(run, 1, 20 * np.eye(10)[data.load_split("test").labels])
    return run


def test_two_stages_stand_beside_each_other(two_stages):
    app = open_page("report.py", run=two_stages.id)
    assert not app.exception
    figures = tables(app)["figures"].set_index("Figure")
    assert figures.loc["test accuracy", "Stage 1"] == "100.00 %"
    assert figures.loc["test accuracy", "Published"] == "91.60 %"
    assert (tables(app)["classes"]["Recall stage 1"] == 1).all()
    assert {"Stages as CSV", "Stages as PNG", "Classes as CSV", "Classes as PNG"} <= downloads(app)


def test_an_older_run_of_two_stages_is_a_sentence_and_no_table(two_stages):
    (two_stages.folder / "stages" / "1.npz").unlink()
    app = open_page("report.py", run=two_stages.id)
    assert not app.exception
    assert "Train it again" in sentences(app)
    assert not tables(app).keys() & {"figures", "classes"}


def test_a_run_without_its_epochs_is_shown_without_curves(run):
    (run.folder / "metrics.jsonl").unlink()
    app = open_page("report.py", run=run.id)
    assert not app.exception
    assert "No epoch has finished" in sentences(app)
    assert {"report", "sixteen"} <= tables(app).keys()


@pytest.mark.some(2)
@pytest.mark.parametrize("broken", ["config.json", "status.json", "result.json", "predictions.npz", "metrics.jsonl"])
def test_a_damaged_run_is_a_sentence(run, broken):
    (run.folder / broken).write_bytes(b"\x00garbage")
    app = open_page("report.py", run=run.id)
    assert not app.exception
    assert ("No epoch has finished" if broken == "metrics.jsonl" else f"{run.id} is damaged") in sentences(app)


@pytest.mark.parametrize("broken", ["config.json", "result.json", "stages/1.npz"])
def test_a_damaged_run_of_two_stages_is_a_sentence(two_stages, broken):
    (two_stages.folder / broken).write_bytes(b"\x00garbage")
    app = open_page("report.py", run=two_stages.id)
    assert not app.exception
    assert ("no readable figures" if "stages" in broken else f"{two_stages.id} is damaged") in sentences(app)


VISIT = """
import sys
from streamlit.testing.v1 import AppTest
from fmnist_ui.frame import PAGES

app = AppTest.from_file("app.py", default_timeout=120).run()
for page in [*(page for page in PAGES if page.file != "report.py"), None]:
    app.switch_page(f"pages/{page.file if page else 'report.py'}").run()
    assert not app.exception, (page, app.exception)
    print("matplotlib" in sys.modules)
"""


@pytest.mark.long
def test_no_other_page_waits_for_matplotlib():
    answer = subprocess.run([sys.executable, "-c", VISIT], cwd=ROOT, capture_output=True, text=True, check=False)
    seen = answer.stdout.split()
    assert set(seen[:-1]) == {"False"} and seen[-1] == "True", answer.stderr
