"""The map: thousands of pictures as sprites on a plane or in space, drawn in the browser (components/sprite_map)."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from fmnist_ui import received
from fmnist_ui.javascript import by_address, one_module
from fmnist_ui.widgets.map_data import NO_SHEET, Look, MapPoints, Sheet, check, default_sheet, drawn_rows, map_data
from fmnist_ui.widgets.map_selection import clicked_point, select_in_polygon

__all__ = ["NO_SHEET", "Look", "MapPoints", "Sheet", "default_sheet", "select_in_polygon", "sprite_map"]

SOURCES = Path(__file__).parent / "components" / "sprite_map"
# Each file stands after those it imports from.
MODULES = (
    "tile",
    "theme",
    "camera",
    "shaders",
    "cells",
    "layout",
    "motion",
    "points",
    "depth",
    "pace",
    "sheet",
    "lasso",
    "links",
    "panels",
    "player",
    "axes",
    "overlay",
    "renderer_webgl",
    "renderer_canvas",
    "picking",
    "visitor",
    "interaction",
    "screen",
    "snapshot",
    "toolbar",
    "map",
    "index",
)
PLACES = ("layout", "frames")  # the versions that tell where the points are

_component = st.components.v2.component(
    "sprite_map",
    html=(SOURCES / "sprite_map.html").read_text(encoding="utf-8"),
    css=(SOURCES / "sprite_map.css").read_text(encoding="utf-8"),
    js=by_address("sprite_map", one_module(SOURCES, MODULES)),
)


def sprite_map(
    points: MapPoints,
    look: Look,
    *,
    key: str,
    sheet: Sheet | None = None,
    height: int | str = 620,
    legend_shown: bool = True,
    linked: str | None = None,
    linked_camera: bool = False,
    on_pick: Callable[[int], None],
    on_select: Callable[[np.ndarray], None] | None = None,
    on_draw: Callable[[np.ndarray], None] | None = None,
) -> None:
    """Draws the map.

    Points are counted from 0 in the order of `points`, left-out ones included. What the visitor did to the view
    (pan, zoom, turn, classes switched off, the frame) survives every rerun; when the places change, the points move
    to their new ones, from 2D to 3D too, and the camera stays where it is.

    Args:
        key: names this map among the app's widgets, and its view when the visitor comes back to the page.
        sheet: the pictures; None: the test pictures; NO_SHEET: dots only.
        height: CSS pixels, or a length as CSS writes it; the legend included.
        legend_shown: False for small maps side by side under one legend.
        linked: maps of one page with the same name here show the picture that is pointed at in any of them.
        linked_camera: those of them that are flat and have this also move together.
        on_pick: called with a clicked point, before the script runs again.
        on_select: called with the points, (m,) integers, around which the visitor drew a line; may be none. See
            `select_in_polygon` for what counts.
        on_draw: called instead with the line itself, (k, 2) float, in the coordinates of the points of a flat map.
            Without either the map has no tools to select many.

    Raises:
        ValueError: lengths that differ, an index beyond its list, a palette and a legend that do not match, or
            frames that are not those of the points.
    """
    check(points, look)
    rows = drawn_rows(points, look)
    page: dict[str, Any] = {
        "key": key,
        "height": f"{height}px" if isinstance(height, int) else height,
        "legend_shown": legend_shown,
        "linked": linked,
        "link_camera": linked_camera,
        "can_select": (on_select or on_draw) is not None,
    }
    data = page | map_data(points, look, rows, sheet or default_sheet())
    _leave_out_what_was_sent(data, key)
    _component(
        key=key,
        data=data,
        height="content",
        on_clicked_change=partial(_clicked, key, points, rows, on_pick),
        on_selected_change=partial(_drawn_around, key, data["versions"], points, look, rows, on_select, on_draw),
        # A run that the next one overtook may have taken what it sent with it.
        on_lacking_change=lambda: st.session_state.pop(_sent(key), None),
    )


def _clicked(key: str, points: MapPoints, rows: np.ndarray, on_pick: Callable[[int], None]) -> None:
    point = clicked_point(received.sent(key, "clicked"), points, rows)
    if point is None:
        received.drop()
    else:
        on_pick(point)


def _drawn_around(
    key: str,
    versions: dict[str, Any],
    points: MapPoints,
    look: Look,
    rows: np.ndarray,
    on_select: Callable[[np.ndarray], None] | None,
    on_draw: Callable[[np.ndarray], None] | None,
) -> None:
    value = received.sent(key, "selected")
    found = _enclosed(value, versions, points, look, rows)
    if found is None:
        received.drop()
    elif on_draw is not None:
        on_draw(np.array(value["polygon"], np.float64))
    elif on_select is not None:
        on_select(found)


def _enclosed(
    value: Any, versions: dict[str, Any], points: MapPoints, look: Look, rows: np.ndarray
) -> np.ndarray | None:
    """The points inside a drawn line; None where it was drawn on other places than these, or is none."""
    if not isinstance(value, dict) or value.get("version") != [versions[part] for part in PLACES]:
        return None
    return select_in_polygon(points, value, among=rows, frames=look.frames)


def _leave_out_what_was_sent(data: dict[str, Any], key: str) -> None:
    """Points and frames are up to a megabyte, which the browser holds from then on."""
    versions = data["versions"]
    now = {"points": (versions["layout"], versions["marks"]), "frames": versions["frames"]}
    before = st.session_state.get(_sent(key), {})
    for part, version in now.items():
        if before.get(part) == version:
            data[part] = data[part][:0]
    st.session_state[_sent(key)] = now


def _sent(key: str) -> str:
    """Where in the session it stands what the browser has of a map."""
    return f"{key} sent"
