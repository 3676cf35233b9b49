"""Axes and spaces of one's own making."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Axis:
    """A direction from the middle of one selection to the middle of another."""

    direction: np.ndarray  # (d,) float32, length 1
    origin: np.ndarray  # (d,) float32, half way between the two
    length: float  # from one centroid to the other

    def project(self, vectors: np.ndarray) -> np.ndarray:
        """(n, d) -> (n,) float32: 0 half way, -length / 2 at the first centroid, +length / 2 at the second."""
        return (vectors.astype(np.float32) - self.origin) @ self.direction


def custom_axis(vectors: np.ndarray, first: np.ndarray, second: np.ndarray) -> Axis:
    """The axis from the centroid of the rows `first` to that of the rows `second` (indices or booleans).

    Raises:
        ValueError: a selection is empty, or both have the same centroid.
    """
    groups = [vectors[rows].astype(np.float64) for rows in (first, second)]
    for name, group in zip(("first", "second"), groups, strict=True):
        if not len(group):
            raise ValueError(f"The {name} selection of the axis holds no picture. Search for something else.")
    start, end = (group.mean(axis=0) for group in groups)
    length = float(np.linalg.norm(end - start))
    if not np.isfinite(length) or length <= 1e-6 * max(np.linalg.norm(start), np.linalg.norm(end)):
        raise ValueError("Both selections of the axis have the same middle, so no direction leads to the other.")
    direction = ((end - start) / length).astype(np.float32)
    return Axis(direction, ((start + end) / 2).astype(np.float32), length)


def spherize(vectors: np.ndarray) -> np.ndarray:
    """(n, d) -> (n, d) float32: shifted so that their mean is the origin, then each of length 1 (the mean stays 0)."""
    centred = vectors - vectors.mean(axis=0, dtype=np.float64)
    lengths = np.linalg.norm(centred, axis=1, keepdims=True)
    smallest = 1e-6 * lengths.max(initial=0)
    return (centred / np.where(lengths > smallest, lengths, np.inf)).astype(np.float32)
