"""Every page of the app's own list, run as Streamlit runs it, without a browser."""

import dataclasses
import shutil
import time

import numpy as np
import psutil
import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core import fields
from fmnist_core.inference import calibrated
from fmnist_core.jobs import kinds, lifecycle, queue
from fmnist_core.jobs.status import Status
from fmnist_core.jobs.status import write as write_status
from fmnist_core.machine import host_name
from fmnist_core.recipe import Augmentation, Stage
from fmnist_core.runs import catalogue, predictions, runs
from fmnist_core.storage import folders
from fmnist_core.training import training_jobs
from fmnist_core.zoo import get_model, vgg19
from fmnist_ui import cached, state, waiting
from fmnist_ui.frame import JOIN, PAGES
from fmnist_ui.train import live_run
from tests.odd_files import at_once, put_in_place_of

FILES = [row.file for row in (*PAGES, JOIN)]


@pytest.fixture(autouse=True)
def _fresh_lists():
    cached.forget_rows()
    yield
    cached.forget_rows()


def open_page(file: str, **parameters: str) -> AppTest:
    """The page inside the app, as a link with these parameters opens it."""
    app = AppTest.from_file("../../app.py", default_timeout=60)
    app.query_params.update(parameters)
    if file != PAGES[0].file:  # the first is shown at "/"; the address of every other one is its file's name
        app.switch_page(f"pages/{file}")
    return app.run()


def sentences(app: AppTest) -> str:
    return " ".join(element.value for kind in (app.warning, app.error, app.info) for element in kind)


@pytest.mark.some(2)
@pytest.mark.parametrize("file", FILES)
def test_every_page_runs_with_the_shipped_runs(file):
    app = open_page(file)
    assert not app.exception
    assert len(app.title) == 1


@pytest.mark.parametrize("file", FILES)
def test_every_page_runs_without_any_run(file, monkeypatch, tmp_path):
    monkeypatch.setattr(folders, "shipped_folder", lambda: tmp_path / "nothing")
    app = open_page(file)
    assert not app.exception


GARBAGE = {
    "run": ["../../etc/passwd", "", "x" * 5000, "<script>alert(1)</script>"],
    "family": ["../../etc", "0123ABCD", "0123abc", "<b>"],
    "sweep": ["../../etc", "0123ABCD", "0123abc", "<b>"],
    "picture": ["test/10000", "test/-1", "train/60000", "nothing", "test/٣"],
    "split": ["everything"],
    "cells": ["6", "-1-0", "NaN-1", "6-0;1-0"],
    "class": ["10", "abc"],
    "page": ["-3"],
    "x": ["64"],
    "model": ["lennet"],
    "way": ["telepathy"],
    "filling": ["red", "<b>"],
    "quiz_seed": ["1000000", "-1", "1.5", "none"],
    "hard": ["no", "<b>"],
    "lesson": ["../x", "Made-Up", "x" * 61],
    "step": ["101", "-1", "١"],
    "room": ["BCD", "1234", "<b>"],
    "present": ["no"],
    "own": ["no", "<b>"],
    "layer": ["<b>", "conv 1", "x" * 61, "../conv1"],
    "channel": ["10000", "-1", "١"],
    "pixel": ["4", "4-", "4,9", "1000-1", "<b>"],
    "off": ["conv1", "conv1:", "conv1:x", "conv1:1,,conv2:3", "conv1:all" * 400, "<b>:1"],
    "against": ["test/10000", "nothing"],
}
# What a field takes, and what no run or picture has.
NOWHERE = {
    "run": "cnn_2-20260101-000000-0000",
    "family": "ffffffff",
    "sweep": "ffffffff",
    "cells": "99-0",
    "page": "9999",
    "x": "63",
    "lesson": "nowhere",
    "step": "59",
    "room": "BCDF",
}


