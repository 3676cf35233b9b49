"""Maps of a few points in 2D and 3D, for the tests of test_map.py on selecting, playing, space and links.

?d=3 has depth, ?frames=1 an animation, ?frames=lost one that was sent and never arrived, ?pair=1 two linked maps,
?dots=1 no pictures.
"""

import base64

import numpy as np
import streamlit as st

from fmnist_core.release.sprites import sprite_sheet
from fmnist_ui.widgets.map_data import drawn_rows, map_data
from fmnist_ui.widgets.sprite_map import NO_SHEET, Look, MapPoints, Sheet, sprite_map

NAMES = ("Coat", "Shirt", "Bag")
PALETTE = ("#3f90da", "#ffa90e", "#bd1f01")
LABELS = np.array([0, 0, 1, 1, 2, 2], np.uint8)
PICTURES = np.full((5, 28, 28), 40 * np.arange(5)[:, None, None], np.uint8)  # the last point has none
# Four corners; point 4 hides in the middle, behind point 5.
FLAT = np.array([[-1, 1, 0], [1, 1, 0], [1, -1, 0], [-1, -1, 0], [0, 0, -0.5], [0, 0, 0.5]], np.float32) * 50 + 7

state = st.session_state
state.setdefault("clicks", [])
state.setdefault("found", None)


def points(places: np.ndarray, solid: bool) -> MapPoints:
    z = places[:, 2] if solid else None
    return MapPoints(places[:, 0], places[:, 1], np.arange(6), LABELS, LABELS, z=z)


def select(found: np.ndarray) -> None:
    state.found = found.tolist()


query = st.query_params
solid = st.toggle("3D", value=query.get("d") == "3")
turned = st.toggle("Turned")
stand_out = st.toggle("Stand out")
isolate = st.toggle("Isolate")
places = FLAT[[1, 2, 3, 0, 4, 5]] if turned else FLAT
chosen = None if state.found is None else np.array(state.found)
frames = labels = None
if "frames" in query:
    axes = 3 if solid else 2
    # At first all lie in a row, then turned by a quarter.
    row = np.stack([np.arange(6), np.zeros(6), np.zeros(6)], axis=1)
    frames = np.stack([row, places[[1, 2, 3, 0, 4, 5]], places])[:, :, :axes].astype(np.float32)
    labels = ["start", "epoch 1", "epoch 2"]
sheet = Sheet("data:image/png;base64," + base64.b64encode(sprite_sheet(PICTURES)).decode(), len(PICTURES))
look = Look(
    PALETTE,
    NAMES,
    NAMES,
    emphasised=chosen if stand_out else None,
    shown=chosen if isolate else None,
    frames=frames,
    frame_labels=labels,
)
if query.get("frames") == "lost" and "lost" not in state:
    seen = points(places, solid)
    state.lost = map_data(seen, look, drawn_rows(seen, look), sheet)["versions"]["frames"]
    state["map 0 frames sent"] = state.lost
columns = st.columns(2) if "pair" in query else [st.container()]
for place, column in enumerate(columns):
    with column:
        sprite_map(
            points(places[:, [1, 0, 2]] if place else places, solid),
            look,
            key=f"map {place}",
            sheet=NO_SHEET if "dots" in query else sheet,
            linked="both" if "pair" in query else None,
            linked_camera=True,
            on_pick=state.clicks.append,
            on_select=select,
        )
st.text(f"clicks {state.clicks}, found {state.found}, turned {turned}, solid {solid}, out {stand_out}, alone {isolate}")
