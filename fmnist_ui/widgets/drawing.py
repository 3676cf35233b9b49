"""The drawing canvas: a visitor's strokes as an image, guarded like any upload, and kept for the session."""

from typing import Any, NamedTuple

import streamlit as st
from streamlit_drawable_canvas import st_canvas

from fmnist_core.photo.decode import PhotoError
from fmnist_ui import received

SIDE = 320  # CSS pixels
DEFAULT_STROKE = 18
INK, PAPER = "#ffffff", "#000000"


class Drawing(NamedTuple):
    strokes: dict[str, Any] | None  # as the canvas describes them, to be drawn again
    image: bytes | None  # PNG


NOTHING = Drawing(None, None)


def draw(key: str) -> bytes | None:
    """The canvas and its tools. Returns PNG bytes, white ink on black; None before the first stroke.

    The drawing is still there when the visitor comes back to the canvas within the session.

    Raises:
        PhotoError: what the browser sent is no drawing.
    """
    kept, first = f"{key}-kept", f"{key}-first"
    if f"{key}-tool" not in st.session_state:  # the canvas was not on the page until now
        st.session_state[first] = st.session_state.get(kept, NOTHING)
    with st.container(horizontal=True, vertical_alignment="top"):
        tool = st.segmented_control("Tool", ("Ink", "Eraser"), default="Ink", required=True, key=f"{key}-tool")
        width = st.slider("Thickness", 4, 48, DEFAULT_STROKE, key=f"{key}-thickness")
    st.space("small")  # the canvas' own toolbar lies above it
    _check_sent(key)
    result = st_canvas(
        stroke_width=width,
        stroke_color=INK if tool == "Ink" else PAPER,
        background_color=PAPER,
        height=SIDE,
        width=SIDE,
        return_image_data=True,
        key=key,
        initial_drawing=st.session_state[first].strokes,
    )
    if st.session_state[first].strokes:  # the canvas' own button goes back to these, not to an empty canvas
        empty = {first: NOTHING, kept: NOTHING}
        st.button(
            "New drawing", icon=":material/delete:", key=f"{key}-new", on_click=st.session_state.update, args=(empty,)
        )
    try:
        image = result.image_bytes
    except (ValueError, AttributeError, TypeError) as error:
        raise PhotoError("The drawing did not arrive as an image. Clear the canvas and draw again.") from error
    if image is None:  # the browser has sent nothing since the canvas came back
        return st.session_state[first].image
    strokes = result.json_data
    drawn = isinstance(strokes, dict) and bool(strokes.get("objects"))
    st.session_state[kept] = Drawing(strokes, image) if drawn else NOTHING
    return image


def _check_sent(key: str) -> None:
    """The canvas takes apart what the browser sent before this app sees it. Raises PhotoError: it is no drawing."""
    drawing = received.sent(key, "drawing")
    fit = received.sent(key, "backgroundFit")
    strokes, image = received.part(drawing, "raw"), received.part(drawing, "data")
    if (
        isinstance(drawing, dict | None)
        and fit is None  # of a picture behind the strokes: there is none
        and isinstance(strokes, dict | None)
        and (image is None or (isinstance(image, str) and image.startswith("data:image/")))
    ):
        return
    raise PhotoError("The drawing did not arrive as an image. Load the page again and draw it once more.")
