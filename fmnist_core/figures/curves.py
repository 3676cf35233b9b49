"""What changes with the epochs, or with the pixels that are taken away."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from fmnist_core.analysis.explain import Deletion
from fmnist_core.colours import CLASS_COLORS, PUBLISHED, class_colours
from fmnist_core.figures import theme

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

METRICS = {"loss": "Loss", "accuracy": "Accuracy"}
# As on the page Train; dashes tell the curves apart without colour.
CURVES = ("training", "validation", "validation, distorted", "test set, as published")
PUBLISHED_DASHES = ("6px,4px", "12px,4px", "3px,3px", "12px,4px")  # all dashed, in the order of the curves
EPOCHS = {"title": "Epoch", "showgrid": False} | theme.hover_title("Epoch %{x}")
MOST_MARKED = 30  # epochs; more marks run into each other


def learning_curves(
    rows: Sequence[Mapping[str, Any]],
    metric: str,
    boundaries: Sequence[tuple[float, str]] = (),
    published: Mapping[str, Sequence[tuple[float, float]]] = MappingProxyType({}),
) -> "Figure":
    """Loss or accuracy by epoch, a line a curve, a diamond round the best epoch by validation accuracy.

    Args:
        rows: as `curves.curve_rows` of runs gives them, of one run.
        metric: "loss" or "accuracy".
        boundaries: the epoch after which a stage begins, and its name, as `curves.stage_boundaries` gives them.
        published: (epoch, value) points that the source reports, by what they were measured on: all of one colour and
            dashed, below our own.

    Raises:
        ValueError: another metric, or no epoch has finished.
    """
    if metric not in METRICS:
        raise ValueError(f"Unknown metric {metric!r}. Choose one of: {', '.join(METRICS)}.")
    epochs = [row for row in rows if row["kind"] == "epoch"]
    if not epochs:
        raise ValueError("No epoch has finished, so there is no curve. Let a training finish its first epoch.")
    form = ".2%" if metric == "accuracy" else ".4f"
    marked = len({row["epoch"] for row in epochs}) <= MOST_MARKED
    traces = [_published_line(curve, points, form) for curve, points in published.items()]
    traces += [
        _line(curve, [row for row in epochs if row["curve"] == curve], place, form, marked)
        for place, curve in enumerate(CURVES)
        if any(row["curve"] == curve for row in epochs)
    ]
    traces += [_best(row, form) for row in rows if row["kind"] == "best"]
    up = {"title": METRICS[metric], "rangemode": "tozero"}
    if metric == "accuracy":
        up = theme.percent_axis(METRICS[metric], None)
    return theme.figure(
        traces,
        height=380,
        across=EPOCHS | {"rangemode": "tozero"},
        up=up,
        legend=True,
        hovermode="x unified",
        **_stages(boundaries, max(row["epoch"] for row in epochs)),
    )


def _stages(boundaries: Sequence[tuple[float, str]], last_epoch: float) -> dict[str, list[dict[str, Any]]]:
    """A line with its name between two epochs, as all that is drawn are points at the ends of epochs."""
    lines, words = [], []
    for end, name in boundaries:
        if not 0 < end < last_epoch:
            continue
        at = {"x0": end + 0.5, "x1": end + 0.5, "y0": 0, "y1": 1, "yref": "paper"}
        lines.append({"type": "line", "line": {"color": theme.NEUTRAL, "dash": "dot", "width": 1.5}} | at)
        side = {"xanchor": "left" if end < last_epoch / 2 else "right", "yanchor": "bottom", "showarrow": False}
        font = {"color": theme.NEUTRAL, "size": 11}
        text = theme.safe(f"{name}, from epoch {end + 1:.0f}")
        words.append({"x": end + 0.5, "y": 1, "yref": "paper", "text": text, "font": font} | side)
    return {"shapes": lines, "annotations": words}


def _line(curve: str, rows: Sequence[Mapping[str, Any]], place: int, form: str, marked: bool) -> theme.Trace:
    return {
        "type": "scatter",
        "mode": "lines+markers" if marked else "lines",
        "name": curve.capitalize(),
        "x": [row["epoch"] for row in rows],
        "y": theme.small([row["value"] for row in rows]),
        "line": {"color": CLASS_COLORS[place], "dash": ("dash", "solid", "dot", "dashdot")[place], "width": 2},
        "marker": {"size": 5, "symbol": theme.SYMBOLS[place]},
        "hovertemplate": f"%{{y:{form}}}",
    }


def _published_line(curve: str, points: Sequence[tuple[float, float]], form: str) -> theme.Trace:
    """Epochs that the source leaves out are a gap."""
    epochs = [int(epoch) for epoch, _ in points]
    values = dict(zip(epochs, (value for _, value in points), strict=True))
    every = range(epochs[0], epochs[-1] + 1)
    return {
        "type": "scatter",
        "mode": "lines",
        "name": f"Published: {curve.removesuffix(', as published')}",
        "x": list(every),
        "y": theme.small([values.get(epoch, np.nan) for epoch in every]),
        "line": {"color": PUBLISHED, "dash": PUBLISHED_DASHES[CURVES.index(curve)], "width": 1.5},
        "hovertemplate": f"%{{y:{form}}}",
    }


def _best(row: Mapping[str, Any], form: str) -> theme.Trace:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "Best epoch",
        "x": [row["epoch"]],
        "y": theme.small([row["value"]]),
        "marker": {"symbol": "diamond-open", "size": 13, "color": CLASS_COLORS[1], "line": {"width": 2}},
        "hovertemplate": f"%{{y:{form}}}",
    }


def recall_curves(epochs: Sequence[int], recalls: np.ndarray, names: Sequence[str]) -> "Figure":
    """Recall of each class by epoch, in the colours of the classes. recalls: (epochs, classes), NaN is a gap."""
    lines = [
        {
            "type": "scatter",
            "mode": "lines+markers" if len(epochs) <= MOST_MARKED else "lines",
            "name": theme.short(name),
            "x": [int(epoch) for epoch in epochs],
            "y": theme.small(recalls[:, place]),
            "line": {"color": colour, "width": 2},
            "marker": {"size": 4},
            "hovertemplate": "%{y:.1%}",
        }
        for place, (name, colour) in enumerate(zip(names, class_colours(len(names)), strict=True))
    ]
    return theme.figure(
        lines,
        height=440,
        across=EPOCHS,
        up=theme.percent_axis("Recall", None),
        legend=True,
        hovermode="x unified",
    )


def deletion_curves(found: Deletion) -> "Figure":
    """What is left of the probability when pixels go: in the map's order, and in random order."""
    orders = (("In the map's order", found.probability, theme.FIRST), ("In random order", found.random, theme.NEUTRAL))
    lines = [
        {
            "type": "scatter",
            "mode": "lines",
            "name": name,
            "x": theme.small(found.share),
            "y": theme.small(values),
            "line": {"color": colour, "width": 2.5, "dash": dash},
            "hovertemplate": "%{y:.1%}",
        }
        for (name, values, colour), dash in zip(orders, theme.DASHES, strict=False)
    ]
    return theme.figure(
        lines,
        height=300,
        across=theme.percent_axis("Pixels taken away", 0, 1) | {"showgrid": False} | theme.hover_title("%{x:.0%} gone"),
        up=theme.percent_axis("Probability", 0, 1.02),
        legend=True,
        hovermode="x unified",
    )
