"""The training pictures whose outlines are most like a given one, and how garments with such outlines are shaded."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import scipy  # its parts come when they are first used: none is imported before the first page

from fmnist_core.data import CLASS_NAMES, SIDE, WHITE, load_split

FAINT = 20  # gray levels up to which a pixel is background
NEIGHBOURS = 8
COMPARED = 2_000  # training pictures of each class whose outlines stand for it: a third of them, in a third of the time


@dataclass(frozen=True, eq=False)
class Outlines:
    """images: (n, 28, 28) uint8, light on black, n at least 1. bits: (n, 13) uint64, their silhouettes, packed."""

    images: np.ndarray
    bits: np.ndarray

    def nearest(self, mask: np.ndarray, count: int = NEIGHBOURS) -> tuple[np.ndarray, float]:
        """Of a (28, 28) bool mask: the places of the pictures most like it, nearest first, and how far they are.

        Of equally near ones the first come first, as in the exported page (exports/page/outlines.js).

        The distance is the mean over these pictures of the pixels that are garment in only one of the two.
        """
        apart = self._apart(mask)
        count = min(count, len(apart))
        order = apart * len(apart) + np.arange(len(apart))  # no two alike: the answer depends on no sorting routine
        found = np.argpartition(order, count - 1)[:count]
        found = found[np.argsort(order[found])]
        return found, float(apart[found].mean())

    def _apart(self, mask: np.ndarray) -> np.ndarray:
        """(n,) int64: the pixels that are garment in only one of a (28, 28) bool mask and each picture."""
        return np.asarray(np.bitwise_count(self.bits ^ _packed(mask[np.newaxis])).sum(axis=1, dtype=np.int64))

    def shading(self, mask: np.ndarray) -> np.ndarray:
        """(28, 28) float32, 0 to 255: the mean of the pictures most like a (28, 28) bool mask.

        Where one has no garment, the nearest of its garment's pixels stands for it.
        """
        chosen, _ = self.nearest(mask)
        shades = np.stack([_spread(self.images[place]) for place in chosen])
        return np.asarray(shades.mean(axis=0, dtype=np.float32))


def outlines_of(images: np.ndarray) -> Outlines:
    """images: (n, 28, 28) uint8, light on black."""
    return Outlines(images, _packed(images > FAINT))


def _packed(masks: np.ndarray) -> np.ndarray:
    """(n, 28, 28) bool -> (n, 13) uint64: 64 pixels a number are compared eight times as fast as 8."""
    bits = np.packbits(masks.reshape(len(masks), -1), axis=1)
    return np.pad(bits, ((0, 0), (0, -bits.shape[1] % 8))).view(np.uint64)


@cache
def training_outlines() -> Outlines:
    """Those of the 60,000 training pictures: 6 MB beside the pictures. Raises DataError."""
    return outlines_of(load_split("train").images)


def outline_distance(picture: np.ndarray) -> float:
    """How far the outline of a (28, 28) uint8 picture, light on black, lies from those of the training pictures.

    As `Outlines.nearest`: 0 to 784 pixels. Raises DataError.
    """
    return training_outlines().nearest(picture > FAINT)[1]


@cache
def _outlines_by_class() -> np.ndarray:
    """(10, COMPARED, 13) uint64: packed outlines of the first training pictures of each class. Raises DataError."""
    pictures = load_split("train")
    first = [np.flatnonzero(pictures.labels == number)[:COMPARED] for number in range(len(CLASS_NAMES))]
    return np.stack([_packed(pictures.images[places] > FAINT) for places in first])


def class_distances(pictures: np.ndarray) -> np.ndarray:
    """(n, 28, 28) uint8, light on black -> (n, 10) float64: pixels between an outline and those of each class.

    The mean, over the nearest eight of a class, of the pixels that are garment in only one of the two, 0 to 784.

    Raises:
        DataError: the training pictures are missing.
    """
    outlines, found = _outlines_by_class(), np.empty((len(pictures), len(CLASS_NAMES)))
    for row, mask in zip(found, _packed(pictures > FAINT), strict=True):
        apart = np.bitwise_count(outlines ^ mask).sum(axis=2, dtype=np.int16)
        row[:] = np.partition(apart, NEIGHBOURS - 1, axis=1)[:, :NEIGHBOURS].mean(axis=1)
    return found


def _spread(picture: np.ndarray) -> np.ndarray:
    """(28, 28) uint8: the picture, its background as bright as the garment's nearest pixel."""
    background = picture <= FAINT
    if background.all():
        return np.full((SIDE, SIDE), WHITE, np.uint8)
    places = scipy.ndimage.distance_transform_edt(background, return_distances=False, return_indices=True)
    return np.asarray(picture[tuple(places)])
