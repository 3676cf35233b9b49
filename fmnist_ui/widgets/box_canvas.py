"""A box around the garment, dragged on the photo itself; and what a canvas to paint on shares with it."""

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import streamlit as st
from PIL import Image

from fmnist_core.photo.garment import Box
from fmnist_core.photo.settings import Settings
from fmnist_ui.javascript import by_address

LONGEST = 320  # CSS pixels
SMALLEST = 0.03  # of each side: less is a click that slipped
_SAME = 0.005  # of a side: boxes that differ by less are one
_NUMBERS = (("left", None), ("top", None), ("width", None), ("height", None), ("scaleX", 1), ("scaleY", 1))
_LINE, _FILL = "#14b8a6", "rgba(20, 184, 166, 0.18)"

_bare = st.components.v2.component(
    "fmnist_bare_canvas",
    js=by_address("bare_canvas", (Path(__file__).parent / "components" / "bare_canvas.js").read_text(encoding="utf-8")),
)


def on_photo(key: str, **canvas: Any) -> None:
    """The library's canvas, without its toolbar. canvas: as `st_canvas` takes it."""
    from streamlit_drawable_canvas import st_canvas  # it refuses to be imported without a running Streamlit

    with st.container(gap=None):
        st_canvas(key=key, **canvas)
        _bare(key=f"{key}-bare", data={"canvas": key})


def choose_box(image: Image.Image, key: str, settings: Settings, keep: Callable[[str, Settings], None]) -> None:
    """The photo, on which a box can be dragged; a new box takes the old one's place.

    keep: called with key and the settings that hold the new box, before the script runs again.
    """
    shown = image.copy()
    shown.thumbnail((LONGEST, LONGEST), Image.Resampling.BOX)
    width, height = shown.size
    canvas = f"{key}-box-{st.session_state.get(_count(key), 0)}"

    def dragged() -> None:
        drawn = strokes(st.session_state.get(canvas))
        box = box_of(drawn, width, height)
        if box is None or (settings.box and _alike(box, settings.box)):
            return  # the canvas also tells what it was told to draw, a little rounded
        keep(key, replace(settings, box=box))
        if len(drawn["objects"]) > 1:  # only the last one stays
            st.session_state[_first(key)] = _drawing(box, width, height)

    st.caption("Drag a box around the garment: what is outside of it counts as background.")
    on_photo(
        canvas,
        fill_color=_FILL,
        stroke_width=2,
        stroke_color=_LINE,
        background_image=shown,
        width=width,
        height=height,
        drawing_mode="rect",
        initial_drawing=_start(key, settings, width, height),
        on_change=dragged,
    )
    if settings.box is not None:
        _offer_whole(key, replace(settings, box=None), keep)


def _offer_whole(key: str, whole: Settings, keep: Callable[[str, Settings], None]) -> None:
    """The button that takes the box away. whole: the settings without it."""

    def take_away() -> None:
        keep(key, whole)
        start_again(key, whole)

    icon = ":material/crop_free:"
    st.button("Without the box", icon=icon, type="tertiary", key=f"{key}-no-box", on_click=take_away)


def _alike(one: Box, other: Box) -> bool:
    return all(abs(mine - its) < _SAME for mine, its in zip(one, other, strict=True))


def start_again(key: str, settings: Settings) -> None:
    """A fresh canvas, as the component keeps its own strokes under a key."""
    st.session_state[_count(key)] = st.session_state.get(_count(key), 0) + 1
    st.session_state.pop(_first(key), None)


def box_of(strokes: Any, width: int, height: int) -> Box | None:
    """The last rectangle of what a browser says was drawn, in shares of the canvas; None where there is none.

    strokes: untrusted. Expected is what the canvas calls its JSON: {"objects": [{"type": "rect", "left": …}]}.
    """
    objects = strokes.get("objects") if isinstance(strokes, dict) else None
    rectangles = [one for one in objects if isinstance(one, dict)] if isinstance(objects, list) else []
    if not rectangles:
        return None
    last = rectangles[-1]
    numbers: list[Any] = [last.get(name, usual) for name, usual in _NUMBERS]
    if any(isinstance(one, bool) or not isinstance(one, int | float) or abs(one) > 1e6 for one in numbers):
        return None
    left, top, across, down, by_x, by_y = map(float, numbers)
    across, down = across * by_x, down * by_y
    left -= across / 2 if last.get("originX") == "center" else 0
    top -= down / 2 if last.get("originY") == "center" else 0
    x = sorted(min(max(place / width, 0.0), 1.0) for place in (left, left + across))
    y = sorted(min(max(place / height, 0.0), 1.0) for place in (top, top + down))
    if not all(map(math.isfinite, (*x, *y))) or x[1] - x[0] < SMALLEST or y[1] - y[0] < SMALLEST:
        return None
    return x[0], y[0], x[1], y[1]


def strokes(sent: Any) -> Any:
    """What the component keeps under its key."""
    drawing: Any = sent.get("drawing") if hasattr(sent, "get") else None
    return drawing.get("raw") if hasattr(drawing, "get") else None


def _drawing(box: Box | None, width: int, height: int) -> dict[str, Any] | None:
    """A box as the canvas draws it."""
    if box is None:
        return None
    left, top, right, bottom = box
    rectangle = {
        "type": "rect",
        "originX": "left",
        "originY": "top",
        "left": left * width,
        "top": top * height,
        "width": (right - left) * width,
        "height": (bottom - top) * height,
        "fill": _FILL,
        "stroke": _LINE,
        "strokeWidth": 2,
    }
    return {"objects": [rectangle]}


def _start(key: str, settings: Settings, width: int, height: int) -> dict[str, Any] | None:
    """What the canvas begins with; the same from one run of the script to the next, or it would draw it anew."""
    if _first(key) not in st.session_state:
        st.session_state[_first(key)] = _drawing(settings.box, width, height)
    found: dict[str, Any] | None = st.session_state[_first(key)]
    return found


def _count(key: str) -> str:
    return f"{key}-canvases"


def _first(key: str) -> str:
    return f"{key}-first-box"
