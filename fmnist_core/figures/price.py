"""Accuracy against what it costs, and against the number of pictures that it was learned from."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from fmnist_core.colours import CLASS_COLORS
from fmnist_core.figures import theme
from fmnist_core.formatting import duration

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

COLOURS = (CLASS_COLORS[1], theme.FIRST, theme.SECOND)
MEASURES = {"seconds": "Training time", "bytes": "Size of the model"}
UNITS = {  # of the ticks and of what a pointer shows
    "seconds": ((1, "1 s"), (10, "10 s"), (60, "1 min"), (600, "10 min"), (3_600, "1 h"), (36_000, "10 h")),
    "bytes": ((1e3, "1 kB"), (1e4, "10 kB"), (1e5, "100 kB"), (1e6, "1 MB"), (1e7, "10 MB"), (1e8, "100 MB")),
}


def price_of_accuracy(
    groups: Sequence[str],
    names: Sequence[str],
    places: np.ndarray,
    costs: np.ndarray,
    accuracy: np.ndarray,
    front: Sequence[int],
    measure: str,
) -> "Figure":
    """A point a run, in the colour and shape of its group, with the 95 % interval; the Pareto front ringed and joined.

    Args:
        groups: their names, at most three; a trace each, in their order, after the front's.
        names: of the runs.
        places: (n,) which group each run is of.
        costs: (n,) seconds or bytes, over 0; drawn on a logarithmic axis.
        accuracy: (n, 3) accuracy and the ends of its interval, fractions of 1.
        front: which runs the Pareto front joins, from the cheapest to the dearest.
        measure: one of MEASURES.
    """
    order = np.array(front, int)
    traces = [_front(costs[order], accuracy[order, 0])]
    for place, group in enumerate(groups):
        chosen = np.flatnonzero(places == place)
        said = [f"{theme.safe(names[int(one)])}<br>{_amount(float(costs[one]), measure)}" for one in chosen]
        traces.append(_group(group, place, said, costs[chosen], accuracy[chosen]))
    ticks = UNITS[measure]
    across: dict[str, Any] = {"title": MEASURES[measure], "type": "log", "tickvals": [at for at, _ in ticks]}
    across |= {"ticktext": [text for _, text in ticks], "showgrid": True}
    return theme.figure(traces, height=460, across=across, up=theme.percent_axis("Test accuracy", None), legend=True)


def _front(costs: np.ndarray, accuracy: np.ndarray) -> theme.Trace:
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": "Pareto front",
        "x": theme.small(costs),
        "y": theme.small(accuracy),
        "line": {"color": theme.NEUTRAL, "width": 2, "dash": "dot", "shape": "hv"},
        "marker": {"symbol": "circle-open", "size": 18, "line": {"width": 2}, "color": theme.NEUTRAL},
        "hoverinfo": "skip",
    }


def _group(name: str, place: int, said: list[str], costs: np.ndarray, accuracy: np.ndarray) -> theme.Trace:
    value, low, high = accuracy.T.reshape(3, -1)
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": theme.small(costs),
        "y": theme.small(value),
        "error_y": theme.error_bars(value, low, high),
        "marker": {"color": COLOURS[place], "symbol": theme.SYMBOLS[place], "size": 10},
        "hovertext": said,
        "customdata": theme.small(np.column_stack([low, high])),
        "hovertemplate": (
            "%{hovertext}<br>accuracy %{y:.2%}, 95 % interval %{customdata[0]:.2%} to %{customdata[1]:.2%}"
            "<extra></extra>"
        ),
        **theme.picked(),
    }


def _amount(value: float, measure: str) -> str:
    if measure == "bytes":
        return f"{value / 1e6:,.1f} MB" if value >= 1e6 else f"{value / 1e3:,.0f} kB"
    return duration(value, 1)


def size_curves(pictures: Sequence[int], training: np.ndarray, validation: np.ndarray | None) -> "Figure":
    """Accuracy by the number of training pictures, on a logarithmic axis, a point a fit.

    training, validation: (n,) accuracies, fractions of 1; None without a validation split.
    """
    curves = [("Training", training, 0)] + ([] if validation is None else [("Validation", validation, 1)])
    lines = [
        {
            "type": "scatter",
            "mode": "lines+markers",
            "name": name,
            "x": [int(count) for count in pictures],
            "y": theme.small(values),
            "line": {"color": CLASS_COLORS[place], "dash": ("dash", "solid")[place], "width": 2},
            "marker": {"size": 7, "symbol": theme.SYMBOLS[place]},
            "hovertemplate": "%{y:.2%}",
        }
        for name, values, place in curves
    ]
    counts = [int(count) for count in pictures]
    across: dict[str, Any] = {"title": "Training pictures", "type": "log", "tickvals": counts, "showgrid": False}
    across |= {"ticktext": [f"{count:,}" for count in counts]} | theme.hover_title("%{x:,} pictures")
    return theme.figure(
        lines, height=380, across=across, up=theme.percent_axis("Accuracy", None), legend=True, hovermode="x unified"
    )
