"""Columns, by what room a page has."""

from collections.abc import Sequence
from typing import Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from fmnist_ui import charts
from fmnist_ui.layout import presenting


def narrow() -> bool:
    """Whether there is room for one thing beside another of its kind: not on a phone, nor where type is for a class."""
    return charts.on_touch() or presenting.is_on()


def beside(
    key: str, widths: Sequence[int] = (5, 6), level: Literal["top", "bottom"] = "top"
) -> tuple[DeltaGenerator, DeltaGenerator]:
    """What one does and what comes of it: beside each other, before a class too; on a phone one below the other.

    Args:
        key: a name that no other two on the page have.
        widths: how much of the room each has.
        level: where they begin or end at one line.
    """
    if charts.on_touch():
        return st.container(), st.container()
    with st.container(key=f"beside-{key}"):
        left, right = st.columns(list(widths), gap="large", vertical_alignment=level)
    return left, right