@pytest.fixture(scope="module")
def declared() -> dict[str, set[str]]:
    """The fields that each page's file says it reads."""
    found: dict[str, set[str]] = {}
    read = state.enter

    def enter(page: str, *names: str):
        found[f"{page}.py"] = set(names)
        return read(page, *names)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(state, "enter", enter)
        for file in FILES:
            open_page(file)
    assert set(found) == set(FILES)
    return found


@pytest.mark.some(2)
@pytest.mark.parametrize("name", GARBAGE)
def test_garbage_in_the_address_is_left_out(declared, name):
    for value in GARBAGE[name]:
        with pytest.raises(ValueError, match="it (is|names) "):
            fields.FIELDS[name].parse(value)
    pages = [file for file in FILES if name in declared[file]]
    assert pages
    for place, file in enumerate(pages):
        app = open_page(file, **{name: GARBAGE[name][place % len(GARBAGE[name])]})
        assert not app.exception, file
        assert f"The address' {name} was left out" in sentences(app), file
        assert name not in app.query_params, file


@pytest.mark.some(2)
@pytest.mark.parametrize("name", NOWHERE)
def test_what_is_nowhere_is_no_error(declared, name):
    fields.FIELDS[name].parse(NOWHERE[name])
    for file in [file for file in FILES if name in declared[file]]:
        app = open_page(file, **{name: NOWHERE[name]})
        assert not app.exception, file
        assert "was left out" not in sentences(app), file


def test_an_unknown_run_is_named_in_a_sentence():
    app = open_page("evaluate.py", run="cnn_2-20260101-000000-0000")
    assert "There is no run" in sentences(app)
    assert "cnn_2-20260101-000000-0000" in sentences(app)


@pytest.mark.long
@pytest.mark.parametrize("broken", ["config.json", "status.json", "result.json", "predictions.npz", "model.onnx"])
def test_a_damaged_run_is_a_sentence_and_others_still_work(run, broken):
    (run.folder / broken).write_bytes(b"\x00garbage")
    for file in FILES:
        app = open_page(file, run=run.id, model="cnn_1")
        assert not app.exception, file
        if file == "evaluate.py" and broken != "model.onnx":
            assert run.id in sentences(app)
    app = open_page("evaluate.py")
    assert not app.exception and run.id not in sentences(app)


def components(app: AppTest) -> set[str]:
    return {element.proto.component_name for element in app.get("bidi_component")}


@pytest.mark.some(2)
@pytest.mark.parametrize(
    ("missing", "gone", "words"),
    [
        ("maps/features.npz", {"sprite_map"}, ""),
        ("replay", {"fmnist_gallery"}, ""),
        ("metrics.jsonl", {"fmnist_curve_chart"}, "The values of its training are missing here"),
    ],
)
def test_a_run_with_missing_parts_is_shown_without_them(run, missing, gone, words):
    drawn = {
        "train.py": {"fmnist_gallery", "fmnist_curve_chart"},
        "evaluate.py": {"fmnist_matrix"},
        "map.py": {"sprite_map"},
    }
    assert drawn["train.py"] <= components(open_page("train.py", run=run.id))
    path = run.folder / missing
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    for file, wanted in drawn.items():
        app = open_page(file, run=run.id)
        assert not app.exception and not app.error
        assert components(app) & (wanted | gone) == wanted - gone
        if file == "train.py":
            assert words in " ".join(text.value for text in app.markdown)


def test_the_cell_in_the_address_lists_its_pictures(run):
    app = open_page("evaluate.py", run=run.id, cells="6-0")
    assert any("Shirt called T-shirt/top" in heading.value for heading in app.subheader)


def test_start_submits_the_chosen_recipe(monkeypatch):
    submitted = []

    def submit(chosen, expected):
        submitted.append(chosen)
        return runs.create(chosen)

    monkeypatch.setattr(training_jobs, "submit", submit)
    app = open_page("train.py", model="simple_nn")
    app.button(key="start").click().run()
    assert not app.exception
    assert submitted[0].model == "simple_nn"
    assert submitted[0].epochs == 5
    assert str(app.query_params["run"]).startswith("simple_nn-")


