"""A page with nothing but the two components, for test_components.py; ?classes=15 widens the matrix."""

import numpy as np
import streamlit as st

from fmnist_ui.widgets.gallery import Tile, gallery
from fmnist_ui.widgets.matrix import confusion_matrix

names, counts = ("Coat", "Shirt", "Bag"), np.array([[90, 8, 0], [12, 80, 1], [0, 0, 100]])
if "classes" in st.query_params:
    classes = int(st.query_params["classes"])
    names, counts = [f"A long name {place}" for place in range(classes)], np.full((classes, classes), 999)

state = st.session_state
state.setdefault("cell", None)
state.setdefault("tile", None)
state.setdefault("clicks", 0)

show = st.radio("Show", ("counts", "percent", "errors"), horizontal=True)


def pick_cell(true: int, predicted: int) -> None:
    state.cell = (true, predicted)
    state.clicks += 1


def pick_tile(index: int) -> None:
    state.tile = index
    state.clicks += 1


confusion_matrix(counts, names, key="matrix", show=show, chosen=[state.cell] if state.cell else [], on_pick=pick_cell)


def picture(place: int) -> np.ndarray:
    """A screenshot tells which one it is by the gray, and where its middle is by the bright quarter."""
    pixels = np.full((28, 28), 10 * place, np.uint8)
    pixels[:14, :14] = 250
    return pixels


number = 3 if st.toggle("Fewer pictures") else 14
tiles = [
    Tile(
        picture(place),
        caption=f"Picture <{place}>",
        tone="wrong" if place == state.tile else "neutral",
    )
    for place in range(number)
]
gallery(tiles, key="gallery", label="All pictures", selected=state.tile, size=60, on_pick=pick_tile)
st.text(f"cell {state.cell}, tile {state.tile}, clicks {state.clicks}")
