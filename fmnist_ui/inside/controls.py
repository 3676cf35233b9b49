"""Which picture is looked at, and which one beside it: one line above the network."""

import random
from typing import Any

import numpy as np
import streamlit as st

from fmnist_core import data
from fmnist_core.metrics import evaluation
from fmnist_core.runs.predictions import Predictions
from fmnist_core.storage.folders import RunError
from fmnist_ui import cached, state
from fmnist_ui.inside.asked import FIRST, Asked
from fmnist_ui.layout import first_line
from fmnist_ui.layout.columns import narrow

_TYPED, _PROBLEM = "inside-picture", "inside-picture-problem"


def show(asked: Asked) -> None:
    """The line of controls."""
    stored = _test_predictions(asked)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="inside-controls"):
        shown = "yours" if asked.picture.address is None else asked.picture.address
        _tell(shown)
        st.text_input(
            "Picture",
            key=_TYPED,
            width=105 if narrow() else 130,
            on_change=_typed,
            label_visibility="collapsed",
            placeholder=FIRST,
            help="test/0 to test/9999 or train/0 to train/59999",
        )
        st.button("Another", icon=":material/shuffle:", key="inside-another", on_click=_another)
        with first_line.folded("More"):
            _others(asked, stored)
    if problem := st.session_state.pop(_PROBLEM, None):
        st.warning(problem, icon=":material/link_off:")


def _others(asked: Asked, stored: Predictions | None) -> None:
    if stored is not None and len(wrong := np.flatnonzero(stored.predicted != stored.labels)):
        telling: dict[str, Any] = {"on_click": _one_of, "args": (stored, wrong)}
        st.button("A wrong one", icon=":material/close:", key="inside-wrong", **telling)
    if asked.picture.address is not None and state.SHOWN_PICTURE in st.session_state:
        mine: dict[str, Any] = {"on_click": state.put, "kwargs": {"own": "yes", "against": None}}
        st.button("Yours", icon=":material/add_a_photo:", key="inside-own", help="What you last drew or showed", **mine)
    _compare(asked, stored)


def _tell(shown: str) -> None:
    """The box says what is looked at, unless the visitor has just typed into it."""
    if st.session_state.get(_TYPED) != shown:
        st.session_state[_TYPED] = shown


def _typed() -> None:
    text = str(st.session_state.get(_TYPED) or "").strip().lower()
    text = f"test/{text}" if text.isdecimal() else text
    try:
        data.parse_picture_address(text)
    except ValueError:
        st.session_state[_PROBLEM] = "That is no picture. Expected test/0 to test/9999 or train/0 to train/59999."
        return
    _open(text)


def _open(address: str) -> None:
    state.put(picture=address, own=None, against=None)


def _another() -> None:
    _open(f"test/{random.randrange(data.SIZES['test'])}")


def _one_of(stored: Predictions, rows: np.ndarray) -> None:
    _open(data.picture_address("test", int(stored.indices[random.choice(rows)])))


def _test_predictions(asked: Asked) -> Predictions | None:
    try:
        return cached.load_predictions(asked.row.run, "test")
    except RunError:
        return None


def _compare(asked: Asked, stored: Predictions | None) -> None:
    if asked.against is not None:
        gone: dict[str, Any] = {"on_click": state.put, "kwargs": {"against": None}}
        st.button(
            f"Beside {asked.against.address}", icon=":material/close:", key="inside-alone", type="primary", **gone
        )
        return
    if stored is None:
        return
    logits = asked.plain.logits
    called = int(logits.argmax())
    known = asked.picture.label if asked.picture.label is not None else called
    second = int(np.argsort(-evaluation.softmax(logits[None])[0])[1])
    other = called if called != known else second
    with st.popover("Compare", icon=":material/compare:"):
        st.caption("A second picture beside it, in every layer: where does the network begin to tell them apart?")
        for label, sentence in ((known, "that it gets right, the most alike"), (other, "the most alike")):
            name = asked.names[label]
            options: dict[str, Any] = {"on_click": _beside, "args": (asked, stored, label), "width": "stretch"}
            st.button(f"A test picture of {name} {sentence}", key=f"inside-beside-{label}", **options)


def _beside(asked: Asked, stored: Predictions, label: int) -> None:
    address = most_alike(asked.picture.image, asked.picture.address, stored, label)
    if address is None:
        st.session_state[_PROBLEM] = f"It gets no test picture of {asked.names[label]} right."
    else:
        state.put(against=address)


def most_alike(image: np.ndarray, address: str | None, stored: Predictions, label: int) -> str | None:
    """The test picture of a class that the network gets right and that is nearest in its pixels; None: there is none.

    image: (28, 28) uint8; address: its own, which is left out.
    """
    rows = np.flatnonzero((stored.labels == label) & (stored.predicted == label))
    indices = [int(index) for index in stored.indices[rows] if data.picture_address("test", int(index)) != address]
    if not indices:
        return None
    pictures = data.load_split("test").images[indices].reshape(len(indices), -1).astype(np.float32)
    distances = np.square(pictures - image.reshape(1, -1).astype(np.float32)).sum(axis=1)
    return data.picture_address("test", indices[int(distances.argmin())])
