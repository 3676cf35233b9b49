"""What the strokes of a drawing say of a garment's shape: specks, pen, closed areas, silhouette."""

from dataclasses import dataclass

import numpy as np
import scipy  # its parts come when they are first used: none is imported before the first page
from PIL import Image

from fmnist_core.data import SIDE
from fmnist_core.photo.alike import FAINT

FINE = 4  # times 28: gaps in outlines are closed at this size
_FINE_SIDE = FINE * SIDE
_GAP = 3  # pixels of it, on either side of a gap
# A piece of a drawing is a speck if it is that small a share of the ink, and that far, in shares of the longest side
# of the rest, from it: straps, laces and buttons lie nearer.
SPECK, FAR = 0.05, 0.1
# A handle's loop stands on the body, which is wider on both sides by that share of the drawing's width; a collar is
# lower than that share of its height, and a dress' upper half as wide as the skirt where they meet.
SHOULDER, COLLAR = 0.06, 0.12
CANVAS, STROKE = 320, 12  # pixels of a made drawing, and of its pen
DUST = 4  # pixels of 28x28: smaller holes of a silhouette are its pattern, smaller pieces its dust
SMALLEST_AREA = 0.004  # of the box: a smaller closed area is where two strokes nearly meet


@dataclass(frozen=True, eq=False)
class Strokes:
    """A drawing at four times the size of a picture.

    ink: (h, w) float32 in [0, 1], longest side 112, touching all four edges. drawn: (h, w) bool, with small gaps
    closed. areas: (h, w) int, 0 where there is ink or the outside, else the number of the closed area, the largest
    first. count: how many areas there are. half: half of the pen's width, in pixels.
    """

    ink: np.ndarray
    drawn: np.ndarray
    areas: np.ndarray
    count: int
    half: float

    def silhouette(self, holes: frozenset[int] = frozenset()) -> np.ndarray:
        """(h, w) bool: the closed areas but the holes, up to the middle of the line around them; other lines whole."""
        filled = (self.areas > 0) & ~np.isin(self.areas, list(holes))
        reach = round(2 * self.half) + 1
        around = scipy.ndimage.binary_dilation(filled, iterations=reach) & self.drawn if filled.any() else filled
        inner = _eroded(filled | around, round(self.half)) if filled.any() else filled
        found = inner | (self.drawn & ~around)
        return found if found.any() else self.drawn

    def loops(self) -> frozenset[int]:
        """The closed areas that stand on the largest one as the opening under a handle does."""
        return frozenset(area for area in range(2, self.count + 1) if self._is_loop(area))

    def _is_loop(self, area: int) -> bool:
        height, width = self.areas.shape
        rows = np.flatnonzero((self.areas == area).any(axis=1))
        lowest = rows[-1] - (rows[-1] - rows[0]) // 8  # at its very end, corners are rounded
        own = np.flatnonzero(self.areas[lowest] == area)
        below = min(rows[-1] + round(2 * self.half) + 2, height - 1)
        body = np.flatnonzero(self.areas[below] == 1)
        if len(rows) < COLLAR * height or not len(body) or np.ptp(own) >= len(own):
            return False  # the band of a handle that is drawn twice ends in two places
        shoulder = SHOULDER * width
        return bool(body[0] + shoulder < own[0] and own[-1] + shoulder < body[-1])


def read_strokes(drawn: np.ndarray, ink: np.ndarray) -> Strokes:
    """drawn: (h, w) bool, where there is ink. ink: (h, w) float in [0, 1]; not empty."""
    rows, columns = np.flatnonzero(drawn.any(axis=1)), np.flatnonzero(drawn.any(axis=0))
    fine = resized(ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1], _FINE_SIDE)
    margin = _GAP + 1
    closed = scipy.ndimage.binary_closing(np.pad(fine >= 0.5, margin), iterations=_GAP)
    pieces, count = scipy.ndimage.label(~closed)
    sizes = np.bincount(pieces.ravel(), minlength=count + 1)
    least = SMALLEST_AREA * fine.size
    order = [piece for piece in np.argsort(-sizes) if piece not in (0, pieces[0, 0]) and sizes[piece] >= least]
    numbers = np.zeros(count + 1, int)
    numbers[order] = np.arange(1, len(order) + 1)
    small = (sizes < least)[pieces] & ~closed
    inside = np.s_[margin:-margin, margin:-margin]
    return Strokes(fine, (closed | small)[inside], numbers[pieces][inside], len(order), pen(fine >= 0.5))


