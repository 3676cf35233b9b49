"""Before the first stroke: what a network knows, where its answer will stand."""

import numpy as np
import streamlit as st

from fmnist_core import data
from fmnist_core.data import CLASS_NAMES, DataError
from fmnist_core.runs.catalogue import Row
from fmnist_ui.widgets.gallery import Tile, gallery
from fmnist_ui.widgets.hostile_text import literal

TITLE = "Draw a shoe, a bag, trousers"


def invite(row: Row, brief: bool) -> None:
    """row: of the network that will answer. brief: there is no room for pictures."""
    if brief:
        st.markdown(f"**{TITLE}.**  \nWhat the network takes it for stands here as you draw.")
        return
    names = row.config.class_names if row.config else CLASS_NAMES
    st.subheader(TITLE, anchor=False)
    if tuple(names) != CLASS_NAMES:
        known = ", ".join(literal(name) for name in names)
        st.markdown(
            f"What the network takes it for stands here while you draw. It knows {len(names)} classes: {known}."
        )
        return
    st.markdown("What the network takes it for stands here while you draw. It knows ten garments:")
    try:
        gallery(one_of_each(), key="invited", label="One test picture of each class", size=100)
    except DataError as error:
        st.warning(str(error), icon=":material/broken_image:")


def one_of_each() -> list[Tile]:
    """The first test picture of each class. Raises DataError."""
    test = data.load_split("test")
    places = [int(np.flatnonzero(test.labels == label)[0]) for label in range(len(CLASS_NAMES))]
    return [
        Tile(test.images[place], name, alt=f"A picture of the class {name}")
        for place, name in zip(places, CLASS_NAMES, strict=True)
    ]
