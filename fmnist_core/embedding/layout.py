"""What t-SNE and UMAP share: how they start, what they hand back, and what they do about too few points."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from fmnist_core.embedding.pca import fit_pca

DIMENSIONS = (2, 3)
FEWEST = 4  # points; fewer have no neighbourhoods, and principal components place them well

# Called with the number of finished iterations (0: the start) and the (n, dims) float32 coordinates, which must not be
# changed; a true answer stops and keeps them.
OnIteration = Callable[[int, np.ndarray], bool | None]


@dataclass(frozen=True)
class Layout:
    """coordinates: (n, dims) float32, their mean at the origin."""

    coordinates: np.ndarray
    iterations: int  # finished ones
    stopped: bool = False  # by `on_iteration`
    notes: tuple[str, ...] = ()  # sentences on what was done otherwise than asked for
    neighbours: np.ndarray | None = None  # (n, k) int64 in the original space, where they were sought


def pca_start(vectors: np.ndarray, dims: int) -> np.ndarray:
    """The first principal components, (n, dims) float32; zero where the vectors have fewer directions.

    Raises:
        ValueError: no vectors, values that are not finite, or dims neither 2 nor 3.
    """
    if dims not in DIMENSIONS:
        raise ValueError(f"A map cannot have {dims} dimensions. Choose 2 or 3.")
    coordinates = np.zeros((len(vectors), dims), np.float32)
    found = fit_pca(vectors, dims).transform(vectors)
    coordinates[:, : found.shape[1]] = found
    return coordinates


def trivial(start: np.ndarray, method: str) -> Layout | None:
    """The layout of points that have no neighbourhoods to show; None where there is something to compute."""
    n = len(start)
    if not start.any():
        alone = "One picture has no neighbours: it lies in the middle."
        return Layout(start, 0, notes=(alone if n == 1 else f"All {n:,} pictures have the same values: one point.",))
    if n < FEWEST:
        return Layout(start, 0, notes=(f"{method} needs {FEWEST} pictures or more; these {n} lie as PCA places them.",))
    return None
