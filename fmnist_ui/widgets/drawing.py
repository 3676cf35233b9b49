"""The drawing canvas (components/draw): a visitor's strokes, checked, kept for the session, and as ink."""

import contextlib
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import streamlit as st

from fmnist_core.photo.decode import PhotoError
from fmnist_ui import received
from fmnist_ui.javascript import by_address, one_module
from fmnist_ui.widgets import browser_tab

SOURCES = Path(__file__).parent / "components" / "draw"
PANEL = (SOURCES.parent / "panel.css").read_text(encoding="utf-8")  # what it and the camera look like
MODULES = ("../tab_storage", "history", "kept", "index")
SIDE = 320  # pixels of the ink that is made of the strokes
WIDTHS = (4, 48, 18)  # of these pixels: thinnest, thickest, usual
MOST_STROKES, MOST_NUMBERS = 500, 60_000
HINT = "Draw one garment, large.\nShoes point left, as in the data."
_KEPT = "-kept"  # of a canvas' key, in the session
_FINER = 4  # times: edges of the ink are soft, as on screen
_BAD = "The drawing did not arrive as strokes. Clear the canvas and draw it once more."

_component = st.components.v2.component(
    "fmnist_draw",
    css=PANEL + (SOURCES / "draw.css").read_text(encoding="utf-8"),
    js=by_address("drawing", one_module(SOURCES, MODULES)),
)


class Stroke(NamedTuple):
    width: float  # share of the canvas' side, as all lengths here
    erase: bool
    points: tuple[float, ...]  # x, y, x, y, …


def draw(key: str, place: str = "", hint: str = HINT) -> np.ndarray | None:
    """The canvas and its tools. Returns (320, 320) float32 ink in [0, 1]; None where nothing is drawn.

    The drawing is still there when the visitor comes back to the canvas, also in another session of the same tab.
    place: where the tab keeps it, one for canvases that take turns; the key unless told.
    hint: what stands on it while it is empty.

    Raises:
        PhotoError: what the browser sent is no drawing.
    """
    kept, first = f"{key}{_KEPT}", f"{key}-first"
    sent = received.sent(key, "strokes")
    if sent is None:  # the canvas comes back, or nothing was drawn since
        st.session_state[first] = st.session_state.get(kept, ())
    # A tuple: a list may be a table, and Streamlit imports pandas to see.
    begun = tuple(stroke._asdict() for stroke in st.session_state.get(first, ()))
    data = {"strokes": begun, "widths": WIDTHS, "reach": SIDE, "hint": hint}
    data |= {"place": place or key, "key": key, "session": browser_tab.mark()}
    _component(key=key, data=data, on_strokes_change=partial(_keep, key))
    if sent is not None:
        st.session_state[kept] = strokes_of(sent)
    strokes = st.session_state.get(kept, ())
    return ink_of(strokes) if strokes else None


def _keep(key: str) -> None:
    """Before the script, in which the canvas may be gone: its visitor has drawn and clicked elsewhere at once."""
    with contextlib.suppress(PhotoError):  # `draw` says it
        sent = received.sent(key, "strokes")
        if sent is not None:
            st.session_state[f"{key}{_KEPT}"] = strokes_of(sent)


def strokes_of(sent: Any) -> tuple[Stroke, ...]:
    """The strokes that a browser speaks of. sent: untrusted; expected [{"width": 0.06, "erase": false, "points": […]}].

    Raises PhotoError: it is something else, or too much.
    """
    if not isinstance(sent, list) or len(sent) > MOST_STROKES:
        raise PhotoError(_BAD)
    found, left = [], MOST_NUMBERS
    for one in sent:
        width, erase, points = (received.part(one, name) for name in Stroke._fields)
        left -= len(points) if isinstance(points, list) else 0
        if not isinstance(points, list) or not points or len(points) % 2 or left < 0:
            raise PhotoError(_BAD)
        if not isinstance(erase, bool) or not all(_is_between(-1, number, 2) for number in points):
            raise PhotoError(_BAD)
        if not _is_between(0, width, 1):
            raise PhotoError(_BAD)
        found.append(Stroke(float(width), erase, tuple(map(float, points))))
    return tuple(found)


def _is_between(low: float, value: Any, high: float) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high


def ink_of(strokes: tuple[Stroke, ...]) -> np.ndarray:
    """(320, 320) float32 in [0, 1]: the strokes one over the other, an eraser's take away; their ends are round."""
    from PIL import Image, ImageDraw  # with fonts, which the first page does without

    side = SIDE * _FINER
    sheet = Image.new("L", (side, side))
    pen = ImageDraw.Draw(sheet)
    for width, erase, points in strokes:
        places = [(x * side, y * side) for x, y in zip(points[::2], points[1::2], strict=True)]
        level, half = 0 if erase else 255, width * side / 2
        pen.line(places, fill=level, width=max(1, round(2 * half)), joint="curve")
        for x, y in (places[0], places[-1]):
            pen.ellipse((x - half, y - half, x + half, y + half), fill=level)
    return np.asarray(sheet.reduce(_FINER), np.float32) / 255
