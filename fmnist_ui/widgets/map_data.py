"""What a map consists of, and the form in which it goes to the browser (components/sprite_map)."""

import functools
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal

import numpy as np
import pandas as pd

from fmnist_core.data import SIDE, SIZES
from fmnist_core.release.sprites import TEST_SHEET, sheet_columns

MAX_COLOURS = 256  # a colour index is one byte
QUANTA = 32767  # a frame's coordinates are sent as 16-bit integers


@dataclass(frozen=True, eq=False)
class MapPoints:
    """What is drawn, one entry a point; n may be 0. Points without a finite place are left out.

    x, y, z: (n,) float32, any range; all axes are drawn to the same scale, y upwards. z None: a flat map.
    picture: (n,) integers, the point's own: the tile of the sheet and, as `Look.numbered` tells, the number that is
        shown. Points beyond the sheet's count are drawn as dots at every zoom.
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
    z: np.ndarray | None = None

    @property
    def places(self) -> np.ndarray:
        """(n, 2) or (n, 3), a column an axis."""
        return np.stack([axis for axis in (self.x, self.y, self.z) if axis is not None], axis=1)


@dataclass(frozen=True)
class Sheet:
    """Where the browser gets the pictures: a sheet as made by `fmnist_core.release.sprites.sprite_sheet`."""

    url: str  # relative to the page, absolute, or a data URI
    count: int  # of the pictures on it; 0: there is no sheet, all points are dots


NO_SHEET = Sheet("", 0)


@functools.cache
def default_sheet() -> Sheet:
    """The sheet of the 10,000 test pictures; its address changes with its content, for the browser's cache."""
    version = hashlib.sha256(TEST_SHEET.read_bytes()).hexdigest()[:8]
    return Sheet(f"app/static/{TEST_SHEET.name}?v={version}", SIZES["test"])


@dataclass(frozen=True, eq=False)
class Look:
    """How the points are shown.

    palette: "#rrggbb" for each colour index. legend: what each of them means. At most 256.
    selected: the point with the strong ring. A click moves the ring at once; a new value moves it again.
    highlighted: (m,) integers, points with a thin ring.
    emphasised: (m,) integers, the points that stand out; all others fade and cannot be pointed at. None: all.
    shown: (m,) integers, the points that are drawn; they fill the map. None: all.
    frames: (k, n, 2) or (k, n, 3) float, an animation to play, whose last frame is the places of the points.
    frame_labels: a text for each frame.
    named_by: which names stand on the map, those of the labels or those of the predictions.
    numbered: from which tile on pictures are called what; each counts from 0. In ascending order.
    axes: a title for each axis, or none: then where a point lies means nothing by itself.
    """

    palette: Sequence[str]
    legend: Sequence[str]
    class_names: Sequence[str]
    selected: int | None = None
    highlighted: np.ndarray | None = None
    emphasised: np.ndarray | None = None
    shown: np.ndarray | None = None
    frames: np.ndarray | None = None
    frame_labels: Sequence[str] | None = None
    named_by: Literal["label", "predicted"] = "label"
    numbered: Sequence[tuple[int, str]] = ((0, "Picture"),)
    axes: Sequence[str] = ()


def drawn_rows(points: MapPoints, look: Look) -> np.ndarray:
    """The points that are drawn, (m,) integers: those of `shown` that have a place in every frame."""
    drawn = _has_place(points, look)
    if look.shown is not None:
        shown = np.zeros(len(drawn), bool)
        shown[look.shown] = True
        drawn &= shown
    return np.flatnonzero(drawn)


def _has_place(points: MapPoints, look: Look) -> np.ndarray:
    finite = np.isfinite(points.places).all(axis=1)
    return finite if look.frames is None else finite & np.isfinite(look.frames).all(axis=(0, 2))


def map_data(points: MapPoints, look: Look, rows: np.ndarray, sheet: Sheet) -> dict[str, Any]:
    """The part of the browser's data that does not depend on the page around the map.

    JSON, and four data frames: points (16 bytes each, 20 with z, so 160 or 200 kB for 10,000), emphasis (a bit each,
    or nothing), highlighted and frames (4 or 6 bytes a point and frame; the last frame is the points' own places and
    is not sent again).
    """
    table = _points_table(points, rows)
    emphasis = _emphasis_table(look, len(points.x), rows)
    rings = pd.DataFrame({"point": np.flatnonzero(np.isin(rows, _given(look.highlighted))).astype(np.uint32)})
    frames, spans = _frame_table(look.frames, rows)
    words = [*look.palette, *look.legend, *look.class_names]
    return {
        "points": table,
        "count": len(rows),
        "emphasis": emphasis,
        "highlighted": rings,
        "frames": frames,
        "frame_spans": spans,
        "frame_labels": _frame_labels(look) if spans else [],
        "versions": {
            "layout": _digest([*_bytes(table, "x", "y", "z", "picture"), str(sheet.count).encode()]),
            "marks": _digest([*_bytes(table, "colour", "label", "predicted", "confidence"), look.named_by.encode()]),
            "emphasised": _digest(_bytes(emphasis, "faint")),
            "highlighted": _digest(_bytes(rings, "point")),
            "frames": _digest([*_bytes(frames, "x", "y", "z"), str(spans).encode()]),
            "palette": _digest(word.encode() for word in words),
            "shown": _digest([] if look.shown is None else [rows.tobytes()]),
        },
        "palette": list(look.palette),
        "legend": list(look.legend),
        "class_names": list(look.class_names),
        "named_by": look.named_by,
        "numbered": [list(part) for part in look.numbered],
        "axes": list(look.axes),
        "selected": _position(rows, look.selected),
        "dropped": int((~_has_place(points, look)).sum()),
        "sheet": {"url": sheet.url, "count": sheet.count, "columns": sheet_columns(sheet.count), "side": SIDE}
        if sheet.count
        else None,
    }


