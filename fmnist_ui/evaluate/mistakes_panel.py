"""The confusion matrix beside the pictures of whatever is chosen in it: cells, margins, sums over groups."""

import numpy as np
import streamlit as st

from fmnist_core import glossary
from fmnist_core.metrics import evaluation, selection
from fmnist_core.metrics.scores import Scores
from fmnist_core.metrics.selection import ALL, OTHER, Cell
from fmnist_core.runs.catalogue import Row
from fmnist_core.runs.predictions import Predictions
from fmnist_ui import state
from fmnist_ui.evaluate import evaluate_data, filter_controls
from fmnist_ui.inspect.picture_list import picture_list
from fmnist_ui.widgets.matrix import Place, selectable_matrix

SHOW_WORDS = {"counts": "Counts", "percent": "Row %", "columns": "Column %", "errors": "Errors only"}
ROWS_WORDS = {"classes": "Classes", "groups": "Groups"}
ORDER_WORDS = {"own": "Their own order", "number": "Most errors first", "similarity": "Alike side by side"}
PAINT_WORDS = {"shares": "Share and errors", "linear": "Linear", "log": "Log, errors"}
PAINT_HELP = (
    "Share and errors: the diagonal by its share, errors by their logarithm. Linear and Log are the two schemes of "
    "a-d-c.ca: every cell from 0 to the largest row; or a white diagonal and ln(20 n + 1) beside it."
)
NAMED = 4  # of the chosen cells, in words


def mistakes_panel(row: Row, stored: Predictions, names: tuple[str, ...]) -> None:
    """The section of a page. stored: what the run says of a split's pictures."""
    found = evaluate_data.scores_of(row.run.id, stored)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        told = {"format_func": SHOW_WORDS.get, "help": glossary.term("Confusion matrix")}
        state.segmented("Show", "show", tuple(SHOW_WORDS), **told)
        several = arrange_controls()
        kept = filter_controls.choose_slice(stored, found)
    filter_controls.say_slice(stored, kept)
    rows = np.flatnonzero(kept)
    called = stored.predicted[rows]
    matrix = evaluation.confusion_matrix(stored.labels[rows], called, len(names))
    sides, counts = arranged(matrix, names)
    cells = chosen_cells(names)
    left, right = st.columns([6, 5], gap="large")
    with left:
        selectable_matrix(
            counts,
            [selection.side_name(side, names) for side in sides],
            key="matrix",
            show=state.get("show"),
            paint=state.get("paint"),
            chosen=places_of(cells, sides),
            several=several,
            on_pick=lambda places, add: pick(places, add, cells, sides),
        )
    with right:
        if cells:
            inside = selection.is_chosen(cells, stored.labels[rows], called, names)
            show_choice(row, stored, found, rows[inside], cells, names)
        else:
            hint(matrix, names)


def arrange_controls() -> bool:
    """Which rows, in which order, in which colours; whether plain clicks gather cells."""
    with st.popover("Arrange", icon=":material/tune:"):
        state.segmented("Rows", "rows", tuple(ROWS_WORDS), format_func=ROWS_WORDS.get)
        state.select("Order", "order", tuple(ORDER_WORDS), format_func=ORDER_WORDS.get)
        state.segmented("Colours", "paint", tuple(PAINT_WORDS), format_func=PAINT_WORDS.get, help=PAINT_HELP)
        return st.toggle(
            "Gather several cells", key="gather", help="Each click adds a cell or takes it away, as with Ctrl."
        )


def arranged(matrix: np.ndarray, names: tuple[str, ...]) -> tuple[tuple[str, ...], np.ndarray]:
    """The sides of the matrix that is shown, in its order, and its counts."""
    grouped = state.get("rows") == "groups"
    sides = selection.sides_of_groups(names) if grouped else tuple(map(str, range(len(names))))
    counts = selection.sums(matrix, sides, names)
    order = selection.order(counts, state.get("order"))
    return tuple(sides[place] for place in order), counts[np.ix_(order, order)]


