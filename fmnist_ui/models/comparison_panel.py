"""Two or more runs side by side: their figures in words, their curves, each class."""

import pandas as pd
import streamlit as st

from fmnist_core import glossary
from fmnist_core.colours import CLASS_COLORS
from fmnist_core.metrics import comparison, evaluation
from fmnist_core.runs import curves, runs
from fmnist_core.runs.catalogue import Row
from fmnist_core.runs.predictions import Predictions
from fmnist_core.storage.folders import RunError
from fmnist_ui import cached, parts
from fmnist_ui.widgets.curve_chart import curve_chart

MOST_RUNS = 6  # more curves and points cannot be told apart


def compare_runs(rows: list[Row]) -> None:
    """rows: at least two finished runs."""
    titles = parts.name_runs(rows)
    stored = _load(rows)
    if len(stored) > 1:
        _verdicts(stored, titles)
        names = {row.run.id: row.config.class_names for row in rows if row.config}
        _classes(stored, titles, names)
    _curves(rows, titles)


def _load(rows: list[Row]) -> dict[str, Predictions]:
    """The test predictions of each run; a sentence for each that cannot be read."""
    found = {}
    for row in rows:
        try:
            found[row.run.id] = cached.load_predictions(row.run.id, "test")
        except RunError as error:
            st.warning(str(error), icon=":material/broken_image:")
    return found


def _verdicts(stored: dict[str, Predictions], titles: dict[str, str]) -> None:
    """The best of them against each other one, by McNemar's test."""
    right = {run_id: one.predicted == one.labels for run_id, one in stored.items()}
    best, *others = sorted(right, key=lambda run_id: -right[run_id].sum())
    sentences = [
        comparison.in_words(comparison.compare(titles[best], right[best], titles[other], right[other]))
        for other in others
    ]
    st.markdown("\n".join(f"* {sentence}" for sentence in sentences))
    every = sum(right.values())
    none = int((every == 0).sum())
    st.caption(
        f"McNemar's test, two-sided and exact. All of them are right on {int((every == len(right)).sum()):,} of "
        f"{len(every):,} pictures, none on {none:,}.",
        help=glossary.term("McNemar test"),
    )


def _classes(stored: dict[str, Predictions], titles: dict[str, str], class_names: dict[str, tuple[str, ...]]) -> None:
    """Recall of each class as points on one line a class: bars from zero would hide the differences."""
    lines = []
    for run_id, one in stored.items():
        names = class_names[run_id]
        matrix = evaluation.confusion_matrix(one.labels, one.predicted, len(names))
        report = evaluation.class_report(matrix)
        lines += [
            {"Class": name, "Found": recall, "Precision": precision, "F1": f1, "Run": titles[run_id]}
            for name, recall, precision, f1 in zip(names, report.recall, report.precision, report.f1, strict=True)
        ]
    st.markdown("**Recall, class by class** :gray[how many of each class it finds]", help=glossary.term("Recall"))
    order = list(dict.fromkeys(line["Class"] for line in lines))
    st.vega_lite_chart(pd.DataFrame(lines), _spec(order, list(titles.values())), key="by-class", height=360)


def _spec(order: list[str], runs_in_order: list[str]) -> dict:
    percent = {"type": "quantitative", "axis": {"format": ".0%", "title": None}}
    colours = {"domain": runs_in_order, "range": list(CLASS_COLORS[: len(runs_in_order)])}
    legend = {"orient": "top", "title": None, "columns": 2, "labelLimit": 160}
    tooltip = [{"field": name, "type": "nominal"} for name in ("Run", "Class")]
    tooltip += [{"field": name, "type": "quantitative", "format": ".1%"} for name in ("Found", "Precision", "F1")]
    return {
        "encoding": {
            "y": {
                "field": "Class",
                "type": "nominal",
                "sort": order,
                "axis": {"title": None, "grid": True, "labelOverlap": False},
            }
        },
        "layer": [
            {
                "mark": {"type": "rule", "color": "#8a9694", "opacity": 0.5, "strokeWidth": 2},
                "encoding": {
                    "x": percent | {"field": "Found", "aggregate": "min", "scale": {"zero": False}},
                    "x2": {"field": "Found", "aggregate": "max"},
                },
            },
            {
                "mark": {
                    "type": "point",
                    "filled": True,
                    "size": 110,
                    "opacity": 1,
                    "stroke": "#8a9694",
                    "strokeWidth": 1,
                },
                "encoding": {
                    "x": percent | {"field": "Found", "scale": {"zero": False, "nice": True}},
                    "color": {"field": "Run", "type": "nominal", "scale": colours, "legend": legend},
                    "shape": {"field": "Run", "type": "nominal", "scale": {"domain": runs_in_order}, "legend": legend},
                    "tooltip": tooltip,
                },
            },
        ],
    }


def _curves(rows: list[Row], titles: dict[str, str]) -> None:
    lines = {row.run.id: runs.read_metrics(row.run) for row in rows}
    for column, metric in zip(st.columns(2, gap="medium"), ("loss", "accuracy"), strict=True):
        points = [
            point
            for run_id, found in lines.items()
            for point in curves.curve_rows(curves.epochs_of(found), titles[run_id], metric)
        ]
        key = f"compared-{metric}-{'-'.join(run_id[-4:] for run_id in lines)}"
        with column:
            curve_chart(points, key=key, title=metric, percent=metric == "accuracy", several_runs=True)
