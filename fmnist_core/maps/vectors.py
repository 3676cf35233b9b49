"""Pictures in; the vectors that a map is made of: their pixels, or what a layer of a run's network makes of them.

Wide layers are averaged over blocks of positions to at most 1,024 values, then everything is turned to at most 64
principal components. That loses little, keeps distances and angles, and 70,000 pictures fit in 18 MB.
"""

import functools
import json
import math
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fmnist_core import data
from fmnist_core.embedding.neighbours import AskedToStop
from fmnist_core.embedding.pca import PCA, fit_pca
from fmnist_core.inference.classifier import ACTIVATION, Classifier
from fmnist_core.progress import OnShareOrStop
from fmnist_core.runs.feature_map import FeatureMap
from fmnist_core.storage import stored_arrays

PIXELS, FEATURES = "pixels", "features"
OWN = re.compile(r"own_[0-9a-f]{12}")  # the name of a visitor's own vectors, see own_vectors
DIMENSIONS = 64
MOST_VALUES = 1_024  # of a picture, before the principal components are sought
AT_ONCE = 250  # pictures between two looks whether to stop: a large network takes seconds for them
LARGEST = 30_000.0  # of a stored value, which is float16


class VectorError(ValueError):
    """A layer gives no vectors that a map could be made of; the message says why."""


@dataclass(frozen=True)
class Space:
    """How a picture becomes a vector."""

    of: str  # pixels, features or a layer's name
    block: int  # so many positions each way are averaged; 1: none
    pca: PCA
    shape: tuple[int, ...]  # of what the layer gives for one picture

    @property
    def reduced(self) -> str:
        """One sentence for the reader of a map: what was left out."""
        what = {PIXELS: "A picture has", FEATURES: "The features are"}.get(self.of, f"{self.of} gives")
        what = "A vector of your own has" if OWN.fullmatch(self.of) else what
        parts = [f"{what} {' x '.join(map(str, self.shape))} values"]
        if self.block > 1:
            parts.append(f"averaged over blocks of {self.block} x {self.block} positions")
        count, width = self.pca.components.shape
        if count < width:
            share = 100 * float(self.pca.explained.sum())
            parts.append(f"reduced to {count} principal components that hold {share:.1f} % of the variance")
        return ", ".join(parts) + "."

    @functools.cached_property
    def _centre(self) -> np.ndarray:
        """(k + 1,): where the mean lies, the last value being its distance from the space of the components."""
        inside = self.pca.mean @ self.pca.components.T
        outside = np.linalg.norm(self.pca.mean - inside @ self.pca.components)
        return np.append(inside, outside).astype(np.float32)

    def place(self, coordinates: np.ndarray) -> np.ndarray:
        """(n, k) principal components -> (n, k + 1) vectors with the layer's own origin, so that angles are kept."""
        return np.pad(coordinates, ((0, 0), (0, 1))) + self._centre

    def vectors(self, images: np.ndarray, classifier: Classifier | None = None) -> np.ndarray:
        """(n, 28, 28) uint8 -> (n, k + 1) float32. The classifier is needed for everything but pixels.

        Raises:
            VectorError: the network gives values that are not finite.
        """
        return self.place(self.pca.transform(_values(self.of, images, classifier, self.block)))


def fit(
    of: str, images: np.ndarray, classifier: Classifier | None = None, on_progress: OnShareOrStop = lambda share: None
) -> tuple[Space, np.ndarray]:
    """The space of these (n, 28, 28) uint8 pictures, and their vectors, (n, k + 1) float32.

    Raises:
        VectorError: no pictures, an unknown layer, or values that are not finite.
        AskedToStop: `on_progress` said so.
    """
    if not len(images):
        raise VectorError("No pictures are left to make a map of. Choose others.")
    shape = _shape(of, classifier)
    block = _block(shape)
    values = _values(of, images, classifier, block, on_progress)
    space = Space(of, block, fit_pca(values, DIMENSIONS), shape)
    return space, space.place(space.pca.transform(values))


def space_of_features(stored: FeatureMap) -> Space:
    """That of a run's own feature map, which is fitted to all test pictures."""
    return Space(FEATURES, 1, stored.pca, (stored.pca.components.shape[1],))


