"""What every way from a photo to a picture is made of: steps that can be looked at, and the work on gray pixels."""

from dataclasses import dataclass

import numpy as np
import scipy  # its parts come when they are first used: none is imported before the first page
from PIL import Image

from fmnist_core.data import SIDE, WHITE

THUMBNAIL_SIDE = 73  # the longest side of the shop's thumbnails (arXiv 1708.07747, section 2)
# Only six in a hundred garments of the dataset have a lower median (measured): white products were left out of it.
LIGHTEST = 60

NOTHING_FOUND = "No garment stood out from its surroundings, so the whole photo was used; a plain background helps."
LIGHT_GARMENT = (
    "The garment is nearly white and would vanish in a negative, so it was darkened; "
    "Fashion-MNIST has no white products, so expect more errors."
)


@dataclass(frozen=True, eq=False)
class Step:
    """One step of a way from a photo to a picture.

    name: one or two words; of `best` it is that of the step's row in `settings.CONTROLS`, where it has one.
    caption: one sentence. image: uint8, gray (h, w) or RGB (h, w, 3).
    picture: (28, 28) uint8, what the model would be shown if the way ended here.
    """

    name: str
    caption: str
    image: np.ndarray
    picture: np.ndarray


@dataclass(frozen=True, eq=False)
class View:
    """picture: (28, 28) uint8. weight: its share in the answer, all views' sum to 1. pair: half of a pair of shoes."""

    picture: np.ndarray
    weight: float = 1.0
    pair: bool = False


@dataclass(frozen=True, eq=False)
class Prepared:
    """picture: (28, 28) uint8, garment light on black; it is also the image of the last step.

    views: pictures of the same garment whose answers are averaged (`views.combine`); empty where there is only one.
    """

    picture: np.ndarray
    steps: tuple[Step, ...]
    warnings: tuple[str, ...] = ()
    views: tuple[View, ...] = ()

    @property
    def drawn(self) -> bool:
        """Whether it is of a drawing, and not of a photo."""
        return bool(self.steps) and self.steps[0].name == "drawing"


def to_uint8(values: np.ndarray) -> np.ndarray:
    """Any numbers, rounded and clipped to 0..255."""
    return values.round().clip(0, WHITE).astype(np.uint8)


def resize(gray: np.ndarray, longest: int, how: Image.Resampling) -> np.ndarray:
    """(h, w) uint8 with the longest side as told and the other in proportion, at least 1."""
    scale = longest / max(gray.shape)
    height, width = (max(1, round(length * scale)) for length in gray.shape)
    return np.asarray(Image.fromarray(gray).resize((width, height), how))


def pad(gray: np.ndarray, fill: int) -> np.ndarray:
    """(28, 28) uint8 around (h, w) uint8 of at most that, centred.

    An odd pixel goes left and on top, as in 99 % of the training pictures (measured).
    """
    height, width = gray.shape
    top, left = (SIDE - height + 1) // 2, (SIDE - width + 1) // 2
    square = np.full((SIDE, SIDE), fill, np.uint8)
    square[top : top + height, left : left + width] = gray
    return square


def fit(gray: np.ndarray, fill: int) -> np.ndarray:
    """(28, 28) uint8: the whole of (h, w) uint8, averaged to a longest side of 28 and centred on the fill."""
    return pad(resize(gray, SIDE, Image.Resampling.BOX), fill)


def trim(gray: np.ndarray, mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both without the rows and columns that the mask, not empty, leaves out."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    box = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return gray[box], mask[box]


def darken(cut: np.ndarray, mask: np.ndarray, lightest: float = LIGHTEST) -> np.ndarray | None:
    """(h, w) uint8: a nearly white garment, its median at what will be `lightest` once negated; None for others."""
    median = float(np.median(cut[mask]))
    scale = (WHITE - lightest) / max(median, 1)
    return np.where(mask, to_uint8(cut * scale), cut).astype(np.uint8) if scale < 1 else None


def sharpen(gray: np.ndarray, amount: float = 1.0) -> np.ndarray:
    """(h, w) uint8, each pixel set off against a Gaussian of its 3x3 neighbourhood, clipped.

    ImageMagick's `-sharpen 1x1`: weights w = exp(-r^2/2) of sum S; the centre gets 2S, the others -w, all over S + 1.
    amount: 0 changes nothing, 1 is that filter.
    """
    values = gray.astype(np.float64)
    sharp = scipy.ndimage.correlate(values, sharpening_kernel(), mode="nearest")
    return to_uint8(values + amount * (sharp - values))


def sharpening_kernel() -> np.ndarray:
    """(3, 3) float64 of sum 1: centre 1.661, edges -0.103, corners -0.062."""
    squares = np.array([1, 0, 1])
    weights = np.exp(-(squares[:, np.newaxis] + squares) / 2)
    kernel = -weights
    kernel[1, 1] = 2 * weights.sum()
    return kernel / (weights.sum() + 1)
