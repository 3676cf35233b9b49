"""How sure a network is of each picture, and how far off: what galleries are sorted and sliced by. Arrays only."""

from typing import NamedTuple

import numpy as np
import scipy  # its parts come when they are first used: none is imported before the first page

from fmnist_core.metrics import evaluation

# From the first to the last picture: by which score, and whether the largest stands first.
ORDERS = {
    "surest": ("confidence", True),
    "least": ("confidence", False),
    "loss": ("loss", True),
    "margin": ("margin", False),
    "logit_margin": ("logit_margin", False),
    "distance": ("distance", True),
}


class Scores(NamedTuple):
    """Of each picture, (n,) float64; distance is None where no features are stored."""

    confidence: np.ndarray  # the probability of what it is called, in [0, 1]
    loss: np.ndarray  # negative log probability of its label, in nats, 0 and up
    margin: np.ndarray  # its label's probability less the largest of the others, in [-1, 1]; under 0: wrong
    logit_margin: (
        np.ndarray
    )  # the largest logit less the second largest, 0 and up; 0: on the border between two classes
    distance: np.ndarray | None = None  # of its features from the mean of its label's class


def score(
    logits: np.ndarray,
    labels: np.ndarray,
    features: np.ndarray | None = None,
    probabilities: np.ndarray | None = None,
) -> Scores:
    """Of pictures with (n, classes) logits, classes at least 2, and (n,) labels.

    Args:
        features: (n, d), for the distances.
        probabilities: (n, classes), calibrated; None: the softmax of the logits. Losses are the network's own always.

    Raises:
        ValueError: logits that are not finite.
    """
    probabilities = evaluation.softmax(logits) if probabilities is None else probabilities
    values = logits.astype(np.float64)
    rows = np.arange(len(labels))
    others = probabilities.copy()
    others[rows, labels] = -np.inf
    two = np.partition(values, -2, axis=1)[:, -2:]
    return Scores(
        probabilities.max(axis=1),
        -scipy.special.log_softmax(values, axis=1)[rows, labels],
        probabilities[rows, labels] - others.max(axis=1),
        two[:, 1] - two[:, 0],
        None if features is None else distances(features, labels),
    )


def distances(features: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """(n,) Euclidean distance of each row from the mean of the rows with its label."""
    found = np.zeros(len(labels))
    for label in np.unique(labels):
        mine = labels == label
        part = features[mine].astype(np.float64)
        found[mine] = np.sqrt(np.square(part - part.mean(axis=0)).sum(axis=1))
    return found


def within(scores: Scores, sure: tuple[float, float], loss: tuple[float, float]) -> np.ndarray:
    """(n,) bool: the pictures whose confidence and loss lie in these ranges, both ends included."""
    confidence_fits = (scores.confidence >= sure[0]) & (scores.confidence <= sure[1])
    return np.asarray(confidence_fits & (scores.loss >= loss[0]) & (scores.loss <= loss[1]))


def arrange(scores: Scores, rows: np.ndarray, by: str) -> np.ndarray:
    """The rows in another order, equal ones as they were; see ORDERS.

    Raises:
        ValueError: an unknown order, or distances where there are none.
    """
    if by not in ORDERS:
        raise ValueError(f"Unknown order {by!r}. Choose one of: {', '.join(ORDERS)}.")
    name, largest_first = ORDERS[by]
    values = getattr(scores, name)
    if values is None:
        raise ValueError("Without features there is no distance from a class. Choose another order.")
    values = values[rows]
    return np.asarray(rows[np.argsort(-values if largest_first else values, kind="stable")])