def check(points: MapPoints, look: Look) -> None:
    """Raises ValueError for what does not fit together."""
    arrays = {field.name: getattr(points, field.name) for field in fields(points)}
    lengths = {name: len(values) for name, values in arrays.items() if values is not None}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"All arrays of a map must have the same length. Received: {lengths}.")
    if len(look.palette) != len(look.legend) or len(look.palette) > MAX_COLOURS:
        raise ValueError(
            f"A map needs one legend text a colour, at most {MAX_COLOURS}. "
            f"Received: {len(look.palette)} colours and {len(look.legend)} texts."
        )
    names = look.class_names
    for name, known in (("colour", look.palette), ("label", names), ("predicted", names)):
        values = arrays[name]
        if values is not None and len(values) and values.max() >= len(known):
            raise ValueError(
                f"The map's {name} must be below {len(known)}, the number of its names. Received: {values.max()}."
            )
    if look.axes and len(look.axes) != points.places.shape[1]:
        raise ValueError(f"A map needs a title for each of its axes. Received: {len(look.axes)}.")
    if look.frames is not None:
        _check_frames(points.places, look.frames, look.frame_labels)


def _check_frames(places: np.ndarray, frames: np.ndarray, labels: Sequence[str] | None) -> None:
    if frames.ndim != 3 or not len(frames) or frames.shape[1:] != places.shape:
        raise ValueError(f"A map's frames must be (k, {', '.join(map(str, places.shape))}). Received: {frames.shape}.")
    if labels is not None and len(labels) != len(frames):
        raise ValueError(f"A map needs one label a frame. Received: {len(labels)} labels of {len(frames)} frames.")
    if not np.allclose(frames[-1], places, rtol=1e-4, equal_nan=True):
        raise ValueError("The last frame of a map must be the places of its points. Pass x, y and z from frames[-1].")


def _points_table(points: MapPoints, rows: np.ndarray) -> pd.DataFrame:
    kinds = {"x": np.float32, "y": np.float32, "z": np.float32, "picture": np.uint32}
    table = {
        field.name: values[rows].astype(kinds.get(field.name, np.uint8))
        for field in fields(points)
        if (values := getattr(points, field.name)) is not None
    }
    return pd.DataFrame(table)


def _emphasis_table(look: Look, count: int, rows: np.ndarray) -> pd.DataFrame:
    """By itself: it changes with every choice, and the points do not. A bit a point, the lowest of a byte first."""
    faint = np.ones(0 if look.emphasised is None else count, np.uint8)
    if look.emphasised is not None:
        faint[look.emphasised] = 0
    return pd.DataFrame({"faint": np.packbits(faint[rows] if len(faint) else faint, bitorder="little")})


def _frame_table(frames: np.ndarray | None, rows: np.ndarray) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
    """All frames but the last, one after the other, and where each of them lies: {"centre": […], "half": …}.

    Each frame is scaled by itself, as the browser scales a layout: the box of its points becomes [-1, 1] along its
    longest side. A frame of t-SNE may be a ten-thousandth as large as the last one.
    """
    earlier = np.zeros((0, 0, 2)) if frames is None else frames[:-1, rows].astype(np.float64)
    if not earlier.size:
        return pd.DataFrame({"x": np.zeros(0, np.int16), "y": np.zeros(0, np.int16)}), []
    low, high = earlier.min(axis=1), earlier.max(axis=1)
    centre, half = (low + high) / 2, (high - low).max(axis=1) / 2
    half[half == 0] = 1
    quanta = np.round((earlier - centre[:, None]) / half[:, None, None] * QUANTA).astype(np.int16)
    table = {name: quanta[:, :, axis].ravel() for axis, name in enumerate("xyz"[: quanta.shape[2]])}
    spans = [{"centre": list(middle), "half": float(size)} for middle, size in zip(centre, half, strict=True)]
    return pd.DataFrame(table), spans


def _frame_labels(look: Look) -> list[str]:
    if look.frames is None:
        return []
    if look.frame_labels is not None:
        return list(look.frame_labels)
    return [f"{frame + 1} of {len(look.frames)}" for frame in range(len(look.frames))]


def _given(points: np.ndarray | None) -> np.ndarray:
    return np.zeros(0, np.int64) if points is None else points


def _bytes(table: pd.DataFrame, *names: str) -> list[bytes]:
    return [name.encode() + table[name].to_numpy().tobytes() for name in names if name in table]


def _digest(parts: Iterable[bytes]) -> str:
    digest = hashlib.blake2b(digest_size=8)
    for part in parts:
        digest.update(len(part).to_bytes(8, "little"))
        digest.update(part)
    return digest.hexdigest()


def _position(rows: np.ndarray, point: int | None) -> int | None:
    """Where a point stands among those that are drawn; None if it is not drawn."""
    if point is None:
        return None
    found = np.flatnonzero(rows == point)
    return int(found[0]) if len(found) else None
