"""An area that somebody drew on a flat map, short enough for an address: "1843-2077.1902-2150.1870-2301".

Its corners are whole numbers from 0 to STEPS along both axes of a square three times as wide as the map, in whose
middle the map lies: so an area means the same on every screen, and may reach beyond the outermost points.
"""

import re

import numpy as np

STEPS = 9_999
MOST_CORNERS = 48  # of an area that an address says
_AREA = re.compile(r"[0-9]{1,4}-[0-9]{1,4}(\.[0-9]{1,4}-[0-9]{1,4}){2,47}")
Area = tuple[tuple[int, int], ...]  # corners; none: no area


def parse(text: str) -> Area:
    """What `write` has written. Raises ValueError for anything else."""
    if not text:
        return ()
    if not _AREA.fullmatch(text):
        raise ValueError(f"it is no area; expected 3 to {MOST_CORNERS} corners such as 1843-2077.1902-2150.1870-2301")
    pairs = (corner.split("-") for corner in text.split("."))
    return tuple((int(across), int(up)) for across, up in pairs)


def write(area: Area) -> str:
    return ".".join(f"{across}-{up}" for across, up in area)


def from_polygon(polygon: np.ndarray, places: np.ndarray) -> Area:
    """polygon: (k, 2) float, k at least 3, in the coordinates of the places, (n, 2) float of which one is finite at
    least. What has more than MOST_CORNERS loses those that change it least.
    """
    low, width = _square(places)
    steps = np.clip(np.round((polygon - low) / width * STEPS), 0, STEPS).astype(int)
    return tuple((int(across), int(up)) for across, up in _simplify(steps))


def to_polygon(area: Area, places: np.ndarray) -> np.ndarray:
    """(k, 2) float64, in the coordinates of the places; see `from_polygon`."""
    low, width = _square(places)
    return low + np.array(area, np.float64).reshape(-1, 2) / STEPS * width


def _square(places: np.ndarray) -> tuple[np.ndarray, float]:
    """Its lower left corner and how wide it is."""
    if not np.isfinite(places).all():  # most maps are whole, and choosing row by row takes ten times as long
        places = places[np.isfinite(places).all(axis=1)]
    least, most = places.min(axis=0).astype(np.float64), places.max(axis=0).astype(np.float64)
    width = 3 * float((most - least).max()) or 1.0
    return (least + most) / 2 - width / 2, width


def _simplify(corners: np.ndarray) -> np.ndarray:
    """(k, 2) -> at most MOST_CORNERS of them: again and again the one whose triangle with its neighbours is smallest
    goes (Visvalingam and Whyatt, The Cartographic Journal 30 (1993), 46).
    """
    while len(corners) > MOST_CORNERS:
        before, after = np.roll(corners, 1, axis=0) - corners, np.roll(corners, -1, axis=0) - corners
        doubled = np.abs(before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0])
        corners = np.delete(corners, int(np.argmin(doubled)), axis=0)
    return corners
