"""Vectors in; projections out. Arrays only."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class PCA:
    """Principal components, exact. Signs are fixed: each component's largest entry is positive."""

    mean: np.ndarray  # (d,) float32
    components: np.ndarray  # (k, d) float32, orthonormal rows, by falling variance
    variances: np.ndarray  # (k,) float64
    total_variance: float

    @property
    def explained(self) -> np.ndarray:
        """(k,) fractions of the total variance."""
        return self.variances / self.total_variance if self.total_variance else np.zeros_like(self.variances)

    def transform(self, vectors: np.ndarray) -> np.ndarray:
        """(n, d) -> (n, k) float32."""
        return (vectors.astype(np.float32) - self.mean) @ self.components.T


def fit_pca(vectors: np.ndarray, count: int) -> PCA:
    """The first `count` principal components (fewer where there are fewer) of (n, d) vectors.

    Through the eigenvectors of the smaller of the covariance (d, d) and the Gram matrix (n, n), in float64.

    Raises:
        ValueError: no vectors, or values that are not finite.
    """
    if not len(vectors) or not np.isfinite(vectors).all():
        raise ValueError("A projection needs at least one picture, and only finite values.")
    mean = vectors.mean(axis=0, dtype=np.float64)
    centred = (vectors - mean).astype(np.float32)
    n, d = centred.shape
    count = min(count, n, d)
    if d <= n:
        values, vectors_ = np.linalg.eigh((centred.T @ centred).astype(np.float64))
        components = vectors_[:, ::-1][:, :count].T
    else:
        values, left = np.linalg.eigh((centred @ centred.T).astype(np.float64))
        components = left[:, ::-1][:, :count].T @ centred
        norms = np.linalg.norm(components, axis=1, keepdims=True)
        components = components / np.where(norms > 1e-9, norms, 1)
    variances = np.maximum(values[::-1][:count], 0) / max(n - 1, 1)
    total = float(np.square(centred, dtype=np.float64).sum() / max(n - 1, 1))
    largest = np.abs(components).argmax(axis=1)
    signs = np.sign(components[np.arange(count), largest])
    components = components * np.where(signs, signs, 1)[:, None]
    return PCA(mean.astype(np.float32), components.astype(np.float32), variances, total)
