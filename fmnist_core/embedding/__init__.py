"""Vectors in; projections, neighbours, axes and trust out. Arrays only, NumPy and SciPy only: nothing heavy to import.

Vectors are (n, d) float32, a row a picture; coordinates are (n, dims) float32, dims 2 or 3.
"""

from fmnist_core.embedding.pca import PCA, fit_pca

__all__ = ["PCA", "fit_pca"]
