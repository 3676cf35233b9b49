"""A page with nothing but the two components, for test_components.py."""

import numpy as np
import streamlit as st

from fmnist_ui.gallery import Tile, gallery
from fmnist_ui.matrix import confusion_matrix

NAMES = ("Coat", "Shirt", "Bag")
COUNTS = np.array([[90, 8, 0], [12, 80, 1], [0, 0, 100]])

state = st.session_state
state.setdefault("cell", None)
state.setdefault("tile", None)
state.setdefault("clicks", 0)

show = st.radio("Show", ("counts", "percent", "errors"), horizontal=True)
cell = confusion_matrix(COUNTS, NAMES, key="matrix", show=show, selected=state.cell)

# A tile is as bright as ten times its number, so that a screenshot can tell which is which.
number = 3 if st.toggle("Fewer pictures") else 14
tiles = [
    Tile(
        np.full((28, 28), 10 * place, np.uint8),
        caption=f"Picture <{place}>",
        tone="wrong" if place == state.tile else "neutral",
    )
    for place in range(number)
]
tile = gallery(tiles, key="gallery", label="All pictures", selected=state.tile, size=60)

if cell is not None or tile is not None:
    state.cell = cell or state.cell
    state.tile = state.tile if tile is None else tile
    state.clicks += 1
    st.rerun()

st.text(f"cell {state.cell}, tile {state.tile}, clicks {state.clicks}")
