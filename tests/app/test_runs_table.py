"""Own and shipped runs in one table: filters, names and notes, what is offered of one, import.

Run: python -m pytest tests/app/test_runs_table.py
"""

import shutil

import pytest
import streamlit as st
from streamlit import config
from streamlit.testing.v1 import AppTest

from fmnist_core.demo import limits
from fmnist_core.exports import making
from fmnist_core.jobs import turns
from fmnist_core.runs import catalogue, exchange, labels, runs
from fmnist_core.runs.labels import Label
from fmnist_core.runs.runs import Run
from fmnist_core.storage import owners
from fmnist_core.storage.folders import RunError
from fmnist_core.storage.owners import MACHINE
from fmnist_ui import cached, parts
from fmnist_ui.models import downloads
from tests.app.test_pages import open_page, sentences
from tests.tiny import shipped_run


@pytest.fixture(autouse=True)
def _fresh_lists():
    cached.forget_rows()
    yield
    cached.forget_rows()


def open_table(**parameters: str) -> AppTest:
    app = open_page("models.py", table="runs", **parameters)
    assert not app.exception
    return app


def told(app: AppTest) -> str:
    return " ".join(element.value for element in (*app.markdown, *app.caption, *app.text))


def offered(app: AppTest) -> str:
    return " ".join(button.proto.label for button in app.get("download_button"))


def test_own_and_shipped_runs_stand_in_one_table_and_are_filtered(run: Run):
    labels.write(run, Label("Small learning rate 0.001", "for the lesson"))
    app = open_table()
    table = app.dataframe[0].value
    shipped = [row for row in catalogue.list_rows() if row.run.shipped]
    assert len(table) == 1 + len(shipped)
    line = table.iloc[0]
    recipe = runs.read_config(run).recipe
    assert (line["Name"], line["Whose"], line["Note"]) == ("Small learning rate 0.001", "own", "for the lesson")
    assert (line["Epochs"], line["Batch size"], line["Seed"]) == ("2", recipe.batch_size, recipe.seed)
    assert (line["Training pictures"], line["Validation pictures"]) == (600, 500)
    assert (line["Optimizer"], line["Learning rate"]) == (recipe.optimizer.name, recipe.optimizer.learning_rate)
    by_run = table.set_index("Run")
    assert by_run.loc[run.id, "Comes with"] == "ONNX, Keras"
    assert by_run.loc[shipped_run("patel_deep").id, "Comes with"] == ""
    assert "turned up to 8°" in by_run.loc[shipped_run("cnn_4conv").id, "Augmentation"]
    app.segmented_control(key="widget_whose").set_value("own").run()
    assert list(app.dataframe[0].value["Run"]) == [run.id]
    app.text_input(key="widget_words").set_value("lesson nothing").run()
    assert "No run passes these filters" in sentences(app)
    app.text_input(key="widget_words").set_value("Lesson NADAM").run()
    assert list(app.dataframe[0].value["Run"]) == [run.id]


def test_a_run_is_named_noted_and_deleted(run: Run):
    app = open_table(run=run.id)
    app.text_input(key=f"name-{run.id}").set_value("Mine  too")
    app.text_area(key=f"note-{run.id}").set_value("# one\n<b>two</b>")
    next(button for button in app.button if button.label == "Save").click().run()
    assert not app.exception
    assert labels.read(run) == Label("Mine too", "# one\n<b>two</b>")
    assert app.subheader[0].value.startswith("Mine too · ") and app.text[0].value == "# one\n<b>two</b>"
    assert parts.name_runs(catalogue.list_rows())[run.id] == "Mine too"
    app.text_input(key=f"name-{run.id}").set_value("![x](https://example.org)")
    next(button for button in app.button if button.label == "Save").click().run()
    assert "a sign that cannot be in one" in sentences(app) and labels.read(run).name == "Mine too"
    app.button(key=f"delete-{run.id}").click().run()
    assert not app.exception and not run.folder.exists()


def test_what_a_run_comes_with_is_said_before_a_click(run: Run):
    app = open_table(run=run.id)
    assert "Whole run" in offered(app) and "ONNX model" in offered(app) and "Keras model" in offered(app)
    assert app.code[0].value.startswith("python -m fmnist_core train cnn_1 ")
    app.query_params["run"] = shipped_run("patel_deep").id
    app.run()
    assert offered(app) == "Whole run" and "ships without its parameters" in told(app)
    assert "without parameters" in app.subheader[0].value
    assert "Save" not in [button.label for button in app.button]


