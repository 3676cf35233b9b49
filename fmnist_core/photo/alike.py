"""The training pictures whose outlines are most like a given one, and how garments with such outlines are shaded."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy import ndimage

from fmnist_core.data import SIDE, WHITE, load_split

FAINT = 20  # gray levels up to which a pixel is background
NEIGHBOURS = 8


@dataclass(frozen=True, eq=False)
class Outlines:
    """images: (n, 28, 28) uint8, light on black, n at least 1. bits: (n, 98) uint8, their silhouettes, packed."""

    images: np.ndarray
    bits: np.ndarray

    def nearest(self, mask: np.ndarray, count: int = NEIGHBOURS) -> tuple[np.ndarray, float]:
        """Of a (28, 28) bool mask: the places of the pictures most like it, nearest first, and how far they are.

        The distance is the mean over these pictures of the pixels that are garment in only one of the two.
        """
        apart = np.bitwise_count(self.bits ^ np.packbits(mask)).sum(axis=1, dtype=np.int32)
        count = min(count, len(apart))
        found = np.argpartition(apart, count - 1)[:count]
        found = found[np.argsort(apart[found], kind="stable")]
        return found, float(apart[found].mean())

    def shading(self, mask: np.ndarray) -> np.ndarray:
        """(28, 28) float32, 0 to 255: the mean of the pictures most like a (28, 28) bool mask.

        Where one has no garment, the nearest of its garment's pixels stands for it.
        """
        chosen, _ = self.nearest(mask)
        shades = np.stack([_spread(self.images[place]) for place in chosen])
        return np.asarray(shades.mean(axis=0, dtype=np.float32))


def outlines_of(images: np.ndarray) -> Outlines:
    """images: (n, 28, 28) uint8, light on black."""
    return Outlines(images, np.packbits(images.reshape(len(images), -1) > FAINT, axis=1))


@cache
def training_outlines() -> Outlines:
    """Those of the 60,000 training pictures: 6 MB beside the pictures. Raises DataError."""
    return outlines_of(load_split("train").images)


def _spread(picture: np.ndarray) -> np.ndarray:
    """(28, 28) uint8: the picture, its background as bright as the garment's nearest pixel."""
    background = picture <= FAINT
    if background.all():
        return np.full((SIDE, SIDE), WHITE, np.uint8)
    places = ndimage.distance_transform_edt(background, return_distances=False, return_indices=True)
    return np.asarray(picture[tuple(places)])
