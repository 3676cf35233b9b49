"""Which test pictures a quiz is of: the same twenty for everybody, by its seed."""

import hashlib
from collections.abc import Sequence

import numpy as np

from fmnist_core.data import SIZES
from fmnist_core.runs.predictions import Predictions
from fmnist_core.storage.folders import RunError

PICTURES = 20  # of a quiz
SEEDS = 1_000_000


def draw(seed: int, hard: bool, candidates: np.ndarray) -> tuple[int, ...]:
    """The places in the test set of a quiz's pictures, in the order in which they are asked.

    Drawn at random without replacement: two of each class would be a hint. A quiz is linked to by its seed and must be
    the same for ever, and NumPy keeps no stream of random numbers for ever: so each candidate has a hash of its own,
    and the smallest are drawn. Where a candidate comes or goes, another shipped run say, the others stay.

    Args:
        seed: 0 to SEEDS - 1.
        hard: hard pictures are drawn by other hashes, or a quiz would repeat some of the other one of its seed.
        candidates: (n,) places in the test set, in any order.

    Raises:
        ValueError: another seed, fewer candidates than PICTURES, or one that is twice there or no test picture.
    """
    if not 0 <= seed < SEEDS:
        raise ValueError(f"The seed of a quiz is a whole number from 0 to {SEEDS - 1}. Received: {seed}.")
    places = {int(place) for place in candidates}
    if len(places) < max(len(candidates), PICTURES) or not places <= set(range(SIZES["test"])):
        raise ValueError(
            f"A quiz is drawn from {PICTURES} or more test pictures, each once. Received: {len(candidates)} places, "
            f"{len(places)} different ones."
        )
    kind = "hard" if hard else "all"
    return tuple(sorted(places, key=lambda place: _hash(f"{kind} {seed} {place}"))[:PICTURES])


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode("ascii")).digest()


def all_pictures() -> np.ndarray:
    """(10,000,) int64: what a quiz is drawn from that is not hard."""
    return np.arange(SIZES["test"])


def hard_pictures(stored: Sequence[Predictions]) -> np.ndarray:
    """(n,) int64, ascending: the test pictures that not all networks call the same.

    stored: what each run that ships says of the test pictures; runs of one's own would make another quiz of it.

    Raises:
        RunError: there are fewer than two networks, or they disagree on too few pictures.
    """
    if len(stored) < 2:
        raise RunError(
            "Hard pictures are those that the networks which ship with the app disagree on, and here are not two of "
            "them. Get assets/runs again with `git checkout assets/runs`, or take the quiz of all pictures."
        )
    called = np.stack([called_by_place(one) for one in stored])
    found = np.flatnonzero((called != called[0]).any(axis=0))
    if len(found) < PICTURES:
        raise RunError(
            f"The networks that ship with the app disagree on {len(found)} test pictures only, and a quiz needs "
            f"{PICTURES}. Take the quiz of all pictures."
        )
    return found


def called_by_place(stored: Predictions) -> np.ndarray:
    """(10,000,) int64: what a run calls each test picture, in the order of the test set."""
    called = np.empty(len(stored.indices), np.int64)
    called[stored.indices] = stored.predicted
    return called
