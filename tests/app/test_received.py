"""Values that no browser of ours would send: each is dropped, and nothing else is called.

Run: python -m pytest tests/app/test_received.py
"""

import json

import numpy as np
import plotly.graph_objects as go
import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.runtime.state import session_state
from streamlit.runtime.state.common import WidgetMetadata
from streamlit.testing.v1 import AppTest

from fmnist_ui import charts, received
from fmnist_ui.widgets import gallery, map_selection, matrix
from fmnist_ui.widgets.map_data import MapPoints

ANYTHING = [
    None,
    True,
    -1,
    10**30,
    float("nan"),
    float("inf"),
    "x" * 100_000,
    [],
    {},
    [1, 2, 3],
    {"index": 10**9, "id": []},
    {"index": True, "id": True},
    {"point": True, "picture": True},
    {"point": 0, "picture": [0, 1]},
    {"point": 0, "picture": {}},
    {"point": 0, "picture": float("nan")},
    {"point": 0, "picture": "0"},
    {"polygon": [[None, 1]] * 5},
    {"polygon": [[0, 0], [9, 0], [9, 9]], "hidden": [2**70]},
    {"polygon": [[0, 0], [9, 0], [9, 9]], "hidden": [-1]},
    {"cells": [[99, 99]], "add": 1},
    {"selection": None},
    {"selection": {"rows": [1_000_000]}},
    {"selection": {"rows": [True]}},
    {"selection": {"rows": [-1]}},
    {"selection": {"rows": ["x"]}},
    {"selection": {"rows": [1.5]}},
    {"selection": {"rows": [0] * 100_000}},
    {"selection": {"points": [{}]}},
    {"selection": {"points": "x"}},
    {"selection": {"points": {"0": 1}}},
    {"selection": {"points": [{"curve_number": 0, "point_index": 10**6}]}},
    {"selection": {"points": [{"curve_number": -1, "point_index": 0}]}},
    {"selection": {"points": [{"curve_number": 0, "point_index": True}]}},
    {"selection": {"points": [{"curve_number": float("nan"), "point_index": None}]}},
]
LINE = np.arange(4, dtype=np.float32)
POINTS = MapPoints(LINE, LINE, np.arange(4), np.zeros(4, np.uint8), np.zeros(4, np.uint8))


@pytest.mark.parametrize("value", ANYTHING, ids=lambda value: repr(value)[:50])
def test_what_makes_no_sense_is_nothing(value):
    assert gallery.picked_index(value, [1, 2, 3]) is None
    assert matrix.picked_cell(value, 10) is None and matrix.picked_cells(value, 10) is None
    assert map_selection.clicked_point(value, POINTS, np.arange(4)) is None
    assert map_selection.select_in_polygon(POINTS, value) is None
    assert received.chosen_rows(value, 5) is None
    assert received.clicked_point(value, [3, 4]) is False


def test_what_makes_sense_is_taken():
    assert received.chosen_rows({"selection": {"rows": [4, 0, 4]}}, 5) == [4, 0]
    assert [gallery.picked_index({"index": one, "id": 3}, [1, 2, 3]) for one in (2, -1, 9, True)] == [2, 2, 2, 2]
    assert received.chosen_rows({"selection": {"rows": []}}, 5) == []
    assert received.clicked_point({"selection": {"points": []}}, [3]) is None
    assert received.clicked_point({"selection": {"points": [{"curve_number": 1, "point_index": 3}]}}, [3, 4]) == (1, 3)
    assert map_selection.clicked_point({"point": 2, "picture": 2}, POINTS, np.arange(4)) == 2
    assert charts._lengths(go.Figure([go.Bar(x=[1, 2]), go.Scatter(y=[1, 2, 3])])) == [2, 3]


def dropped_app():
    import streamlit as st

    from fmnist_ui import received

    rows = received.chosen_rows({"selection": {"rows": [1_000_000]}}, 5)
    if rows is None:
        received.drop()
    st.write("the page goes on")


def test_a_dropped_value_is_a_sentence_and_the_page_goes_on():
    app = AppTest.from_function(dropped_app, default_timeout=60).run()
    assert not app.exception
    assert [toast.value for toast in app.toast] == [received.DROPPED]
    assert app.markdown[0].value == "the page goes on"


def late_app():
    """What callbacks find where a browser has sent the value of a widget that the page has no longer."""
    import streamlit as st
    from streamlit.runtime.uploaded_file_manager import DeletedFile

    from fmnist_ui import received, state
    from fmnist_ui.evaluate import filter_controls, replay_panel
    from fmnist_ui.maps import map_own_vectors
    from fmnist_ui.predict import kept_photos, stepper_panel

    state._on_change("votes", int)()
    filter_controls._put("losses-0-inf", lambda ends: {"losses": tuple(ends)})
    replay_panel._stopped((1, 2))
    stepper_panel._change(stepper_panel.CONTROLS[0], "photo", "photo-on", "photo-knob")
    assert "losses" not in st.query_params
    st.session_state["photos-kept"] = "photos"
    kept_photos.keep("photos")
    assert st.session_state["photos-kept"] == "photos"
    st.session_state["file"] = DeletedFile("no file that the server knows")
    map_own_vectors._take("file")
    st.write(received.segmented("Measure", ["Recall", "Precision"], default="Recall", key="measure"))


def test_a_value_of_what_is_not_there_changes_nothing_and_none_chosen_is_the_default():
    app = AppTest.from_function(late_app, default_timeout=60).run()
    assert not app.exception and app.markdown[0].value == "Recall"
    app.segmented_control(key="measure").set_value("Precision").run()
    assert app.markdown[0].value == "Precision"
    app.segmented_control(key="measure").set_value(None).run()
    assert not app.exception and app.markdown[0].value == "Recall"


def test_what_a_widget_cannot_read_becomes_its_default(monkeypatch):
    """Streamlit keeps the value: without the guard each later run of the session fails at it, too."""
    monkeypatch.setattr(session_state.WStates, "__getitem__", session_state.WStates.__getitem__)
    received.guard_widgets()
    received.guard_widgets()
    told = []
    monkeypatch.setattr(received, "drop", lambda: told.append(1))
    states = session_state.WStates()
    # Of these another kind is sent: of "other" by nobody honest, of a whole number by every browser.
    kinds = {"other": "string_value", "number": "double_value"}
    read = {
        "other": (lambda value: "" if value is None else value, {"int_value": 5}),
        "slider": (lambda value: 0.5 if value is None else value[0], {"double_value": float("nan")}),
        "table": (lambda value: {} if value is None else json.loads(value), {"string_value": "[" * 9}),
        "choice": (lambda value: "" if value is None else ["a", "b"][value], {"int_value": 10**6}),
        "good": (lambda value: 3 if value is None else value, {"int_value": 7}),
        "number": (lambda value: 3 if value is None else int(value), {"int_value": 8}),
    }
    for name, (deserializer, value) in read.items():
        states.set_widget_metadata(WidgetMetadata(name, deserializer, str, kinds.get(name, next(iter(value)))))
        states.set_widget_from_proto(WidgetState(id=name, **value))
    usual = {"other": "", "slider": 0.5, "table": {}, "choice": ""}
    assert {name: states[name] for name in read} == usual | {"good": 7, "number": 8}
    assert len(told) == 4
