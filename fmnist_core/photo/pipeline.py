"""A photo becomes a picture, step by step; each step can be looked at."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image
from scipy import ndimage

from fmnist_core.data import SIDE, WHITE
from fmnist_core.photo.garment import PLAIN, Garment, border_colour, find_garment

WORK_SIDE = 256  # pixels: enough for a thumbnail of 73, and finding the garment takes a few hundredths of a second
THUMBNAIL_SIDE = 73  # the longest side of the shop's thumbnails (arXiv 1708.07747, section 2)
BLACK = 16  # gray levels: a border up to it is the black background of a picture, not that of a photo
# Only six in a hundred garments of the dataset have a lower median (measured): white products were left out of it.
LIGHTEST = 60

NOTHING_FOUND = "No garment stood out from its surroundings, so the whole photo was used; a plain background helps."
LIGHT_GARMENT = (
    "The garment is nearly white and would vanish in a negative, so it was darkened; "
    "Fashion-MNIST has no white products, so expect more mistakes."
)


@dataclass(frozen=True, eq=False)
class Step:
    """name: one or two words; caption: one sentence; image: uint8, gray (h, w) or RGB (h, w, 3)."""

    name: str
    caption: str
    image: np.ndarray


@dataclass(frozen=True, eq=False)
class Prepared:
    """picture: (28, 28) uint8, garment light on black; it is also the image of the last step."""

    picture: np.ndarray
    steps: tuple[Step, ...]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Mode:
    """A way from a photo to a picture."""

    name: str
    title: str
    sentence: str
    run: Callable[[Image.Image], Prepared]


def prepare(image: Image.Image, mode: str) -> Prepared:
    """Makes a picture of a photo (mode RGB, as `decode` returns it) in one of `MODES`.

    Raises:
        ValueError: an unknown mode.
    """
    if mode not in MODES:
        raise ValueError(f"Unknown mode {mode!r}. Choose one of: {', '.join(MODES)}.")
    return MODES[mode].run(image.convert("RGB"))


def _as_published(image: Image.Image) -> Prepared:
    gray = np.asarray(image.convert("L"))
    squeezed = _interpolate(gray)
    return Prepared(
        squeezed,
        (
            _photo_step(image),
            Step("gray", "Colours become brightness.", gray),
            Step(
                "squeezed",
                "Height and width are both brought to 28, whatever the photo's shape, and nothing is negated.",
                squeezed,
            ),
        ),
    )


def _interpolate(gray: np.ndarray) -> np.ndarray:
    """To 28x28 between the four nearest pixels, skipping the rest: what OpenCV's resize does unless told otherwise."""
    rows, columns = ((np.arange(SIDE) + 0.5) * length / SIDE - 0.5 for length in gray.shape)
    grid = np.meshgrid(rows, columns, indexing="ij")
    values = ndimage.map_coordinates(gray.astype(np.float32), grid, order=1, mode="nearest")
    return _to_uint8(values)


def _letterbox(image: Image.Image) -> Prepared:
    gray = np.asarray(image.convert("L"))
    steps = [_photo_step(image), Step("gray", "Colours become brightness.", gray)]
    if border_colour(gray) > WHITE / 2:
        gray = WHITE - gray
        steps.append(Step("negated", "The border is bright, so light and dark change places.", gray))
    picture = pad(_resize(gray, SIDE, Image.Resampling.BOX), fill=0)
    steps.append(Step("fitted", "The longest side becomes 28, and black bars make it a square.", picture))
    return Prepared(picture, tuple(steps))


def _as_zalando(image: Image.Image) -> Prepared:
    gray = np.asarray(image.convert("L"))
    if border_colour(gray) <= BLACK:
        return _from_black(image, gray)
    image = image.copy()
    image.thumbnail((WORK_SIDE, WORK_SIDE), Image.Resampling.BOX)
    rgb = np.asarray(image)
    garment = find_garment(rgb)
    gray, mask = _trim(np.asarray(Image.fromarray(rgb).convert("L")), garment.mask)
    cut = np.where(mask, gray, WHITE).astype(np.uint8)
    steps = [_photo_step(image), *_find_steps(garment)]
    steps.append(Step("cut out", "The background becomes white, and what is not garment is trimmed.", cut))
    nothing_found = garment.found_by == "nothing"
    darkened = None if nothing_found else _darken(cut, mask)
    if darkened is not None:
        steps.append(Step("darkened", "A nearly white garment is darkened so that it stays visible.", darkened))
    steps += _shrink_steps(cut if darkened is None else darkened)
    warnings = (NOTHING_FOUND,) * nothing_found + (LIGHT_GARMENT,) * (darkened is not None)
    return Prepared(steps[-1].image, tuple(steps), warnings)