def test_every_widget_of_ones_own_recipe_changes_it(monkeypatch):
    """A widget that is shown and not used is the commonest lie of a training form."""
    submitted = []
    monkeypatch.setattr(training_jobs, "submit", lambda chosen, _: submitted.append(chosen) or runs.create(chosen))
    changes = {
        "epochs-0": ("number_input", 3, lambda r: r.epochs),
        "batch": ("number_input", 100, lambda r: r.batch_size),
        "dropout": ("number_input", 0.35, lambda r: r.dropout),
        "l2": ("number_input", 0.002, lambda r: r.l2),
        "noise": ("number_input", 7.0, lambda r: 100 * r.label_noise),
        "rate": ("number_input", 0.5, lambda r: r.optimizer.learning_rate),
        "optimizer": ("selectbox", "adamw", lambda r: r.optimizer.name),
        "validation": ("number_input", 7_000, lambda r: r.split.validation),
        "seed": ("number_input", 42, lambda r: r.seed),
        "precision": ("selectbox", "float32", lambda r: r.precision),
        "keep": ("selectbox", "best", lambda r: r.keep),
        "rotation-0": ("slider", 10, lambda r: r.stages[0].augmentation.rotation),
        "shift-0": ("slider", 0.1, lambda r: r.stages[0].augmentation.shift),
        "shear-0": ("slider", 5, lambda r: r.stages[0].augmentation.shear),
        "zoom-0": ("slider", 0.2, lambda r: r.stages[0].augmentation.zoom),
        "brightness-0": ("slider", 0.3, lambda r: r.stages[0].augmentation.brightness),
        "crop-0": ("slider", 2, lambda r: r.stages[0].augmentation.crop),
        "cutout-0": ("slider", 8, lambda r: r.stages[0].augmentation.cutout),
        "photo_damage-0": ("slider", 0.25, lambda r: r.stages[0].augmentation.photo_damage),
        "flip-0": ("toggle", True, lambda r: r.stages[0].augmentation.flip),
    }
    app = open_page("train.py", model="cnn_1")
    app.segmented_control(key="preset").set_value("own").run()
    for key, (kind, value, _) in changes.items():
        getattr(app, kind)(key=key).set_value(value)
    app.run()
    app.number_input(key="images-53000").set_value(1_000)
    app.button(key="start").click().run()
    assert not app.exception
    for key, (_, value, read) in changes.items():
        assert (
            read(submitted[0]) == pytest.approx(value) if isinstance(value, float) else read(submitted[0]) == value
        ), key
    assert submitted[0].images == 1_000


def test_ones_own_recipe_is_kept_while_one_looks_at_other_pages():
    app = open_page("train.py", model="cnn_1")
    app.segmented_control(key="preset").set_value("own").run()
    changes = {
        "epochs-0": ("number_input", 3),
        "batch": ("number_input", 100),
        "dropout": ("number_input", 0.35),
        "l2": ("number_input", 0.002),
        "noise": ("number_input", 7.0),
        "rate": ("number_input", 0.5),
        "optimizer": ("selectbox", "adamw"),
        "validation": ("number_input", 7_000),
        "seed": ("number_input", 42),
        "precision": ("selectbox", "float32"),
        "keep": ("selectbox", "best"),
        "rotation-0": ("slider", 10),
        "shift-0": ("slider", 0.1),
        "shear-0": ("slider", 5),
        "zoom-0": ("slider", 0.2),
        "brightness-0": ("slider", 0.3),
        "crop-0": ("slider", 2),
        "cutout-0": ("slider", 8),
        "photo_damage-0": ("slider", 0.25),
        "flip-0": ("toggle", True),
    }
    for key, (kind, value) in changes.items():
        getattr(app, kind)(key=key).set_value(value)
    app.run()
    app.number_input(key="images-53000").set_value(1_000).run()
    for file in ("data.py", "start.py", "train.py"):
        app.switch_page(f"pages/{file}").run()
    assert not app.exception
    assert app.segmented_control(key="preset").value == "own"
    for key, (kind, value) in changes.items():
        assert getattr(app, kind)(key=key).value == value, key
    assert app.number_input(key="images-53000").value == 1_000
    app.segmented_control(key="preset").set_value("quick").run()
    app.segmented_control(key="preset").set_value("own").run()
    assert app.number_input(key="batch").value == 100


