"""The map: thousands of pictures as sprites on a plane, drawn in the browser (components/sprite_map)."""

import functools
import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from fmnist_core.data import SIDE, SIZES
from fmnist_core.sprites import TEST_SHEET, sheet_columns
from fmnist_ui.javascript import one_module

SOURCES = Path(__file__).parent / "components" / "sprite_map"
# Each file stands after those it imports from.
MODULES = (
    "tile",
    "shaders",
    "camera",
    "layout",
    "points",
    "sheet",
    "panels",
    "overlay",
    "renderer_webgl",
    "renderer_canvas",
    "visitor",
    "interaction",
    "map",
    "index",
)
MAX_COLOURS = 256  # a colour index is one byte


_component = st.components.v2.component(
    "sprite_map",
    html=(SOURCES / "sprite_map.html").read_text(encoding="utf-8"),
    css=(SOURCES / "sprite_map.css").read_text(encoding="utf-8"),
    js=one_module(SOURCES, MODULES),
)


@dataclass(frozen=True, eq=False)
class MapPoints:
    """What is drawn, one entry a point; n may be 0. Points whose x or y is not finite are left out.

    x, y: (n,) float32, any range; both axes are drawn to the same scale, y upwards.
    picture: (n,) integers, the tile of the sheet, which is also the number that is shown.
    colour: (n,) uint8, index into the palette. label: (n,) uint8, index into the class names.
    predicted: (n,) uint8, index into the class names, or None: nothing was predicted.
    confidence: (n,) uint8, 255 is certain, or None.
    """

    x: np.ndarray
    y: np.ndarray
    picture: np.ndarray
    colour: np.ndarray
    label: np.ndarray
    predicted: np.ndarray | None = None
    confidence: np.ndarray | None = None


@dataclass(frozen=True)
class Sheet:
    """Where the browser gets the pictures: a sheet as made by `fmnist_core.sprites.sprite_sheet`."""

    url: str  # relative to the page, absolute, or a data URI
    count: int  # of the pictures on it


@functools.cache
def default_sheet() -> Sheet:
    """The sheet of the 10,000 test pictures; its address changes with its content, for the browser's cache."""
    version = hashlib.sha256(TEST_SHEET.read_bytes()).hexdigest()[:8]
    return Sheet(f"app/static/{TEST_SHEET.name}?v={version}", SIZES["test"])


def sprite_map(
    points: MapPoints,
    *,
    key: str,
    palette: Sequence[str],
    legend: Sequence[str],
    class_names: Sequence[str],
    selected: int | None = None,
    highlighted: np.ndarray | None = None,
    sheet: Sheet | None = None,
    height: int = 620,
    on_pick: Callable[[int], None],
) -> None:
    """Draws the map.

    Points are counted from 0 in the order of `points`, left-out ones included. What the visitor did to the view
    (pan, zoom, classes switched off) survives every rerun; when x and y change and the pictures do not, the
    points move to their new places.

    Args:
        key: names this map among the app's widgets, and its view when the visitor comes back to the page.
        palette: "#rrggbb" for each colour index. legend: what each of them means. At most 256.
        selected: the point with the strong ring. A click moves the ring at once; a new value moves it again.
        highlighted: (m,) integers, points with a thin ring.
        sheet: the pictures; None: the test pictures.
        height: CSS pixels, the legend included.
        on_pick: called with a clicked point, before the script runs again.

    Raises:
        ValueError: lengths that differ, an index beyond its list, or a palette and a legend that do not match.
    """
    _check(points, palette, legend, class_names)
    rows = np.flatnonzero(np.isfinite(points.x) & np.isfinite(points.y))
    table, rings = _tables(points, rows, highlighted)
    sheet = sheet or default_sheet()
    data = {
        "key": key,
        "points": table,
        "highlighted": rings,
        "versions": _versions(table, rings, [*palette, *legend, *class_names]),
        "palette": list(palette),
        "legend": list(legend),
        "class_names": list(class_names),
        "selected": _position(rows, selected),
        "dropped": len(points.x) - len(rows),
        "sheet": {"url": sheet.url, "columns": sheet_columns(sheet.count), "side": SIDE},
        "height": height,
    }

    def clicked() -> None:
        point = clicked_point(st.session_state[key].clicked, points, rows)
        if point is not None:
            on_pick(point)

    _component(key=key, data=data, height="content", on_clicked_change=clicked)


def _check(points: MapPoints, palette: Sequence[str], legend: Sequence[str], names: Sequence[str]) -> None:
    arrays = {field.name: getattr(points, field.name) for field in fields(points)}
    lengths = {name: len(values) for name, values in arrays.items() if values is not None}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"All arrays of a map must have the same length. Received: {lengths}.")
    if len(palette) != len(legend) or len(palette) > MAX_COLOURS:
        raise ValueError(
            f"A map needs one legend text a colour, at most {MAX_COLOURS}. "
            f"Received: {len(palette)} colours and {len(legend)} texts."
        )
    for name, known in (("colour", palette), ("label", names), ("predicted", names)):
        values = arrays[name]
        if values is not None and len(values) and values.max() >= len(known):
            raise ValueError(
                f"The map's {name} must be below {len(known)}, the number of its names. Received: {values.max()}."
            )


def _tables(points: MapPoints, rows: np.ndarray, highlighted: np.ndarray | None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What goes to the browser as Arrow: the points (16 bytes each, 160 kB for 10,000) and the highlighted ones."""
    kinds = {"x": np.float32, "y": np.float32, "picture": np.uint32}
    table = {
        field.name: values[rows].astype(kinds.get(field.name, np.uint8))
        for field in fields(points)
        if (values := getattr(points, field.name)) is not None
    }
    rings = np.flatnonzero(np.isin(rows, [] if highlighted is None else highlighted))
    return pd.DataFrame(table), pd.DataFrame({"point": rings.astype(np.uint32)})


def _versions(table: pd.DataFrame, rings: pd.DataFrame, words: Sequence[str]) -> dict[str, str]:
    """Tells the browser which parts are new: every rerun sends all of them, as new objects."""
    layout = ("x", "y", "picture")
    marks = [name for name in table if name not in layout]
    return {
        "layout": _digest(table[name].to_numpy().tobytes() for name in layout),
        "marks": _digest(table[name].to_numpy().tobytes() for name in marks),
        "highlighted": _digest([rings["point"].to_numpy().tobytes()]),
        "palette": _digest(word.encode() for word in words),
    }


def _digest(parts: Iterable[bytes]) -> str:
    digest = hashlib.blake2b(digest_size=8)
    for part in parts:
        digest.update(len(part).to_bytes(8, "little"))
        digest.update(part)
    return digest.hexdigest()


def _position(rows: np.ndarray, point: int | None) -> int | None:
    """Where a point stands among those that are drawn; None if it is not drawn."""
    found = np.flatnonzero(rows == point) if point is not None else []
    return int(found[0]) if len(found) else None


def clicked_point(clicked: Any, points: MapPoints, rows: np.ndarray) -> int | None:
    """The point that the browser named; None if it named none, or the points have changed under the click.

    Args:
        clicked: None or what the component sent: {"point": its place among the drawn ones, "picture": its picture}.
        rows: (m,) integers, the points that are drawn.
    """
    if not isinstance(clicked, dict):
        return None
    place, picture = clicked.get("point"), clicked.get("picture")
    if not isinstance(place, int) or not 0 <= place < len(rows) or points.picture[rows[place]] != picture:
        return None
    return int(rows[place])
