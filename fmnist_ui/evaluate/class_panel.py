"""Each class by its figures, and the pictures of one: typical, unusual, the best and the worst."""

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from fmnist_core import data, figures, glossary
from fmnist_core.metrics import class_figures
from fmnist_core.metrics.class_figures import ClassFigures, Interval
from fmnist_core.metrics.selection import Cell
from fmnist_core.runs.catalogue import Row
from fmnist_core.runs.predictions import Predictions
from fmnist_core.runs.runs import Run
from fmnist_ui import cached, calibrated, charts, parts, received, state
from fmnist_ui.evaluate import filter_controls
from fmnist_ui.inspect import data_pictures
from fmnist_ui.inspect.picture_list import addresses_of, large_view

SHOWN = 12  # pictures of a kind
KINDS = {
    "typical": "Most typical",
    "unusual": "Most unusual",
    "best": "Best recognised",
    "worst": "Worst recognised",
}
SAID = {
    "typical": "Nearest to the mean of their features; the first is the prototype.",
    "unusual": "Farthest from that mean.",
    "best": "The smallest loss.",
    "worst": "The largest loss: the least probability for their own class.",
}
MEASURES = {"Recall": lambda one: one.recall, "Precision": lambda one: one.precision, "F1": lambda one: one.f1}
NOTE = (
    "95 % intervals by Wilson 1927; that of F1 through the proportion u that it depends on, F1 = 2u / (1 + u): what is "
    "found, of all pictures that are the class or called so."
)


def class_panel(row: Row, stored: Predictions, names: tuple[str, ...]) -> None:
    """The section of a page. stored: what the run says of a split's pictures."""
    scores = calibrated.scores_of(row.run, stored)
    by_class = _figures(row.run, stored.split, len(names), _stamp(row.run, stored), stored)
    _bars(row, by_class, names)
    table = figures_table(by_class, names)
    st.dataframe(table, hide_index=True, height="content", column_config=columns(), key="by-class")
    st.caption(NOTE)
    label = state.select(
        "Pictures of the class", "focus", range(len(names)), format_func=lambda one: names[one], width=300
    )
    st.markdown(sentence(by_class[label], names, label))
    _links(by_class[label], names, label)
    if not by_class[label].support:
        return
    found = class_figures.exemplars(scores, stored.labels, label, SHOWN)
    _opened(row, stored, found)
    kinds = [kind for kind in KINDS if kind in found]
    for start in range(0, len(kinds), 2):
        for column, kind in zip(st.columns(2, gap="large"), kinds[start : start + 2], strict=False):
            with column:
                _pictures(stored, scores.confidence, found[kind], names, kind)


def _bars(row: Row, found: list[ClassFigures], names: tuple[str, ...]) -> None:
    """A bar a class of the measure that is chosen; a click opens the pictures of the class."""
    measure = received.segmented(
        "Measure", list(MEASURES), default="Recall", key="class-measure", persist_state="session"
    )
    intervals = [MEASURES[measure](one) for one in found]
    known = {name: one.value for name, one in zip(names, intervals, strict=True) if not np.isnan(one.value)}
    lowest = min(known, key=known.__getitem__, default=None)
    words = f": the lowest is {lowest}, {parts.percent(known[lowest])}" if lowest else ""
    charts.draw(
        figures.class_bars(intervals, names, measure),
        key="class-bars",
        alt=f"{measure} of each class with its 95 % interval{words}",
        file=f"{row.run.id}-{measure.lower()}-by-class",
        on_pick=lambda _, place: state.put(focus=place, picture=None),
        shown=state.get("focus"),
    )


def _stamp(run: Run, stored: Predictions) -> tuple[float, ...]:
    return *cached.stamp(run, "predictions.npz"), *cached.labels_of(stored)


@st.cache_resource(max_entries=12, show_spinner=False)
def _figures(
    run: Run, split: str, num_classes: int, stamp: tuple[float, ...], _stored: Predictions
) -> list[ClassFigures]:
    """One a class."""
    return class_figures.class_figures(_stored.logits, _stored.labels, num_classes)


