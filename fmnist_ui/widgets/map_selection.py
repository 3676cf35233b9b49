"""What the visitor chose on a map, read from what the browser sent: nothing of that can be trusted."""

import math
from typing import Any

import numpy as np

from fmnist_ui.received import is_place
from fmnist_ui.widgets.map_data import MapPoints

MAX_CORNERS = 2_000
NEAREST_DEPTH = 0.3  # as in camera.js: what is nearer to the eye is not drawn


def clicked_point(clicked: Any, points: MapPoints, rows: np.ndarray) -> int | None:
    """The point that the browser named; None if it named none, or the points have changed under the click.

    Args:
        clicked: None or what the component sent: {"point": its place among the drawn ones, "picture": its picture}.
        rows: (m,) integers, the points that are drawn.
    """
    if not isinstance(clicked, dict):
        return None
    place, picture = clicked.get("point"), clicked.get("picture")
    if not is_place(place, len(rows)) or type(picture) is not int or points.picture[rows[place]] != picture:
        return None
    return int(rows[place])


def select_in_polygon(
    points: MapPoints, value: Any, *, among: np.ndarray | None = None, frames: np.ndarray | None = None
) -> np.ndarray | None:
    """The points within what the visitor drew, (m,) integers in ascending order, counted among all points.

    Exact for all of them, those too that the browser left out to be quick. Points of a colour that the legend had
    switched off do not count, and neither do those that are not in `among`. A line that crosses itself encloses all
    that it goes around. In 3D the points behind others count as well, those behind the eye do not.

    Args:
        value: what the component sent: {"polygon": [[x, y], …] in the coordinates of the points or, with "matrix"
            (three rows of four: x, y and w), on the screen; "hidden": colour indices; "frame": None or an index}.
        among: (k,) integers; None: all points.
        frames: as given to `sprite_map`.

    Returns:
        None if the value makes no sense: not a dict, fewer than 3 or more than 2,000 corners, numbers that are not
        finite, a frame that does not exist.
    """
    if not isinstance(value, dict):
        return None
    polygon = _numbers(value.get("polygon"), 2, range(3, MAX_CORNERS + 1))
    places = _places(points, value.get("frame"), frames)
    hidden = value.get("hidden", [])
    if polygon is None or places is None or not _are_colours(hidden):
        return None
    if value.get("matrix") is not None or places.shape[1] == 3:
        matrix = _numbers(value.get("matrix"), 4, range(3, 4))
        if matrix is None:
            return None
        places = _projected(places, matrix)
    counts = np.isfinite(places).all(axis=1) & ~np.isin(points.colour, hidden)
    if among is not None:
        counts &= np.isin(np.arange(len(counts)), among)
    rows = np.flatnonzero(counts)
    return rows[_is_within(places[rows], polygon)]


def _numbers(value: Any, width: int, lengths: range) -> np.ndarray | None:
    """A list of lists of `width` finite numbers as an array; None if it is anything else."""
    if not isinstance(value, list) or len(value) not in lengths:
        return None
    if not all(isinstance(row, list) and len(row) == width for row in value):
        return None
    if not all(type(part) in (int, float) and abs(part) < 1e300 for row in value for part in row):
        return None
    found = np.array(value, np.float64)
    return found if np.isfinite(found).all() else None


def _are_colours(hidden: Any) -> bool:
    return isinstance(hidden, list) and len(hidden) <= 256 and all(is_place(colour, 256) for colour in hidden)


def _places(points: MapPoints, frame: Any, frames: np.ndarray | None) -> np.ndarray | None:
    if frame is None:
        return points.places.astype(np.float64)
    if type(frame) is not int or frames is None or not 0 <= frame < len(frames):
        return None
    return frames[frame].astype(np.float64)


def _projected(places: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """On the screen; not a number for what lies behind the eye or close before it."""
    solid = np.zeros((len(places), 4))
    solid[:, : places.shape[1]] = places
    solid[:, 3] = 1
    with np.errstate(all="ignore"):
        x, y, w = matrix @ solid.T
        return np.where(w > NEAREST_DEPTH, np.stack([x, y]) / w, math.nan).T


def _is_within(places: np.ndarray, polygon: np.ndarray) -> np.ndarray:
    """Whether the polygon winds around each place, (n,) bool.

    Sorted by height, the places beside each edge are one slice, so 70,000 places and 2,000 edges take no second.
    """
    order = np.argsort(places[:, 1], kind="stable")
    x, y = places[order].T
    winding = np.zeros(len(order), np.int32)
    start, end = polygon, np.roll(polygon, -1, axis=0)
    low = np.searchsorted(y, np.minimum(start[:, 1], end[:, 1]), "left")
    high = np.searchsorted(y, np.maximum(start[:, 1], end[:, 1]), "left")
    for (x0, y0), (x1, y1), first, last in zip(start, end, low, high, strict=True):
        if first == last:
            continue
        beside = slice(first, last)
        crossing = x0 + (x1 - x0) * ((y[beside] - y0) / (y1 - y0))
        winding[beside] += np.where(x[beside] < crossing, 1 if y1 > y0 else -1, 0)
    within = np.empty(len(order), bool)
    within[order] = winding != 0
    return within
