"""Garments as if they had been photographed, which set every run's photo calibration: assets/photos/reference.npz.

The same for all runs, so that none has to make them: validation pictures of the published recipes, each put through
what photos do and cut out three times, with the distances of their outlines. `python -m
fmnist_core.release.photo_reference` makes the file; it takes minutes, and gives the same every time.
"""

from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from fmnist_core.data import CLASS_NAMES, SIDE, SIZES, load_split
from fmnist_core.photo.alike import class_distances
from fmnist_core.photo.corruptions import damaged_views
from fmnist_core.storage import folders, stored_arrays

PICTURES, VIEWS, SEED = 700, 3, 0
VALIDATION = 5_000  # the last of the training pictures: what the published recipes of this project set aside


class Reference(NamedTuple):
    """indices: (n,) int64 in the training set. views: (n, views, 28, 28) uint8. distances: (n, 10) float64, their means
    over the views."""

    indices: np.ndarray
    views: np.ndarray
    distances: np.ndarray

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
    return Reference(chosen, views, distances)


def save(made: Reference) -> None:
    """Raises OSError."""
    file().parent.mkdir(exist_ok=True)
    arrays = {"indices": made.indices.astype(np.uint16), "views": made.views, "distances": made.distances}
    stored_arrays.save(file(), arrays | {"distances": made.distances.astype(np.float32)})


@cache
def load() -> Reference:
    """Raises OSError or ValueError where the file that comes with the app is missing or damaged."""
    arrays = stored_arrays.load(file(), "indices", "views", "distances")
    indices, views, distances = (arrays[name] for name in ("indices", "views", "distances"))
    count = len(indices)
    if views.shape[::2] != (count, SIDE) or views.dtype != np.uint8 or distances.shape != (count, len(CLASS_NAMES)):
        raise ValueError("reference.npz holds other arrays than expected: restore it from where the app came from")
    return Reference(indices.astype(np.int64), views, distances.astype(np.float64))
