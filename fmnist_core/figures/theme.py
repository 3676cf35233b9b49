"""What all charts have in common: percent axes, error bars, a legend below, room for the buttons above.

Text, grid and ground are left to the template of where a chart is drawn: a page has Streamlit's, by day and by night,
a notebook has Plotly's. Colours that a chart sets itself can be told from white and from black.
"""

import html
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from fmnist_core.colours import CLASS_COLORS

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

Trace = dict[str, Any]  # of Plotly's, with its "type"; Figure refuses what it does not know

FIRST, SECOND = CLASS_COLORS[0], CLASS_COLORS[6]
NEUTRAL = "#8a9694"
SEQUENTIAL = ((0.0, "#e3f2ef"), (0.5, "#5fb0a5"), (1.0, "#0b5750"))  # light to dark, of a share
PALE = 0.4  # what a click has not chosen
# Below the chart; names are cut before they would leave a phone's.
LEGEND = {
    "orientation": "h",
    "x": 0,
    "y": 0,
    "yref": "container",
    "yanchor": "bottom",
    "traceorder": "normal",
    "title": {"text": ""},
    "font": {"size": 12},
}
LONGEST = 22  # characters of a name beside an axis or in a legend
LONGEST_WHOLE = 36  # where names have a row each, and columns only numbers
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "star")


def figure(
    traces: Sequence[Trace],
    *,
    height: int,
    across: Mapping[str, Any],
    up: Mapping[str, Any],
    legend: bool = False,
    **layout: Any,
) -> "Figure":
    """The traces on one pair of axes, so many pixels high, whatever the width.

    Args:
        across, up: properties of the x and the y axis, beside those that all have.
        legend: one line or more below; a click on a name hides what it stands for.
    """
    from plotly.graph_objects import Figure  # late: what only computes need not wait for it

    axis = {"automargin": True, "title": {"standoff": 14}, "zeroline": False}
    told = {
        "height": height,
        "margin": {"l": 8, "r": 24, "t": 30, "b": 8},
        "xaxis": _merged(axis, across),
        "yaxis": _merged(axis, up),
        "showlegend": legend,
        "legend": LEGEND,
        "hovermode": "closest",
    }
    return Figure(data=list(traces), layout=told | layout)


def _merged(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> dict[str, Any]:
    title = {**ours["title"], "text": theirs.get("title", "")}
    return {**ours, **theirs, "title": title}


def percent_axis(title: str = "", low: float | None = 0.0, high: float | None = 1.0) -> dict[str, Any]:
    """An axis of fractions, written in percent. low, high: its ends; None: where the data end."""
    axis: dict[str, Any] = {"title": title, "tickformat": "~%"}
    if low is not None and high is not None:
        axis["range"] = [low, high]
    return axis


def name_axis(names: Sequence[str], downwards: bool = False, longest: int = LONGEST) -> dict[str, Any]:
    """An axis with a name at each whole number from 0. downwards: the first at the top of a y axis."""
    ends = [-0.5, len(names) - 0.5]
    return {
        "tickmode": "array",
        "tickvals": list(range(len(names))),
        "ticktext": [short(name, longest) for name in names],
        "ticks": "",
        "range": ends[::-1] if downwards else ends,
        "showgrid": False,
    }


def scale_below(title: str) -> dict[str, Any]:
    """The scale of a heat map's colours, in percent, as wide as the chart."""
    return {
        "orientation": "h",
        "title": {"text": title, "side": "bottom", "font": {"size": 12}},
        "tickformat": "~%",
        "thickness": 10,
        "outlinewidth": 0,
        "x": 0.5,
        "y": 0,
        "yref": "container",
        "yanchor": "bottom",
    }


def hover_title(text: str) -> dict[str, Any]:
    """For an x axis: what stands above the values of all lines at a place. text: with %{x} for the place."""
    return {"unifiedhovertitle": {"text": text}}


def safe(name: str) -> str:
    """A name as Plotly shows it letter by letter: it takes some tags for markup."""
    return html.escape(name, quote=False)


def short(name: str, longest: int = LONGEST) -> str:
    """The same, cut where it would take the room of the chart; a run's mark, which tells it from its like, stays."""
    if len(name) <= longest:
        return safe(name)
    mark = f" · {name[-4:]}" if name[-7:-4] == " · " else ""
    return safe(f"{name[: longest - 1 - len(mark)]}…{mark}")


def small(values: Sequence[float] | np.ndarray) -> np.ndarray:
    """float32, of which Plotly sends four bytes a value; NaN is a gap."""
    return np.asarray(values, np.float32)


def error_bars(values: np.ndarray, low: np.ndarray, high: np.ndarray) -> dict[str, Any]:
    """From the ends of intervals; an interval that is NaN has none."""
    return {
        "type": "data",
        "symmetric": False,
        "array": small(high - values),
        "arrayminus": small(values - low),
        "color": NEUTRAL,
        "thickness": 1.5,
        "width": 4,
    }


def picked() -> dict[str, Any]:
    """For bars that open their pictures: the chosen one as it is, the others pale."""
    return {"selected": {"marker": {"opacity": 1}}, "unselected": {"marker": {"opacity": PALE}}}
