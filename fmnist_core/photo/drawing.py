"""A drawing becomes a picture with the look of the dataset's: centred, as large as it fits, its inside filled."""

from dataclasses import dataclass

import numpy as np
import scipy  # its parts come when they are first used: none is imported before the first page

from fmnist_core.data import SIDE, WHITE
from fmnist_core.photo.alike import Outlines, training_outlines
from fmnist_core.photo.decode import PhotoError
from fmnist_core.photo.steps import Prepared, Step, View, fit, pad, to_uint8, trim
from fmnist_core.photo.strokes import Strokes, read_strokes, resized, without_specks

# Measured on the 60,000 training pictures: 98.3 % have a longest side of 28; 91.6 % reach 255, which strokes get; and
# 179 is the level of a typical garment two pixels or more inside its outline (its median, and of these the median).
FILLING = 179
INK = 0.1  # coverage from which a pixel counts as drawn on
SMALLEST = 0.16  # of the canvas' longest side: a click with the thickest pen is no garment, a bag least of all
MOST_AREAS = 8  # closed areas that are looked at as holes, the largest first
# The answer is the mean of two pictures of a drawing, the shaded one and a plain one whose lines are dark. Level and
# weight are those that do best on outlines of the flagship's validation pictures (docs/log.md).
PLAIN, PLAIN_WEIGHT = 240, 1 / 3


@dataclass(frozen=True)
class Filling:
    """What becomes of the areas that a drawing's lines close."""

    title: str
    sentence: str


FILLINGS = {
    "alike": Filling("As garments alike", "Closed areas are shaded as training pictures of similar outlines."),
    "gray": Filling("Gray", "Closed areas become gray, and lines stay white."),
    "none": Filling("None", "Nothing is filled: the network sees the lines as they are drawn."),
}
DEFAULT_FILLING = "alike"


def prepare_drawing(ink: np.ndarray, filling: str = DEFAULT_FILLING, outlines: Outlines | None = None) -> Prepared:
    """The picture of a drawing, light on black, and its steps.

    Args:
        ink: (h, w) float, 0 where the canvas is empty to 1 where the pen has been.
        filling: a key of `FILLINGS`.
        outlines: of garments, which tell what is a hole and how garments are shaded; the training pictures' by default.

    Raises:
        PhotoError: the canvas is empty or the drawing is too small.
        ValueError: ink has another shape or values outside of 0 to 1, or an unknown filling.
        DataError: the training pictures are missing.
    """
    if ink.ndim != 2 or not ((ink >= 0) & (ink <= 1)).all():
        raise ValueError(f"Expected ink of shape (height, width) in 0 to 1. Received: shape {ink.shape}, {ink.dtype}.")
    if filling not in FILLINGS:
        raise ValueError(f"Unknown filling {filling!r}. Choose one of: {', '.join(FILLINGS)}.")
    steps, strokes = _first_steps(ink)
    warnings = tuple(step.caption for step in steps if step.name == "specks")
    if filling == "none":
        return Prepared(steps[-1].picture, tuple(steps), warnings)
    outlines = outlines or training_outlines()
    holes = _holes(strokes, outlines)
    silhouette = strokes.silhouette(holes)
    steps.append(_filled_step(strokes, silhouette, holes))
    if filling == "gray":
        return Prepared(steps[-1].picture, tuple(steps), warnings)
    shaded, plain = _shaded(strokes, silhouette, outlines)
    caption = f"{FILLINGS['alike'].sentence} The answer is the mean of this picture and a plain one."
    steps.append(Step("shaded", caption, shaded, shaded))
    views = View(shaded, 1 - PLAIN_WEIGHT), View(plain, PLAIN_WEIGHT)
    return Prepared(shaded, tuple(steps), warnings, views)


def _first_steps(ink: np.ndarray) -> tuple[list[Step], Strokes]:
    """The drawing as it came, and without specks."""
    drawn = ink >= INK
    if not drawn.any():
        raise PhotoError("The canvas is empty; draw the outline of a garment or fill it in.")
    kept, specks = without_specks(drawn)
    longest = max(int(np.ptp(np.flatnonzero(kept.any(axis=axis)))) + 1 for axis in (0, 1))
    if longest < SMALLEST * max(ink.shape):
        raise PhotoError("The drawing is too small to tell what it is; draw it larger.")
    whole = to_uint8(ink * WHITE)
    steps = [Step("drawing", "What you drew, with the canvas' margins cut off.", whole, fit(trim(whole, drawn)[0], 0))]
    if specks:
        rest = np.where(kept, whole, 0).astype(np.uint8)
        what = "A stray speck" if specks == 1 else f"{specks} stray specks"
        caption = f"{what} far from the rest {'is' if specks == 1 else 'are'} left out; the garment would become small."
        steps.append(Step("specks", caption, rest, fit(trim(rest, kept)[0], 0)))
    return steps, read_strokes(kept, np.where(kept, ink, 0))


def _holes(strokes: Strokes, outlines: Outlines) -> frozenset[int]:
    """The closed areas that are no garment: under a handle, and those without which garments are more alike."""
    holes = strokes.loops()
    nearest = _distance(strokes, holes, outlines)
    for area in sorted(set(range(2, min(strokes.count, MOST_AREAS) + 1)) - holes):
        distance = _distance(strokes, holes | {area}, outlines)
        if distance < nearest:
            nearest, holes = distance, holes | {area}
    return holes


def _distance(strokes: Strokes, holes: frozenset[int], outlines: Outlines) -> float:
    silhouette = strokes.silhouette(holes)
    return outlines.nearest(_cover(silhouette, silhouette) >= 0.5)[1]


def _filled_step(strokes: Strokes, silhouette: np.ndarray, holes: frozenset[int]) -> Step:
    """Lines white, closed areas gray, holes black."""
    inside = (silhouette & ~np.isin(strokes.areas, list(holes))).astype(np.float32)
    lines, filled = resized(strokes.ink, SIDE), resized(inside, SIDE)
    picture = pad(to_uint8(np.maximum(lines * WHITE, filled * FILLING)), fill=0)
    fine = to_uint8(np.maximum(strokes.ink * WHITE, inside * FILLING))
    caption = "What the lines close is filled"
    if holes:
        caption += f", but {len(holes)} hole{'s' * (len(holes) > 1)}, as under a handle: so it is most like a garment"
    return Step("filled", f"{caption}.", fine, picture)


def _shaded(strokes: Strokes, silhouette: np.ndarray, outlines: Outlines) -> tuple[np.ndarray, np.ndarray]:
    """(28, 28) uint8 each: shaded as garments alike, lines within it dark; and all of one level, all lines dark."""
    alone = silhouette & (strokes.count == 0)  # lines that close nothing, or a garment that was filled by hand
    lines = silhouette & strokes.drawn & ~alone
    depth = scipy.ndimage.distance_transform_edt(np.pad(silhouette, 1))[1:-1, 1:-1]
    within = lines & (depth > strokes.half + 1)
    cover = _cover(silhouette, silhouette)
    shape, plain = (cover * (1 - _cover(dark, silhouette)) for dark in (within, lines))
    return to_uint8(outlines.shading(shape >= 0.5) * shape), to_uint8(plain * PLAIN)


def _cover(part: np.ndarray, silhouette: np.ndarray) -> np.ndarray:
    """(28, 28) float64, 0 to 1: how much of each pixel is of the part, the silhouette fitted into the picture."""
    rows, columns = (np.flatnonzero(silhouette.any(axis=axis)) for axis in (1, 0))
    cut = part[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].astype(np.float32)
    return pad(to_uint8(resized(cut, SIDE) * WHITE), fill=0) / WHITE
