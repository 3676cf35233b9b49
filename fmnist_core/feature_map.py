"""A run's features of the test pictures, reduced to what the map needs: maps/features.npz in its folder."""

import zipfile
from dataclasses import dataclass

import numpy as np

from fmnist_core.embedding import PCA, fit_pca
from fmnist_core.runs import Run, RunError

DIMENSIONS = 64  # principal components kept


@dataclass(frozen=True)
class FeatureMap:
    """coordinates: (10,000, at most 64) float32, principal components of the test pictures' features."""

    pca: PCA
    coordinates: np.ndarray


def save(run: Run, features: np.ndarray) -> None:
    """features: (n, d) of the test pictures in order."""
    pca = fit_pca(features, DIMENSIONS)
    (run.folder / "maps").mkdir(exist_ok=True)
    with (run.folder / "maps" / "features.npz").open("wb") as file:
        np.savez_compressed(
            file,
            allow_pickle=False,
            mean=pca.mean,
            components=pca.components.astype(np.float16),
            variances=pca.variances,
            total_variance=np.array(pca.total_variance),
            coordinates=pca.transform(features).astype(np.float16),
        )


def load(run: Run) -> FeatureMap:
    """Raises RunError where the run has none, or the file is damaged."""
    try:
        with np.load(run.folder / "maps" / "features.npz", allow_pickle=False) as arrays:
            pca = PCA(
                arrays["mean"],
                arrays["components"].astype(np.float32),
                arrays["variances"],
                float(arrays["total_variance"]),
            )
            coordinates = arrays["coordinates"].astype(np.float32)
        if coordinates.ndim != 2 or coordinates.shape[1] != len(pca.components):
            raise ValueError("coordinates and components disagree")
    except FileNotFoundError:
        raise RunError(f"The run {run.id} has no feature map yet. Let it finish, or choose another run.") from None
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zipfile.zlib.error) as error:
        raise RunError(
            f"The run {run.id} is damaged: its maps/features.npz cannot be read ({type(error).__name__}). "
            "Delete the run and train it again."
        ) from None
    return FeatureMap(pca, coordinates)
