"""Where the garment is in a photo, told from the colours alone."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import scipy  # its parts come when they are first used: none is imported before the first page

from fmnist_core.photo.shape import gathered

# Zalando trimmed what lay within 5 % of the largest intensity from the corner's colour (arXiv 1708.07747, section 2).
PLAIN = 0.05 * 255
FRAME = 0.03  # of the shorter side: the border that shows the background
SMALLEST, LARGEST = 0.02, 0.97  # of the photo: a garment outside of this was not found

# The next are round values from the middle of a wide plateau; halving or doubling one changes little.
_ELLIPSE = 0.4  # of each side: the half-axes of the first guess
_ROUNDS = 6
_BINS = 16  # a channel of Lab
_BIN_BLUR = 0.7  # bins: colours close to those seen count too
_PIXEL_BLUR = 2.0  # pixels at a longest side of 256: neighbours vote
_STRONGEST = 4.0  # natural logarithm of the odds: no colour is sure evidence by itself


Box = tuple[float, float, float, float]  # left, top, right, bottom as shares of the photo's sides


@dataclass(frozen=True, eq=False)
class Garment:
    """mask: (h, w) bool. evidence: (h, w) uint8, the brighter the more it speaks for the garment."""

    mask: np.ndarray
    evidence: np.ndarray
    found_by: Literal["background", "colours", "painted", "nothing"]
    refined: bool = False


def find_garment(rgb: np.ndarray, plain: float = PLAIN, box: Box | None = None) -> Garment:
    """The garment in (h, w, 3) uint8, best with a longest side of 256.

    In front of a plain background it is what differs from it by more than the paper's 5 %. Elsewhere the colours of
    the middle and of the rest are counted, every pixel goes to where its colour is the more frequent, and that is
    repeated. Where neither gives a believable garment the mask is the whole photo, or the whole box.

    Args:
        rgb: the photo.
        plain: gray levels by which a plain background may vary.
        box: where the garment lies; what is outside of it counts as background.
    """
    inside = box_mask(rgb.shape[:2], box)
    ground = ~inside if not inside.all() else _frame(rgb)
    distance = np.linalg.norm(rgb - np.median(rgb[ground], axis=0), axis=-1)
    weight = _central_weight(rgb.shape[:2], box or (0, 0, 1, 1))
    if np.percentile(distance[ground], 90) <= plain:
        mask = _one_piece((distance > plain) & inside, weight) & inside
        if _believable(mask, inside):
            return Garment(mask, np.minimum(distance, 255).astype(np.uint8), "background")
    mask, odds = _split_by_colour(rgb, inside, ground, weight)
    evidence = ((odds / _STRONGEST + 1) * 127.5).clip(0, 255).astype(np.uint8)
    if _believable(mask, inside):
        return Garment(mask, evidence, "colours")
    return Garment(inside, evidence, "nothing")


def box_mask(shape: tuple[int, ...], box: Box | None) -> np.ndarray:
    """(h, w) bool, True inside of the box, which holds at least a pixel; all of it without a box."""
    if box is None:
        return np.ones(shape, bool)
    height, width = shape
    left, top, right, bottom = (round(share * length) for share, length in zip(box, (width, height) * 2, strict=True))
    left, top = min(left, width - 1), min(top, height - 1)
    mask = np.zeros(shape, bool)
    mask[top : max(bottom, top + 1), left : max(right, left + 1)] = True
    return mask


def border_colour(pixels: np.ndarray) -> np.ndarray:
    """The median of a frame around (h, w) or (h, w, channels): float64, () or (channels,)."""
    return np.median(pixels[_frame(pixels)], axis=0)


def _frame(pixels: np.ndarray) -> np.ndarray:
    height, width = pixels.shape[:2]
    thickness = max(1, round(FRAME * min(height, width)))
    frame = np.ones((height, width), bool)
    frame[thickness : height - thickness, thickness : width - thickness] = False
    return frame


def _believable(mask: np.ndarray, inside: np.ndarray) -> bool:
    """In a box the garment may fill all of it."""
    share = mask.sum() / inside.sum()
    return bool(SMALLEST <= share and (share <= LARGEST or not inside.all()))


def _split_by_colour(
    rgb: np.ndarray, inside: np.ndarray, ground: np.ndarray, weight: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """(h, w) bool and the (h, w) log odds behind it, by histograms of the two sides' colours in turn with the sides."""
    bins = _colour_bins(rgb)
    mask = weight > np.exp(-((2 * _ELLIPSE) ** 2))
    odds = np.zeros(rgb.shape[:2])
    for _ in range(_ROUNDS):
        by_colour = np.log(_frequencies(bins[mask]) / _frequencies(bins[~mask]))
        odds = by_colour.clip(-_STRONGEST, _STRONGEST)[bins]
        odds[ground] -= _STRONGEST  # garments rarely reach the border
        odds = scipy.ndimage.gaussian_filter(odds, _PIXEL_BLUR)
        mask = _one_piece((odds > 0) & inside, weight) & inside
        if not _believable(mask, inside):
            break
    return mask, odds


def _colour_bins(rgb: np.ndarray) -> np.ndarray:
    """(h, w) int64, the bin of each pixel's colour among 16 x 16 x 16 of Lab; a and b reach from -64 to 64."""
    lab = _to_lab(rgb)
    scaled = (lab / (100, 128, 128) + (0, 0.5, 0.5)) * _BINS
    lightness, a, b = np.moveaxis(scaled.clip(0, _BINS - 1).astype(np.int64), -1, 0)
    return (lightness * _BINS + a) * _BINS + b


def _to_lab(rgb: np.ndarray) -> np.ndarray:
    """CIE Lab of sRGB under D65, without the linear foot at black that no bin would notice."""
    level = rgb / 255
    linear = np.where(level > 0.04045, ((level + 0.055) / 1.055) ** 2.4, level / 12.92)
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    x, y, z = np.moveaxis(np.cbrt(linear @ to_xyz.T / to_xyz.sum(axis=1)), -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def _frequencies(bins: np.ndarray) -> np.ndarray:
    """(16^3,) float64 above 0: how often each colour occurs."""
    counts = np.bincount(bins, minlength=_BINS**3).reshape(_BINS, _BINS, _BINS).astype(np.float64)
    return scipy.ndimage.gaussian_filter(counts, _BIN_BLUR).ravel() / max(1, bins.size) + 1e-5


def _one_piece(mask: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """The mask without specks, cracks and holes, and of its pieces the largest, those in the middle counting more.

    What belongs to it is kept, too: see `shape.gathered`.
    """
    margin = 4  # so that closing does not stick to the edge of the photo
    padded = scipy.ndimage.binary_opening(np.pad(mask, margin))
    padded = scipy.ndimage.binary_fill_holes(scipy.ndimage.binary_closing(padded, iterations=3))
    pieces, count = scipy.ndimage.label(padded[margin:-margin, margin:-margin])
    if not count:
        return np.zeros_like(mask)
    weights = scipy.ndimage.sum_labels(weight, pieces, np.arange(1, count + 1))
    return gathered(pieces, 1 + int(np.argmax(weights)))


def _central_weight(shape: tuple[int, ...], box: Box) -> np.ndarray:
    """(h, w) float64: 1 in the middle of the box, exp(-1) at the middle of its edges, exp(-2) in its corners."""
    height, width = shape
    left, top, right, bottom = box
    rows = ((np.arange(height) + 0.5) / height - top) / (bottom - top) * 2 - 1
    columns = ((np.arange(width) + 0.5) / width - left) / (right - left) * 2 - 1
    return np.exp(-(rows[:, np.newaxis] ** 2) - columns**2)
