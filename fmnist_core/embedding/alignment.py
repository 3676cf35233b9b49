"""Layouts of the same points, turned onto each other: what moves then is the points, not the picture as a whole."""

from collections.abc import Iterable, Iterator

import numpy as np


def align(coordinates: np.ndarray, reference: np.ndarray, scale: bool = False) -> np.ndarray:
    """(n, dims) turned, mirrored and shifted (with `scale`, sized too) to lie as near to the reference as it can.

    Orthogonal Procrustes: least squares over all points. Raises ValueError where the shapes differ.
    """
    if coordinates.shape != reference.shape:
        raise ValueError(f"Layouts of the shapes {coordinates.shape} and {reference.shape} cannot be aligned.")
    if not len(coordinates):
        return coordinates
    middle, target = coordinates.mean(axis=0, dtype=np.float64), reference.mean(axis=0, dtype=np.float64)
    centred = coordinates - middle
    left, strengths, right = np.linalg.svd(centred.T @ (reference - target))
    size = float(np.square(centred).sum())
    factor = float(strengths.sum()) / size if scale and size else 1.0
    return (factor * centred @ (left @ right) + target).astype(np.float32)


def align_sequence(layouts: Iterable[np.ndarray], scale: bool = False) -> Iterator[np.ndarray]:
    """Each layout aligned to the one before it, the first as it is: a slider over epochs does not spin."""
    before: np.ndarray | None = None
    for layout in layouts:
        before = layout.astype(np.float32) if before is None else align(layout, before, scale)
        yield before
