"""The leaderboard and runs side by side.

Run: python -m pytest tests/app/test_models.py
"""

import json
import shutil

import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core.runs import catalogue, leaderboard
from fmnist_core.storage import folders
from fmnist_core.zoo import CLASSICAL, MODELS
from fmnist_core.zoo.reported import REPORTED
from fmnist_ui import cached
from fmnist_ui.models import leaderboard_table
from fmnist_ui.parts import name_runs
from tests.app.test_pages import open_page

SHIPPED = {row.model: row for row in catalogue.list_rows() if row.run.shipped}


@pytest.fixture(autouse=True)
def _fresh_lists():
    cached.forget_rows()
    yield
    cached.forget_rows()


def board(app: AppTest):
    """The leaderboard as a table, by the names of the models."""
    return app.dataframe[0].value.set_index("Model")


def markdown(app: AppTest) -> str:
    return " ".join(element.value for element in (*app.markdown, *app.caption))


def test_a_line_a_model_with_published_and_reproduced_figures():
    table = board(open_page("models.py"))
    assert list(table.index) == [model.title for model in (MODELS | CLASSICAL).values()]
    for entry in leaderboard.list_entries(catalogue.list_rows()):
        line = table.loc[entry.model.title]
        for column, value in (("Published", entry.published), ("Here", entry.reproduced)):
            assert line[column] == pytest.approx(100 * value) if value else line.isna()[column]
        assert line["Parameters"] == entry.parameters
        assert line["Remark"] == (entry.explanation or "")


def test_the_first_columns_stand_there_and_the_rest_on_demand():
    app = open_page("models.py")
    first = list(app.dataframe[0].proto.column_order)
    assert first == list(leaderboard_table.FIRST) and first[-1] == "Source"
    app.toggle(key="more-columns").set_value(True).run()
    every = list(app.dataframe[0].proto.column_order)
    assert set(every) == set(board(app).columns) | {"Model"} and set(first) < set(every)


def test_sources_filter_and_reported_figures_join():
    app = open_page("models.py")
    app.multiselect(key="sources").select("a-d-c.ca").run()
    assert set(board(app)["Source"]) == {"a-d-c.ca"} and len(board(app)) == 5
    app.multiselect(key="sources").set_value([]).run()
    app.toggle(key="reported").set_value(True).run()
    table = board(app)
    assert len(table) == len(MODELS) + len(CLASSICAL) + len(REPORTED)
    assert table.loc["Reported: People", "Published"] == pytest.approx(83.5)
    figures = table["Published"].fillna(table["Here"]).fillna(0)
    assert figures.is_monotonic_decreasing and figures.iloc[0] > 96


def test_runs_that_the_address_names_stand_side_by_side():
    chosen = [SHIPPED[name].run.id for name in ("cnn_2", "simple_nn")]
    app = open_page("models.py", compare=",".join(chosen))
    assert not app.exception
    words = markdown(app)
    assert "CNN 2 is better than Simple NN on 10,000 pictures (p < 0.0001)" in words
    assert app.multiselect(key="widget_compare").value == chosen


def test_one_run_is_not_compared_and_unknown_ones_are_left_out():
    one = SHIPPED["cnn_2"].run.id
    app = open_page("models.py", compare=f"{one},cnn_2-20200101-000000-0000")
    assert not app.exception and app.multiselect(key="widget_compare").value == [one]
    assert "McNemar" not in markdown(app)
    app = open_page("models.py", compare="../../etc")
    assert not app.exception and any("compare was left out" in warning.value for warning in app.warning)


def test_runs_of_one_model_are_told_apart(run):
    copy = run.folder.with_name(run.id[:-4] + "beef")
    shutil.copytree(run.folder, copy)
    rows = [row for row in catalogue.list_rows() if not row.run.shipped]
    names = name_runs(rows)
    assert len(set(names.values())) == 2 and all("CNN 1 · " in name for name in names.values())
    assert name_runs(rows[:1]) == {rows[0].run.id: "CNN 1"}
    app = open_page("models.py", compare=",".join(names))
    assert "are right on the very same ones" in markdown(app)


def test_run_that_cannot_be_read_leaves_the_others(run):
    (run.folder / "predictions.npz").write_bytes(b"no zip")
    chosen = [SHIPPED["cnn_2"].run.id, SHIPPED["simple_nn"].run.id, run.id]
    app = open_page("models.py", compare=",".join(chosen))
    assert not app.exception and any("predictions.npz" in warning.value for warning in app.warning)
    assert "CNN 2 is better than Simple NN" in markdown(app)


def test_model_says_why_no_run_ships():
    app = open_page("models.py", model="vgg19_fixed")
    assert any("ImageNet weights" in element.value for element in app.caption)
    assert app.metric[1].value == "–"


def test_damaged_shipped_run_leaves_the_page_standing(tmp_path, monkeypatch):

    folder = tmp_path / "shipped"
    shutil.copytree(SHIPPED["cnn_1"].run.folder, folder / SHIPPED["cnn_1"].run.id)
    result = json.loads((folder / SHIPPED["cnn_1"].run.id / "result.json").read_text())
    (folder / SHIPPED["cnn_1"].run.id / "result.json").write_text(json.dumps(result | {"test_accuracy": "high"}))
    monkeypatch.setattr(folders, "shipped_folder", lambda: folder)
    app = open_page("models.py")
    assert not app.exception and board(app)["Here"].isna().all()
