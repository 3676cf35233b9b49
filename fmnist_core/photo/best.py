"""Our way from a photo to a picture: cut out, brought into the shape of the dataset's, made light on black.

Each step is a row of `settings.CONTROLS`. The same way under a few other outlines and widths gives the views.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import scipy  # its parts come when they are first used: none is imported before the first page
from PIL import Image

from fmnist_core.data import SIDE, WHITE
from fmnist_core.photo import shape
from fmnist_core.photo.already import from_black, is_on_black
from fmnist_core.photo.garment import Garment
from fmnist_core.photo.outline import Photo, outlines
from fmnist_core.photo.settings import CONTROLS, Settings
from fmnist_core.photo.steps import (
    LIGHT_GARMENT,
    NOTHING_FOUND,
    Prepared,
    Step,
    View,
    darken,
    fit,
    pad,
    resize,
    sharpen,
    to_uint8,
    trim,
)

# Of the widths of the T-shirts, pullovers, coats and shirts of the training set, height 1, the quartiles are 20, 21 and
# 23 pixels of 28 (measured); in the same proportion about the width that is set.
WIDTHS = (1, 20 / 21, 23 / 21)
_KNOBS = {control.name: control.knob for control in CONTROLS}
_SPECKS = 2  # pixels at a longest side of 256: what is thinner makes no notch


@dataclass(frozen=True, eq=False)
class _Cut:
    """gray: (h, w) uint8, dark on white until it is negated. mask: (h, w) bool, the garment."""

    gray: np.ndarray
    mask: np.ndarray
    found: bool = True  # the mask is a garment and not all there is
    pair: bool = False
    light: bool = False
    negated: bool = False

    @property
    def picture(self) -> np.ndarray:
        return self.gray if self.gray.shape == (SIDE, SIDE) else fit(self.gray, 0 if self.negated else WHITE)


def prepare_best(photo: Photo, found: list[Garment] | None = None) -> Prepared:
    """A photo's picture, its steps and its views. found: its outlines, where they are known; else they are sought."""
    if is_on_black(photo.gray) and not photo.helped:
        return from_black(photo.image, photo.gray)
    gray = np.asarray(photo.small.convert("L"))
    found, ways = _read(gray, found or outlines(photo), photo.settings)
    way = ways[-1]
    last = way[-1][1]
    steps = [Step("photo", "Your photo, upright.", np.asarray(photo.image), fit(gray, WHITE))]
    steps += _outline_steps(found, photo.settings, fit(gray, WHITE))
    steps += [Step(name, _CAPTIONS[name], cut.gray, cut.picture) for name, cut in way]
    nothing = found[0].found_by == "nothing" and photo.settings.number("find") is not None
    warnings = (NOTHING_FOUND,) * nothing + (LIGHT_GARMENT,) * last.light
    return Prepared(last.picture, tuple(steps), warnings, _views(gray, found, photo.settings))


def _read(
    gray: np.ndarray, found: list[Garment], settings: Settings
) -> tuple[list[Garment], list[list[tuple[str, _Cut]]]]:
    """The outlines that count, each with its way. Where one shows a pair of shoes, the others have missed it."""
    ways = [_way(_start(gray, garment), settings) for garment in found]
    pairs = [way[-1][1].pair for way in ways]
    kept = [number for number in range(len(found)) if pairs[number] or not any(pairs)]
    return [found[number] for number in kept], [ways[number] for number in kept]


def _start(gray: np.ndarray, garment: Garment) -> _Cut:
    return _Cut(gray, garment.mask, found=garment.found_by != "nothing")


def _views(gray: np.ndarray, found: list[Garment], settings: Settings) -> tuple[View, ...]:
    """The garment in each outline, as wide as it is and as the dataset's are, sharpened and not; first the shown."""
    views: list[View] = []
    for garment in reversed(found):
        ends = [_way(_start(gray, garment), one)[-1][1] for one in _variants(settings)]
        different = {cut.picture.tobytes(): cut for cut in ends}
        share = 1 / len(found) / len(different)
        views += [View(cut.picture, share, cut.pair) for cut in different.values()]
    return tuple(views)


def _variants(settings: Settings) -> list[Settings]:
    """The dataset's edges ask for sharpening, but it brings out a snapshot's grain and folds: both are viewed."""
    width, knob = settings.number("narrow"), _KNOBS["narrow"]
    widths: list[float | None] = [None]
    if width is not None and knob is not None:
        widths = [*(min(max(width * factor, knob.low), knob.high) for factor in WIDTHS), None]
    return [replace(settings, sharpen=sharp, narrow=one) for sharp in (settings.sharpen, None) for one in widths]


def _outline_steps(found: list[Garment], settings: Settings, picture: np.ndarray) -> list[Step]:
    captions = {
        "background": "The brighter, the farther a pixel's colour is from that of the plain background.",
        "colours": "The brighter, the more a pixel's colour is one of the garment and not of its surroundings.",
        "painted": "You painted the garment.",
        "nothing": "No part of the photo differs clearly from the rest, so all of it is kept.",
    }
    masks = [garment.mask.astype(np.uint8) * np.uint8(WHITE) for garment in found]
    steps = []
    if settings.number("find") is not None or found[0].found_by == "painted":
        steps = [
            Step("evidence", captions[found[0].found_by], found[0].evidence, picture),
            Step("find", "What counts as garment: one piece, specks removed and holes filled.", masks[0], picture),
        ]
    if len(found) > 1 or found[0].refined:
        steps.append(Step("refine", "The outline where neighbouring pixels decide together.", masks[-1], picture))
    return steps


