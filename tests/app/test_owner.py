"""The owner's page: nobody sees anything without the secret; with it, all that goes on, and draining.

Run: python -m pytest tests/app/test_owner.py
"""

import time

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Button

from fmnist_core import hosting
from fmnist_core.demo import errors
from fmnist_core.demo.errors import Entry
from fmnist_core.demo.processes import Teller
from fmnist_core.jobs import draining, lifecycle, queue
from fmnist_core.storage import folders, owners
from fmnist_core.training import training_jobs
from fmnist_ui import cached, frame, visitor
from fmnist_ui.waiting import AFTER_UPDATE, words
from tests.app.test_pages import open_page, sentences
from tests.tiny import tiny_recipe

SECRET = "a secret that is long enough"
OTHER = owners.visitor_of("somebody else")


@pytest.fixture(autouse=True)
def hosted(monkeypatch):
    monkeypatch.setenv("FMNIST_DEMO", "1")
    monkeypatch.setenv(hosting.OWNER_SECRET, SECRET)
    monkeypatch.setattr(visitor, "at_the_machine", lambda: False)
    monkeypatch.setattr(queue, "_spawn", lambda job, queued: None)
    cached.forget_rows()
    yield
    cached.forget_rows()


def opened() -> AppTest:
    app = open_page("owner.py")
    app.text_input[0].set_value(SECRET)
    return own_button(app).click().run()


def own_button(app: AppTest) -> Button:
    """The page's only one; the frame has one of its own."""
    (found,) = [one for one in app.button if one.key != "present"]
    return found


def test_without_the_secret_nothing_is_shown():
    with owners.acting(OTHER):
        run = training_jobs.submit(tiny_recipe())
    app = open_page("owner.py")
    app.text_input[0].set_value("something else of that length")
    own_button(app).click().run()
    assert "This is not the secret" in sentences(app) and not app.metric and own_button(app)
    assert not any(run.id in one.value for one in app.markdown)


def test_a_secret_that_is_too_short_opens_nothing_and_says_so(monkeypatch):
    monkeypatch.setenv(hosting.OWNER_SECRET, "short")
    app = open_page("owner.py")
    assert "fewer than 16 characters" in sentences(app) and not app.text_input


def test_all_that_goes_on_is_there_and_the_owner_stops_what_is_anothers():
    with owners.acting(OTHER):
        run = training_jobs.submit(tiny_recipe())
    Teller("web").tell(12)
    for _ in range(2):
        errors.write(Entry(time.time(), "KeyError: 'x'", "pages/map.py:7"))
    app = opened()
    assert not app.exception
    figures = {one.label: one.value for one in app.metric}
    assert figures["Visitors now"] == "12" and figures["Waiting"] == "1" and figures["Errors"] == "2"
    errors_table, processes_table, disk_table = (one.value for one in app.dataframe)
    assert errors_table.iloc[0][["Times", "What", "Where"]].tolist() == [2, "KeyError: 'x'", "pages/map.py:7"]
    assert processes_table.iloc[0]["Visitors"] == 12
    assert disk_table.iloc[0]["Whose"] == f"visitor {OTHER.id[:8]}"
    app.button(key=f"stop-train-{run.id}").click().run()
    assert lifecycle.require(training_jobs.job(run)).state == "cancelled" and not app.exception


def test_draining_begins_and_ends_and_says_when_it_can_be_updated():
    app = opened()
    app.button(key="drain").click().run()
    assert draining.is_draining() and "Nothing is at work any more" in app.success[0].value
    with owners.acting(OTHER):
        waiting = training_jobs.job(training_jobs.submit(tiny_recipe()))
    assert words(waiting) == AFTER_UPDATE
    assert "about to be updated" in sentences(open_page("train.py", model="simple_nn"))
    app.button(key="end-draining").click().run()
    assert not draining.is_draining()


def test_every_page_says_that_it_is_draining_and_the_owners_page_is_only_where_there_is_a_secret(monkeypatch):
    draining.begin()
    app = AppTest.from_file(folders.PROJECT / "app.py", default_timeout=60).run()
    assert draining.SENTENCE in [one.value for one in app.info]
    assert frame.OWNER not in frame.PAGES
    app.switch_page("pages/owner.py").run()
    assert [one.value for one in app.title] == ["Owner"]
    monkeypatch.setenv(hosting.OWNER_SECRET, "")
    app = AppTest.from_file(folders.PROJECT / "app.py", default_timeout=60).run()
    with pytest.raises(ValueError, match="Could not find a navigation page"):
        app.switch_page("pages/owner.py")
