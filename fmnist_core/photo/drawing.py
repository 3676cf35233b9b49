"""A drawing becomes a picture with the look of the dataset's: centred, as large as it fits, outlines filled."""

import numpy as np
from PIL import Image
from scipy import ndimage

from fmnist_core.data import SIDE, WHITE
from fmnist_core.photo.decode import PhotoError, decode
from fmnist_core.photo.steps import pad

# Measured on the 60,000 training pictures: 98.3 % have a longest side of 28; 91.6 % reach 255, which strokes get; and
# 179 is the level of a typical garment two pixels or more inside its outline (its median, and of these the median).
FILLING = 179
INK = 0.1  # coverage from which a pixel counts as drawn on
SMALLEST = 0.05  # of the canvas' longest side
_FINE_SIDE = 4 * SIDE  # gaps in outlines are closed at this size
_GAP = 3  # pixels of it, on either side of a gap


def ink_from_png(data: bytes) -> np.ndarray:
    """Ink coverage of a canvas' PNG, drawn in light ink on black or on nothing: (h, w) float32 in [0, 1].

    Raises:
        PhotoError: the file is damaged, too large or not an image.
    """
    return np.asarray(decode(data, behind=0)).max(axis=-1).astype(np.float32) / WHITE


def from_drawing(ink: np.ndarray) -> np.ndarray:
    """The picture of a drawing: (28, 28) uint8, strokes white, closed outlines filled with gray, on black.

    Args:
        ink: (h, w) float, 0 where the canvas is empty to 1 where the pen has been.

    Raises:
        PhotoError: the canvas is empty or the drawing is too small.
        ValueError: ink has another shape or values outside of 0 to 1.
    """
    if ink.ndim != 2 or not ((ink >= 0) & (ink <= 1)).all():
        raise ValueError(f"Expected ink of shape (height, width) in 0 to 1. Received: shape {ink.shape}, {ink.dtype}.")
    drawn = ink >= INK
    if not drawn.any():
        raise PhotoError("The canvas is empty; draw the outline of a garment or fill it in.")
    rows, columns = np.flatnonzero(drawn.any(axis=1)), np.flatnonzero(drawn.any(axis=0))
    cropped = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    if max(cropped.shape) < SMALLEST * max(ink.shape):
        raise PhotoError("The drawing is too small to tell what it is; draw it larger.")
    strokes = _resize(cropped, _FINE_SIDE)
    inside = _resize(_enclosed(strokes >= 0.5).astype(np.float32), SIDE)
    strokes = _resize(strokes, SIDE)
    picture = np.maximum(strokes * WHITE, inside * FILLING)
    return pad(picture.round().astype(np.uint8), fill=0)


def _enclosed(strokes: np.ndarray) -> np.ndarray:
    """(h, w) bool: the strokes and all they enclose, small gaps closed."""
    margin = _GAP + 1
    closed = ndimage.binary_closing(np.pad(strokes, margin), iterations=_GAP)
    return ndimage.binary_fill_holes(closed)[margin:-margin, margin:-margin]


def _resize(values: np.ndarray, longest: int) -> np.ndarray:
    """(h, w) float32 by area, with the longest side as told and the other in proportion, at least 1."""
    scale = longest / max(values.shape)
    height, width = (max(1, round(length * scale)) for length in values.shape)
    resized = Image.fromarray(values.astype(np.float32)).resize((width, height), Image.Resampling.BOX)
    return np.asarray(resized).clip(0, 1)
