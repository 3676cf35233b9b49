"""A page with nothing but a map of a few points, for test_map.py."""

import base64

import numpy as np
import streamlit as st

from fmnist_core.release.sprites import sprite_sheet
from fmnist_ui.widgets.sprite_map import Look, MapPoints, Sheet, sprite_map

NAMES = ("Coat", "Shirt", "Bag")
PALETTES = {False: ("#3f90da", "#ffa90e", "#bd1f01"), True: ("#832db6", "#a96b59", "#e76300")}
COUNT = 6

# Point 0 has no place, point 1 is in the middle and the others are at the corners.
X = np.array([np.nan, 0, -1, 1, 1, -1], np.float32)
Y = np.array([0, 0, 1, 1, -1, -1], np.float32)
LABELS = np.array([0, 0, 1, 1, 2, 2], np.uint8)
# A picture is as bright as forty times its number, so that a screenshot can tell which is which.
PICTURES = np.full((COUNT, 28, 28), 40 * np.arange(COUNT)[:, None, None], np.uint8)

state = st.session_state
state.setdefault("clicks", [])

other_colours = st.toggle("Other colours")
other_layout = st.toggle("Other layout")
count = st.radio("Points", (6, 2, 1), horizontal=True)
st.button("Again")
if not st.toggle("Hide the map"):
    turned = [0, 2, 1, 3, 4, 5] if other_layout else range(COUNT)
    sprite_map(
        MapPoints(
            X[turned][:count],
            Y[turned][:count],
            np.arange(COUNT, dtype=np.uint32)[:count],
            LABELS[:count],
            LABELS[:count],
            np.array([0, 1, 1, 1, 2, 2], np.uint8)[:count],
            np.array([255, 191, 255, 255, 255, 255], np.uint8)[:count],
        ),
        Look(PALETTES[other_colours], NAMES, NAMES),
        key="map",
        sheet=Sheet("data:image/png;base64," + base64.b64encode(sprite_sheet(PICTURES)).decode(), COUNT),
        on_pick=state.clicks.append,
    )
st.text(f"clicks {state.clicks}, colours {other_colours}, layout {other_layout}, points {count}")
