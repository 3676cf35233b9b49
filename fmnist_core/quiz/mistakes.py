"""Test pictures that one network gets wrong and is sure of, though most others get them right. Arrays only."""

import hashlib
from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np

from fmnist_core.metrics import evaluation
from fmnist_core.quiz.pictures import called_by_place
from fmnist_core.runs.predictions import Predictions

OPTIONS = 4  # classes to choose among
AGREED = 0.75  # of the other networks have it right, so that its label can be seen in the picture


class Mistake(NamedTuple):
    """place: in the test set. options: classes in the order in which they are offered, label and called among them."""

    place: int
    label: int
    called: int
    options: tuple[int, ...]


def convincing(
    stored: Predictions, others: Sequence[Predictions], doubted: Collection[int], count: int = 3
) -> list[Mistake]:
    """The surest mistakes of a network, no two of one class; fewer than `count` where there are not so many.

    Args:
        stored: what the network says of the test pictures.
        others: the same of other networks. Most must have a picture right; none at all do not ask for it.
        doubted: places of pictures whose labels are in doubt, which are left out.
    """
    wrong = np.flatnonzero(stored.predicted != stored.labels)
    matrix = evaluation.confusion_matrix(stored.labels, stored.predicted, stored.logits.shape[1])
    confidence = evaluation.softmax(stored.logits[wrong]).max(axis=1)
    chosen: list[Mistake] = []
    if others:
        labels = np.empty(len(stored.indices), np.int64)
        labels[stored.indices] = stored.labels
        right = np.mean([called_by_place(one) == labels for one in others], axis=0)
    for row in wrong[np.argsort(-confidence, kind="stable")]:
        place, label = int(stored.indices[row]), int(stored.labels[row])
        taken = {one.label for one in chosen}
        if place in doubted or label in taken or (others and right[place] < AGREED):
            continue
        called = int(stored.predicted[row])
        chosen.append(Mistake(place, label, called, _options(matrix + matrix.T, label, called, place)))
        if len(chosen) == count:
            break
    return chosen


def _options(confused: np.ndarray, label: int, called: int, place: int) -> tuple[int, ...]:
    """Both, and the classes that are confused with the label most, in an order that tells nothing and never changes.

    confused: (classes, classes) int64, how often one of a pair is taken for the other; symmetric.
    """
    near = [int(one) for one in np.argsort(-confused[label], kind="stable") if one not in (label, called)]
    options = [label, called, *near[: OPTIONS - 2]]
    return tuple(sorted(options, key=lambda one: hashlib.sha256(f"{place} {one}".encode()).digest()))
