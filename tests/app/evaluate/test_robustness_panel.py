"""Robustness: one picture under sliders, and a run's accuracy against severity.

Run: python -m pytest tests/app/evaluate/test_robustness_panel.py
"""

import dataclasses
import time

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core import data
from fmnist_core.analysis import robustness
from fmnist_core.analysis.robustness import CHANGES, Sweep
from fmnist_core.inference import robustness_records
from fmnist_core.inference.classifier import open_classifier
from fmnist_core.inference.robustness_records import Robustness
from fmnist_core.jobs.status import Status
from fmnist_core.jobs.status import write as write_status
from fmnist_core.runs.runs import Run
from fmnist_core.storage.folders import RunError
from fmnist_ui import cached
from fmnist_ui.inspect.robustness_panel import positions, what_holds

NAMES = data.CLASS_NAMES


@pytest.fixture(autouse=True)
def _fresh_lists():
    cached.forget_rows()
    yield
    cached.forget_rows()


def opened(run: Run, what: str, **parameters: str) -> AppTest:
    def script(run_id: str, what: str) -> None:
        from fmnist_core import data
        from fmnist_core.metrics.calibrators import RAW
        from fmnist_core.runs import catalogue, runs
        from fmnist_ui import state
        from fmnist_ui.evaluate import robustness_run
        from fmnist_ui.inspect import robustness_panel

        state.enter("evaluate", "run", "other")
        row = catalogue.describe(runs.find(run_id))
        if what == "fragment":
            robustness_run.figures_or_job(row, "this run")
        elif what == "picture":
            robustness_panel.show_picture(row, data.load_split("test").images[1], "one", RAW)
        else:
            robustness_run.show(row, row.config.class_names)

    app = AppTest.from_function(script, default_timeout=120, kwargs={"run_id": run.id, "what": what})
    app.query_params.update(parameters)
    app.run()
    assert not app.exception
    return app


def text(app: AppTest) -> str:
    assert not app.exception
    return " ".join(one.value for kind in (app.markdown, app.caption, app.warning, app.info, app.error) for one in kind)


def bars(app: AppTest) -> str:
    return " ".join(bar.proto.text for bar in app.get("progress"))


def stored(cost: float = 0.25, pictures: int = 400) -> Robustness:
    """Right on all that is unchanged, on less by `cost` elsewhere; the bag loses everything when it is mirrored."""
    sweeps = {}
    for name, change in CHANGES.items():
        accuracy = np.array([1.0 if severity == change.none else 1 - cost for severity in change.severities])
        sweeps[name] = Sweep(tuple(map(float, change.severities)), accuracy, np.repeat(accuracy[:, None], 10, axis=1))
    sweeps["flip"].by_class[1, NAMES.index("Bag")] = 0
    return Robustness(pictures, 1.0, sweeps)


def keep(run: Run, found: Robustness) -> None:
    robustness_records.save(run.folder / robustness_records.FILE, found)


def test_every_change_of_the_table_has_its_slider_and_changes_the_picture(run):
    app = opened(run, "picture")
    assert "Move a slider" in text(app)
    changed, classifier = data.load_split("test").images[1][None], open_classifier(run)
    for name, change in CHANGES.items():
        widget = (app.toggle if len(change.severities) == 2 else app.slider)(key=f"one-change-{name}")
        severity = change.highest
        widget.set_value(bool(severity) if len(change.severities) == 2 else severity).run()
        changed = robustness.changed(changed, name, severity)  # the page applies them in the table's order, too
        called = NAMES[int(classifier.logits(changed).argmax())]
        assert f"**{called}**, " in text(app) and f"**{change.title}** " in text(app)
    app.button(key="one-reset").click().run()
    assert "Move a slider" in text(app)


def test_changes_add_up(run):
    app = opened(run, "picture")
    app.slider(key="one-change-shift").set_value(6.0).run()
    app.toggle(key="one-change-flip").set_value(True).run()
    picture = data.load_split("test").images[1][None]
    both = robustness.changed(robustness.changed(picture, "shift", 6), "flip", 1)
    assert f"**{NAMES[int(open_classifier(run).logits(both).argmax())]}**, " in text(app)
    assert "**Mirror** " in text(app) and "**Shift to the right** " not in text(app)


def test_the_severity_at_which_the_answer_changes():
    shift, flip = CHANGES["shift"], CHANGES["flip"]
    tried = positions(shift)
    assert tried == list(range(-10, 11))
    answers = np.array([8] * 4 + [2] * 12 + [4] * 5)
    words = what_holds(shift, tried, answers, NAMES)
    assert words == "Pullover at first; it becomes Bag from -7 px on, and Coat from 6 px on."
    assert what_holds(shift, tried, np.full(21, 2), NAMES) == "It stays Pullover all the way, -10 px to 10 px."
    assert what_holds(flip, [0, 1], np.array([7, 9]), NAMES) == "Sneaker becomes Ankle boot."
    assert what_holds(flip, [0, 1], np.array([7, 7]), NAMES) == "It stays Sneaker."


