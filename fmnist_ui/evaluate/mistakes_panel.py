"""The confusion matrix beside the pictures of whatever is chosen in it: cells, margins, sums over groups."""

from collections.abc import Callable
from typing import Any

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from fmnist_core import glossary
from fmnist_core.metrics import evaluation, selection
from fmnist_core.metrics.scores import Scores
from fmnist_core.metrics.selection import Cell
from fmnist_core.runs.catalogue import Row
from fmnist_core.runs.predictions import Predictions
from fmnist_ui import calibrated, charts, state
from fmnist_ui.evaluate import filter_controls
from fmnist_ui.inspect.picture_list import addresses_of, picture_list
from fmnist_ui.layout import first_line
from fmnist_ui.layout.columns import narrow
from fmnist_ui.widgets.matrix import selectable_matrix

SHOW_WORDS = {"counts": "Counts", "percent": "Row %", "columns": "Column %", "errors": "Errors only"}
ROWS_WORDS = {"classes": "Classes", "groups": "Groups"}
ORDER_WORDS = {"own": "Their own order", "number": "Most errors first", "similarity": "Alike side by side"}
PAINT_WORDS = {"shares": "Share and errors", "linear": "Linear", "log": "Log, errors"}
PAINT_HELP = (
    "Share and errors: the diagonal by its share, errors by their logarithm. Linear and Log are the two schemes of "
    "a-d-c.ca: every cell from 0 to the largest row; or a white diagonal and ln(20 n + 1) beside it."
)
NAMED = 4  # of the chosen cells, in words


def mistakes_panel(
    row: Row,
    stored: Predictions,
    names: tuple[str, ...],
    beside: Callable[[], None] | None = None,
    line: DeltaGenerator | None = None,
) -> None:
    """The section of a page.

    Args:
        stored: what the run says of a split's pictures.
        beside: draws what stands beside the controls.
        line: of the page's controls, which these join where there is little room.
    """
    found = calibrated.scores_of(row.run, stored)
    several, kept = choose_shown(stored, found, beside, line)
    filter_controls.say_slice(stored, kept)
    rows = np.flatnonzero(kept)
    called = stored.predicted[rows]
    matrix = evaluation.confusion_matrix(stored.labels[rows], called, len(names))
    sides, counts = arranged(matrix, names)
    cells = selection.fitting(state.get("cells"), names)
    left, right = st.columns([6, 5], gap="large")
    with left, st.container(key="stays"):
        selectable_matrix(
            counts,
            [selection.side_name(side, names) for side in sides],
            key="matrix",
            show=state.get("show"),
            paint=state.get("colours"),
            chosen=selection.places_of(cells, sides),
            several=several,
            on_pick=lambda places, add: choose(selection.pick(cells, places, add, sides)),
        )
    with right:
        if cells:
            inside = selection.is_chosen(cells, stored.labels[rows], called, names)
            show_choice(
                row, stored, found, rows[inside], cells, names, whole=len(rows) == len(kept) and not state.get("labels")
            )
        else:
            hint(matrix, names)


def choose_shown(
    stored: Predictions, found: Scores, beside: Callable[[], None] | None, line: DeltaGenerator | None
) -> tuple[bool, np.ndarray]:
    """The controls: whether plain clicks gather cells, and which pictures are kept, (n,) bool."""
    with first_line.controls("Show", line) as line:
        told: dict[str, Any] = {"format_func": SHOW_WORDS.get, "help": glossary.term("Confusion matrix")}
        told["label_visibility"] = "visible" if narrow() else "collapsed"
        state.segmented("Show", "show", tuple(SHOW_WORDS), **told)
        several = arrange_controls()
        kept = filter_controls.choose_slice(stored, found)
    if beside:
        with st.container() if charts.on_touch() else line, st.container():
            beside()
    return several, kept


def arrange_controls() -> bool:
    """Which rows, in which order, in which colours; whether plain clicks gather cells."""
    with st.popover("Arrange", icon=":material/tune:"):
        state.segmented("Rows", "rows", tuple(ROWS_WORDS), format_func=ROWS_WORDS.get)
        state.select("Order", "class_order", tuple(ORDER_WORDS), format_func=ORDER_WORDS.get)
        state.segmented("Colours", "colours", tuple(PAINT_WORDS), format_func=PAINT_WORDS.get, help=PAINT_HELP)
        return st.toggle(
            "Gather several cells", key="gather", help="Each click adds a cell or takes it away, as with Ctrl."
        )


def arranged(matrix: np.ndarray, names: tuple[str, ...]) -> tuple[tuple[str, ...], np.ndarray]:
    """The sides of the matrix that is shown, in its order, and its counts."""
    grouped = state.get("rows") == "groups"
    sides = selection.sides_of_groups(names) if grouped else tuple(map(str, range(len(names))))
    counts = selection.sums(matrix, sides, names)
    order = selection.order(counts, state.get("class_order"))
    return tuple(sides[place] for place in order), counts[np.ix_(order, order)]


def choose(cells: tuple[Cell, ...]) -> None:
    """The pictures of these cells from their first page on, none of them open."""
    state.put(cells=cells, page=0, picture=None)


def hint(matrix: np.ndarray, names: tuple[str, ...]) -> None:
    st.subheader("Click a cell")
    commonest = evaluation.most_confused(matrix, 5)
    st.markdown(
        "Each row is what a picture **is**, each column what the network **called** it. The margins open a whole row "
        f"or column. {'The commonest errors:' if commonest else 'It makes no error on these pictures.'}"
    )
    for true, predicted, count in commonest:
        label = f"{count} × {names[true]} called {names[predicted]}"
        cells = (selection.cell_of(true, predicted),)
        st.button(label, key=f"mistake-{true}-{predicted}", width="stretch", on_click=choose, args=(cells,))


def show_choice(
    row: Row,
    stored: Predictions,
    found: Scores,
    rows: np.ndarray,
    cells: tuple[Cell, ...],
    names: tuple[str, ...],
    whole: bool,
) -> None:
    """rows: (m,) places in `stored` of all pictures of the cells; where not `whole`, of those that the filter left."""
    st.subheader(selection.title(cells, len(rows), names))
    if len(cells) > 1:
        said = "; ".join(selection.describe(cell, names) for cell in cells[:NAMED])
        st.caption(said + (f"; and {len(cells) - NAMED} more." if len(cells) > NAMED else "."))
    if not len(rows):
        st.info("No picture is in this choice. Choose another cell.", icon=":material/check_circle:")
        return
    if stored.split == "test":
        link_to_map(row, cells, addresses_of(stored, rows) if not whole else None)
    picture_list(row, stored, found, rows, names)


def link_to_map(row: Row, cells: tuple[Cell, ...], addresses: list[str] | None) -> None:
    """Where these pictures lie: by the same cells or, of what a filter left, by the addresses of the test pictures."""
    link = {"run": row.run.id, "find": ""}  # a search that the map remembers would hide them
    words: dict[str, Any] = {"label": "Show on the map", "icon": ":material/scatter_plot:"}
    if addresses is None:
        st.page_link("pages/map.py", **words, query_params=link | {"cells": selection.write_cells(cells)})
    elif st.button(**words, type="tertiary"):
        st.session_state[state.CHOSEN] = frozenset(addresses)
        state.put(cells=None, picture=None)
        st.switch_page("pages/map.py", query_params=link)
