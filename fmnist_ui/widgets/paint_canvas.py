"""The garment painted over on the photo itself, roughly: its outline is refined from there."""

from typing import Any

import numpy as np
import streamlit as st
from PIL import Image, ImageDraw

from fmnist_ui.widgets import box_canvas
from fmnist_ui.widgets.box_canvas import LONGEST

BRUSH = (6, 60, 26)  # CSS pixels: thinnest, thickest, to begin with
MOST_POINTS = 20_000  # of all strokes
MOST_UNDONE = 20  # strokes
_COLOUR = (20, 184, 166)
_INK, _TINT = "rgba(20, 184, 166, 0.55)", 0.55


def painted(key: str) -> np.ndarray | None:
    """(h, w) bool: what the visitor painted on a photo; None where nothing is."""
    masks = _masks(key)
    return masks[-1] if masks else None


def forget(key: str) -> None:
    _begin(key, [])


def _masks(key: str) -> list[np.ndarray]:
    """What was painted after each stroke, the last ones."""
    found: list[np.ndarray] = st.session_state.get(_kept(key), [])
    return found


def _undo(key: str) -> None:
    _begin(key, _masks(key)[:-1])


def _begin(key: str, masks: list[np.ndarray]) -> None:
    """A fresh canvas: the component keeps its own strokes under a key, or loses them when the page is laid out anew."""
    st.session_state[_count(key)] = st.session_state.get(_count(key), 0) + 1
    st.session_state[_kept(key)] = masks[-MOST_UNDONE:]


def choose_painted(image: Image.Image, key: str) -> None:
    """The photo, on which one paints; what was painted before shows through, and stays."""
    shown = image.convert("RGB")
    shown.thumbnail((LONGEST, LONGEST), Image.Resampling.BOX)
    width, height = shown.size
    before = painted(key)
    canvas = f"{key}-paint-{st.session_state.get(_count(key), 0)}"

    def stroked() -> None:
        mask = mask_of(box_canvas.strokes(st.session_state.get(canvas)), width, height)
        if mask.any():  # it is part of the background from now on, under a fresh canvas
            _begin(key, [*_masks(key), mask if before is None else mask | before])

    st.caption("Paint over the garment. Roughly will do: where it ends is found from there.")
    thinnest, thickest, usual = BRUSH
    brush = st.slider("Brush", thinnest, thickest, usual, key=f"{key}-brush")
    box_canvas.on_photo(
        canvas,
        stroke_width=brush,
        stroke_color=_INK,
        background_image=_tinted(shown, before),
        width=width,
        height=height,
        drawing_mode="freedraw",
        on_change=stroked,
    )
    if before is not None:
        with st.container(horizontal=True):
            told: dict[str, Any] = {"type": "tertiary", "args": (key,)}
            st.button("Undo", icon=":material/undo:", key=f"{key}-undo", on_click=_undo, **told)
            st.button("Without the paint", icon=":material/ink_eraser:", key=f"{key}-no-paint", on_click=forget, **told)


def mask_of(strokes: Any, width: int, height: int) -> np.ndarray:
    """(height, width) bool: where the strokes that a browser speaks of lie; what is no stroke is passed over.

    strokes: untrusted. Expected is what the canvas calls its JSON: {"objects": [{"type": "path", "strokeWidth": 26,
    "path": [["M", x, y], ["Q", x, y, x, y], ["L", x, y]]}]}.
    """
    sheet = Image.new("1", (width, height))
    pen, left = ImageDraw.Draw(sheet), MOST_POINTS
    objects = strokes.get("objects") if isinstance(strokes, dict) else None
    for one in objects if isinstance(objects, list) else []:
        points = _points(one.get("path") if isinstance(one, dict) else None)
        thickness: Any = one.get("strokeWidth") if isinstance(one, dict) else None
        left -= len(points)
        if not points or not _is_number(thickness) or not 1 <= thickness <= max(width, height) or left < 0:
            continue
        pen.line(points, fill=1, width=round(thickness), joint="curve")
        for x, y in (points[0], points[-1]):  # round ends; a single dab is nothing else
            pen.ellipse((x - thickness / 2, y - thickness / 2, x + thickness / 2, y + thickness / 2), fill=1)
    return np.asarray(sheet)


def _points(path: Any) -> list[tuple[float, float]]:
    """The places that a path passes, its curves' handles among them, which lie on their way; [] for anything else."""
    found: list[tuple[float, float]] = []
    for part in path if isinstance(path, list) else []:
        numbers = part[1:] if isinstance(part, list) else None
        if not numbers or len(numbers) % 2 or not all(_is_number(one) and abs(one) < 1e5 for one in numbers):
            return []
        found += [(float(x), float(y)) for x, y in zip(numbers[::2], numbers[1::2], strict=True)]
    return found


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _tinted(shown: Image.Image, mask: np.ndarray | None) -> Image.Image:
    """The photo with what was painted before."""
    if mask is None:
        return shown
    cover = Image.fromarray(mask).convert("L").resize(shown.size).point(lambda value: round(value * _TINT))
    return Image.composite(Image.new("RGB", shown.size, _COLOUR), shown, cover)


def _kept(key: str) -> str:
    return f"{key}-painted"


def _count(key: str) -> str:
    return f"{key}-paintings"