def _way(cut: _Cut, settings: Settings) -> list[tuple[str, _Cut]]:
    """The steps that change something, each with what it leaves. At its end stands a picture."""
    done = []
    for name, act in _ACTS:
        knob = settings.number(name)
        after = act(cut, knob) if knob is not None or name in _ALWAYS else None
        if after is not None:
            cut = after
            done.append((name, cut))
    return done


def _trim(cut: _Cut, margin: float | None) -> _Cut:
    gray, mask = trim(np.where(cut.mask, cut.gray, WHITE).astype(np.uint8), cut.mask)
    width = round((margin or 0) * max(mask.shape))
    return replace(cut, gray=np.pad(gray, width, constant_values=WHITE), mask=np.pad(mask, width))


def _pair(cut: _Cut, depth: float | None) -> _Cut | None:
    """One shoe, laid on its side as the dataset's lie, or None where the outline is no pair."""
    opened = scipy.ndimage.binary_opening(np.pad(cut.mask, 1), iterations=_SPECKS)[1:-1, 1:-1]
    one = next((twin for mask in (opened, cut.mask) if (twin := shape.twins(mask)) is not None), None)
    if one is None:
        mask = shape.largest_piece(opened)
        if not mask.any():
            return None
        gray, mask = trim(cut.gray, mask)
        if not shape.is_pair(mask, (depth or 0) / SIDE):
            return None
        gray, mask = trim(gray, shape.one_of_pair(mask))
    else:
        gray, mask = trim(cut.gray, one)
    gray = np.where(mask, gray, WHITE).astype(np.uint8)
    if one is None or mask.shape[0] > mask.shape[1]:
        gray, mask = np.rot90(gray), np.rot90(mask)
    return replace(cut, gray=np.ascontiguousarray(gray), mask=np.ascontiguousarray(mask), pair=True)


def _narrow(cut: _Cut, width: float | None) -> _Cut | None:
    """Where both sleeves are stretched out, say; shoes and other one-sided things keep their shape."""
    _, mask = trim(cut.gray, cut.mask)
    factor = (width or 0) * mask.shape[0] / mask.shape[1]
    if factor >= 1 or cut.pair or shape.mirror_overlap(mask) < shape.ALIKE:
        return None
    squeezed = shape.narrowed(cut.mask.astype(np.uint8) * np.uint8(WHITE), factor) > WHITE / 2
    return replace(cut, gray=shape.narrowed(cut.gray, factor), mask=squeezed) if squeezed.any() else None


def _toe_left(cut: _Cut, knob: float | None) -> _Cut | None:
    _, mask = trim(cut.gray, cut.mask)
    one_sided = cut.pair or shape.mirror_overlap(mask) < shape.ALIKE
    if mask.shape[1] <= mask.shape[0] or not one_sided or not shape.taller_left(mask):
        return None
    return replace(cut, gray=np.ascontiguousarray(cut.gray[:, ::-1]), mask=np.ascontiguousarray(cut.mask[:, ::-1]))


def _darken(cut: _Cut, lightest: float | None) -> _Cut | None:
    gray = darken(cut.gray, cut.mask, lightest or 0) if cut.found else None
    return None if gray is None else replace(cut, gray=gray, light=True)


def _thumbnail(cut: _Cut, side: float | None) -> _Cut:
    return replace(cut, gray=resize(cut.gray, round(side or SIDE), Image.Resampling.BOX))


def _sample(cut: _Cut, skip: float | None) -> _Cut:
    return replace(cut, gray=resize(cut.gray, SIDE, Image.Resampling.NEAREST if skip else Image.Resampling.BOX))


def _sharpen(cut: _Cut, amount: float | None) -> _Cut:
    return replace(cut, gray=sharpen(cut.gray, amount or 0))


def _centre(cut: _Cut, on: float | None) -> _Cut:
    if on:
        return replace(cut, gray=pad(cut.gray, WHITE))
    height, width = cut.gray.shape
    beside = ((0, SIDE - height), (0, SIDE - width))
    return replace(cut, gray=np.pad(cut.gray, beside, constant_values=WHITE))


def _negate(cut: _Cut, on: float | None) -> _Cut:
    return replace(cut, gray=to_uint8(WHITE - cut.gray.astype(np.float64)), negated=True)


_ACTS: tuple[tuple[str, Callable[[_Cut, float | None], _Cut | None]], ...] = (
    ("trim", _trim),
    ("pair", _pair),
    ("narrow", _narrow),
    ("toe_left", _toe_left),
    ("darken", _darken),
    ("thumbnail", _thumbnail),
    ("skip", _sample),
    ("sharpen", _sharpen),
    ("centre", _centre),
    ("negate", _negate),
)
_ALWAYS = ("skip", "centre")  # switched off they average, and put the garment into the corner: 28x28 it must be
_CAPTIONS = {
    "trim": "The background becomes white, and what is not garment is trimmed.",
    "pair": "Two mirrored halves with notches above and below: a pair of shoes, of which one is kept and laid down.",
    "narrow": "Wider than the dataset's garments, whose sleeves hang down, so it is made as narrow.",
    "toe_left": "Turned, so that what may be a toe points left, as in the dataset.",
    "darken": "A nearly white garment is darkened so that it stays visible.",
    "thumbnail": "The photo is averaged to the size of the shop's thumbnails.",
    "skip": "The longest side becomes 28.",
    "sharpen": "Each pixel is set off against its eight neighbours.",
    "centre": "White fills it up to 28x28.",
    "negate": "Light and dark change places: garment light on black.",
}
