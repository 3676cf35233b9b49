"""Which pictures a choice in the confusion matrix means: cells, margins, sums over groups of classes. Arrays only.

A side of a cell is a class ("6"), a group of classes ("tops"), "all" of them, or "other": none of what stands on the
other side. So "6-0" is a cell, "6-other" every missed Shirt, "other-4" whatever was wrongly called Coat, "tops-shoes"
a sum of 15 cells, "other-other" all mistakes.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.cluster import hierarchy
from scipy.spatial.distance import squareform

GROUPS = {
    "tops": ("T-shirt/top", "Pullover", "Dress", "Coat", "Shirt"),
    "shoes": ("Sandal", "Sneaker", "Ankle boot"),
}
ALL, OTHER = "all", "other"
ORDERS = ("own", "number", "similarity")
MOST_CELLS = 120  # of one choice; an address stays short enough for every browser
_SIDE = re.compile(rf"[0-9]|[1-9][0-9]|{ALL}|{OTHER}|" + "|".join(GROUPS))


class Cell(NamedTuple):
    """A part of the matrix: what the pictures are, and what they were called."""

    true: str
    called: str

    def __str__(self) -> str:
        return f"{self.true}-{self.called}"


def parse_cells(text: str) -> tuple[Cell, ...]:
    """What an address says, "6-0,6-other", each cell once.

    Raises:
        ValueError: anything else, or too many.
    """
    cells = []
    for part in filter(None, text.split(",")):
        true, _, called = part.partition("-")
        if not _SIDE.fullmatch(true) or not _SIDE.fullmatch(called) or {true, called} == {ALL, OTHER}:
            raise ValueError("it names no cells of the matrix; expected some as 6-0, 6-other, other-4 or tops-shoes")
        cells.append(Cell(true, called))
    if len(cells) > MOST_CELLS:
        raise ValueError(f"it names more than {MOST_CELLS} cells")
    return tuple(dict.fromkeys(cells))


def fits(cell: Cell, names: Sequence[str]) -> bool:
    """Whether a run with these classes has such a cell."""
    return all(not side.isdecimal() or int(side) < len(names) for side in cell)


def sides_of_groups(names: Sequence[str]) -> tuple[str, ...]:
    """The rows of a matrix of groups, in the order of their first class; a class of no group is one by itself."""
    group_of = {name: group for group, members in GROUPS.items() for name in members}
    return tuple(dict.fromkeys(group_of.get(name, str(place)) for place, name in enumerate(names)))


def side_name(side: str, names: Sequence[str]) -> str:
    return names[int(side)] if side.isdecimal() else side.capitalize()


def members(side: str, names: Sequence[str]) -> np.ndarray:
    """(classes,) bool: the classes of a side; none of them for "other"."""
    if side.isdecimal():
        return np.arange(len(names)) == int(side)
    if side in GROUPS:
        return np.isin(names, GROUPS[side])
    return np.full(len(names), side == ALL)


def is_chosen(cells: Sequence[Cell], labels: np.ndarray, called: np.ndarray, names: Sequence[str]) -> np.ndarray:
    """(n,) bool: the pictures of any of the cells; labels and called are (n,) class indices."""
    found = np.zeros(len(labels), bool)
    for cell in cells:
        if cell == (OTHER, OTHER):
            found |= labels != called
            continue
        true, answer = members(cell.true, names), members(cell.called, names)
        true, answer = (~answer if cell.true == OTHER else true), (~true if cell.called == OTHER else answer)
        found |= true[labels] & answer[called]
    return found


def sums(matrix: np.ndarray, sides: Sequence[str], names: Sequence[str]) -> np.ndarray:
    """(classes, classes) counts added up to (sides, sides); each class belongs to one side."""
    belongs = np.stack([members(side, names) for side in sides]).astype(matrix.dtype)
    return belongs @ matrix @ belongs.T


def order(matrix: np.ndarray, by: str) -> np.ndarray:
    """(c,) int64: which class stands where.

    Args:
        matrix: (c, c) int counts, rows are true classes.
        by: "own"; "number", the class with the most errors, missed and wrongly so called, first; "similarity", those
            that are taken for each other side by side: average linkage over the mean share of each other's row, the
            leaves in the order of Bar-Joseph et al. 2001.

    Raises:
        ValueError: an unknown order.
    """
    if by not in ORDERS:
        raise ValueError(f"Unknown order {by!r}. Choose one of: {', '.join(ORDERS)}.")
    places = np.arange(len(matrix))
    off = matrix - np.diag(np.diag(matrix))
    if by == "own" or len(matrix) < 3:
        return places
    if by == "number":
        return np.argsort(-(off.sum(axis=0) + off.sum(axis=1)), kind="stable")
    shares = off / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    apart = squareform(1 - (shares + shares.T) / 2, checks=False)
    tree = hierarchy.linkage(apart, "average", optimal_ordering=True)
    return np.asarray(hierarchy.leaves_list(tree), np.int64)


def describe(cell: Cell, names: Sequence[str]) -> str:
    """The cell as a choice of pictures: "Shirt called Coat", "wrongly called Coat", "Shirt, missed"."""
    if cell == (OTHER, OTHER):
        return "errors"
    if cell == (ALL, ALL):
        return "pictures"
    true, called = (side_name(side, names) for side in cell)
    if cell.called in (ALL, OTHER):
        return true if cell.called == ALL else f"{true} called something else"
    if cell.true in (ALL, OTHER):
        return f"called {called}" if cell.true == ALL else f"wrongly called {called}"
    if cell.true == cell.called:
        return f"{true} called one of the {called}" if cell.true in GROUPS else f"{true} rightly called {called}"
    return f"{true} called {called}"
