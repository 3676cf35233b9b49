"""Dataset pictures brought to look as if they came from a photo: calibrations and networks for photos need no photo.

What goes wrong between a snapshot and a picture: the garment lies askew and is seen from the side, it is blurred, too
dark or too pale, lit from one side, in folds; some background is taken for garment, and some garment for background.
All ranges are judgements of what a hand-held camera and a rough outline do; none was fitted to photos.
"""

import functools

import numpy as np
import scipy  # its parts come when they are first used: none is imported before the first page
from PIL import Image

from fmnist_core.data import SIDE, WHITE
from fmnist_core.photo.pipeline import pad, sharpen

VISIBLE = 12  # gray levels: what is darker counts as background
MARGIN = 8  # pixels around, so that nothing is cut off before the garment is fitted again
WORK = SIDE + 2 * MARGIN
FIELDS = 48  # smooth random fields that a call draws from, each shifted anew

ANGLE, SHEAR, STRETCH = 15.0, 0.15, 0.2  # degrees; share of the height; natural logarithm of either side's factor
CRUMPLED = 1.2  # pixels, the largest standard deviation by which parts are displaced
BLUR = 0.8  # pixels, the largest standard deviation
REMAINS, MISSING = 0.35, 0.12  # largest share of the surroundings that is kept, of the garment that is lost
SURROUNDINGS = 4  # pixels around the garment
GAIN, LIFT = (0.4, 1.1), 80.0  # contrast; gray levels added
SLOPE, SHADE, FOLDS, GRAIN = 0.25, 25.0, 25.0, 12.0  # light from one side; gray levels of shadows, folds and noise


