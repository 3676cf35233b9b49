"""Garments as if they had been photographed, which set every run's photo calibration: assets/photos/reference.npz.

The same for all runs, so that none has to make them: validation pictures of the published recipes, each put through
what photos do and cut out three times, with the distances of their outlines. `python -m
fmnist_core.release.photo_reference` makes the file; it takes minutes, and gives the same every time.
"""

from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from fmnist_core.analysis.photo_calibration import kept
from fmnist_core.data import CLASS_NAMES, SIDE, SIZES, load_split
from fmnist_core.photo.alike import FAINT, class_distances, outlines_of
from fmnist_core.photo.corruptions import damaged_views
from fmnist_core.photo.drawing import prepare_drawing
from fmnist_core.photo.strokes import outline_drawing
from fmnist_core.storage import folders, stored_arrays
from fmnist_core.storage.folders import RunError

PICTURES, VIEWS, SEED = 700, 3, 0
VALIDATION = 5_000  # the last of the training pictures: what the published recipes of this project set aside


class Reference(NamedTuple):
    """indices: (n,) int64 in the training set. views: (n, views, 28, 28) uint8. distances: (n, 10) float64, their means
    over the views. drawn: (k,) float64, rising: how far drawn outlines lie from those of training pictures."""

    indices: np.ndarray
    views: np.ndarray
    distances: np.ndarray
    drawn: np.ndarray

    @property
    def labels(self) -> np.ndarray:
        """(n,) uint8. Raises DataError."""
        return load_split("train").labels[self.indices]


def file() -> Path:
    return folders.PROJECT / "assets" / "photos" / "reference.npz"


def make(pictures: int = PICTURES) -> Reference:
    """Raises DataError where the training pictures are missing."""
    generator = np.random.default_rng(SEED)
    chosen = SIZES["train"] - VALIDATION + generator.permutation(VALIDATION)[:pictures]
    views = damaged_views(load_split("train").images[chosen], VIEWS, generator)
    distances = class_distances(views.reshape(-1, SIDE, SIDE)).reshape(pictures, VIEWS, -1).mean(axis=1)
    return Reference(chosen, views, distances, make_drawn(chosen))


def make_drawn(chosen: np.ndarray) -> np.ndarray:
    """(k,) rising quantiles of the distances between drawn outlines of these pictures and all but the last pictures."""
    images = load_split("train").images
    others = outlines_of(images[: SIZES["train"] - VALIDATION])
    drawn = [prepare_drawing(outline_drawing(images[place]), outlines=others).picture for place in chosen]
    return kept(np.array([others.nearest(picture > FAINT)[1] for picture in drawn]))


def save(made: Reference) -> None:
    """Raises OSError."""
    file().parent.mkdir(exist_ok=True)
    arrays = {"indices": made.indices.astype(np.uint16), "views": made.views, "distances": made.distances}
    distances = {name: getattr(made, name).astype(np.float32) for name in ("distances", "drawn")}
    stored_arrays.save(file(), arrays | distances)


@cache
def load() -> Reference:
    """Raises OSError or ValueError where the file that comes with the app is missing or damaged."""
    names = ("indices", "views", "distances", "drawn")
    arrays = stored_arrays.load(file(), *names)
    indices, views, distances, drawn = (arrays[name] for name in names)
    count = len(indices)
    if (
        views.shape[::2] != (count, SIDE)
        or views.dtype != np.uint8
        or distances.shape != (count, len(CLASS_NAMES))
        or not len(drawn)
    ):
        raise ValueError("reference.npz holds other arrays than expected: restore it from where the app came from")
    return Reference(indices.astype(np.int64), views, distances.astype(np.float64), drawn.astype(np.float64))


def drawn_distances() -> np.ndarray:
    """`Reference.drawn`. Raises RunError where the file that comes with the app is missing or damaged."""
    return found_or_error().drawn


def found_or_error() -> Reference:
    """As `load`, with a sentence for a visitor. Raises RunError."""
    try:
        return load()
    except (OSError, ValueError) as error:
        raise RunError(
            f"The pictures that come with the app cannot be read ({type(error).__name__}: {error})."
        ) from None