def _shape(of: str, classifier: Classifier | None) -> tuple[int, ...]:
    if of == PIXELS:
        return (data.SIDE, data.SIDE)
    if classifier is None:
        raise VectorError(f"Without a network there is no {of!r}. Name a run, or choose the pixels.")
    if of != FEATURES and of not in classifier.layers:
        raise VectorError(f"Unknown layer {of!r}. Choose one of: {', '.join((PIXELS, FEATURES, *classifier.layers))}.")
    return _activation(of, np.zeros((1, data.SIDE, data.SIDE), np.uint8), classifier).shape[1:]


def _activation(of: str, images: np.ndarray, classifier: Classifier) -> np.ndarray:
    return classifier.features(images) if of == FEATURES else classifier.run(images, [ACTIVATION + of])[0]


def _block(shape: tuple[int, ...]) -> int:
    """The smallest block that leaves at most 1,024 values; a layer without positions stays as it is."""
    if math.prod(shape) <= MOST_VALUES or shape == (data.SIDE, data.SIDE):
        return 1
    positions, channels = shape[:-1], shape[-1]
    fits = lambda block: channels * math.prod(math.ceil(side / block) for side in positions) <= MOST_VALUES  # noqa: E731
    return next((block for block in range(2, max(positions, default=1)) if fits(block)), max(positions, default=1))


def _values(
    of: str,
    images: np.ndarray,
    classifier: Classifier | None,
    block: int,
    on_progress: OnShareOrStop = lambda share: None,
) -> np.ndarray:
    """(n, d) float32, before the principal components."""
    if of == PIXELS:
        return data.to_network_input(images).reshape(len(images), -1)
    if classifier is None:
        raise VectorError(f"Without a network there is no {of!r}. Name a run, or choose the pixels.")
    parts = []
    for start in range(0, len(images), AT_ONCE):
        part = _pool(_activation(of, images[start : start + AT_ONCE], classifier), block)
        if not np.isfinite(part).all():
            raise VectorError(
                f"The network gives values of {of} that are not a number or infinite, so no map can be made of them. "
                "Its training went wrong: train it again with a smaller learning rate, or choose another layer."
            )
        parts.append(part)
        if on_progress(min(1.0, (start + AT_ONCE) / len(images))):
            raise AskedToStop
    return np.concatenate(parts)


def _pool(values: np.ndarray, block: int) -> np.ndarray:
    """(n, positions..., channels) -> (n, d): the mean of each block; blocks at the far edges may be smaller."""
    if block > 1:
        for axis in range(1, values.ndim - 1):
            starts = np.arange(0, values.shape[axis], block)
            sizes = np.diff(np.append(starts, values.shape[axis])).astype(np.float32)
            shape = [-1 if other == axis else 1 for other in range(values.ndim)]
            values = np.add.reduceat(values, starts, axis=axis) / sizes.reshape(shape)
    return values.reshape(len(values), -1).astype(np.float32)


def save(path: Path, space: Space, vectors: np.ndarray, **more: np.ndarray) -> None:
    """more: arrays that are kept beside them. Raises OSError."""
    scale = max(1.0, float(np.abs(vectors).max(initial=0)) / LARGEST)
    about = {"of": space.of, "block": space.block, "shape": space.shape}
    arrays = {
        "about": np.frombuffer(json.dumps(about).encode(), np.uint8),
        "mean": space.pca.mean,
        "components": space.pca.components,
        "variances": space.pca.variances,
        "total_variance": np.array(space.pca.total_variance),
        "scale": np.array(scale),
        "vectors": (vectors / scale).astype(np.float16),
    }
    stored_arrays.save(path, arrays | more)


def load(path: Path) -> tuple[Space, np.ndarray]:
    """What was saved; the vectors (n, k + 1) float32.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it cannot be read.
    """
    names = ("about", "mean", "components", "variances", "total_variance", "scale", "vectors")
    about, mean, components, variances, total, scale, vectors = stored_arrays.load(path, *names).values()
    try:
        said = json.loads(about.tobytes())
        pca = PCA(mean, components, variances, float(total))
        space = Space(str(said["of"]), int(said["block"]), pca, tuple(map(int, said["shape"])))
        if vectors.ndim != 2 or vectors.shape[1] != len(components) + 1 or components.shape[1:] != mean.shape:
            raise ValueError("vectors and components disagree")
        return space, vectors.astype(np.float32) * np.float32(scale)
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path.name} does not hold the vectors it should ({error})") from None
