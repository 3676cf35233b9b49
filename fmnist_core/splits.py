"""Which of the 60,000 training pictures a recipe trains on and which it validates on."""

from typing import NamedTuple

import numpy as np

from fmnist_core.data import SIZES
from fmnist_core.recipe import Recipe, Split

REPLAY_PICTURES = 2_000  # scored after every epoch, for the training replay
GRID_PICTURES = 24  # of these, shown live while a run trains


class Indices(NamedTuple):
    """Positions in the training set, int64, disjoint."""

    train: np.ndarray  # (n,)
    validation: np.ndarray  # (m,), empty without a validation split


def split_indices(recipe: Recipe) -> Indices:
    """Returns what the recipe trains on, in no particular order, and what it validates on."""
    train, validation = _divide(recipe.split, SIZES["train"])
    if recipe.excluded:  # from training alone: validation stays the same, so that runs with and without compare
        train = train[~np.isin(train, recipe.excluded)]
    if recipe.images is not None:
        train = np.random.default_rng(recipe.seed).permutation(train)[: recipe.images]
    return Indices(train, validation)


def _divide(split: Split, total: int) -> tuple[np.ndarray, np.ndarray]:
    order = np.arange(total)
    if split.kind == "none":
        return order, order[:0]
    if split.kind == "first":
        return order[split.validation :], order[: split.validation]
    if split.kind == "last":
        return order[: total - split.validation], order[total - split.validation :]
    # As scikit-learn's train_test_split(random_state=seed) does it, so that a published split can be rebuilt.
    shuffled = np.random.RandomState(split.seed).permutation(total)
    return shuffled[split.validation :], shuffled[: split.validation]


def replay_indices(recipe: Recipe) -> np.ndarray:
    """Positions in the training set of the pictures scored after every epoch, at most REPLAY_PICTURES.

    Validation pictures; where a recipe sets none aside, pictures that it trains on.
    """
    return replayed(split_indices(recipe))


def replayed(indices: Indices) -> np.ndarray:
    """The same of what is known already: to divide 60,000 pictures anew takes milliseconds each time."""
    chosen = indices.validation if len(indices.validation) else np.sort(indices.train)
    return chosen[:REPLAY_PICTURES]
