"""The address: a request that left the browser before it heard of the last change undoes nothing.

Run: python -m pytest tests/app/test_address.py
"""

import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core.fields import VIEWS
from fmnist_core.storage import folders
from fmnist_ui import address
from tests.app.test_pages import open_page
from tests.tiny import shipped_run

RUN = shipped_run("simple_nn")


@pytest.fixture(autouse=True)
def _slow_machine(monkeypatch):
    """Two runs of a page may lie further apart than those of a browser."""
    monkeypatch.setattr(address, "LATE_SECONDS", 600.0)


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
    app.segmented_control(key="widget_view_group").set_value("Confidence").run()
    assert app.query_params["view"] == "calibration" and app.query_params["focus"] == "3"


def test_what_is_chosen_and_taken_back_at_once_is_taken_back():
    app = choose_dress()
    del app.query_params["focus"]
    app.selectbox(key="widget_focus").set_value(0).run()
    assert "focus" not in app.query_params and app.selectbox(key="widget_focus").value == 0


def a_page() -> None:
    """A chart whose clicks are buttons, beside the box of the same field."""
    import streamlit as st

    from fmnist_ui import state

    state.enter("a page", "focus", "errors", "k")
    for place in (3, 6):
        st.button(str(place), on_click=state.put, kwargs={"focus": place})
    state.select("Focus", "focus", range(10))
    state.toggle("Errors", "errors")
    st.button("k", on_click=state.put, kwargs={"k": 5})


def test_a_widget_that_has_not_heard_yet_chooses_nothing():
    """After the click on 3 the browser still says the address and the box of before."""
    app = AppTest.from_function(a_page).run()
    app.button[0].click().run()
    assert dict(app.query_params) == {"focus": "3"}
    app.query_params.clear()
    app.selectbox(key="widget_focus").set_value(0).run()
    assert dict(app.query_params) == {"focus": "3"} and app.selectbox(key="widget_focus").value == 3


def test_three_requests_in_a_hurry_lose_nothing():
    app = AppTest.from_function(a_page).run()
    app.button[0].click().run()
    app.query_params.clear()  # the second leaves before anything was heard
    app.toggle(key="widget_errors").set_value(True).run()
    app.query_params.clear()
    app.query_params["focus"] = "3"  # the third has heard of the first
    app.button[2].click().run()
    assert dict(app.query_params) == {"focus": "3", "errors": "yes", "k": "5"}


def test_a_switch_that_is_turned_on_and_off_in_a_hurry_is_off():
    app = AppTest.from_function(a_page).run()
    for on in (True, False):
        app.query_params.clear()
        app.toggle(key="widget_errors").set_value(on).run()
    assert dict(app.query_params) == {} and app.toggle(key="widget_errors").value is False


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


def views_of(app: AppTest) -> tuple[str | None, list[str], str | None]:
    """The group that is lit, the views beside it as they are written, and the one that is lit."""
    group, view = (app.segmented_control(key=f"widget_{name}") for name in ("view_group", "view"))
    return group.value, list(view.options), view.value


def test_a_link_opens_the_group_of_its_view_and_a_group_its_first_view():
    app = open_page("evaluate.py", run=RUN.id, view="agreement")
    assert views_of(app) == ("Comparison", ["Against another", "Agreement"], "agreement")
    app.segmented_control(key="widget_view_group").set_value("Mistakes").run()
    assert views_of(app) == ("Mistakes", ["Confusion matrix", "Classes", "Your photos"], "matrix")
    assert "view" not in app.query_params
    app.segmented_control(key="widget_view").set_value("classes").run()
    assert views_of(app)[::2] == ("Mistakes", "classes") and app.query_params["view"] == "classes"


def a_grouped_page() -> None:
    import streamlit as st

    from fmnist_ui import state

    state.enter("a page", "view")
    st.button("Replay", on_click=state.put, kwargs={"view": "replay"})
    state.grouped("View", "view", {"One": ("matrix", "classes"), "Two": ("replay",)}, help="Two", format_func=str)


def test_a_group_that_has_not_heard_of_another_view_chooses_nothing():
    """After the click the browser still says the group and the address of before."""
    app = AppTest.from_function(a_grouped_page).run()
    app.button[0].click().run()
    app.query_params.clear()
    app.segmented_control(key="widget_view_group").set_value("One").run()
    assert dict(app.query_params) == {"view": "replay"} and views_of(app)[0] == "Two"


def test_every_view_is_in_one_group():
    shown = []
    app = open_page("evaluate.py", run=RUN.id)
    for group in list(app.segmented_control(key="widget_view_group").options):
        app.segmented_control(key="widget_view_group").set_value(group).run()
        shown += app.segmented_control(key="widget_view").options
        assert not app.exception
    assert len(shown) == len(set(shown)) == len(VIEWS)


def test_a_control_of_another_page_under_the_same_name_is_told_its_value():
    app = AppTest.from_file(folders.PROJECT / "app.py", default_timeout=60).run()
    for page in ("data", "evaluate", "data"):
        app.switch_page(f"pages/{page}.py").run()
        assert app.segmented_control(key="widget_split").value == "test" and not app.exception and not app.warning
