"""Principal components: the one projection that only turns the vectors, and so can be trusted in all it shows."""

from dataclasses import dataclass

import numpy as np

FLAT = 1e-6  # of the largest deviation: less is what rounding leaves of none, and its direction means nothing


@dataclass(frozen=True)
class PCA:
    """Principal components, exact. Signs are fixed: each component's largest entry is positive."""

    mean: np.ndarray  # (d,) float32
    components: np.ndarray  # (k, d) float32, by falling variance; rows orthonormal, some may be zero: see fit_pca
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

    Where the vectors do not vary in so many directions, the last variances are 0 but for rounding. The components
    that belong to them are zero where n < d, and else directions at right angles to all others that mean nothing.
    Through the eigenvectors, in float64, of the smaller of the covariance (d, d) and the Gram matrix (n, n).

    Raises:
        ValueError: no vectors, or values that are not finite.
    """
    vectors = vectors.astype(np.float32, copy=False)  # then the mean, in float64, is exact: equal vectors vary by 0
    if not len(vectors) or not np.isfinite(vectors).all():
        raise ValueError("A projection needs at least one picture, and only finite values.")
    mean = vectors.mean(axis=0, dtype=np.float64)
    centred = vectors - mean
    n, d = centred.shape
    total = float(np.square(centred).sum() / max(n - 1, 1))
    # Squares of very large or small values leave float32; by a power of two, which changes no digit, they do not.
    largest = np.abs(centred).max(initial=0)
    scale = 2.0 ** np.floor(np.log2(largest)) if largest else 1.0
    centred /= scale
    count = min(count, n, d)
    if d <= n:
        centred = centred.astype(np.float32)  # twice as fast, and there are many
        values, vectors_ = np.linalg.eigh((centred.T @ centred).astype(np.float64))
        components = vectors_[:, ::-1][:, :count].T
    else:
        values, left = np.linalg.eigh(centred @ centred.T)
        components = left[:, ::-1][:, :count].T @ centred
        norms = np.linalg.norm(components, axis=1, keepdims=True)
        varied = norms > FLAT * norms.max()
        components = np.where(varied, components / np.where(varied, norms, 1), 0)
    variances = np.maximum(values[::-1][:count], 0) * scale**2 / max(n - 1, 1)
    signs = np.sign(components[np.arange(count), np.abs(components).argmax(axis=1)])
    components = components * np.where(signs, signs, 1)[:, None]
    return PCA(mean.astype(np.float32), components.astype(np.float32), variances, total)
