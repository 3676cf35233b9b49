"""Start: draw, guess what fools the network, train, and what came last.

Run: python -m pytest tests/app/start/test_start_page.py
"""

import dataclasses
import time

import pytest
from streamlit import dataframe_util
from streamlit.testing.v1 import AppTest

from fmnist_core.data import CLASS_NAMES
from fmnist_core.demo import limits
from fmnist_core.jobs import queue, status
from fmnist_core.runs import catalogue, predictions, runs
from fmnist_core.speed.estimate import first_recipe
from fmnist_core.storage.folders import RunError
from fmnist_core.training import training_jobs
from fmnist_ui import cached, charts
from fmnist_ui.start import guess_panel
from tests.app.test_pages import open_page, sentences
from tests.tiny import shipped_run, tiny_recipe

BOX = {"width": 0.06, "erase": False, "points": [0.2, 0.4, 0.2, 0.9, 0.8, 0.9, 0.8, 0.4, 0.2, 0.4]}
SCRIBBLE = {"width": 0.02, "erase": False, "points": [0.1, 0.1, 0.9, 0.9, 0.1, 0.9, 0.9, 0.1, 0.5, 0.0, 0.5, 1.0]}


@pytest.fixture(autouse=True)
def _fresh_lists():
    cached.forget_rows()
    yield
    cached.forget_rows()


def said(app: AppTest) -> str:
    kinds = (app.header, app.subheader, app.markdown, app.caption)
    return " ".join(element.value for kind in kinds for element in kind)


def open_step(step: str) -> AppTest:
    app = open_page("start.py")
    app.segmented_control(key="start-step").set_value(step).run()
    assert not app.exception
    return app


def links(app: AppTest) -> list[str]:
    return [link.proto.label for link in app.get("page_link")]


def asked(app: AppTest) -> guess_panel.Mistake:
    """The picture that is shown, of those that would be asked."""
    row = catalogue.default_run(catalogue.list_rows())
    mine = app.session_state[guess_panel._GIVEN] if guess_panel._GIVEN in app.session_state else guess_panel.Given("")
    return guess_panel.three(row)[mine.seen]


def name(app: AppTest, number: int, label: int) -> None:
    app.button(key=f"guess-{number}-{label}").click().run()
    assert not app.exception


def test_the_first_page_does_without_pandas(monkeypatch):
    looked = []
    monkeypatch.setattr(dataframe_util, "determine_data_format", lambda value: looked.append(value))
    app = open_page("start.py")
    assert not app.exception and len(app.get("bidi_component")) >= 3
    assert not looked  # Streamlit imports pandas to see whether that is a table


def test_a_drawing_has_its_answer_beside_it_and_the_next_step_below():
    app = open_page("start.py")
    assert "Draw a shoe, a bag, trousers" in said(app) and "to-guess" not in [one.key for one in app.button]
    app.session_state["canvas"] = {"strokes": [BOX]}
    app.run()
    assert not app.exception
    called = next(one.value for one in app.header)
    assert called in CLASS_NAMES and "More on Predict" in links(app)
    app.switch_page("pages/predict.py").run()  # the drawing is there, and called the same
    assert f"### {called}" in [one.value for one in app.markdown]
    app.switch_page("pages/start.py").run()
    assert [one.value for one in app.header] == [called]
    app.button(key="to-guess").click().run()
    assert [one.value for one in app.header] == ["What is this?"]


def test_what_is_like_no_garment_is_said_to_be(monkeypatch):
    app = open_page("start.py")
    app.session_state["canvas"] = {"strokes": [SCRIBBLE]}
    app.run()
    assert "Out-of-distribution" in said(app)
    monkeypatch.setattr(charts, "on_touch", lambda: True)  # and in the short answer above a phone's canvas
    app.run()
    assert ":material/help: out-of-distribution" in said(app)
    app.session_state["canvas"] = {"strokes": "x"}
    app.run()
    assert "did not arrive as strokes" in sentences(app)


def test_three_garments_are_guessed_and_counted():
    app = open_step("guess")
    for number in range(3):
        one = asked(app)
        assert set(one.options) >= {one.label, one.called}
        name(app, number, one.label if number else one.called)
        answer = "You are right." if number else f"You said {CLASS_NAMES[one.called]}."
        assert [found.value for found in app.header] == [CLASS_NAMES[one.label]]
        assert answer in said(app) and f"The network said **{CLASS_NAMES[one.called]}**" in said(app)
        assert f"You {number}, network 0" in said(app)
        if number < 2:
            next(button for button in app.button if button.label == "Next picture").click().run()
    assert dict(app.query_params) == {}  # a link to Start begins anew
    app.button(key="to-train").click().run()
    assert any("Train your own" in found.value for found in app.header)


