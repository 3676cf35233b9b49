"""What another run fixes and breaks on the same pictures, cell by cell, with the pictures."""

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from fmnist_core import glossary
from fmnist_core.metrics import comparison, evaluation, selection
from fmnist_core.metrics.comparison import Changes
from fmnist_core.metrics.selection import Cell
from fmnist_core.runs import predictions
from fmnist_core.runs.catalogue import Row
from fmnist_core.runs.predictions import Predictions
from fmnist_core.runs.runs import Run
from fmnist_core.storage.folders import RunError
from fmnist_ui import cached, calibrated, parts, state
from fmnist_ui.inspect import data_pictures, over_seeds, picture_list
from fmnist_ui.widgets import paging
from fmnist_ui.widgets.gallery import Tile, Tone
from fmnist_ui.widgets.hostile_text import literal
from fmnist_ui.widgets.matrix import confusion_matrix

WORDS = {"fixed": "Fixed by B", "broken": "Broken by B", "neither": "Both wrong"}
SENTENCES = {
    "fixed": "B, {b}, is right on these {count:,} and A, {a}, is wrong. Rows: the label. Columns: what A predicts.",
    "broken": "A, {a}, is right on these {count:,} and B, {b}, is wrong. Rows: the label. Columns: what B predicts.",
    "neither": "A, {a}, and B, {b}, are both wrong on these {count:,}. Rows: the label. Columns: what B predicts.",
}
ON_A_PAGE = 60

Both = tuple[Predictions, Predictions]  # of the same pictures in the same order


def against_panel(row: Row, stored: Predictions, names: tuple[str, ...]) -> None:
    """The section of a page. stored: what the first run says of the split's pictures."""
    other = choose_other(row)
    if other is None:
        return
    try:
        first, second = predictions.shared(stored, cached.load_predictions(other.run, stored.split))
    except (RunError, ValueError) as error:
        st.warning(str(error), icon=":material/broken_image:")
        return
    found = comparison.compare("A", first.predicted == first.labels, "B", second.predicted == second.labels)
    words, (low, high) = comparison.in_words(found), comparison.difference_interval(found)
    accuracy = parts.percent(found.right[1] / found.pictures, 2)
    st.markdown(
        f"B, {parts.run_title(other)}, has an accuracy of **{accuracy}**. {words} "
        f":gray[(difference {100 * low:+.2f} to {100 * high:+.2f} points, 95 % interval)]",
        help=glossary.several("Accuracy", "McNemar test"),
    )
    for sentence in over_seeds.sentences(row, other, found) if stored.split == "test" else ():
        st.caption(sentence, help=glossary.term("Seed"))
    changed = comparison.changes(first.labels, first.predicted, second.predicted, len(names))
    draw(row, other, (first, second), changed, names)
    st.subheader("Class by class")
    st.dataframe(by_class(first, second, names), hide_index=True, height="content", column_config=columns())


def choose_other(row: Row) -> Row | None:
    others = parts.others_of(row)
    if not others:
        st.info("Train another network first: then the two can be compared.", icon=":material/info:")
        return None
    words = lambda run_id: parts.run_title(others[run_id])  # noqa: E731
    return others[state.select("B, the other run", "other", list(others), format_func=words, width=420)]


def draw(row: Row, other: Row, both: Both, changed: Changes, names: tuple[str, ...]) -> None:
    """The cells beside the pictures of the one that was clicked."""
    counts = {kind: int(getattr(changed, kind).sum()) for kind in WORDS}
    words = lambda one: f"{WORDS[one]} · {counts[one]:,}"  # noqa: E731
    kind = state.segmented("Pictures", "change", tuple(WORDS), format_func=words, clears=("page",))
    left, right = st.columns([6, 5], gap="large")
    cells = selection.fitting(state.get("cells"), names)
    places = selection.places_of(cells, tuple(map(str, range(len(names)))))
    titles = parts.name_runs([row, other])
    with left, st.container(key="stays"):
        said = SENTENCES[kind].format(a=titles[row.run.id], b=titles[other.run.id], count=counts[kind])
        st.caption(literal(said))
        pick = lambda *cell: state.put(cells=(selection.cell_of(*cell),), page=0, picture=None)  # noqa: E731
        confusion_matrix(getattr(changed, kind), names, key="against", show="part", chosen=places, on_pick=pick)
    with right:
        mistaken = row if kind == "fixed" else other
        rows = chosen_rows(mistaken.run, both, kind, cells, names)
        if len(rows):
            picture_list.large_view(row, both[0], rows, other)
            show_pictures(mistaken.run, both, rows, kind, names)


