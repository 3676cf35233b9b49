"""What a garment's outline alone tells: whether its halves are alike, whether it is a pair, where its toe is."""

import numpy as np
from PIL import Image
from scipy import ndimage

# Overlap of an outline with its mirror image. In the training set 93 to 99.6 % of tops, trousers and dresses lie
# above, 91 % of sneakers and over 99 % of sandals and boots below (measured).
ALIKE = 0.75


def mirror_overlap(mask: np.ndarray) -> float:
    """Of a trimmed (h, w) bool mask and its mirror image: the area of both over that of either, 0 to 1."""
    mirrored = mask[:, ::-1]
    return float((mask & mirrored).sum() / (mask | mirrored).sum())


def is_pair(mask: np.ndarray, depth: float) -> bool:
    """Whether a trimmed mask is two like halves with a notch of that share of the height above and below.

    Trousers have a notch below, a neckline is one above, and only pairs have both.
    """
    return mirror_overlap(mask) >= ALIKE and min(_notch(mask)[1], _notch(mask[::-1])[1]) > depth


def one_of_pair(mask: np.ndarray) -> np.ndarray:
    """The larger half of a trimmed mask cut from notch to notch: (h, w) bool, one piece."""
    height, width = mask.shape
    cut = np.linspace(_notch(mask)[0], _notch(mask[::-1])[0], height)[:, np.newaxis]
    left, right = mask & (np.arange(width) < cut), mask & (np.arange(width) > cut)
    return largest_piece(left if left.sum() >= right.sum() else right)


def taller_left(mask: np.ndarray) -> bool:
    """Whether the left third of a trimmed mask is taller than the right one, as where the toe points right.

    Of the training pictures the right third is the taller in 99.8 % of ankle boots, 93 % of sneakers, 84 % of sandals.
    """
    third = max(1, mask.shape[1] // 3)
    return bool(mask[:, :third].any(axis=1).sum() > mask[:, -third:].any(axis=1).sum())


def largest_piece(mask: np.ndarray) -> np.ndarray:
    """(h, w) bool: of a mask's connected pieces the largest."""
    pieces, count = ndimage.label(mask)
    if count < 2:
        return mask
    return pieces == 1 + np.argmax(np.bincount(pieces.ravel())[1:])


def narrowed(gray: np.ndarray, factor: float) -> np.ndarray:
    """(h, w) uint8 squeezed to that share of its width, at least 1."""
    columns = max(1, round(gray.shape[1] * factor))
    return np.asarray(Image.fromarray(gray).resize((columns, gray.shape[0]), Image.Resampling.BOX))


def _notch(mask: np.ndarray) -> tuple[int, float]:
    """Of the outline seen from above: the deepest column of the middle third, and how far both sides rise above it."""
    height, width = mask.shape
    tops = np.where(mask.any(axis=0), mask.argmax(axis=0), height) / height
    third = width // 3
    column = third + int(tops[third : width - third].argmax())
    return column, float(tops[column] - max(tops[: column + 1].min(), tops[column:].min()))
