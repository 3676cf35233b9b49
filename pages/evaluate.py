"""Evaluate: the confusion matrix, the pictures behind each cell, the figures of each class."""

import numpy as np
import pandas as pd
import streamlit as st

from fmnist_core import data, evaluation
from fmnist_core.catalogue import Row
from fmnist_core.predictions import Predictions
from fmnist_core.runs import RunError
from fmnist_ui import cached, parts, state
from fmnist_ui.against_panel import against_panel
from fmnist_ui.averaging_panel import averaging_panel
from fmnist_ui.calibration_panel import calibration_panel
from fmnist_ui.frame import open_inside_app
from fmnist_ui.matrix import confusion_matrix

open_inside_app(__file__)

ON_A_PAGE = 120
SPLIT_WORDS = {"test": "Test", "validation": "Validation", "train": "Train"}
VIEW_WORDS = {"matrix": "Mistakes", "against": "Against another", "calibration": "Certainty", "averaging": "Averaging"}
PANELS = {"against": against_panel, "calibration": calibration_panel, "averaging": averaging_panel}
SHOW_WORDS = {"counts": "Counts", "percent": "Percent", "errors": "Errors only"}
MEASURES = {
    "Precision": "Of those it called so, how many are.",
    "Recall": "Of those that are, how many it found.",
    "F1": "The harmonic mean of the two.",
}


@st.fragment
def explore(row: Row, names: tuple[str, ...]) -> None:
    """The controls and the chosen view; only this is drawn again after a click."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        view = state.segmented("View", "view", tuple(VIEW_WORDS), format_func=VIEW_WORDS.get)
        splits = ("test", "train") if row.figure("val_accuracy") is None else ("test", "validation", "train")
        split = state.segmented("Pictures", "split", splits, format_func=SPLIT_WORDS.get, clears=("page", "picture"))
        if view == "matrix":
            state.segmented("Show", "show", tuple(SHOW_WORDS), format_func=SHOW_WORDS.get)
    try:
        stored = cached.load_predictions(row.run.id, split)
    except RunError as error:
        st.warning(str(error), icon=":material/broken_image:")
        return
    summary(stored)
    if view == "matrix":
        mistakes(row, stored, names)
    else:
        PANELS[view](row, stored, names)


def mistakes(row: Row, stored: Predictions, names: tuple[str, ...]) -> None:
    """The matrix beside the pictures of the chosen cell, and the figures of each class."""
    matrix = evaluation.confusion_matrix(stored.labels, stored.predicted, len(names))
    left, right = st.columns([6, 5], gap="large")
    cell = (state.get("true"), state.get("predicted"))
    selected = cell if None not in cell and max(cell) < len(names) else None
    with left:
        confusion_matrix(matrix, names, key="matrix", show=state.get("show"), selected=selected, on_pick=open_cell)
    with right:
        if selected is None:
            hint(matrix, names)
        else:
            show_cell(row, stored, names, *selected)
    st.subheader("Class by class")
    class_table(matrix, names)


def summary(stored: Predictions) -> None:
    right, total = int((stored.predicted == stored.labels).sum()), len(stored.labels)
    low, high = evaluation.wilson_interval(right, total)
    loss = evaluation.cross_entropy(stored.logits, stored.labels)
    st.markdown(
        f"**{parts.percent(right / total, 2)}** right on {total:,} {stored.split} pictures "
        f":gray[(95 % interval {parts.percent(low, 2)} to {parts.percent(high, 2)}, loss {loss:.3f})]"
    )


def open_cell(true: int, predicted: int) -> None:
    state.put(true=true, predicted=predicted, page=0, picture=None)


def hint(matrix: np.ndarray, names: tuple[str, ...]) -> None:
    st.subheader("Click a cell")
    st.markdown("Each row is what a picture **is**, each column what the network **called** it. The largest mistakes:")
    for true, predicted, count in evaluation.most_confused(matrix, 5):
        label = f"{count} × {names[true]} called {names[predicted]}"
        st.button(label, key=f"mistake-{true}-{predicted}", width="stretch", on_click=open_cell, args=(true, predicted))


def show_cell(row: Row, stored: Predictions, names: tuple[str, ...], true: int, predicted: int) -> None:
    probabilities = evaluation.softmax(stored.logits)
    called = stored.predicted
    rows = np.flatnonzero((stored.labels == true) & (called == predicted))
    rows = rows[np.argsort(-probabilities[rows, predicted])]
    verb = "rightly called" if true == predicted else "called"
    st.subheader(f"{len(rows):,} × {names[true]} {verb} {names[predicted]}")
    if not len(rows):
        st.info(f"No {names[true]} was called {names[predicted]}. Choose another cell.", icon=":material/check_circle:")
        return
    addresses = {data.picture_address(stored.source, int(stored.indices[index])) for index in rows}
    if (picture := state.get("picture")) in addresses:
        parts.open_picture(picture, row)
        if picture.startswith("test/"):
            link = {"run": row.run.id, "picture": picture}
            st.page_link("pages/map.py", label="See it on the map", icon=":material/scatter_plot:", query_params=link)
    if stored.split == "test":
        link = {"run": row.run.id, "true": str(true), "predicted": str(predicted)}
        st.page_link("pages/map.py", label="All of these on the map", icon=":material/scatter_plot:", query_params=link)
    pages = -(-len(rows) // ON_A_PAGE)
    page = min(state.get("page"), pages - 1)
    shown = rows[page * ON_A_PAGE : (page + 1) * ON_A_PAGE]
    st.caption("The surest first. Click a picture to see all its probabilities.")
    captions = [parts.percent(probabilities[index, predicted], 0) for index in shown]
    parts.judged_gallery(stored, shown, captions, key="cell", label="Pictures of this cell")
    if pages > 1:
        turned = st.pagination(pages, default=page + 1, key=f"turn-{true}-{predicted}-{page}")
        if turned != page + 1:
            state.put(page=turned - 1)
            st.rerun(scope="fragment")


def class_table(matrix: np.ndarray, names: tuple[str, ...]) -> None:
    report = evaluation.class_report(matrix)
    off = matrix - np.diag(np.diag(matrix))
    table = pd.DataFrame(
        {
            "Class": names,
            "Precision": report.precision,
            "Recall": report.recall,
            "F1": report.f1,
            "Pictures": report.support,
            "Most often called": [names[i] if off[k, i] else "–" for k, i in enumerate(off.argmax(axis=1))],
        }
    )
    bar = {"format": "percent", "min_value": 0.0, "max_value": 1.0}
    st.dataframe(
        table,
        hide_index=True,
        column_config={name: st.column_config.ProgressColumn(help=words, **bar) for name, words in MEASURES.items()},
        height="content",
    )


state.enter("evaluate", "run", "view", "split", "show", "true", "predicted", "page", "picture", "other", "change")
row = parts.header_with_run("Evaluate", "What the network gets wrong, and the garments it gets wrong.")
if row is not None and row.config is not None:
    explore(row, row.config.class_names)
