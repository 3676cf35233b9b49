"""The answer to a photo is the mean of the answers to its views, weighed by what a pair tells."""

from collections.abc import Sequence

import numpy as np

from fmnist_core.data import CLASS_NAMES
from fmnist_core.photo.steps import Prepared

# At most that share of each class of the training set, none of which is a pair, passes for one (0.42 % of trousers).
PAIR_BY_CHANCE = 0.005
_FOOTWEAR = ("Sandal", "Sneaker", "Ankle boot")


def views(prepared: Prepared) -> np.ndarray:
    """(n, 28, 28) uint8: the pictures to classify for one photo; `combine` makes one answer of the n."""
    if not prepared.views:
        return prepared.picture[np.newaxis]
    return np.stack([view.picture for view in prepared.views])


def combine(prepared: Prepared, probabilities: np.ndarray, class_names: Sequence[str] = CLASS_NAMES) -> np.ndarray:
    """One answer to a photo: (classes,) float64 of sum 1.

    Garments come in pairs only if they are shoes. Where an outline is a pair, the other classes keep the share with
    which they pass for one by chance, as Bayes' rule has it. Classes that a visitor taught may be of either kind.

    Args:
        prepared: the photo, in any mode.
        probabilities: (n, classes), those of its n `views` in their order.
        class_names: the run's, in order.

    Raises:
        ValueError: as many rows as views or as many columns as classes were expected.
    """
    expected = (len(views(prepared)), len(class_names))
    if probabilities.shape != expected:
        raise ValueError(f"Expected probabilities of shape {expected}. Received: {probabilities.shape}.")
    if not prepared.views:
        return probabilities[0].astype(np.float64)
    single = np.array([name in CLASS_NAMES and name not in _FOOTWEAR for name in class_names])
    answer = np.zeros(len(class_names))
    for view, row in zip(prepared.views, probabilities.astype(np.float64), strict=True):
        row = row * np.where(single & view.pair, PAIR_BY_CHANCE, 1.0)
        answer += view.weight * row / row.sum()
    return answer
