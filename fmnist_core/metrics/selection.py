"""Which pictures a choice in the confusion matrix means: cells, margins, sums over groups of classes. Arrays only.

A side of a cell is a class ("6"), a group of classes ("tops"), "all" of them, or "other": none of what stands on the
other side. So "6-0" is a cell, "6-other" every missed Shirt, "other-4" whatever was wrongly called Coat, "tops-shoes"
a sum of 15 cells, "other-other" all mistakes. A choice is a tuple of such cells, in an address "6-0,6-other": every
page that shows a matrix or its pictures means the same by it.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import scipy  # its parts come when they are first used: none is imported before the first page

GROUPS = {
    "tops": ("T-shirt/top", "Pullover", "Dress", "Coat", "Shirt"),
    "shoes": ("Sandal", "Sneaker", "Ankle boot"),
}
ALL, OTHER = "all", "other"
ORDERS = ("own", "number", "similarity")
MOST_CELLS = 120  # of one choice; an address stays short enough for every browser
Place = tuple[int, int]  # of a cell or margin in a matrix that is shown; the two margins come after the classes
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


def write_cells(cells: Sequence[Cell]) -> str:
    """What `parse_cells` reads."""
    return ",".join(map(str, cells))


def fitting(cells: Sequence[Cell], names: Sequence[str]) -> tuple[Cell, ...]:
    """Those that a run with these classes has."""
    return tuple(cell for cell in cells if all(not side.isdecimal() or int(side) < len(names) for side in cell))


def cell_of(true: int, called: int) -> Cell:
    """A plain cell of two class indices."""
    return Cell(str(true), str(called))


def cells_at(place: Place, sides: Sequence[str]) -> tuple[Cell, ...]:
    """What stands at a place of a matrix with these sides; after them come the margins "other" and "all"."""
    ends = (*sides, OTHER, ALL)
    cell = Cell(ends[place[0]], ends[place[1]])
    if cell == (OTHER, OTHER) and any(side in GROUPS for side in sides):
        return tuple(Cell(side, OTHER) for side in sides)  # off this diagonal, not that of the classes
    return (cell,)


def places_of(cells: Sequence[Cell], sides: Sequence[str]) -> list[Place]:
    """The cells and margins of a matrix with these sides that are chosen as a whole."""
    last, chosen = len(sides), set(cells)
    inner = [(row, column) for row in range(last) for column in range(last)]
    margins = [(place, last + extra) for place in range(last) for extra in (0, 1)]
    places = [*inner, *margins, *((column, row) for row, column in margins), (last, last), (last + 1, last + 1)]
    return [place for place in places if set(cells_at(place, sides)) <= chosen] if cells else []


def pick(cells: Sequence[Cell], places: Sequence[Place], add: bool, sides: Sequence[str]) -> tuple[Cell, ...]:
    """The choice after a click on these places: they alone or, to add, with the others; what is there goes."""
    wanted = tuple(dict.fromkeys(cell for place in places for cell in cells_at(place, sides)))
    if add and set(wanted) <= set(cells):
        return tuple(cell for cell in cells if cell not in wanted)
    return tuple(dict.fromkeys((*cells, *wanted)))[:MOST_CELLS] if add else wanted


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
    apart = scipy.spatial.distance.squareform(1 - (shares + shares.T) / 2, checks=False)
    tree = scipy.cluster.hierarchy.linkage(apart, "average", optimal_ordering=True)
    return np.asarray(scipy.cluster.hierarchy.leaves_list(tree), np.int64)


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


def title(cells: Sequence[Cell], count: int, names: Sequence[str]) -> str:
    """ "131 × Shirt called T-shirt/top", "700 errors", "212 pictures of 3 cells"."""
    if len(cells) > 1:
        return f"{count:,} pictures of {len(cells)} cells"
    words = describe(cells[0], names)
    return f"{count:,} {words}" if words in ("errors", "pictures") else f"{count:,} × {words}"
