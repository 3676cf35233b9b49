"""A run's features of the test pictures, reduced to what the map needs: maps/features.npz in its folder."""

from dataclasses import dataclass

import numpy as np

from fmnist_core.embedding import PCA, fit_pca
from fmnist_core.runs import runs
from fmnist_core.runs.runs import Run
from fmnist_core.storage import stored_arrays
from fmnist_core.storage.folders import RunError

DIMENSIONS = 64  # principal components kept
FILE = "maps/features.npz"  # in the run's folder


@dataclass(frozen=True)
class FeatureMap:
    """coordinates: (10,000, at most 64) float32, principal components of the test pictures' features."""

    pca: PCA
    coordinates: np.ndarray


def save(run: Run, features: np.ndarray) -> None:
    """features: (n, d) of the test pictures in order."""
    pca = fit_pca(features, DIMENSIONS)
    (run.folder / "maps").mkdir(exist_ok=True)
    arrays = {
        "mean": pca.mean,
        "components": pca.components.astype(np.float16),
        "variances": pca.variances,
        "total_variance": np.array(pca.total_variance),
        "coordinates": stored_arrays.as_float16(pca.transform(features)),
    }
    stored_arrays.save(run.folder / FILE, arrays)


def load(run: Run) -> FeatureMap:
    """Raises RunError where the run has none, or the file is damaged."""
    names = ("mean", "components", "variances", "total_variance", "coordinates")
    try:
        stored = stored_arrays.load(run.folder / FILE, *names)
        mean, components, variances, total, coordinates = stored.values()
        if any(array.dtype.kind != "f" or not np.isfinite(array).all() for array in stored.values()):
            raise ValueError("not finite numbers")
        count, width = components.shape
        shapes = (mean.shape, variances.shape, total.shape, coordinates.shape[1:])
        if shapes != ((width,), (count,), (), (count,)) or not len(coordinates):
            raise ValueError("coordinates and components disagree")
    except FileNotFoundError:
        if _has_no_model(run):
            raise RunError(
                f"Only the answers of {run.id} were brought in, so it has no features. Choose raw pixels, or "
                "another run."
            ) from None
        if (run.folder / "result.json").exists():
            raise RunError(
                f"The run {run.id} keeps no features: it sees the pixels themselves. Choose raw pixels, or another run."
            ) from None
        raise RunError(f"The run {run.id} has no feature map yet. Let it finish, or choose another run.") from None
    except ValueError as error:
        raise RunError(
            f"The run {run.id} is damaged: its maps/features.npz cannot be read ({type(error).__name__}). "
            "Delete the run and train it again."
        ) from None
    pca = PCA(mean, components.astype(np.float32), variances, float(total))
    return FeatureMap(pca, coordinates.astype(np.float32))


def _has_no_model(run: Run) -> bool:
    about = runs.read_config(run).brought_in
    return about is not None and not about.input
