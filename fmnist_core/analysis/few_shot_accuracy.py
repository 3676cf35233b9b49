"""How a network that is taught new classes calls examples that it was not taught with: each is held out once."""

from collections.abc import Sequence

import numpy as np

from fmnist_core.analysis.few_shot import FEWEST, Features, fit
from fmnist_core.progress import OnShare

ROUNDS = 6  # of a class with FEWEST + 1 examples or more, each round leaves FEWEST or more to be taught with
NOT_HELD_OUT = -1


def called_when_held_out(
    old: Features,
    old_labels: np.ndarray,
    new: Features,
    new_labels: np.ndarray,
    names: Sequence[str],
    on_progress: OnShare = lambda share: None,
) -> np.ndarray:
    """Teaches six times, each time without a sixth of the examples of every class that has more than five.

    The arguments are those of `few_shot.fit`.

    Returns:
        (m,) int64: what each example is called by the head that was taught without it, a class of old and new ones
        together; -1 for the examples of classes with no more than five, which all must teach.

    Raises:
        ValueError: as `few_shot.fit`.
    """
    rounds = rounds_of(new_labels, len(names))
    called = np.full(len(new_labels), NOT_HELD_OUT, np.int64)
    for number in range(ROUNDS) if (rounds >= 0).any() else ():
        held = rounds == number
        if held.any():
            few = Features(new.features[~held], new.logits[~held])
            head = fit(old, old_labels, few, new_labels[~held], names)
            called[held] = head.logits(Features(new.features[held], new.logits[held])).argmax(axis=1)
        on_progress((number + 1) / ROUNDS)
    return called


def rounds_of(labels: np.ndarray, classes: int) -> np.ndarray:
    """(m,) int64: the round in which each example is held out; -1 for never."""
    rounds = np.full(len(labels), NOT_HELD_OUT, np.int64)
    for label in range(classes):
        rows = np.flatnonzero(labels == label)
        if len(rows) > FEWEST:
            rounds[rows] = np.arange(len(rows)) % ROUNDS
    return rounds