def _opened(row: Row, stored: Predictions, found: dict[str, np.ndarray]) -> None:
    """The picture that the address names, large, with the way through the kind that it was opened from."""
    kind = next((kind for kind in KINDS if state.get("picture") in addresses_of(stored, found.get(kind, _NONE))), None)
    if kind is not None:
        large_view(row, stored, found[kind])


_NONE = np.zeros(0, np.int64)


def _pictures(stored: Predictions, confidence: np.ndarray, rows: np.ndarray, names: tuple[str, ...], kind: str) -> None:
    st.markdown(f"**{KINDS[kind]}**  \n:gray[{SAID[kind]}]")
    predicted = stored.predicted
    addresses = addresses_of(stored, rows)
    images = data.load_split(stored.source).images[stored.indices[rows]]
    tiles = []
    for image, place, address in zip(images, rows, addresses, strict=True):
        label, called = int(stored.labels[place]), int(predicted[place])
        sure = parts.percent(float(confidence[place]), 0)
        tiles.append(data_pictures.judged_tile(image, label, called, address, names, sure))
    data_pictures.addressed_gallery(tiles, addresses, key=f"class-{kind}", label=KINDS[kind], size=84)


def figures_table(by_class: list[ClassFigures], names: tuple[str, ...]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Class": names,
            "Pictures": [one.support for one in by_class],
            "Precision": [written(one.precision) for one in by_class],
            "Recall": [written(one.recall) for one in by_class],
            "F1": [written(one.f1) for one in by_class],
            "Top-2": [100 * one.top_two for one in by_class],
            "Most often called": [_named(one.called, one.called_count, names) for one in by_class],
            "Most often taken for it": [_named(one.taken, one.taken_count, names) for one in by_class],
        }
    )


def columns() -> dict[str, Any]:
    return {
        "Pictures": st.column_config.NumberColumn(format="localized"),
        "Precision": st.column_config.TextColumn(help=glossary.term("Precision")),
        "Recall": st.column_config.TextColumn(help=glossary.term("Recall")),
        "F1": st.column_config.TextColumn(help=glossary.term("F1")),
        "Top-2": st.column_config.NumberColumn(format="%.1f %%", help=glossary.term("Top-2")),
    }


def written(interval: Interval) -> str:
    """ "83.6 % (81.2–85.8)"."""
    if np.isnan(interval.value):
        return "–"
    return f"{100 * interval.value:.1f} % ({100 * interval.low:.1f}–{100 * interval.high:.1f})"


def _named(place: int | None, count: int, names: tuple[str, ...]) -> str:
    return "–" if place is None else f"{names[place]} ({count:,})"


def sentence(found: ClassFigures, names: tuple[str, ...], label: int) -> str:
    """The class in words."""
    if not found.support:
        return f"There is no {names[label]} among these pictures."
    words = f"Of {found.support:,} {names[label]} pictures it finds **{parts.percent(found.recall.value)}**"
    if found.called is not None:
        words += f"; the others it calls {names[found.called]} most often ({found.called_count:,})"
    if found.taken is not None:
        words += f". What it wrongly calls {names[label]} is most often {names[found.taken]} ({found.taken_count:,})"
    return f"{words}."


def _links(found: ClassFigures, names: tuple[str, ...], label: int) -> None:
    """From a figure to its pictures, beside the confusion matrix."""
    with st.container(horizontal=True):
        missed = found.support - round(found.recall.value * found.support) if found.support else 0
        if missed:
            st.button(f"The {missed:,} missed", on_click=_open, args=(Cell(str(label), "other"),))
        if found.taken is not None:
            st.button(f"All wrongly called {names[label]}", on_click=_open, args=(Cell("other", str(label)),))


def _open(cell: Cell) -> None:
    filter_controls.clear()
    state.put(view="matrix", cells=(cell,), page=0, picture=None)
