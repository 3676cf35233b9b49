"""What several networks say of the same pictures: how often two of them agree, what all get wrong. Arrays only."""

from typing import NamedTuple

import numpy as np


class Agreement(NamedTuple):
    """Of k networks and n pictures."""

    pairs: np.ndarray  # (k, k) float64: the part of the pictures on which two say the same, right or wrong
    right: np.ndarray  # (n,) int: how many of the k have the picture right
    commonest: np.ndarray  # (n,) int: the class that most of them say; of equally many the first in their order
    says_commonest: np.ndarray  # (n,) int: how many say it


def agree(labels: np.ndarray, called: np.ndarray, num_classes: int) -> Agreement:
    """labels: (n,) class indices; called: (k, n) what each network says of the same pictures; k and n at least 1.

    Raises:
        ValueError: other shapes, or an index that is no class.
    """
    if called.ndim != 2 or called.shape[1:] != labels.shape or not called.size:
        raise ValueError(f"A row of {len(labels)} answers a network is needed. Received: {called.shape}.")
    if min(called.min(), labels.min()) < 0 or max(called.max(), labels.max()) >= num_classes:
        raise ValueError(f"Class indices reach from 0 to {num_classes - 1}. Received: others.")
    pictures = len(labels)
    pairs = np.array([(called == one).mean(axis=1) for one in called])
    votes = np.zeros((pictures, num_classes), np.int64)
    for one in called:
        votes[np.arange(pictures), one] += 1
    commonest = votes.argmax(axis=1)
    return Agreement(pairs, (called == labels).sum(axis=0), commonest, votes.max(axis=1))
