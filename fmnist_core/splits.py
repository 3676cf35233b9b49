"""Which of the 60,000 training pictures a recipe trains on and which it validates on."""

from typing import NamedTuple

import numpy as np

from fmnist_core import data
from fmnist_core.data import SIZES
from fmnist_core.recipe import Recipe, Split

REPLAY_PICTURES = 2_000  # scored after every epoch, for the training replay
GRID_PICTURES = 24  # of these, shown live while a run trains
NOISE = (1_000_001, 3)  # beside the recipe's seed, so that nothing else is drawn from the same numbers


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


class OtherLabels(NamedTuple):
    """Under which labels pictures are taught, by ascending positions in the training set."""

    positions: np.ndarray  # (k,) int64
    labels: np.ndarray  # (k,) uint8: what each is called in training


def corrected_labels(recipe: Recipe) -> OtherLabels:
    """What the recipe's `relabelled` says of pictures that it trains on; those that validate keep their labels."""
    found = {position: label for position, label in recipe.relabelled}
    positions = np.sort(split_indices(recipe).train)
    positions = positions[np.isin(positions, list(found))]
    return OtherLabels(positions, np.array([found[int(one)] for one in positions], np.uint8))


def wrong_labels(recipe: Recipe) -> OtherLabels:
    """Which training pictures of a recipe with label noise are taught a wrong label, and which.

    Exactly that part of them, rounded, drawn from the recipe's seed, each with one of the nine classes that it would
    not be taught without noise, all equally likely. More noise with the same seed and pictures is wrong about the same
    pictures and some more.
    """
    train = np.sort(split_indices(recipe).train)
    generator = np.random.default_rng((recipe.seed, *NOISE))
    chosen = generator.permutation(len(train))[: round(recipe.label_noise * len(train))]
    steps = generator.integers(1, len(data.CLASS_NAMES), len(train))  # of all, whether chosen or not
    chosen.sort()
    own = _without_noise(recipe)[train[chosen]]
    return OtherLabels(train[chosen], ((own + steps[chosen]) % len(data.CLASS_NAMES)).astype(np.uint8))


def taught_labels(recipe: Recipe, positions: np.ndarray) -> np.ndarray:
    """(n,) uint8: what a training calls the pictures at (n,) positions of the training set.

    The official label, but for what the recipe corrects among the pictures that it trains on, and then for noise.
    """
    labels = _without_noise(recipe)
    if recipe.label_noise:
        wrong = wrong_labels(recipe)
        labels = labels.copy()
        labels[wrong.positions] = wrong.labels
    return labels[positions]


def _without_noise(recipe: Recipe) -> np.ndarray:
    """(60,000,) uint8; not to be changed."""
    labels = data.load_split("train").labels
    if recipe.relabelled:
        corrected = corrected_labels(recipe)
        labels = labels.copy()
        labels[corrected.positions] = corrected.labels
    return labels
