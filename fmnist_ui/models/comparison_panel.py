"""Two or more runs side by side: their figures in words, their curves, each class."""

import numpy as np
import streamlit as st

from fmnist_core import figures, glossary
from fmnist_core.metrics import comparison, evaluation
from fmnist_core.metrics.evaluation import ClassReport
from fmnist_core.runs import curves
from fmnist_core.runs.catalogue import Row
from fmnist_core.runs.predictions import Predictions
from fmnist_core.storage.folders import RunError
from fmnist_ui import cached, charts, parts
from fmnist_ui.inspect import over_seeds
from fmnist_ui.widgets.curve_chart import curve_chart

PICKED = "compared_class"  # in the session: a run and the place of a class whose point was clicked
MOST_RUNS = 6  # more curves and points cannot be told apart


def compare_runs(rows: list[Row]) -> None:
    """rows: at least two finished runs."""
    titles = parts.name_runs(rows)
    stored = _load(rows)
    if len(stored) > 1:
        _verdicts(stored, titles, {row.run.id: row for row in rows})
        names = {row.run.id: row.config.class_names for row in rows if row.config}
        _classes(stored, titles, names)
    _curves(rows, titles)


def _load(rows: list[Row]) -> dict[str, Predictions]:
    """The test predictions of each run; a sentence for each that cannot be read."""
    found = {}
    for row in rows:
        try:
            found[row.run.id] = cached.load_predictions(row.run, "test")
        except RunError as error:
            st.warning(str(error), icon=":material/broken_image:")
    return found


def _verdicts(stored: dict[str, Predictions], titles: dict[str, str], rows: dict[str, Row]) -> None:
    """The best of them against each other one, by McNemar's test and, where there are seeds enough, their recipes."""
    right = {run_id: one.predicted == one.labels for run_id, one in stored.items()}
    best, *others = sorted(right, key=lambda run_id: -right[run_id].sum())
    sentences = []
    for other in others:
        found = comparison.compare(titles[best], right[best], titles[other], right[other])
        sentences += [comparison.in_words(found), *over_seeds.sentences(rows[best], rows[other], found)]
    st.markdown("\n".join(f"* {sentence}" for sentence in sentences))
    every = sum(right.values())
    none = int((every == 0).sum())
    st.caption(
        f"McNemar's test, two-sided and exact. All of them are right on {int((every == len(right)).sum()):,} of "
        f"{len(every):,} pictures, none on {none:,}.",
        help=glossary.term("McNemar test"),
    )


def _classes(stored: dict[str, Predictions], titles: dict[str, str], class_names: dict[str, tuple[str, ...]]) -> None:
    """Recall of each class as points on one line a class; a click on a point opens the pictures of run and class."""
    order = list(dict.fromkeys(name for run_id in stored for name in class_names[run_id]))
    reports = {titles[run_id]: _report(one, class_names[run_id], order) for run_id, one in stored.items()}
    st.markdown(
        "**Recall, class by class** :gray[how many of each class it finds; a click on a point opens its pictures]",
        help=glossary.term("Recall"),
    )

    def pick(trace: int, place: int) -> None:
        if trace:  # the first one is the lines that join the points
            st.session_state[PICKED] = (list(stored)[trace - 1], place)

    charts.draw(
        figures.class_dots(reports, order),
        key="by-class",
        alt=f"Recall of {len(order)} classes by {', '.join(reports)}",
        file="runs-by-class",
        on_pick=pick,
        shown=tuple(stored),
    )
    if picked := st.session_state.pop(PICKED, None):
        run_id, place = picked
        link = {"run": run_id, "view": "classes", "focus": str(class_names[run_id].index(order[place]))}
        st.switch_page("pages/evaluate.py", query_params=link)


def _report(stored: Predictions, names: tuple[str, ...], order: list[str]) -> ClassReport:
    """Of one run, with NaN for the classes that it does not know."""
    matrix = evaluation.confusion_matrix(stored.labels, stored.predicted, len(names))
    found = evaluation.class_report(matrix)
    places = [order.index(name) for name in names]
    aligned = []
    for values in found:
        full = np.full(len(order), np.nan)
        full[places] = values
        aligned.append(full)
    return ClassReport(*aligned)


def _curves(rows: list[Row], titles: dict[str, str]) -> None:
    lines = {row.run.id: cached.read_metrics(row.run) for row in rows}
    for column, metric in zip(st.columns(2, gap="medium"), ("loss", "accuracy"), strict=True):
        points = [
            point
            for run_id, found in lines.items()
            for point in curves.curve_rows(curves.epochs_of(found), titles[run_id], metric)
        ]
        key = f"compared-{metric}-{'-'.join(run_id[-4:] for run_id in lines)}"
        with column:
            curve_chart(points, key=key, title=metric, percent=metric == "accuracy", several_runs=True)