def pen(strokes: np.ndarray) -> float:
    """Half of the width of typical strokes, (h, w) bool, in pixels: the median distance of their middles to an edge."""
    depth = scipy.ndimage.distance_transform_edt(np.pad(strokes, 1))[1:-1, 1:-1]
    middles = (depth == scipy.ndimage.maximum_filter(depth, 3)) & strokes
    return float(np.median(depth[middles])) if middles.any() else 0.5


def without_specks(drawn: np.ndarray) -> tuple[np.ndarray, int]:
    """(h, w) bool without stray specks far from the rest, and how many they were."""
    pieces, count = scipy.ndimage.label(drawn, structure=np.ones((3, 3)))
    sizes = np.bincount(pieces.ravel(), minlength=count + 1)
    sizes[0] = 0
    small = sizes < SPECK * sizes.sum()
    small[0] = True
    rest = ~small[pieces]
    if not rest.any() or small.sum() == 1:
        return drawn, 0
    side = max(int(np.ptp(np.flatnonzero(rest.any(axis=axis)))) + 1 for axis in (0, 1))
    distance = scipy.ndimage.minimum(scipy.ndimage.distance_transform_edt(~rest), pieces, np.arange(count + 1))
    specks = small & (np.asarray(distance) > FAR * side)
    specks[0] = False
    return drawn & ~specks[pieces], int(specks.sum())


def resized(values: np.ndarray, longest: int) -> np.ndarray:
    """(h, w) float32 by area, with the longest side as told and the other in proportion, at least 1."""
    scale = longest / max(values.shape)
    height, width = (max(1, round(length * scale)) for length in values.shape)
    smaller = Image.fromarray(values.astype(np.float32)).resize((width, height), Image.Resampling.BOX)
    return np.asarray(smaller).clip(0, 1)


def _eroded(mask: np.ndarray, by: int) -> np.ndarray:
    """(h, w) bool: what is farther than that from the outside."""
    depth = scipy.ndimage.distance_transform_edt(np.pad(mask, 1))[1:-1, 1:-1]
    return np.asarray(depth > by)


def outline_drawing(picture: np.ndarray) -> np.ndarray:
    """The drawing that a person would make of a garment: the contour of its silhouette and of the holes in it.

    (28, 28) uint8, light on black -> (320, 320) float ink.
    """
    mask = np.pad(_without_dust(~_without_dust(picture <= FAINT)), 2)
    scale = (CANVAS - 4 * STROKE) / SIDE  # the margin of two pixels may be cut off again
    smooth = scipy.ndimage.zoom(mask.astype(np.float32), scale, order=1, grid_mode=True, mode="grid-constant") >= 0.5
    inwards = scipy.ndimage.distance_transform_edt(smooth)
    outwards = scipy.ndimage.distance_transform_edt(~smooth)
    ink = (np.where(smooth, inwards, outwards) <= STROKE / 2).astype(np.float32)
    beside = CANVAS - ink.shape[0]
    if beside < 0:
        ink = ink[-beside // 2 :, -beside // 2 :][:CANVAS, :CANVAS]
        beside = 0
    return np.pad(ink, (beside // 2, beside - beside // 2))


def _without_dust(mask: np.ndarray) -> np.ndarray:
    pieces, _ = scipy.ndimage.label(mask)
    return np.asarray(mask & (np.bincount(pieces.ravel()) >= DUST)[pieces])
