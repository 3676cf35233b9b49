"""A demo as a visitor sees it: what is too much is said before the start, and recordings play where training is off.

Run: python -m pytest tests/app/test_demo.py
"""

import dataclasses
import time

import pytest

from fmnist_core.demo import limits
from fmnist_core.jobs import queue
from fmnist_core.jobs.durations import Estimate
from fmnist_core.jobs.status import write as write_status
from fmnist_core.label_audit import audit_records
from fmnist_core.runs import runs
from fmnist_core.storage import owners
from fmnist_core.storage.owners import Owner
from fmnist_core.training import training_jobs
from fmnist_ui import cached, visitor
from fmnist_ui.audit import audit_panel
from fmnist_ui.predict.teach import work
from fmnist_ui.train import recorded
from tests.app.test_pages import open_page, sentences
from tests.tiny import tiny_recipe

OTHER = owners.visitor_of("somebody else")


@pytest.fixture(autouse=True)
def demo(monkeypatch):
    monkeypatch.setenv("FMNIST_DEMO", "1")
    monkeypatch.setattr(visitor, "at_the_machine", lambda: False)
    monkeypatch.setattr(queue, "_spawn", lambda job, queued: None)
    monkeypatch.setattr(limits, "free_memory", lambda: 4e9)
    cached.forget_rows()
    yield
    cached.forget_rows()


def keys(app) -> list[str]:
    return [button.key for button in app.button]


def test_what_is_too_much_is_said_before_the_start_and_what_fits_starts(monkeypatch):
    monkeypatch.setenv("FMNIST_LIMITS", "trainings_each=1")
    app = open_page("train.py", model="simple_nn")
    app.segmented_control(key="preset").set_value("published").run()
    assert "start" in keys(app)  # 20 epochs
    app.selectbox(key="widget_model").set_value("flagship").run()
    assert "It has 60 epochs; here 20 fit" in sentences(app) and "start" not in keys(app)
    app.segmented_control(key="preset").set_value("quick").run()
    app.button(key="start").click().run()
    assert not app.exception and "stop" in keys(app)
    assert "You have 1 of these waiting or at work; 1 fit" in sentences(app) and "start" not in keys(app)
    app.button(key="stop").click().run()
    assert "start" in keys(app) and "Stopped before it began" in sentences(app)


def test_a_visitor_who_sends_nothing_is_counted_for_nothing():
    assert not open_page("predict.py", way="upload").exception


def test_how_long_one_would_wait_is_said_before_the_start():
    with owners.acting(OTHER):
        training_jobs.submit(tiny_recipe(), expected=Estimate(200))
    app = open_page("train.py", model="simple_nn")
    assert any("It waits for 1 other first, for about 3 min." in one.value for one in app.markdown)


def test_another_visitors_run_is_on_no_page_until_it_is_shared(run):
    (run.folder / owners.FILE).write_text(f'{{"owner": "{OTHER.id}"}}')
    for page in ("train.py", "evaluate.py", "report.py", "predict.py", "map.py"):
        app = open_page(page, run=run.id)
        assert "There is no run" in sentences(app) and not app.exception
    app = open_page("models.py", table="runs", run=run.id)
    assert run.id not in list(app.dataframe[0].value["Run"]) and not app.exception
    with owners.acting(OTHER):
        owners.share(run.folder, "run", True)
    cached.forget_rows()
    app = open_page("models.py", table="runs", run=run.id)
    assert list(app.dataframe[0].value["Whose"]).count("others") == 1
    assert f"name-{run.id}" not in [field.key for field in app.text_input]
    app = open_page("train.py", run=run.id)
    assert not {"stop", "resume", f"delete-{run.id}"} & set(keys(app)) and "There is no run" not in sentences(app)


def test_an_owner_shares_a_run_and_takes_it_along(run):
    app = open_page("models.py", table="runs")
    mine = owners.visitor_of(app.session_state["visitor_secret"])
    (run.folder / owners.FILE).write_text(f'{{"owner": "{mine.id}"}}')
    cached.forget_rows()
    app.query_params["run"] = run.id
    app.run()
    app.toggle(key=f"share-{run.id}-False").set_value(True).run()
    assert not app.exception and owners.read(run.folder) == Owner(str(mine.id), shared=True)
    assert any(code.value.endswith(f"#visitor={app.session_state['visitor_secret']}") for code in app.code)


def test_what_a_thread_makes_beside_the_page_is_the_visitors():
    with owners.acting(OTHER):
        made = work.start(lambda tell: owners.visitor())
    assert made.has_ended(10) and made.result() == OTHER


def test_what_is_too_much_cannot_be_resumed_either(run, monkeypatch):
    """A run of 500 epochs that was imported as a stopped one, say."""
    monkeypatch.setenv("FMNIST_LIMITS", "epochs=1")
    app = open_page("train.py")
    mine = owners.visitor_of(app.session_state["visitor_secret"])
    (run.folder / owners.FILE).write_text(f'{{"owner": "{mine.id}"}}')
    write_status(run.folder, dataclasses.replace(runs.read_status(run), state="cancelled"))
    cached.forget_rows()
    app.query_params["run"] = run.id
    app.run()
    app.button(key="resume").click().run()
    assert not app.exception and "It has 2 epochs; here 1 fit" in sentences(app)
    assert runs.read_status(run).state == "cancelled"


def test_jobs_that_are_too_much_are_not_offered(monkeypatch, tmp_path):
    monkeypatch.setenv("FMNIST_LIMITS", "jobs=0")
    monkeypatch.setattr(audit_records, "shipped_file", lambda: tmp_path / "nothing.npz")
    audit_panel._load.clear()
    captions = lambda app: " ".join(one.value for one in app.caption)  # noqa: E731
    app = open_page("map.py", method="tsne", seed="5")
    assert not app.exception and "Nothing of this kind is computed here" in captions(app)
    app = open_page("data.py", what="suspects")
    assert not app.exception and "trillion multiply-adds" in captions(app) and "audit-start" not in keys(app)
    audit_panel._load.clear()


def test_a_limit_that_cannot_be_understood_is_said_on_every_page(monkeypatch):
    monkeypatch.setenv("FMNIST_LIMITS", "epoch=3")
    for page in ("start.py", "train.py"):
        app = open_page(page)
        assert not app.exception and "FMNIST_LIMITS cannot be 'epoch=3'" in sentences(app)


def test_where_training_is_off_recordings_play(monkeypatch):
    monkeypatch.setenv("FMNIST_LIMITS", "trainings=0")
    app = open_page("train.py")
    assert not app.exception and "Training is off here" in sentences(app) and "start" not in keys(app)
    run = next(run for run in runs.list_runs() if run.id.startswith("simple_nn-"))
    app.selectbox(key="recorded").set_value(run.id).run()
    app.button(key="play-recorded").click().run()
    speed = recorded.speed_of(runs.read_metrics(run))
    assert not app.exception and f"shown {speed} times as fast" in " ".join(one.value for one in app.caption)
    assert app.metric[0].label == "Training accuracy" and app.metric[2].value == "–"  # no epoch has ended
    clock = time.monotonic()
    monkeypatch.setattr(recorded.time, "monotonic", lambda: clock + 3_600)
    app.run()
    assert app.metric[2].value != "–" and not app.exception
