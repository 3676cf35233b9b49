"""The drawing canvas: what a browser says was drawn, and the ink that is made of it.

Run: python -m pytest tests/app/widgets/test_drawing_canvas.py
"""

from math import nan

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core.photo.decode import PhotoError
from fmnist_core.photo.drawing import prepare_drawing
from fmnist_ui.widgets import drawing
from fmnist_ui.widgets.drawing import Stroke

STROKE = {"width": 0.06, "erase": False, "points": [0.1, 0.2, 0.3, 0.4]}


@pytest.mark.parametrize(
    "sent",
    [
        "x",
        {"0": STROKE},
        [5],
        [STROKE] * (drawing.MOST_STROKES + 1),
        [STROKE | {"points": [0.5] * (drawing.MOST_NUMBERS + 2)}],
        *([STROKE | {"points": points}] for points in (None, [], [1], [0.1, "x"], [0.1, True], [0.1, 1e9], [0.1, nan])),
        *([STROKE | {"width": width}] for width in (None, "x", True, -1, 2, nan)),
        [STROKE | {"erase": 1}],
    ],
    ids=range(19),
)
def test_what_is_no_drawing_is_a_sentence(sent):
    with pytest.raises(PhotoError, match="did not arrive as strokes"):
        drawing.strokes_of(sent)
    assert drawing.strokes_of([STROKE]) == (drawing.Stroke(0.06, False, (0.1, 0.2, 0.3, 0.4)),)


def test_ink_is_where_the_strokes_are_and_an_eraser_takes_it_away():
    across = Stroke(0.1, False, (0.2, 0.5, 0.8, 0.5))
    ink = drawing.ink_of((across,))
    assert ink.shape == (drawing.SIDE, drawing.SIDE) and ink.dtype == np.float32 and 0 < np.ptp(ink) <= 1
    # A bar of 0.6 x 0.1 of the canvas and half a disc at each of its ends.
    assert ink.mean() == pytest.approx(0.06 + np.pi * 0.05**2, rel=0.02)
    rows, columns = (np.flatnonzero(ink.any(axis=axis)) / drawing.SIDE for axis in (1, 0))
    assert (rows[0], rows[-1], columns[0], columns[-1]) == pytest.approx((0.45, 0.55, 0.15, 0.85), abs=0.005)
    dab = drawing.ink_of((Stroke(0.1, False, (0.5, 0.5)),))
    assert dab.mean() == pytest.approx(np.pi * 0.05**2, rel=0.03)
    left = drawing.ink_of((across, Stroke(0.2, True, (0.5, 0.0, 0.5, 1.0))))
    assert left.mean() == pytest.approx(0.04 + np.pi * 0.05**2, rel=0.03) and not left[:, drawing.SIDE // 2].any()
    assert prepare_drawing(ink, "none").picture.shape == (28, 28)


def canvas_app():
    import streamlit as st

    from fmnist_core.photo.decode import PhotoError
    from fmnist_ui.widgets import drawing

    try:
        ink = drawing.draw("canvas") if st.toggle("shown", True) else None
        st.write("nothing" if ink is None else f"{ink.sum():.0f}")
    except PhotoError as error:
        st.write(str(error))


def test_a_drawing_comes_back_and_an_empty_one_does_not():
    app = AppTest.from_function(canvas_app).run()
    said = lambda: app.markdown[0].value  # noqa: E731
    assert said() == "nothing"
    app.session_state["canvas"] = {"strokes": [STROKE]}
    app.run()
    drawn = said()
    assert float(drawn) > 1_000
    app.toggle[0].set_value(False).run()
    app.toggle[0].set_value(True).run()
    assert said() == drawn
    (component,) = app.get("bidi_component")
    assert "0.1,0.2,0.3,0.4" in str(component.proto).replace(" ", "")
    app.session_state["canvas"] = {"strokes": "x"}
    app.run()
    assert "did not arrive as strokes" in said()
    app.session_state["canvas"] = {"strokes": []}
    app.run()
    app.toggle[0].set_value(False).run()
    app.toggle[0].set_value(True).run()
    assert said() == "nothing"
