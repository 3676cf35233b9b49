"""Which of the three steps of Start is open: in the session, with the control that says so."""

from functools import partial

import streamlit as st

from fmnist_ui import charts

DRAW, GUESS, TRAIN = "draw", "guess", "train"
STEPS = {DRAW: "1 · Draw", GUESS: "2 · Guess", TRAIN: "3 · Train"}
_KEY = "start-step"


def choose(first: str = DRAW) -> str:
    """The step that is open. first: the one that a session begins with."""
    if st.session_state.get(_KEY) not in STEPS:
        st.session_state[_KEY] = first
    st.segmented_control(
        "Step",
        tuple(STEPS),
        format_func=STEPS.__getitem__,
        key=_KEY,
        required=True,
        persist_state="session",
        label_visibility="collapsed",
        width="stretch" if charts.on_touch() else "content",
    )
    return str(st.session_state[_KEY])


def offer(step: str, words: str) -> None:
    """The one thing to do next: a button that opens another step, also from within a fragment."""
    if st.button(words, type="primary", icon=":material/arrow_forward:", key=f"to-{step}", on_click=partial(_go, step)):
        st.rerun()


def _go(step: str) -> None:
    st.session_state[_KEY] = step