@pytest.mark.parametrize("name", CHANGES)
def test_positions_hold_the_place_that_changes_nothing(name):
    change = CHANGES[name]
    found = positions(change)
    assert change.none in found and found == sorted(set(found)) and len(found) <= 81
    assert found[0] >= change.lowest and found[-1] <= change.highest


def test_the_flip_gap_is_said_with_its_counts_and_the_class_hit_hardest(run):
    keep(run, stored())
    shown = text(opened(run, "run"))
    assert "The flip gap: 25.0 points." in shown and "Its accuracy on 400 test pictures is 100.0 %" in shown
    assert "without mirrored pictures" in shown and "Hit hardest: Bag, from 100.0 % to 0.0 %" in shown
    keep(run, stored(cost=0.0))
    time.sleep(0.02)
    (run.folder / robustness_records.FILE).touch()
    assert "No flip gap to speak of" in text(opened(run, "run"))


def test_each_change_has_a_chart_with_all_classes_or_one(run):
    keep(run, stored())
    app = opened(run, "run")
    assert len(app.get("plotly_chart")) == len(CHANGES)
    for lines in ("each", NAMES.index("Bag")):
        app.selectbox(key="robust-lines").set_value(lines).run()
        assert len(app.get("plotly_chart")) == len(CHANGES) and not app.exception


def test_a_second_run_stands_beside_it(run):
    keep(run, stored())
    without = [
        one for one in cached.list_rows() if one.usable and not (one.run.folder / robustness_records.FILE).exists()
    ]
    shipped = next(row for row in without if row.run.shipped)
    robustness_records.job_folder(shipped.run).mkdir(parents=True)
    robustness_records.save(robustness_records.job_folder(shipped.run) / robustness_records.FILE, stored(0.5))
    assert "loses 50.0 points by mirroring where this one loses 25.0 points" in text(
        opened(run, "run", other=shipped.run.id)
    )


def test_without_figures_there_is_a_job_that_can_be_started_stopped_and_fail(run, monkeypatch):
    started = []
    monkeypatch.setattr(robustness_records, "submit", lambda one, expected: started.append((one.id, expected.like)))
    app = opened(run, "run")
    assert "not measured yet" in text(app) and "About **" in text(app)
    app.button(key=f"robust-start-{run.id}").click().run()
    assert started == [(run.id, "robustness")]
    folder = robustness_records.job_folder(run)
    folder.mkdir(parents=True)
    at_work = Status("queued", queued_at=time.time(), epochs=9)
    write_status(folder, at_work)
    other = folder.with_name("robustness-other")
    other.mkdir()
    write_status(other, dataclasses.replace(at_work, queued_at=1.0, awaits_process=True, expected=40.0))
    app = opened(run, "run")
    assert "One measurement at a time: it waits for 1 other, for about 40 s." in bars(app)
    write_status(folder, dataclasses.replace(at_work, state="running", expected=200.0, epoch=3))
    assert "3 of 9 changes · about 3 min left" in bars(opened(run, "run"))
    app.button(key=f"robust-stop-{run.id}").click().run()
    assert (folder / "cancel").exists()
    failed = dataclasses.replace(at_work, state="failed", message="The machine's memory ran out.")
    write_status(folder, failed)
    app = opened(run, "run")
    assert "memory ran out" in text(app) and app.button(key=f"robust-start-{run.id}")


def test_a_job_that_cannot_start_and_damaged_figures_are_sentences(run, monkeypatch):
    def refuse(run, expected):
        raise RunError("The sweeps cannot be computed: No space left. Free some space.")

    monkeypatch.setattr(robustness_records, "submit", refuse)
    app = opened(run, "run")
    app.button(key=f"robust-start-{run.id}").click().run()
    assert "No space left" in text(app)
    app = opened(run, "fragment")  # a click on its button draws this alone
    app.button(key=f"robust-start-{run.id}").click().run()
    assert "No space left" in text(app)
    (run.folder / robustness_records.FILE).write_text("{")
    assert "cannot be read" in text(opened(run, "run"))


@pytest.mark.parametrize("what", ["run", "picture"])
def test_a_run_without_a_model_is_a_sentence(run, what):
    (run.folder / "model.onnx").unlink()
    app = opened(run, what)
    if what == "run":
        app.button(key=f"robust-start-{run.id}").click().run()
    assert "has no model" in text(app)