def test_another_model_begins_with_its_own_published_values():
    app = open_page("train.py", model="cnn_1")
    app.segmented_control(key="preset").set_value("own").run()
    app.number_input(key="batch").set_value(77)
    app.number_input(key="images-55000").set_value(1_000)
    app.number_input(key="seed").set_value(42).run()
    for model, batch, epochs, optimizer in (("patel_deep", 100, 20, "adam"), ("minivggnet", 32, 20, "sgd")):
        app.query_params["model"] = model
        app.run()
        assert not app.exception
        assert (app.number_input(key="batch").value, app.number_input(key="epochs-0").value) == (batch, epochs)
        assert app.selectbox(key="optimizer").value == optimizer
        assert app.number_input(key="images-55000").value == 55_000
    assert app.number_input(key="seed").value == 42


def test_ones_own_recipe_begins_with_the_published_augmentation(monkeypatch):
    submitted = []
    monkeypatch.setattr(training_jobs, "submit", lambda chosen, _: submitted.append(chosen) or runs.create(chosen))
    app = open_page("train.py", model="cnn_3conv")
    app.segmented_control(key="preset").set_value("own").run()
    app.slider(key="rotation-1").set_value(12)
    app.number_input(key="epochs-0").set_value(3).run()
    app.button(key="start").click().run()
    assert not app.exception
    published = get_model("cnn_3conv").recipe
    first, second = submitted[0].stages
    assert first == Stage(3)
    assert second.augmentation == dataclasses.replace(published.stages[1].augmentation, rotation=12)
    assert second.augment_validation == published.stages[1].augment_validation


def test_stages_of_ones_own_are_added_removed_and_checked(monkeypatch):
    """What a field of a stage says is what is trained, or is said; it never becomes something else in silence."""
    submitted = []
    monkeypatch.setattr(training_jobs, "submit", lambda chosen, _: submitted.append(chosen) or runs.create(chosen))
    app = open_page("train.py", model="cnn_3conv")
    app.segmented_control(key="preset").set_value("own").run()
    app.number_input(key="epochs-0").set_value(0).run()
    assert "epochs of a stage cannot be 0" in sentences(app) and "start" not in [one.key for one in app.button]
    app.button(key="remove-0").click().run()
    app.button(key="add_stage").click().run()
    app.slider(key="zoom-2").set_value(0.2).run()
    app.button(key="start").click().run()
    assert not app.exception
    second = dataclasses.replace(get_model("cnn_3conv").recipe.stages[1], epochs=20)
    assert submitted[0].stages == (second, Stage(5, Augmentation(zoom=0.2)))


def test_a_recipe_that_cannot_be_trained_is_refused_in_a_sentence():
    app = open_page("train.py", model="cnn_1")
    app.segmented_control(key="preset").set_value("own").run()
    app.number_input(key="batch").set_value(4_096)
    app.number_input(key="images-55000").set_value(100)
    app.run()
    assert not app.exception
    assert "images" in sentences(app)


