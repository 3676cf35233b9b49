"""A photo of what already is light on black: a picture of the dataset, perhaps enlarged."""

import numpy as np
from PIL import Image

from fmnist_core.data import SIDE
from fmnist_core.photo.garment import PLAIN, border_colour
from fmnist_core.photo.steps import NOTHING_FOUND, Prepared, Step, fit, trim

BLACK = 16  # gray levels: a border up to it is the black background of a picture, not that of a photo


def is_on_black(gray: np.ndarray) -> bool:
    """Whether the border of (h, w) uint8 is black."""
    return bool(border_colour(gray) <= BLACK)


def from_black(image: Image.Image, gray: np.ndarray) -> Prepared:
    """What is light on black is no photo to negate but a picture already, if perhaps of another size."""
    if gray.shape == (SIDE, SIDE):
        step = Step("picture", "This already is 28x28, light on black, so it is taken as it is.", gray, gray)
        return Prepared(gray, (step,))
    lit = gray > PLAIN
    trimmed, _ = trim(gray, lit if lit.any() else ~lit)
    fitted = fit(trimmed, fill=0)
    steps = (
        Step("photo", "Your photo, upright.", np.asarray(image), fit(gray, fill=0)),
        Step(
            "trim",
            "This already is light on black, so it is not negated; the black around is cut off.",
            trimmed,
            fitted,
        ),
        Step(
            "centre",
            "The longest side becomes 28, and black fills it up; an odd pixel goes left or on top.",
            fitted,
            fitted,
        ),
    )
    return Prepared(fitted, steps, () if lit.any() else (NOTHING_FOUND,))
