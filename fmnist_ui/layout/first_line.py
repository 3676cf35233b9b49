"""A page's first line: its title, a sentence or controls; where there is little room, a button opens these."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from fmnist_ui.layout.columns import narrow


@contextmanager
def bar(title: str, button: str | None = None, wrap: bool = True) -> Iterator[None]:
    """A page's first line: its title, then what is drawn within. button: opens that where there is little room."""
    with st.container(horizontal=True, vertical_alignment="bottom", wrap=wrap, key="bar"):
        st.title(title, anchor=False, width="content")
        with folded(button) if button else nullcontext():
            yield


@contextmanager
def folded(button: str) -> Iterator[None]:
    """Controls among others in a line; where there is little room a button opens them."""
    with st.popover(button, icon=":material/tune:") if narrow() else nullcontext():
        yield


@contextmanager
def controls(button: str, line: DeltaGenerator | None = None) -> Iterator[DeltaGenerator]:
    """A line of controls, which it yields; where there is little room a button opens them.

    line: of others, where the button then stands.
    """
    line = line if line and narrow() else row()
    with line, folded(button):
        yield line


def row() -> DeltaGenerator:
    """A line of controls, level with each other."""
    return st.container(horizontal=True, vertical_alignment="bottom")


def header(title: str, sentence: str) -> None:
    """A page's title and what one does here, in a sentence."""
    with bar(title):
        st.caption(sentence)
