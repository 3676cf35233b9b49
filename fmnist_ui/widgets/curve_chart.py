"""Learning curves that grow in place, drawn in the browser (components/curve_chart): zoom and focus stay."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from fmnist_core.colours import CLASS_COLORS
from fmnist_ui.javascript import by_address, one_module

SOURCES = Path(__file__).parent / "components" / "curve_chart"
# Each file stands after those it imports from.
MODULES = ("scale", "view", "parts", "plot", "legend", "card", "interaction", "chart", "index")

# Curves in the order of legend and colours; among several runs the colour is the run's and the dash tells them apart.
DASHES = {"training": "5 4", "validation": "", "validation, distorted": "2 3", "test set, as published": "10 4"}


_component = st.components.v2.component(
    "fmnist_curve_chart",
    css=(SOURCES / "curve_chart.css").read_text(encoding="utf-8"),
    js=by_address("curve_chart", one_module(SOURCES, MODULES)),
)


def curve_chart(
    rows: Sequence[dict[str, Any]],
    *,
    key: str,
    title: str,
    percent: bool,
    several_runs: bool,
    height: int = 320,
    boundaries: Sequence[tuple[float, str]] = (),
) -> None:
    """Draws the curves as wide as the page allows, and updates them in place when rows are added.

    What the visitor zoomed to and which curves were switched off stays as long as the key is the same.

    Args:
        rows: as of `fmnist_core.runs.curves.curve_rows`, of one run or of several one after another. Values that are
            not finite are left out. No rows draw empty axes that say so.
        key: names this chart among the app's widgets.
        title: what the values are: "loss" or "accuracy".
        percent: values from 0 to 1 are written as percents.
        several_runs: one colour a run and one dash a curve; else one colour a curve.
        height: CSS pixels of the drawing, without the legend above it.
        boundaries: the epoch after which each stage but the first begins, and its name, as of
            `fmnist_core.runs.curves.stage_boundaries`.

    Raises:
        ValueError: a row of a curve that is none of DASHES.
    """
    payload = curve_payload(
        rows,
        key=key,
        title=title,
        percent=percent,
        several_runs=several_runs,
        height=height,
        boundaries=boundaries,
    )
    _component(key=key, data=payload, height="content")


def curve_payload(
    rows: Sequence[dict[str, Any]],
    *,
    key: str,
    title: str,
    percent: bool,
    several_runs: bool,
    height: int = 320,
    boundaries: Sequence[tuple[float, str]] = (),
) -> dict[str, Any]:
    """What the browser is sent for a chart, ready for JSON; see curve_chart() for the arguments.

    Each of the series has its run, curve, colour ("#rrggbb"), dash (an SVG dash array, "" is a whole line),
    batches and epochs ([epoch, value] each) and best, one such point or None.
    """
    series = _series(rows, several_runs)
    return {
        "key": key,
        "title": title,
        "percent": percent,
        "several": several_runs,
        "height": height,
        "label": chart_sentence(series, title, percent),
        "series": series,
        "boundaries": [[float(epoch), name] for epoch, name in boundaries],
    }


def _series(rows: Sequence[dict[str, Any]], several_runs: bool) -> list[dict[str, Any]]:
    curves = list(DASHES)
    found: dict[tuple[str, str], dict[str, Any]] = {}
    runs: dict[str, int] = {}
    for row in rows:
        run, curve = row["run"], row["curve"]
        if curve not in DASHES:
            raise ValueError(f"Unknown curve {curve!r}. Expected one of: {', '.join(curves)}.")
        if not (math.isfinite(row["epoch"]) and math.isfinite(row["value"])):
            continue
        place = runs.setdefault(run, len(runs)) if several_runs else curves.index(curve)
        one = found.setdefault(
            (run, curve),
            {
                "run": run,
                "curve": curve,
                "colour": CLASS_COLORS[place % len(CLASS_COLORS)],
                "dash": DASHES[curve] if several_runs else "",
                "batches": [],
                "epochs": [],
                "best": None,
            },
        )
        point = [round(float(row["epoch"]), 4), float(f"{row['value']:.6g}")]
        if row["kind"] == "best":
            one["best"] = point
        else:
            one["batches" if row["kind"] == "batch" else "epochs"].append(point)
    return list(found.values())


def chart_sentence(series: Sequence[dict[str, Any]], title: str, percent: bool) -> str:
    """The chart in a sentence: "loss by epoch: training 0.21, validation 0.25 after epoch 8; best epoch 6"."""
    by_run: dict[str, list[dict[str, Any]]] = {}
    for one in series:
        by_run.setdefault(one["run"], []).append(one)
    if not by_run:
        return f"{title} by epoch: no values yet"
    told = [_run_sentence(found, percent) for found in by_run.values()]
    if len(told) == 1:
        return f"{title} by epoch: {told[0]}"
    named = (f"{run}: {sentence}" for run, sentence in zip(by_run, told, strict=True))
    return f"{title} by epoch of {len(told)} runs. {'. '.join(named)}"


def _run_sentence(series: Sequence[dict[str, Any]], percent: bool) -> str:
    ended = [(one["curve"], *one["epochs"][-1]) for one in series if one["epochs"]]
    if not ended:
        curve, (epoch, value) = series[0]["curve"], (series[0]["batches"] or [series[0]["best"]])[-1]
        return f"{curve} {_written(value, percent)} in epoch {math.ceil(epoch)}"
    values = ", ".join(f"{curve} {_written(value, percent)}" for curve, _, value in ended)
    best = next((f"; best epoch {one['best'][0]:.0f}" for one in series if one["best"]), "")
    return f"{values} after epoch {max(epoch for _, epoch, _ in ended):.0f}{best}"


def _written(value: float, percent: bool) -> str:
    return f"{100 * value:.1f} %" if percent else f"{value:.2f}"
