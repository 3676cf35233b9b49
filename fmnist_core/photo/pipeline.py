"""The ways from a photo to a picture, step by step; each step can be looked at."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy  # its parts come when they are first used: none is imported before the first page
from PIL import Image

from fmnist_core.data import SIDE, WHITE
from fmnist_core.photo.already import from_black, is_on_black
from fmnist_core.photo.best import prepare_best
from fmnist_core.photo.garment import Garment, border_colour
from fmnist_core.photo.outline import Photo
from fmnist_core.photo.settings import DEFAULTS, Settings
from fmnist_core.photo.steps import (
    LIGHT_GARMENT,
    NOTHING_FOUND,
    THUMBNAIL_SIDE,
    Prepared,
    Step,
    darken,
    fit,
    pad,
    resize,
    sharpen,
    to_uint8,
    trim,
)


@dataclass(frozen=True)
class Mode:
    """A way from a photo to a picture. Only `best` heeds the settings and what the visitor painted."""

    name: str
    title: str
    sentence: str
    run: Callable[[Photo], Prepared]


def prepare(
    image: Image.Image, mode: str, settings: Settings = DEFAULTS, painted: np.ndarray | None = None
) -> Prepared:
    """Makes a picture of a photo in one of `MODES`.

    Args:
        image: mode RGB, as `decode` returns it.
        mode: a key of `MODES`; `DEFAULT_MODE` is the best.
        settings: which steps `best` takes and how far, and the box in which the garment lies.
        painted: (h, w) bool of any size, laid over the whole photo: where the visitor painted the garment.

    Raises:
        ValueError: an unknown mode, or painted is no such mask.
    """
    if mode not in MODES:
        raise ValueError(f"Unknown mode {mode!r}. Choose one of: {', '.join(MODES)}.")
    return MODES[mode].run(Photo(image.convert("RGB"), settings, painted))


def prepare_all(
    image: Image.Image, settings: Settings = DEFAULTS, painted: np.ndarray | None = None
) -> dict[str, Prepared]:
    """The photo in every mode, to be shown side by side; what several modes need is computed once."""
    photo = Photo(image.convert("RGB"), settings, painted)
    return {name: mode.run(photo) for name, mode in MODES.items()}


def _as_published(photo: Photo) -> Prepared:
    squeezed = _interpolate(photo.gray)
    return Prepared(
        squeezed,
        (
            *_first_steps(photo),
            Step(
                "squeezed",
                "Height and width are both brought to 28, whatever the photo's shape, and nothing is negated.",
                squeezed,
                squeezed,
            ),
        ),
    )


def _first_steps(photo: Photo) -> list[Step]:
    whole = fit(photo.gray, WHITE)
    return [
        Step("photo", "Your photo, upright.", np.asarray(photo.image), whole),
        Step("gray", "Colours become brightness.", photo.gray, whole),
    ]


def _interpolate(gray: np.ndarray) -> np.ndarray:
    """To 28x28 between the four nearest pixels, skipping the rest: what OpenCV's resize does unless told otherwise."""
    rows, columns = ((np.arange(SIDE) + 0.5) * length / SIDE - 0.5 for length in gray.shape)
    grid = np.meshgrid(rows, columns, indexing="ij")
    values = scipy.ndimage.map_coordinates(gray.astype(np.float32), grid, order=1, mode="nearest")
    return to_uint8(values)


def _letterbox(photo: Photo) -> Prepared:
    gray = photo.gray
    steps = _first_steps(photo)
    if border_colour(gray) > WHITE / 2:
        gray = WHITE - gray
        caption = "The border is bright, so light and dark change places."
        steps.append(Step("negated", caption, gray, fit(gray, fill=0)))
    picture = fit(gray, fill=0)
    steps.append(Step("fitted", "The longest side becomes 28, and black bars make it a square.", picture, picture))
    return Prepared(picture, tuple(steps))


def _as_zalando(photo: Photo) -> Prepared:
    if is_on_black(photo.gray):
        return from_black(photo.image, photo.gray)
    garment = photo.garment
    whole = np.asarray(photo.small.convert("L"))
    gray, mask = trim(whole, garment.mask)
    cut = np.where(mask, gray, WHITE).astype(np.uint8)
    steps = [_first_steps(photo)[0], *_find_steps(garment, fit(whole, WHITE))]
    steps.append(_gray_step("cut out", "The background becomes white, and what is not garment is trimmed.", cut))
    nothing_found = garment.found_by == "nothing"
    darkened = None if nothing_found else darken(cut, mask)
    if darkened is not None:
        steps.append(_gray_step("darkened", "A nearly white garment is darkened so that it stays visible.", darkened))
    steps += _shrink_steps(cut if darkened is None else darkened)
    warnings = (NOTHING_FOUND,) * nothing_found + (LIGHT_GARMENT,) * (darkened is not None)
    return Prepared(steps[-1].picture, tuple(steps), warnings)


def _gray_step(name: str, caption: str, gray: np.ndarray) -> Step:
    return Step(name, caption, gray, fit(gray, WHITE))


def _find_steps(garment: Garment, picture: np.ndarray) -> list[Step]:
    caption = {
        "background": "The brighter, the farther a pixel's colour is from that of the plain background.",
        "colours": "The brighter, the more a pixel's colour is one of the garment and not of its surroundings.",
        "nothing": "No part of the photo differs clearly from the rest, so all of it is kept.",
    }[garment.found_by]
    outline = garment.mask.astype(np.uint8) * np.uint8(WHITE)
    return [
        Step("difference", caption, garment.evidence, picture),
        Step("garment", "What counts as garment: one piece, specks removed and holes filled.", outline, picture),
    ]


def _shrink_steps(cut: np.ndarray) -> list[Step]:
    """What the dataset's makers did to their cut-out product photos, gray on white."""
    thumbnail = resize(cut, THUMBNAIL_SIDE, Image.Resampling.BOX)
    sampled = resize(thumbnail, SIDE, Image.Resampling.NEAREST)
    sharpened = sharpen(sampled)
    padded = pad(sharpened, WHITE)
    negated = WHITE - padded
    return [
        _gray_step("thumbnail", "The longest side becomes 73 pixels, as in the shop's thumbnails.", thumbnail),
        _gray_step("sampled", "The longest side becomes 28: rows and columns are skipped, not averaged.", sampled),
        _gray_step("sharpened", "Each pixel is set off against its eight neighbours.", sharpened),
        _gray_step("centred", "White fills it up to 28x28; an odd pixel goes left or on top.", padded),
        Step("negated", "Light and dark change places: garment light on black.", negated, negated),
    ]


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
    Mode(
        "best",
        "Made for snapshots",
        "The garment is cut out even from a cluttered photo and brought into the shape of the dataset's garments; "
        "the answer is the mean over a few outlines and widths.",
        prepare_best,
    ),
)
MODES: dict[str, Mode] = {mode.name: mode for mode in _ROWS}
DEFAULT_MODE = "best"