def chosen_rows(run: Run, both: Both, kind: str, cells: tuple[Cell, ...], names: tuple[str, ...]) -> np.ndarray:
    """run: that is mistaken. (m,) places in both, the surest mistakes first; says how many there are."""
    first, second = both
    rows = rows_of(first, second, kind)
    mistaken = first if kind == "fixed" else second
    called = mistaken.predicted
    title = f"All {len(rows):,}"
    if cells:
        rows = rows[selection.is_chosen(cells, first.labels[rows], called[rows], names)]
        title = selection.title(cells, len(rows), names)
    st.subheader(title)
    if not len(rows):
        st.info("None. Choose another cell.", icon=":material/check_circle:")
    surest = calibrated.probabilities(run, mistaken.logits)[rows, called[rows]]
    return rows[np.argsort(-surest, kind="stable")]


def show_pictures(run: Run, both: Both, rows: np.ndarray, kind: str, names: tuple[str, ...]) -> None:
    """Page by page; under each its label and what the one that is mistaken calls it, or what both do."""
    first, second = both
    mistaken, who = (first, "A") if kind == "fixed" else (second, "B")
    shown = rows[paging.open_part(len(rows), ON_A_PAGE)]
    surest = calibrated.probabilities(run, mistaken.logits[shown]).max(axis=1)
    mark = "The tick is B's, which is right." if kind == "fixed" else ""
    st.caption(f"The most confident errors of {who} first. Under each: its label, and what {who} calls it. {mark}")
    addresses = picture_list.addresses_of(first, shown)
    tiles = []
    for place, sure, address in zip(shown, surest, addresses, strict=True):
        label, called = names[int(first.labels[place])], names[int(mistaken.predicted[place])]
        percent = parts.percent(float(sure), 0)
        by_a, by_b = (names[int(one.predicted[place])] for one in both)
        alt = f"{address}: {label}, A calls it {by_a}, B {by_b}; {who} is {percent} sure"
        tone: Tone = "right" if kind == "fixed" else "wrong"
        tiles.append(Tile(first.images_at(place), label, f"{percent} {called}", tone, alt))
    label = "Pictures on which the runs differ" if kind != "neither" else "Pictures that both have wrong"
    data_pictures.addressed_gallery(tiles, addresses, key="changed", label=label, size=88)
    paging.turn(len(rows), ON_A_PAGE, f"changed-{kind}-{len(rows)}")


def rows_of(first: Predictions, second: Predictions, kind: str) -> np.ndarray:
    """(m,) places in both of the pictures that were fixed, broken, or that neither has right."""
    right_a, right_b = first.predicted == first.labels, second.predicted == second.labels
    chosen = {"fixed": ~right_a & right_b, "broken": right_a & ~right_b, "neither": ~right_a & ~right_b}
    return np.flatnonzero(chosen[kind])


def by_class(first: Predictions, second: Predictions, names: tuple[str, ...]) -> pd.DataFrame:
    reports = [
        evaluation.class_report(evaluation.confusion_matrix(one.labels, one.predicted, len(names)))
        for one in (first, second)
    ]
    return pd.DataFrame(
        {
            "Class": names,
            "Recall of A": reports[0].recall,
            "Recall of B": reports[1].recall,
            "Change, points": 100 * (reports[1].recall - reports[0].recall),
        }
    )


def columns() -> dict[str, Any]:
    bar: dict[str, Any] = {"format": "percent", "min_value": 0.0, "max_value": 1.0}
    return {
        "Recall of A": st.column_config.ProgressColumn(help=glossary.term("Recall"), **bar),
        "Recall of B": st.column_config.ProgressColumn(help=glossary.term("Recall"), **bar),
        "Change, points": st.column_config.NumberColumn(format="%+.1f"),
    }