def test_a_frozen_trunk_is_refused_before_one_starts(monkeypatch, tmp_path):
    """Without its weights, and with augmentation."""
    monkeypatch.delenv(vgg19.WEIGHTS_VARIABLE, raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setattr(vgg19, "WEIGHTS_ADDRESS", "http://localhost:9/weights.h5")  # where nobody listens
    app = open_page("train.py", model="vgg19_fixed")
    assert "which are not on this machine" in sentences(app)
    app.button(key="start").click().run()
    assert "no download works" in sentences(app) and runs.list_runs()[0].shipped
    app.segmented_control(key="preset").set_value("own").run()
    assert app.button(key="start") and "frozen part" not in sentences(app)
    app.slider(key="rotation-0").set_value(10).run()
    assert not app.exception
    assert "Train it without augmentation." in sentences(app)
    assert "start" not in [button.key for button in app.button]
    app.slider(key="rotation-0").set_value(0).run()
    assert app.button(key="start") and "frozen part" not in sentences(app)


def test_two_clicks_on_start_are_one_training(monkeypatch):
    """The second left a slow browser before it had been told of the first."""
    started = []

    def submit(chosen, expected):
        started.append(runs.create(chosen))
        return started[-1]

    monkeypatch.setattr(training_jobs, "submit", submit)
    app = open_page("train.py")
    app.button(key="start").click().run()
    app.query_params.clear()
    app.button(key="start").click().run()
    assert len(started) == 1 and app.query_params["run"] == started[0].id
    app.button(key="start").click().run()  # it has been told: another one is meant
    assert len(started) == 2 and not app.exception


def test_a_full_disk_is_a_sentence(monkeypatch):
    def refuse(chosen, expected):
        raise folders.RunError("A run cannot be stored: No space left on device. Free some space.")

    monkeypatch.setattr(training_jobs, "submit", refuse)
    app = open_page("train.py")
    app.button(key="start").click().run()
    assert "No space left" in sentences(app)


def test_a_link_of_an_address_is_not_drawn(declared):
    """Markdown in a warning would make the visitor's browser ask a foreign server for the picture."""
    for name in ("show", "run", "picture", "cells", "way"):
        file = next(file for file in FILES if name in declared[file])
        app = open_page(file, **{name: "![x](http://nowhere.example/x.png)"})
        assert f"The address' {name} was left out" in sentences(app)
        assert "nowhere.example" not in sentences(app)


@pytest.mark.parametrize("file", ["evaluate.py", "map.py", "data.py"])
def test_an_open_picture_survives_a_damaged_model(run, file):
    (run.folder / "model.onnx").write_bytes(b"\x00garbage")
    stored = predictions.load(run, "test")
    true, called = int(stored.labels[0]), int(stored.predicted[0])
    app = open_page(file, run=run.id, picture="test/0", cells=f"{true}-{called}")
    assert not app.exception


def test_a_cut_replay_file_is_left_out(run):
    newest = sorted((run.folder / "replay").glob("*.npz"))[-1]
    assert "fmnist_gallery" in components(open_page("train.py", run=run.id))
    newest.write_bytes(newest.read_bytes()[: newest.stat().st_size // 2])
    app = open_page("train.py", run=run.id)
    assert not app.exception
    assert "fmnist_gallery" not in components(app) and "fmnist_curve_chart" in components(app)


@pytest.mark.parametrize(
    ("state", "message", "lines", "words"),
    [
        ("cancelled", "Stopped before it began.", 0, "It ended before the first values came"),
        ("failed", "The machine's memory ran out.", 0, "It ended before the first values came"),
        ("cancelled", "Stopped in epoch 1.", 1, "It ended within its first epoch"),
        ("done", "", 0, "The values of its training are missing here"),
    ],
)
def test_a_run_that_ended_early_does_not_promise_values(run, state, message, lines, words):
    status = runs.read_status(run)
    write_status(run.folder, dataclasses.replace(status, state=state, message=message))
    metrics = run.folder / "metrics.jsonl"
    metrics.write_text("".join(metrics.read_text().splitlines(keepends=True)[:lines]))
    app = open_page("train.py", run=run.id)
    assert not app.exception
    assert message in sentences(app)
    shown = " ".join(text.value for text in app.markdown)
    assert words in shown and "under way" not in shown
    charts = [element for element in app.get("bidi_component") if element.proto.component_name == "fmnist_curve_chart"]
    assert len(charts) == 2 * lines


def never_begun(run) -> None:
    """As a training is left that was stopped while it waited."""
    write_status(run.folder, Status("cancelled", "Stopped before it began.", epochs=2))
    for path in run.folder.iterdir():
        if path.name not in ("config.json", "status.json"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


@pytest.mark.parametrize("epochs", [0, 1])
def test_a_training_without_a_result_can_be_resumed(run, monkeypatch, epochs):
    """It never began, or Ctrl-C stopped it after an epoch."""
    never_begun(run)
    write_status(run.folder, dataclasses.replace(runs.read_status(run), epoch=epochs))
    resumed = []
    monkeypatch.setattr(queue, "resume", lambda job: resumed.append(job.folder))
    app = open_page("train.py", run=run.id)
    assert not app.exception and "Stopped before it began" in sentences(app) and "damaged" not in sentences(app)
    app.button(key="resume").click().run()
    assert resumed == [run.folder]


def test_a_training_that_never_began_can_be_deleted(run):
    never_begun(run)
    app = open_page("train.py", run=run.id)
    app.button(key=f"delete-{run.id}").click().run()
    assert not app.exception and not run.folder.exists()
    assert "run" not in app.query_params


def working(run, lines: int, **status) -> AppTest:
    """The page of a run at work on this machine, with so many of its values."""
    here = psutil.Process()
    at_work = {"pid": here.pid, "pid_started": here.create_time(), "host": host_name(), "heartbeat": time.time()}
    write_status(run.folder, Status(epochs=2, queued_at=time.time(), **(at_work | status)))
    metrics = run.folder / "metrics.jsonl"
    metrics.write_text("".join(metrics.read_text().splitlines(keepends=True)[:lines]))
    return open_page("train.py", run=run.id)


@pytest.mark.parametrize("lines", [0, 3])
def test_a_training_that_stops_says_so_and_no_time_left(run, lines):
    (run.folder / "cancel").touch()
    app = working(run, lines, state="running", phase="training")
    said = " ".join(bar.proto.text for bar in app.get("progress"))
    assert said == "Stopping. Still to be finished: training."
    assert app.button(key="stop").disabled and not app.button(key="kill").disabled
    assert any("stopping" in text.value for text in app.markdown)


def test_a_training_that_waits_does_not_say_that_it_is_under_way(run):
    app = working(run, 0, state="queued")
    shown = " ".join(text.value for text in app.markdown)
    assert "It waits until" in shown and "under way" not in shown
    assert app.button(key="stop").label == "Stop waiting"  # it has learned nothing that could be kept


def test_a_training_says_whom_it_waits_for():
    named = lambda *before: waiting.named(list(before), kinds.TRAINING)  # noqa: E731
    assert named(kinds.TRAINING, kinds.TRAINING) == "2 others"
    assert (
        named(kinds.SPEED) == "the measurement of this machine"
    )  # at the first visit of Train; it is nobody's training
    assert named(kinds.AUDIT, kinds.TRAINING) == "1 other and an audit of the labels"
    assert waiting.named([kinds.TRAINING], kinds.AUDIT) == "a training"
    assert set(kinds.KINDS.values()) == set(waiting.BEFORE_IT)


def test_a_stop_that_somebody_else_asked_for_changes_the_badge(run):
    status = dataclasses.replace(runs.read_status(run), state="running")
    assert live_run.shown_as(run, status) == "running"
    (run.folder / "cancel").touch()
    assert live_run.shown_as(run, status) == "stopping" and live_run.shown_as(run, runs.read_status(run)) == "done"


def test_a_finished_training_leads_to_what_it_can_be_used_for(run):
    app = open_page("train.py", run=run.id)
    links = [link.proto.page for link in app.get("page_link")]
    assert links == ["evaluate", "inside", "predict", "report", "map"]
    assert any("Thin line: batch by batch" in text.value for text in app.caption)


def test_a_run_that_ended_since_the_runs_were_listed_is_opened(run):
    status = runs.read_status(run)
    write_status(run.folder, dataclasses.replace(status, state="running"))
    cached.forget_rows()
    assert [row.usable for row in cached.list_rows() if row.run.id == run.id] == [False]
    write_status(run.folder, status)
    app = open_page("evaluate.py", run=run.id)
    assert app.selectbox[0].value == run.id and not app.warning


def test_what_a_file_says_of_a_run_is_shown_as_it_is(run):
    """An imported run may say anything; drawn as Markdown, the visitor's browser would fetch the picture."""
    said = "![x](http://127.0.0.1:9/a.png) **bold**"
    write_status(run.folder, dataclasses.replace(runs.read_status(run), state="cancelled", message=said))
    app = open_page("train.py", run=run.id)
    assert "\\!\\[x\\]\\(http" in sentences(app) and "**bold" not in sentences(app)


def test_what_a_training_noticed_is_shown_whatever_its_state(run):
    for its_state in ("running", "done"):
        noticed = dataclasses.replace(runs.read_status(run), state=its_state, notice="It began again. **bold**")
        write_status(run.folder, noticed)
        app = open_page("train.py", run=run.id)
        assert "It began again." in sentences(app) and "**bold" not in sentences(app)


def test_a_training_asked_to_stop_says_what_it_still_finishes(run):
    me = psutil.Process()
    mine = {"pid": me.pid, "pid_started": me.create_time(), "host": host_name()}
    at_work = dataclasses.replace(runs.read_status(run), state="running", phase="exporting the model", **mine)
    write_status(run.folder, at_work)
    shown = lambda: [bar.proto.text for bar in open_page("train.py", run=run.id).get("progress")]  # noqa: E731
    assert shown() == ["Exporting the model"]
    lifecycle.cancel(training_jobs.job(run))
    assert shown() == ["Stopping. Still to be finished: exporting the model."]


@pytest.mark.some(2)
@pytest.mark.parametrize("name", ["status.json", "metrics.jsonl", "predictions.npz", "claim"])
def test_no_page_waits_for_a_pipe_in_a_run(run, name):
    put_in_place_of(run.folder / name, "pipe")
    for page in ("models.py", "train.py", "evaluate.py"):
        with at_once(60):
            assert not open_page(page, run=run.id).exception


def test_a_resumed_run_does_not_show_the_figures_of_its_stop(run):
    status = runs.read_status(run)
    assert catalogue.describe(run).usable
    write_status(run.folder, dataclasses.replace(status, state="queued", pid=None, queued_at=time.time()))
    assert not catalogue.describe(run).usable


def test_a_picture_of_another_cell_is_not_shown_under_this_one(run):
    stored = predictions.load(run, "test")
    elsewhere = int((stored.labels != 6).argmax())
    app = open_page("evaluate.py", run=run.id, cells="6-0", picture=f"test/{elsewhere}")
    assert not any(f"picture {elsewhere:,}" in text.value for text in app.markdown)


def test_run_without_a_model_shows_its_stored_answers_and_does_not_let_one_draw_for_nothing(run):
    (run.folder / "model.onnx").unlink()
    stored = predictions.load(run, "test")
    true, called = str(stored.labels[7]), str(stored.predicted[7])
    app = open_page("evaluate.py", run=run.id, picture="test/7", cells=f"{true}-{called}")
    assert not app.exception and not app.warning
    probability = calibrated.calibrator_of(run).probabilities(stored.logits[7:8]).max()
    assert any(f"{100 * probability:.1f} %" in element.value for element in app.get("html") or app.markdown)
    for way in ("draw", "upload", "camera"):
        app = open_page("predict.py", run=run.id, way=way)
        assert not app.exception and "has no model yet" in sentences(app)


def test_stored_answers_are_those_of_the_picture(run):
    for split in ("validation", "train", "test"):
        stored = predictions.load(run, split)
        row = len(stored.indices) // 2
        found = cached.logits_of_picture(run, stored.source, int(stored.indices[row]))
        np.testing.assert_array_equal(found, stored.logits[row : row + 1])
    outside = np.setdiff1d(
        np.arange(60_000), np.concatenate([predictions.load(run, s).indices for s in ("validation", "train")])
    )
    computed = cached.logits_of_picture(run, "train", int(outside[0]))
    assert computed.shape == (1, 10) and np.isfinite(computed).all()
