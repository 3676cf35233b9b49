"""Draw: a canvas, and beside it what the network makes of the drawing while one draws."""

import streamlit as st

from fmnist_core.data import DataError
from fmnist_core.inference.photo_answer import PhotoAnswer
from fmnist_core.photo.decode import PhotoError
from fmnist_core.photo.drawing import DEFAULT_FILLING, prepare_drawing
from fmnist_core.photo.steps import Prepared
from fmnist_core.runs.catalogue import Row
from fmnist_core.storage.folders import RunError
from fmnist_ui import charts, parts, state
from fmnist_ui.layout.columns import beside
from fmnist_ui.predict import invitation, out_of_distribution_panel, photo_answers
from fmnist_ui.start import steps
from fmnist_ui.widgets import drawing
from fmnist_ui.widgets.hostile_text import literal

CANVAS = "canvas"  # Predict's own: what is drawn here is there, too
HINT = "Draw a shoe, a bag, trousers.\nShoes point left, as in the data."
SEEN = 112  # CSS pixels of what the network saw


@st.fragment
def show(row: Row) -> None:
    """row: of the run that answers."""
    touched = charts.on_touch()
    brief = st.container(height=parts.BRIEF_HEIGHT, border=False, key="brief") if touched else None
    left, right = beside("drawing")
    try:
        with left:
            ink = drawing.draw(CANVAS, hint=HINT)
        if ink is None:
            with brief or right:
                invitation.invite(row, brief is not None)
            return
        prepared = prepare_drawing(ink, DEFAULT_FILLING)
        found = photo_answers.answer(row, prepared)
    except (PhotoError, DataError, RunError, ValueError) as error:
        (brief or right).info(literal(str(error)), icon=":material/draw:")
        return
    st.session_state[state.SHOWN_PICTURE] = prepared.picture
    if brief is not None:
        with brief:
            parts.brief_answer(prepared.picture, found.probabilities, found.names, found.known)
    with right:
        answer(row, prepared, found, brief=brief is not None)


def answer(row: Row, prepared: Prepared, found: PhotoAnswer, brief: bool) -> None:
    """The answer in full, and where to go from here. brief: it stands in short above the canvas already."""
    for warning in prepared.warnings:
        st.warning(warning, icon=":material/info:")
    if not brief:
        with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
            alt = f"What the network saw: 28 by 28 pixels, called {found.label}"
            st.image(parts.picture_uri(prepared.picture), width=SEEN, alt=alt)
            with st.container(gap=None, width="content"):
                st.caption("The network says")
                st.header(literal(found.label), anchor=False)
        parts.probability_bars(found.probabilities, found.names, most=5)
        out_of_distribution_panel.show(row, found)
    with st.container(horizontal=True, vertical_alignment="center"):
        steps.offer(steps.GUESS, "Next: see what fools it")
        link = {"run": row.run.id, "way": "draw", "filling": DEFAULT_FILLING}
        st.page_link("pages/predict.py", label="More on Predict", icon=":material/draw:", query_params=link)
    if brief:
        out_of_distribution_panel.show(row, found)