@pytest.fixture
def asked(monkeypatch) -> list[tuple[str, str]]:
    """What was asked of `making`, which makes nothing of it."""
    asked = []

    def made(run_id: str, format: str, check) -> bytes:
        check()
        asked.append((run_id, format))
        if format == "tflite-int8":
            raise RunError("This network cannot be written.")
        return f"{run_id} {format}".encode()

    monkeypatch.setattr(making, "made", made)
    downloads._kept.cache_clear()
    downloads._FAILED.clear()
    yield asked
    downloads._kept.cache_clear()
    downloads._FAILED.clear()


def test_networks_for_elsewhere_are_made_in_a_process_of_their_own(asked):
    """The same file asked for twice is made once; what fails says why on the page, which shows no error of a thread."""
    run = shipped_run("cnn_4conv")
    app = open_table(run=run.id)
    for label in ("ONNX model, 2.5 MB", "Keras model, made in seconds", "LiteRT, float32", "LiteRT, int8", "Web page"):
        assert label in offered(app)
    assert "could not be made" not in sentences(app)
    row = catalogue.describe(run)
    assert [downloads._made(row, "web", MACHINE) for _ in range(2)] == [f"{run.id} web".encode()] * 2
    with pytest.raises(RunError, match="cannot be written"):
        downloads._made(row, "tflite-int8", MACHINE)
    assert asked == [(run.id, "web"), (run.id, "tflite-int8")]
    assert "could not be made. This network cannot be written" in sentences(app.run())


def test_without_memory_nothing_is_made_for_a_visitor(asked, monkeypatch):
    """Said before the click, and checked again in the thread that makes it, which knows of no visitor by itself."""
    run, visitor = shipped_run("cnn_4conv"), owners.visitor_of("somebody")
    monkeypatch.setattr(limits, "free_memory", lambda: 10**8)
    with pytest.raises(RunError, match="0.1 GB are free here"):
        downloads._made(catalogue.describe(run), "web", visitor)
    assert not asked and downloads._made(catalogue.describe(run), "web", MACHINE)
    monkeypatch.setattr(owners, "visitor", lambda: visitor)
    app = open_table(run=run.id)
    assert "not now: It needs some " in told(app) and "Web page" not in offered(app)


def test_a_file_waits_for_its_turn_and_not_for_ever(monkeypatch):
    monkeypatch.setattr(turns, "PATIENCE", 0.01)
    with making._MAKING, pytest.raises(RunError, match="Another file is being made"):
        making.made("cnn_1", "web")


def uploader(app):
    """Of runs; another one takes models."""
    (found,) = [one for one in app.file_uploader if ".zip" in one.proto.type]
    return found


@pytest.mark.long
def test_a_downloaded_run_is_taken_in_elsewhere(run: Run, tmp_path):
    """And one that is here already is refused in a sentence."""
    zipped = exchange.export_run(run, tmp_path).read_bytes()
    app = open_table()
    uploader(app).upload("a run.zip", zipped, "application/zip").run()
    assert "is here already" in sentences(app)
    shutil.rmtree(run.folder)
    app = open_table()
    uploader(app).upload("a run.zip", zipped, "application/zip").run()
    assert not app.exception and run.folder.is_dir()
    assert run.id in app.success[0].value and run.id in app.query_params["run"]
    uploader(app).upload("no run.zip", b"PK", "application/zip").run()
    assert "is not a zip that can be read" in sentences(app)


def test_no_larger_run_is_asked_for_than_the_server_takes(run: Run):
    before = st.get_option("server.maxUploadSize")
    try:
        config.set_option("server.maxUploadSize", 60)
        assert uploader(open_table()).proto.max_upload_size_mb == 60
    finally:
        config.set_option("server.maxUploadSize", before)


@pytest.mark.parametrize("name", ["LR 0.01", "flip_both, 50 %", "Größe 1", "A/B & C's (2)", "1.5+2", "x" * 60, ""])
def test_names_that_people_give(run: Run, name):
    assert labels.write(run, Label(name)).name == name


@pytest.mark.parametrize(
    "name",
    [
        "_x_",
        "a *b*",
        "a `b`",
        "[x](y)",
        "www.example.org",
        ":red[x]",
        "# x",
        "x" * 61,
        "a\u202eb",
        "$x$",
        "-1",
        "a __b",
    ],
)
def test_names_that_a_page_would_read_more_into(run: Run, name):
    with pytest.raises(ValueError, match="The name has"):
        labels.write(run, Label(name))
    assert labels.read(run) == Label()


def test_a_damaged_label_leaves_the_run_as_it_is(run: Run):
    (run.folder / labels.FILE).write_text('{"name": "<script>"}')
    row = catalogue.describe(run)
    assert (row.label, row.problem) == (Label(), "") and row.usable


def test_a_shipped_run_keeps_its_name():
    with pytest.raises(RunError, match="comes with the app"):
        labels.write(shipped_run("cnn_1"), Label("Mine"))
