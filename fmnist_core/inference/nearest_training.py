"""The training pictures that look most alike to a network, without having seen all of them anew.

Logits are a linear map of the features, and a run's logits of its training pictures are stored. What is near in
features is near in logits, so only the pictures with the nearest logits are shown to the network again, and the
nearest of these by features are what is asked for.
"""

from typing import NamedTuple, Protocol

import numpy as np

from fmnist_core.data import Pictures
from fmnist_core.embedding.neighbours import nearest_to
from fmnist_core.runs.predictions import Predictions

CANDIDATES = 300  # as many forward passes
COUNT = 12


class GivesFeatures(Protocol):
    def logits(self, images: np.ndarray) -> np.ndarray: ...

    def features(self, images: np.ndarray) -> np.ndarray: ...


class Nearest(NamedTuple):
    """The nearest first."""

    positions: np.ndarray  # (k,) int64, in the training set
    distances: np.ndarray  # (k,) float32, between features


def nearest_training(
    network: GivesFeatures,
    picture: np.ndarray,
    stored: Predictions,
    pictures: Pictures,
    count: int = COUNT,
    itself: int | None = None,
) -> Nearest:
    """The training pictures nearest to a (28, 28) uint8 picture.

    Args:
        stored: the run's predictions of its own training pictures.
        pictures: the training set.
        itself: the picture's own position in it, which is left out; None: it is none of them.

    Raises:
        ValueError: values that are not finite.
    """
    near = nearest_to(network.logits(picture[np.newaxis]), stored.logits, CANDIDATES)
    positions = stored.indices[near.indices[0]]
    positions = positions[positions != itself]
    features = network.features(np.concatenate([picture[np.newaxis], pictures.images[positions]]))
    found = nearest_to(features[:1], features[1:], count)
    return Nearest(positions[found.indices[0]], found.distances[0])
