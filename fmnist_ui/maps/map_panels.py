"""What stands beside the map: the open picture with its neighbours, the chosen pictures, what was landed."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st

from fmnist_core import glossary
from fmnist_core.embedding.neighbours import Neighbours, nearest_to
from fmnist_core.maps import search
from fmnist_core.maps.map_spec import images_at
from fmnist_core.maps.search import SearchError
from fmnist_core.metrics import evaluation, selection
from fmnist_core.runs.catalogue import Row
from fmnist_ui import cached, parts, state
from fmnist_ui.inspect import data_pictures
from fmnist_ui.maps.map_controls import MAP_OF, METRIC_WORDS, positions_of
from fmnist_ui.maps.map_source import Scene, Verdicts
from fmnist_ui.widgets import paging
from fmnist_ui.widgets.hostile_text import literal
from fmnist_ui.widgets.matrix import confusion_matrix

ALONE = "map_alone"  # in the session: whether only the chosen pictures are drawn
ON_A_PAGE = 60  # thumbnails of the chosen pictures


def choose(scene: Scene, rows: np.ndarray) -> None:
    """Makes these rows the chosen pictures, on this map and on every other one of the session."""
    st.session_state[state.CHOSEN] = frozenset(scene.address(int(row)) for row in rows)
    state.put(cells=None, find="", page=None)
    if not len(rows):
        st.session_state.pop(ALONE, None)


def clear() -> None:
    st.session_state.pop(state.CHOSEN, None)
    st.session_state.pop(ALONE, None)
    state.put(cells=None, find="", page=None)


def chosen_rows(scene: Scene, verdicts: Verdicts | None, names: tuple[str, ...]) -> np.ndarray:
    """(m,) rows: what is searched for, the cells that the address names, or what was drawn around."""
    if query := state.get("find"):
        try:
            predicted = None if verdicts is None else verdicts.predicted
            return search.find(query, scene.labels, predicted, names, scene.numbers)
        except SearchError as error:
            st.warning(literal(str(error)), icon=":material/search_off:")
            return np.zeros(0, np.int64)
    cells = selection.fitting(state.get("cells"), names)
    if cells and verdicts is not None:
        return np.flatnonzero(selection.is_chosen(cells, scene.labels, verdicts.predicted, names))
    wanted = st.session_state.get(state.CHOSEN, frozenset())
    return np.flatnonzero(np.isin(scene.positions, positions_of(wanted, scene.spec.pictures.split)))


def neighbours_of(scene: Scene, row: int) -> Neighbours | None:
    """The nearest other pictures in the space that the map was made of; None where a page cannot have it at once."""
    found = cached.map_vectors(scene.spec)
    if found is None or len(scene.positions) < 2:
        return None
    vectors = found[1]
    count = min(max(state.get("k"), 1), len(vectors) - 1)
    near = nearest_to(vectors[row : row + 1], vectors, count + 1, state.get("neighbour_metric"))
    others = near.indices[0] != row
    return Neighbours(near.indices[:, others][:, :count], near.distances[:, others][:, :count])


def picture_panel(
    scene: Scene, row: int, run: Row, near: Neighbours | None, verdicts: Verdicts | None, names: tuple[str, ...]
) -> None:
    """The open picture, what the run says of it, and its neighbours."""
    with st.container(key="large"):
        data_pictures.open_picture(scene.address(row), run, stacked=True)
    if near is None:
        st.caption("Its neighbours can be found once this map has been made.")
        return
    indices, distances = near.indices[0], near.distances[0]
    same = int((scene.labels[indices] == scene.labels[row]).sum())
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**Nearest {len(indices)}** :gray[{same} of its class]")
        with st.popover("", icon=":material/tune:", type="tertiary"):
            state.slider("Neighbours", "k", 5, 500)
            told = {"format_func": METRIC_WORDS.get, "help": glossary.term("Metric")}
            state.segmented("Metric", "neighbour_metric", tuple(METRIC_WORDS), **told)
    figures = [f"{one:.3g}" for one in distances]
    pictures(scene, indices, verdicts, names, "neighbours", "Nearest pictures", figures)


def pictures(
    scene: Scene,
    rows: np.ndarray,
    verdicts: Verdicts | None,
    names: tuple[str, ...],
    key: str,
    label: str,
    figures: Sequence[str] = (),
) -> None:
    """Thumbnails of some rows with their labels and what the run calls them; a click opens one.

    figures: one a row, of at most five characters, or none.
    """
    addresses = [scene.address(int(row)) for row in rows]
    order = np.argsort(scene.positions[rows], kind="stable")
    images = np.empty((len(rows), 28, 28), np.uint8)
    images[order] = images_at(scene.spec.pictures.split, scene.positions[rows][order])
    called = [None] * len(rows) if verdicts is None else [int(one) for one in verdicts.predicted[rows]]
    told = zip(images, scene.labels[rows], called, addresses, figures or [""] * len(rows), strict=True)
    tiles = [
        data_pictures.judged_tile(image, int(label), one, address, names, figure)
        for image, label, one, address, figure in told
    ]
    data_pictures.addressed_gallery(tiles, addresses, key=key, label=label, size=80)


def chosen_panel(scene: Scene, rows: np.ndarray, verdicts: Verdicts | None, names: tuple[str, ...]) -> None:
    """How many were chosen, of which classes, what the run takes them for, and the pictures."""
    st.markdown(f"**{len(rows):,} chosen** :gray[of {len(scene.positions):,}]")
    with st.container(horizontal=True):
        st.toggle("Only these", key=ALONE, help="Draws nothing else, and moves near.")
        st.button("Clear", icon=":material/close:", on_click=clear, type="tertiary")
        st.download_button(
            "CSV", lambda: table(scene, rows, verdicts, names), "chosen.csv", "text/csv", icon=":material/download:"
        )
    if not len(rows):
        st.info("No picture fits. Try other words, or draw around some: hold Shift and drag.", icon=":material/search:")
        return
    st.button("Map of these alone", icon=":material/filter_center_focus:", on_click=_map_of, args=(scene, rows))
    if (cells := selection.fitting(state.get("cells"), names)) and not state.get("find"):
        link = {"run": scene.spec.run or "", "cells": selection.write_cells(cells)}
        st.page_link("pages/evaluate.py", label="This choice on Evaluate", icon=":material/grid_on:", query_params=link)
    counts = np.bincount(scene.labels[rows], minlength=len(names))
    top = [f"{counts[index]:,} {names[index]}" for index in np.argsort(-counts, kind="stable") if counts[index]]
    st.caption(", ".join(top[:4]) + (f" and {len(top) - 4} more classes" if len(top) > 4 else ""))
    if verdicts is not None:
        matrix = evaluation.confusion_matrix(scene.labels[rows], verdicts.predicted[rows], len(names))
        st.caption(f"Accuracy on them: {parts.percent(matrix.trace() / len(rows))}.", help=glossary.term("Accuracy"))
        with st.expander("Their confusion matrix", icon=":material/grid_on:"):
            confusion_matrix(matrix, names, key="map-matrix", on_pick=open_cell)
    shown = rows[paging.open_part(len(rows), ON_A_PAGE)]
    pictures(scene, shown, verdicts, names, "chosen-pictures", "Chosen pictures")
    paging.turn(len(rows), ON_A_PAGE, f"chosen-{len(rows)}-{rows[0]}")


def _map_of(scene: Scene, rows: np.ndarray) -> None:
    st.session_state[MAP_OF] = frozenset(scene.address(int(row)) for row in rows)


def open_cell(true: int, predicted: int) -> None:
    """Chooses all pictures of a cell, not only those among what was chosen."""
    st.session_state.pop(state.CHOSEN, None)
    state.put(cells=(selection.cell_of(true, predicted),), find="", page=None)


def table(scene: Scene, rows: np.ndarray, verdicts: Verdicts | None, names: tuple[str, ...]) -> str:
    """CSV: the pictures, their places on the map, their labels, what the run says."""
    columns: dict[str, object] = {
        "picture": [scene.address(int(row)) for row in rows],
        "label": [names[label] for label in scene.labels[rows]],
    }
    for axis, name in enumerate("xyz"[: scene.coordinates.shape[1]]):
        columns[name] = scene.coordinates[rows, axis]
    if verdicts is not None:
        columns["predicted"] = [names[one] for one in verdicts.predicted[rows]]
        columns["confidence"] = verdicts.confidence[rows]
        columns["loss"] = verdicts.loss[rows]
    if scene.trust is not None:
        columns["trust"] = scene.trust[rows]
    return pd.DataFrame(columns).to_csv(index=False, float_format="%.6g")