def damaged(images: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """(n, 28, 28) uint8, light on black -> the same, each damaged anew as photos are; a black picture stays black."""
    smooth, folds = _make_fields(generator)
    made = [_damage(image, smooth, folds, generator) for image in images]
    return np.stack(made) if made else images.copy()


def damaged_by(images: np.ndarray, seeds: np.ndarray) -> np.ndarray:
    """(n, 28, 28) uint8 and (n,) whole numbers -> the same pictures, each damaged by the draws of its own seed.

    A negative seed leaves its picture as it is. The same picture and seed give the same, whatever the others are.
    """
    made = images.copy()
    smooth, folds = _common_fields()
    for index in np.flatnonzero(seeds >= 0):
        made[index] = _damage(images[index], smooth, folds, np.random.default_rng(seeds[index]))
    return made


@functools.cache
def _common_fields() -> tuple[np.ndarray, np.ndarray]:
    """What pictures of any call draw from, so that they do not depend on one another."""
    return _make_fields(np.random.default_rng(0))


def _make_fields(generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Two times (FIELDS, 2 WORK, 2 WORK) float64 of deviation 1, periodic: smooth ones, and ones as narrow as folds."""
    noise = generator.normal(size=(FIELDS, WORK, WORK))
    smooth = _unit(
        np.stack([scipy.ndimage.gaussian_filter(one, generator.uniform(2, 5), mode="wrap") for one in noise])
    )
    folds = _unit(scipy.ndimage.gaussian_filter(noise, (0, 1, 1), mode="wrap"))
    return np.tile(smooth, (1, 2, 2)), np.tile(folds, (1, 2, 2))


def _unit(fields: np.ndarray) -> np.ndarray:
    return fields / fields.std(axis=(1, 2), keepdims=True)


def damaged_views(images: np.ndarray, count: int, generator: np.random.Generator) -> np.ndarray:
    """(n, 28, 28) uint8, light on black -> (n, count, 28, 28): each photographed once and cut out `count` times.

    As the views of a photo are: light, folds and bend are the same, the outline and the sharpening are not.
    """
    smooth, folds = _make_fields(generator)
    made = np.empty((len(images), count, SIDE, SIDE), np.uint8)
    for image, views, seed in zip(images, made, generator.integers(2**63, size=len(images)), strict=True):
        for number in range(count):
            cut = np.random.default_rng([number, seed])
            views[number] = _damage(image, smooth, folds, np.random.default_rng(seed), cut)
    return made


def _damage(
    image: np.ndarray,
    smooth: np.ndarray,
    folds: np.ndarray,
    generator: np.random.Generator,
    cut: np.random.Generator | None = None,
) -> np.ndarray:
    """cut: where the draws for the outline and the sharpening come from, if not from where all others do."""
    cut = cut or generator
    bent = _bend(image, smooth, generator)
    seen = scipy.ndimage.gaussian_filter(bent, generator.uniform(0, BLUR))
    garment = scipy.ndimage.binary_fill_holes(seen > VISIBLE)
    around = scipy.ndimage.binary_dilation(garment, iterations=SURROUNDINGS) & ~garment
    remains = _patches(smooth, around, REMAINS, cut)
    missing = _patches(smooth, garment, MISSING, cut)
    light = seen * generator.uniform(*GAIN) + generator.uniform(0, LIFT)
    for fields, most in ((smooth, SHADE), (folds, FOLDS)):
        light = light + _field(fields, generator) * generator.uniform(0, most)
    grain = generator.normal(0, 1, seen.shape)
    floor = VISIBLE + 1  # of what is kept: a dark patch of a garment is no hole in it
    kept = np.where(remains, generator.uniform(40, 220) + 10 * grain, (light * _slope(generator)))
    kept = (kept + grain * generator.uniform(0, GRAIN)).clip(floor, WHITE)
    value = np.where(remains | (garment & ~missing), kept, 0).round().astype(np.uint8)
    picture = fitted(_largest_piece(value))
    return sharpen(picture) if cut.random() < 0.5 else picture  # as the steps from a photo do, or leave out


def _bend(image: np.ndarray, smooth: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """(44, 44) float64: turned, sheared, stretched and crumpled."""
    angle = np.radians(generator.uniform(-ANGLE, ANGLE))
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    shear = np.array([[1, generator.uniform(-SHEAR, SHEAR)], [0, 1]])
    matrix = turn @ shear * np.exp(generator.uniform(-STRETCH, STRETCH, 2))
    centre = (WORK - 1) / 2
    where = np.einsum("ij,jyx->iyx", matrix, np.mgrid[:WORK, :WORK] - centre) + centre
    size = generator.uniform(0, CRUMPLED)
    where = where + size * np.stack([_field(smooth, generator) for _ in range(2)])
    return scipy.ndimage.map_coordinates(np.pad(image.astype(float), MARGIN), where, order=1)


def _patches(fields: np.ndarray, where: np.ndarray, most: float, generator: np.random.Generator) -> np.ndarray:
    """Bool, a few smooth patches that make up to `most` of the area."""
    field = _field(fields, generator)
    if not where.any():
        return where
    return where & (field > np.quantile(field[where], 1 - generator.uniform(0, most)))


def _field(fields: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    number, down, right = generator.integers(0, (len(fields), WORK, WORK))
    return fields[number, WORK - down : 2 * WORK - down, WORK - right : 2 * WORK - right]


def _slope(generator: np.random.Generator) -> np.ndarray:
    ramp = np.linspace(-1, 1, WORK)
    down, right = generator.uniform(-SLOPE, SLOPE, 2)
    return 1 + down * ramp[:, None] + right * ramp


def _largest_piece(gray: np.ndarray) -> np.ndarray:
    pieces, count = scipy.ndimage.label(gray > VISIBLE)
    if count < 2:
        return gray
    sizes = np.bincount(pieces.ravel())[1:]
    return np.where(pieces == 1 + sizes.argmax(), gray, 0).astype(np.uint8)


def fitted(gray: np.ndarray) -> np.ndarray:
    """(h, w) uint8 -> (28, 28) uint8: what is visible fills the picture, as in the data; black if nothing is."""
    rows, columns = (np.flatnonzero((gray > VISIBLE).any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return np.zeros((SIDE, SIDE), np.uint8)
    box = gray[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    height, width = (max(1, round(length * SIDE / max(box.shape))) for length in box.shape)
    return pad(np.asarray(Image.fromarray(box).resize((width, height), Image.Resampling.BILINEAR)), fill=0)