def test_a_second_click_on_a_picture_changes_nothing():
    app = open_step("guess")
    one = asked(app)
    row = catalogue.default_run(catalogue.list_rows())
    before = guess_panel.Given(row.run.id, (one.label,))
    app.session_state[guess_panel._GIVEN] = before
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(guess_panel.st, "session_state", {guess_panel._GIVEN: before})
        guess_panel.add(row, 0, one.called)
        assert guess_panel.given(row) == before
        guess_panel.leave(row, 1)
        assert guess_panel.given(row) == before


def test_they_are_of_the_run_that_the_app_opens_with(monkeypatch):
    other = shipped_run("simple_nn")
    monkeypatch.setattr(catalogue, "default_run", lambda rows: next(row for row in rows if row.run == other))
    app = open_step("guess")
    stored = predictions.load(other, "test")
    called = dict(zip(stored.indices.tolist(), stored.predicted.tolist(), strict=True))
    for one in guess_panel.three(catalogue.describe(other)):
        assert called[one.place] == one.called != one.label
    assert f"guess-0-{asked(app).label}" in [button.key for button in app.button]


def test_a_process_gets_ready_for_who_seems_to_train(monkeypatch):
    ready = []
    monkeypatch.setattr(queue, "prepare", ready.append)
    app = open_page("start.py")
    app.session_state["canvas"] = {"strokes": [BOX]}
    app.run()
    app.segmented_control(key="start-step").set_value("guess").run()
    assert not ready  # looking costs no memory
    name(app, 0, asked(app).label)
    assert len(ready) == 1


def test_the_button_trains_and_the_curve_is_on_start(monkeypatch):
    begun = []

    def submit(chosen, expected=None):
        begun.append(chosen)
        made = runs.create(tiny_recipe("cnn_1"))
        before = runs.read_status(made)
        at_work = dataclasses.replace(before, state="running", host="elsewhere", pid=1, heartbeat=time.time(), epoch=1)
        status.write(made.folder, at_work)
        return made

    monkeypatch.setattr(training_jobs, "submit", submit)
    app = open_step("train")
    app.button(key="start-training").click().run()
    assert not app.exception and begun == [first_recipe()]
    assert app.query_params["run"].startswith("cnn_1-") and app.button(key="start-stop")
    assert len(app.get("bidi_component")) and "Your training is" not in said(app)
    app.segmented_control(key="start-step").set_value("draw").run()
    assert "Your training is at epoch 2 of 2." in said(app)  # elsewhere on the page a line has it
    again = open_page("start.py", run=app.query_params["run"])
    assert again.segmented_control(key="start-step").value == "train"  # also after a reload


def test_what_came_of_it_has_its_figure_and_ways_on(run):
    accuracy = f"{100 * runs.read_result(run).test_accuracy:.1f} %"
    app = open_page("start.py", run=run.id)
    assert not app.exception and [one.value for one in app.header] == [f"Your network has {accuracy}"]
    assert {"Draw for it", "All of its training"} <= set(links(app)) and app.button(key="start-evaluate")
    app = open_page("start.py")
    assert f"Your training has ended: {accuracy}" in said(app)
    app = open_page("start.py", run=shipped_run("cnn_1").id)  # not one's own: nothing that was trained here
    assert app.segmented_control(key="start-step").value == "draw"


def test_what_failed_is_said():
    made = runs.create(tiny_recipe("cnn_1"))
    failed = dataclasses.replace(runs.read_status(made), state="failed", message="The disk is full.")
    status.write(made.folder, failed)
    app = open_page("start.py", run=made.id)
    assert "It ended without a network" in said(app) and "The disk is full." in sentences(app)
    assert "Your training has failed." in said(open_page("start.py"))


def test_a_refusal_is_a_sentence(monkeypatch):
    def refuse(chosen, networks=1):
        raise RunError("8 are waiting or at work; 8 fit. Try again in some minutes.")

    monkeypatch.setattr(limits, "check_training", refuse)
    app = open_step("train")
    assert "8 are waiting or at work" in sentences(app) and "start-training" not in [one.key for one in app.button]
    monkeypatch.setattr(limits, "trains", lambda: False)
    app.run()
    assert "Training is off here" in sentences(app)
