"""A gallery of 28x28 pictures that one can click: thumbnails with a caption and a verdict each."""

import base64
import io
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import streamlit as st
from PIL import Image

from fmnist_core.data import SIDE
from fmnist_ui import received
from fmnist_ui.javascript import by_address

Tone = Literal["neutral", "right", "wrong", "accent"]
_TONE_WORDS = {"neutral": "", "right": "right", "wrong": "wrong", "accent": "highlighted"}

_SHEET_COLUMNS = 10
_PITCH = SIDE + 2  # a picture and its border of one pixel, see tile_sheet

_COMPONENTS = Path(__file__).parent / "components"
_component = st.components.v2.component(
    "fmnist_gallery",
    css=(_COMPONENTS / "gallery.css").read_text(encoding="utf-8"),
    js=by_address("gallery", (_COMPONENTS / "gallery.js").read_text(encoding="utf-8")),
)


@dataclass(frozen=True)
class Tile:
    """One picture of a gallery.

    picture: (28, 28) uint8. caption and detail: one line each under it, cut with an ellipsis where they are
    too long. tone: the verdict, drawn as a coloured edge and a mark. alt: says what the picture is to who
    cannot see it; caption, detail and verdict are added to it.
    """

    picture: np.ndarray
    caption: str = ""
    detail: str = ""
    tone: Tone = "neutral"
    alt: str = ""


def gallery(
    tiles: Sequence[Tile],
    *,
    key: str,
    size: int = 72,
    selected: int | None = None,
    label: str,
    on_pick: Callable[[int], None] | None = None,
) -> None:
    """Draws the tiles as a grid that fills the width, and updates it in place when they change.

    size is the least width of a tile in CSS pixels; label names the group for screen readers. A selected
    index outside the tiles lights none. No tiles draw nothing: the page shows its own empty state.

    on_pick is called with the index in `tiles` of a clicked picture, before the script runs again: so one run
    shows what the click changed. Without it the pictures cannot be clicked. If the tiles changed between drawing
    and click, the clicked picture is looked up among these, and nothing is called when it is not there.
    """
    if not tiles:
        return
    payload = gallery_payload(tiles, size=size, selected=selected, label=label, clickable=on_pick is not None)
    ids = [tile["id"] for tile in payload["tiles"]]

    def picked() -> None:
        index = picked_index(received.sent(key, "picked"), ids)
        if index is None:
            received.drop()
        elif on_pick is not None:
            on_pick(index)

    _component(key=key, data=payload, on_picked_change=picked)


def gallery_payload(
    tiles: Sequence[Tile], *, size: int, selected: int | None, label: str, clickable: bool
) -> dict[str, Any]:
    """What the browser is sent for a gallery, ready for JSON; see gallery() for the arguments.

    No value is a list or a dictionary, which may be a table: Streamlit would import pandas to see.
    """
    return {
        "label": label,
        "size": size,
        "clickable": clickable,
        "selected": None if selected is None else int(selected),
        **gallery_sheet(np.stack([tile.picture for tile in tiles])),
        "tiles": tuple(
            {
                "id": zlib.crc32(tile.picture.tobytes()),
                "caption": tile.caption,
                "detail": tile.detail,
                "tone": tile.tone,
                "label": tile_label(tile),
            }
            for tile in tiles
        ),
    }


def gallery_sheet(pictures: np.ndarray) -> dict[str, Any]:
    """The pictures as one image that a browser cuts, and how; see tile_sheet() for the argument."""
    sheet = base64.b64encode(tile_sheet(pictures)).decode("ascii")
    return {
        "url": f"data:image/png;base64,{sheet}",
        "columns": min(len(pictures), _SHEET_COLUMNS),
        "rows": -(-len(pictures) // _SHEET_COLUMNS),
        "side": SIDE,
        "pitch": _PITCH,
    }


def tile_sheet(pictures: np.ndarray) -> bytes:
    """All pictures as one PNG: ten a row, each framed by one pixel that repeats its own edge.

    The frame is never meant to be seen. It is there because a browser that scales the sheet to a broken
    number of screen pixels may take a sliver of what lies beside a picture.

    Args:
        pictures: (n, 28, 28) uint8, n at least 1.

    Raises:
        ValueError: another shape or dtype.
    """
    if pictures.shape[1:] != (SIDE, SIDE) or pictures.dtype != np.uint8 or not len(pictures):
        raise ValueError(
            f"A tile sheet is made of at least one picture, (n, {SIDE}, {SIDE}) uint8. "
            f"Received: shape {pictures.shape}, {pictures.dtype}."
        )
    columns = min(len(pictures), _SHEET_COLUMNS)
    rows = -(-len(pictures) // columns)
    places = np.zeros((rows * columns, _PITCH, _PITCH), np.uint8)
    places[: len(pictures)] = np.pad(pictures, ((0, 0), (1, 1), (1, 1)), mode="edge")
    sheet = places.reshape(rows, columns, _PITCH, _PITCH).swapaxes(1, 2).reshape(rows * _PITCH, -1)
    file = io.BytesIO()
    Image.fromarray(sheet).save(file, "PNG", compress_level=1)
    return file.getvalue()


def tile_label(tile: Tile) -> str:
    """The tile in words: what a screen reader says and what the pointer's tooltip shows."""
    parts = [tile.alt, tile.caption, tile.detail, _TONE_WORDS[tile.tone]]
    # An alt text that already holds the caption is not followed by it.
    said = [part for place, part in enumerate(parts) if part and (place == 0 or part not in tile.alt)]
    return ", ".join(said) or "picture"


def picked_index(picked: object, ids: Sequence[int]) -> int | None:
    """Where among `ids` the picture is that the browser reported as clicked, None if nowhere.

    picked is untrusted: a browser may send anything. Expected: {"index": int, "id": int}.
    """
    if not isinstance(picked, dict):
        return None
    index, identity = picked.get("index"), picked.get("id")
    if type(identity) is not int:
        return None
    if received.is_place(index, len(ids)) and ids[index] == identity:
        return index
    return ids.index(identity) if identity in ids else None
