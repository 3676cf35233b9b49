"""Answers whose classes, or whose pictures, come in another order than the official one: found, and put right.

Classes are told by whom the answers agree with: where another pairing of columns and classes is right far more often,
that pairing was meant. Pictures are told only in orders that programs really write.
"""

import numpy as np
from scipy.optimize import linear_sum_assignment

from fmnist_core.data import CLASS_NAMES

CLASSES = len(CLASS_NAMES)
CLEARLY = 0.2  # so much more often right, as a fraction of the pictures, before an order is called wrong
LEAST = 0.4  # and right so often at least
Order = tuple[int, ...]  # the column of each class
SAME: Order = tuple(range(CLASSES))
ALPHABETICAL: Order = tuple(int(place) for place in np.argsort(np.argsort(CLASS_NAMES)))
PICTURE_ORDERS = ("official", "reversed", "by class", "by class name")


def best_classes(scores: np.ndarray, labels: np.ndarray) -> tuple[Order, float]:
    """The column of each class with which most answers are right, and how many that are, as a fraction.

    The assignment problem on the confusion matrix; the official order where another one is not clearly better.
    """
    matrix = np.zeros((CLASSES, CLASSES), np.int64)
    np.add.at(matrix, (labels, scores.argmax(axis=1)), 1)
    columns = linear_sum_assignment(-matrix)[1]
    reached = float(matrix[np.arange(CLASSES), columns].sum() / len(labels))
    same = float(np.trace(matrix) / len(labels))
    if reached < max(LEAST, same + CLEARLY):
        return SAME, same
    return tuple(int(one) for one in columns), reached


def positions(order: str, labels: np.ndarray) -> np.ndarray:
    """(n,): which official picture each row of that order is of. labels: official, (n,)."""
    if order == "reversed":
        return np.arange(len(labels))[::-1]
    if order == "by class":
        return np.argsort(labels, kind="stable")
    if order == "by class name":
        return np.argsort(np.argsort(np.argsort(CLASS_NAMES))[labels], kind="stable")
    return np.arange(len(labels))


def best_pictures(scores: np.ndarray, labels: np.ndarray) -> str:
    """The order of PICTURE_ORDERS in which the answers are clearly more often right; "official" where none is."""
    reached = {}
    for order in PICTURE_ORDERS:
        classes, right = best_classes(scores, labels[positions(order, labels)])
        reached[order] = right + (classes == SAME) * 1e-6  # sorted by name is also by class, with the classes so sorted
    best = max(PICTURE_ORDERS, key=reached.__getitem__)
    return best if reached[best] >= max(LEAST, reached["official"] + CLEARLY) else "official"


def put_back(rows: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Rows in official order. places: of each row, the official picture that it is of."""
    back = np.empty_like(rows)
    back[places] = rows
    return back


def in_words(order: Order) -> str:
    """A class order: what it is called, else which classes are where."""
    if order == ALPHABETICAL:
        return "alphabetical"
    moved = [(CLASS_NAMES[one], place) for one, place in enumerate(order) if one != place]
    if len(moved) == 2:
        return f"{moved[0][0]} and {moved[1][0]} swapped"
    return ", ".join(f"{name} as number {place}" for name, place in moved)