def chosen_cells(names: tuple[str, ...]) -> tuple[Cell, ...]:
    """What the address says: one cell as `true` and `predicted`, else `cells`; those that this run has.

    Where both are there, the one cell is the newer choice: it came from the map, which knows no other.
    """
    cell = (state.get("true"), state.get("predicted"))
    cells = state.get("cells") if None in cell else (Cell(str(cell[0]), str(cell[1])),)
    return tuple(one for one in cells if selection.fits(one, names))


def cells_at(place: Place, sides: tuple[str, ...]) -> tuple[Cell, ...]:
    """What a cell or margin of the matrix stands for; see `matrix.selectable_matrix` for the margins."""
    ends = (*sides, OTHER, ALL)
    cell = Cell(ends[place[0]], ends[place[1]])
    if cell == (OTHER, OTHER) and any(side in selection.GROUPS for side in sides):
        return tuple(Cell(side, OTHER) for side in sides)  # off this diagonal, not that of the classes
    return (cell,)


def places_of(cells: tuple[Cell, ...], sides: tuple[str, ...]) -> list[Place]:
    last = len(sides)
    inner = [(row, column) for row in range(last) for column in range(last)]
    margins = [(place, last + extra) for place in range(last) for extra in (0, 1)]
    places = [*inner, *margins, *((column, row) for row, column in margins), (last, last), (last + 1, last + 1)]
    return [place for place in places if set(cells_at(place, sides)) <= set(cells)] if cells else []


def pick(places: list[Place], add: bool, cells: tuple[Cell, ...], sides: tuple[str, ...]) -> None:
    """The new choice, in the address: one plain cell as two numbers, as the map reads it; all else as `cells`."""
    wanted = tuple(dict.fromkeys(cell for place in places for cell in cells_at(place, sides)))
    if add and set(wanted) <= set(cells):
        wanted = tuple(cell for cell in cells if cell not in wanted)
    elif add:
        wanted = tuple(dict.fromkeys((*cells, *wanted)))[: selection.MOST_CELLS]
    put_cells(wanted)


def put_cells(cells: tuple[Cell, ...]) -> None:
    if len(cells) == 1 and all(side.isdecimal() for side in cells[0]):
        true, called = map(int, cells[0])
        state.put(true=true, predicted=called, cells=None, page=0, picture=None)
    else:
        state.put(true=None, predicted=None, cells=cells, page=0, picture=None)


def hint(matrix: np.ndarray, names: tuple[str, ...]) -> None:
    st.subheader("Click a cell")
    st.markdown(
        "Each row is what a picture **is**, each column what the network **called** it. The margins open a whole row "
        "or column. The commonest errors:"
    )
    for true, predicted, count in evaluation.most_confused(matrix, 5):
        label = f"{count} × {names[true]} called {names[predicted]}"
        cell = (Cell(str(true), str(predicted)),)
        st.button(label, key=f"mistake-{true}-{predicted}", width="stretch", on_click=put_cells, args=(cell,))


def show_choice(
    row: Row, stored: Predictions, found: Scores, rows: np.ndarray, cells: tuple[Cell, ...], names: tuple[str, ...]
) -> None:
    st.subheader(title_of(cells, len(rows), names))
    if len(cells) > 1:
        said = "; ".join(selection.describe(cell, names) for cell in cells[:NAMED])
        st.caption(said + (f"; and {len(cells) - NAMED} more." if len(cells) > NAMED else "."))
    if not len(rows):
        st.info("No picture is in this choice. Choose another cell.", icon=":material/check_circle:")
        return
    if stored.split == "test" and len(cells) == 1 and all(side.isdecimal() for side in cells[0]):
        link = {"run": row.run.id, "true": cells[0].true, "predicted": cells[0].called}
        st.page_link("pages/map.py", label="All of these on the map", icon=":material/scatter_plot:", query_params=link)
    picture_list(row, stored, found, rows, names)


def title_of(cells: tuple[Cell, ...], count: int, names: tuple[str, ...]) -> str:
    """ "131 × Shirt called T-shirt/top", "700 errors", "212 pictures of 3 cells"."""
    if len(cells) > 1:
        return f"{count:,} pictures of {len(cells)} cells"
    words = selection.describe(cells[0], names)
    return f"{count:,} {words}" if words in ("errors", "pictures") else f"{count:,} × {words}"