def _from_black(image: Image.Image, gray: np.ndarray) -> Prepared:
    """What is light on black is no photo to negate but a picture already, if perhaps of another size."""
    if gray.shape == (SIDE, SIDE):
        step = Step("picture", "This already is 28x28, light on black, so it is taken as it is.", gray)
        return Prepared(gray, (step,))
    lit = gray > PLAIN
    trimmed, _ = _trim(gray, lit if lit.any() else ~lit)
    fitted = pad(_resize(trimmed, SIDE, Image.Resampling.BOX), fill=0)
    steps = (
        _photo_step(image),
        Step("trimmed", "This already is light on black, so it is not negated; the black around is cut off.", trimmed),
        Step(
            "centred", "The longest side becomes 28, and black fills it up; an odd pixel goes left or on top.", fitted
        ),
    )
    return Prepared(fitted, steps, () if lit.any() else (NOTHING_FOUND,))


def _find_steps(garment: Garment) -> list[Step]:
    caption = {
        "background": "The brighter, the farther a pixel's colour is from that of the plain background.",
        "colours": "The brighter, the more a pixel's colour is one of the garment and not of its surroundings.",
        "nothing": "No part of the photo differs clearly from the rest, so all of it is kept.",
    }[garment.found_by]
    outline = garment.mask.astype(np.uint8) * np.uint8(WHITE)
    return [
        Step("difference", caption, garment.evidence),
        Step("garment", "What counts as garment: one piece, specks removed and holes filled.", outline),
    ]


def _trim(gray: np.ndarray, mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    box = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return gray[box], mask[box]


def _darken(cut: np.ndarray, mask: np.ndarray) -> np.ndarray | None:
    """A nearly white garment with its median at what will be LIGHTEST once negated; None for any other."""
    median = float(np.median(cut[mask]))
    scale = (WHITE - LIGHTEST) / max(median, 1)
    return np.where(mask, _to_uint8(cut * scale), WHITE).astype(np.uint8) if scale < 1 else None


def _shrink_steps(cut: np.ndarray) -> list[Step]:
    """What the dataset's makers did to their cut-out product photos, gray on white."""
    thumbnail = _resize(cut, THUMBNAIL_SIDE, Image.Resampling.BOX)
    sampled = _resize(thumbnail, SIDE, Image.Resampling.NEAREST)
    sharpened = sharpen(sampled)
    padded = pad(sharpened, WHITE)
    return [
        Step("thumbnail", "The longest side becomes 73 pixels, as in the shop's thumbnails.", thumbnail),
        Step("sampled", "The longest side becomes 28: rows and columns are skipped, not averaged.", sampled),
        Step("sharpened", "Each pixel is set off against its eight neighbours.", sharpened),
        Step("centred", "White fills it up to 28x28; an odd pixel goes left or on top.", padded),
        Step("negated", "Light and dark change places: garment light on black.", WHITE - padded),
    ]


def sharpen(gray: np.ndarray) -> np.ndarray:
    """(h, w) uint8, each pixel set off against a Gaussian of its 3x3 neighbourhood, clipped.

    ImageMagick's `-sharpen 1x1`: weights w = exp(-r^2/2) of sum S; the centre gets 2S, the others -w, all over S + 1.
    """
    return _to_uint8(ndimage.correlate(gray.astype(np.float64), sharpening_kernel(), mode="nearest"))


def sharpening_kernel() -> np.ndarray:
    """(3, 3) float64 of sum 1: centre 1.661, edges -0.103, corners -0.062."""
    squares = np.array([1, 0, 1])
    weights = np.exp(-(squares[:, np.newaxis] + squares) / 2)
    kernel = -weights
    kernel[1, 1] = 2 * weights.sum()
    return kernel / (weights.sum() + 1)


def pad(gray: np.ndarray, fill: int) -> np.ndarray:
    """(28, 28) uint8 around (h, w) uint8 of at most that, centred.

    An odd pixel goes left and on top, as in 99 % of the training pictures (measured).
    """
    height, width = gray.shape
    top, left = (SIDE - height + 1) // 2, (SIDE - width + 1) // 2
    square = np.full((SIDE, SIDE), fill, np.uint8)
    square[top : top + height, left : left + width] = gray
    return square


def _photo_step(image: Image.Image) -> Step:
    return Step("photo", "Your photo, upright.", np.asarray(image))


def _resize(gray: np.ndarray, longest: int, how: Image.Resampling) -> np.ndarray:
    """(h, w) uint8 with the longest side as told and the other in proportion, at least 1."""
    scale = longest / max(gray.shape)
    height, width = (max(1, round(length * scale)) for length in gray.shape)
    return np.asarray(Image.fromarray(gray).resize((width, height), how))


def _to_uint8(values: np.ndarray) -> np.ndarray:
    return values.round().clip(0, WHITE).astype(np.uint8)


_ROWS = (
    Mode(
        "source",
        "As in Keval Patel's article",
        "The photo is made gray and squeezed to 28x28, and not negated, so its background stays bright.",
        _as_published,
    ),
    Mode(
        "letterbox",
        "Fit and negate",
        "The photo is made gray and fitted into 28x28 in its own shape, and negated if its border is bright.",
        _letterbox,
    ),
    Mode(
        "zalando",
        "As Fashion-MNIST was made",
        "The garment is cut out, trimmed, sampled, sharpened, centred and negated, as the dataset's makers did.",
        _as_zalando,
    ),
)
MODES: dict[str, Mode] = {mode.name: mode for mode in _ROWS}
DEFAULT_MODE = "zalando"
