"""The address: a request that left the browser before it heard of the last change undoes nothing.

Run: python -m pytest tests/app/test_address.py
"""

import pytest

from fmnist_core.runs import runs
from fmnist_ui import address
from tests.app.test_pages import open_page

RUN = next(run for run in runs.list_runs() if run.shipped and run.id.startswith("simple_nn-"))


def choose_dress():
    app = open_page("evaluate.py", run=RUN.id, view="classes")
    app.selectbox(key="widget_focus").set_value(3).run()
    assert app.query_params["focus"] == "3"
    return app


def test_a_request_with_the_address_of_before_keeps_what_was_chosen():
    app = choose_dress()
    del app.query_params["focus"]
    app.segmented_control(key="class-measure").set_value("F1").run()
    assert app.query_params["focus"] == "3" and app.selectbox(key="widget_focus").value == 3


def test_what_such_a_request_chooses_is_added():
    app = choose_dress()
    del app.query_params["focus"]
    app.segmented_control(key="widget_view").set_value("calibration").run()
    assert app.query_params["view"] == "calibration" and app.query_params["focus"] == "3"


def test_a_widget_that_has_not_heard_yet_chooses_nothing():
    """The browser's first request after the click says the address and the box of before."""
    app = choose_dress()
    del app.query_params["focus"]
    app.selectbox(key="widget_focus").set_value(0).run()
    assert app.query_params["focus"] == "3"


def test_later_the_same_address_is_a_step_back(monkeypatch):
    app = choose_dress()
    monkeypatch.setattr(address, "LATE_SECONDS", 0.0)
    del app.query_params["focus"]
    app.run()
    assert "focus" not in app.query_params and app.selectbox(key="widget_focus").value == 0


@pytest.mark.parametrize("focus", ["6", "3"])
def test_another_address_is_taken_at_its_word(focus):
    app = choose_dress()
    app.query_params["focus"] = focus
    app.run()
    assert app.selectbox(key="widget_focus").value == int(focus)
