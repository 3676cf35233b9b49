"""The drawing canvas: a visitor's strokes as an image, guarded like any upload."""

import streamlit as st
from streamlit_drawable_canvas import st_canvas

from fmnist_core.photo.decode import PhotoError

SIDE = 320  # CSS pixels
DEFAULT_STROKE = 18
INK, PAPER = "#ffffff", "#000000"


def draw(key: str) -> bytes | None:
    """The canvas and its tools. Returns PNG bytes, white ink on black; None before the first stroke.

    Raises:
        PhotoError: what the browser sent is no drawing.
    """
    with st.container(horizontal=True, vertical_alignment="bottom"):
        tool = st.segmented_control("Tool", ("Ink", "Eraser"), default="Ink", required=True, key=f"{key}-tool")
        width = st.slider("Thickness", 4, 48, DEFAULT_STROKE, key=f"{key}-thickness")
    st.space("small")  # the canvas' own toolbar lies above it
    result = st_canvas(
        stroke_width=width,
        stroke_color=INK if tool == "Ink" else PAPER,
        background_color=PAPER,
        height=SIDE,
        width=SIDE,
        return_image_data=True,
        key=key,
    )
    try:
        return result.image_bytes
    except (ValueError, AttributeError, TypeError) as error:
        raise PhotoError("The drawing did not arrive as an image. Clear the canvas and draw again.") from error
