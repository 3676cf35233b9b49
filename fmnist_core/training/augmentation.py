"""Random changes to training pictures, as one affine map and one factor a picture.

The draws are NumPy's, so that the page can preview exactly what a training sees; only the resampling is done twice,
by OpenCV for a training, which is fast (docs/log.md), and by SciPy for the preview, since the web process loads
OpenCV for photos only; a test holds the two together. What photos do to a picture is done before, by the same
function for both.
"""

from typing import NamedTuple

import numpy as np

from fmnist_core.data import SIDE, WHITE
from fmnist_core.photo.corruptions import damaged_by
from fmnist_core.recipe import Augmentation

SEEDS = 2**31  # different damages


class Draws(NamedTuple):
    """One row a picture."""

    # (n, 6) float32 a0 a1 a2 b0 b1 b2: output pixel (x, y) shows input (a0 x + a1 y + a2, b0 x + b1 y + b2)
    transforms: np.ndarray
    brightness: np.ndarray  # (n,) float32 factors
    cutout: np.ndarray  # (n, 2) float32: top and left of the black square, partly or wholly outside where it is cut
    damage: np.ndarray  # (n,) int64: the seed of the damage that photos do (photo/corruptions.py); -1: none


def draw(
    augmentation: Augmentation, count: int, generator: np.random.Generator, mirrored: np.ndarray | None = None
) -> Draws:
    """Draws `count` independent changes.

    Args:
        mirrored: (count,) bool, whose turn it is to be flipped; None: half of them by chance. Only with `flip`.

    The map is rotation . shift . shear . zoom . flip about the picture's centre, each uniform in its range, which
    is how Keras' ImageDataGenerator composes them (the published recipes were trained with it).
    """

    def uniform(limit: float) -> np.ndarray:
        return generator.uniform(-limit, limit, count)

    angle, shear = np.radians(uniform(augmentation.rotation)), np.radians(uniform(augmentation.shear))
    shift_x, shift_y = (uniform(augmentation.shift * SIDE) for _ in range(2))
    if augmentation.crop:
        shift_x += generator.integers(-augmentation.crop, augmentation.crop + 1, count)
        shift_y += generator.integers(-augmentation.crop, augmentation.crop + 1, count)
    zoom_x, zoom_y = (1 + uniform(augmentation.zoom) for _ in range(2))
    mirror = np.ones(count)
    if augmentation.flip:
        mirror = np.where(generator.random(count) < 0.5 if mirrored is None else mirrored, -1.0, 1.0)
    matrix = _matrix(angle, shift_x, shift_y, shear, zoom_x * mirror, zoom_y)
    brightness = (1 + uniform(augmentation.brightness)).astype(np.float32)
    squares = _squares(augmentation, count, generator)
    return Draws(_about_centre(matrix), brightness, squares, _seeds(augmentation, count, generator))


def _seeds(augmentation: Augmentation, count: int, generator: np.random.Generator) -> np.ndarray:
    """(count,) int64. What other kinds draw must not depend on this one, hence last."""
    if not augmentation.photo_damage:
        return np.full(count, -1, np.int64)
    spared = generator.random(count) >= augmentation.photo_damage
    return np.where(spared, -1, generator.integers(0, SEEDS, count))


def _squares(augmentation: Augmentation, count: int, generator: np.random.Generator) -> np.ndarray:
    """(count, 2) float32 top and left; those without a square lie outside the picture."""
    if not augmentation.cutout:
        return np.full((count, 2), SIDE, np.float32)
    corners = generator.integers(0, SIDE, (count, 2)) - augmentation.cutout // 2
    spared = generator.random(count) >= augmentation.cutout_chance
    return np.where(spared[:, None], SIDE, corners).astype(np.float32)


def _matrix(
    angle: np.ndarray,
    shift_x: np.ndarray,
    shift_y: np.ndarray,
    shear: np.ndarray,
    zoom_x: np.ndarray,
    zoom_y: np.ndarray,
) -> np.ndarray:
    """(n, 2, 3) maps of (x, y, 1), x to the right and y down, about the origin."""
    cos, sin = np.cos(angle), np.sin(angle)
    # rotation [[cos, sin], [-sin, cos]] . shear [[cos s, 0], [-sin s, 1]] (rows are x and y) . zoom
    a = (cos * np.cos(shear) - sin * np.sin(shear)) * zoom_x
    c = (-sin * np.cos(shear) - cos * np.sin(shear)) * zoom_x
    rows_x = np.stack([a, sin * zoom_y, cos * shift_x + sin * shift_y], axis=-1)
    rows_y = np.stack([c, cos * zoom_y, -sin * shift_x + cos * shift_y], axis=-1)
    return np.stack([rows_x, rows_y], axis=1)


def _about_centre(matrix: np.ndarray) -> np.ndarray:
    """(n, 2, 3) about the origin -> (n, 6) float32 about the picture's centre, row after row."""
    centre = (SIDE - 1) / 2
    moved = matrix.copy()
    moved[:, :, 2] += centre - centre * matrix[:, :, :2].sum(axis=2)
    return moved.reshape(-1, 6).astype(np.float32)


def change(images: np.ndarray, draws: Draws, augmentation: Augmentation) -> np.ndarray:
    """(n, 28, 28) uint8 and their draws -> (n, 28, 28, 1) float32 in [0, 1], bilinear; what a training sees."""
    import cv2

    border = cv2.BORDER_REPLICATE if augmentation.fill == "nearest" else cv2.BORDER_CONSTANT
    before = damaged_by(images, draws.damage) if augmentation.photo_damage else images
    values = before.astype(np.float32) / WHITE
    changed = np.empty_like(values)
    for value, matrix, to in zip(values, draws.transforms.reshape(-1, 2, 3), changed, strict=True):
        cv2.warpAffine(value, matrix, (SIDE, SIDE), to, cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, border)
    if augmentation.brightness:
        np.clip(changed * draws.brightness[:, None, None], 0, 1, out=changed)
    _cut_out(changed, draws.cutout, augmentation.cutout)
    return changed[..., np.newaxis]


def _cut_out(images: np.ndarray, corners: np.ndarray, side: int) -> None:
    """Blackens in (n, 28, 28) of any dtype a square at (n, 2) float32 top and left, as far as it lies inside."""
    for index in np.flatnonzero((corners < SIDE).all(axis=1)):
        top, left = corners[index].astype(int)
        images[index, max(top, 0) : top + side, max(left, 0) : left + side] = 0


def apply(images: np.ndarray, draws: Draws, augmentation: Augmentation) -> np.ndarray:
    """(n, 28, 28) uint8 and their draws -> (n, 28, 28) uint8: the same as `change` gives, for the preview."""
    from scipy import ndimage

    mode = "nearest" if augmentation.fill == "nearest" else "grid-constant"
    y, x = np.mgrid[0:SIDE, 0:SIDE]
    changed = np.empty_like(images)
    before = damaged_by(images, draws.damage)
    for index, (image, t) in enumerate(zip(before, draws.transforms, strict=True)):
        source = (t[3] * x + t[4] * y + t[5], t[0] * x + t[1] * y + t[2])
        warped = ndimage.map_coordinates(image.astype(np.float32), source, order=1, mode=mode)
        changed[index] = np.clip(warped * draws.brightness[index], 0, WHITE).round()
    _cut_out(changed, draws.cutout, augmentation.cutout)
    return changed
