"""A run's accuracy, or its answer to one picture, against the severity of a change."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from fmnist_core.analysis.robustness import Change, Sweep
from fmnist_core.colours import class_colours
from fmnist_core.figures import theme
from fmnist_core.metrics import evaluation

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

SWITCH = ("as it was", "changed")  # the two severities of a change that has no degrees
NAMED = 0.05  # a class that never reaches this probability is drawn, but not named


def severity_sweep(
    change: Change,
    sweeps: Mapping[str, Sweep],
    names: Sequence[str],
    lines: int | str = "all",
    pictures: int | None = None,
) -> "Figure":
    """Accuracy against severity, a line a run, or a line a class of the first run.

    Args:
        sweeps: of this change, by the title of the run.
        lines: "all" classes together, "each" class a line of its own, or the place of one class.
        pictures: at each severity; given, lines of all classes have 95 % intervals (Wilson 1927).
    """
    if lines == "each":
        sweep = next(iter(sweeps.values()))
        drawn = [(name, sweep.severities, sweep.by_class[:, place]) for place, name in enumerate(names)]
        colours: Sequence[str] = class_colours(len(names))
    else:
        column = lambda sweep: sweep.accuracy if lines == "all" else sweep.by_class[:, int(lines)]  # noqa: E731
        drawn = [(title, sweep.severities, column(sweep)) for title, sweep in sweeps.items()]
        colours = (theme.FIRST, theme.SECOND, *class_colours(len(drawn)))
    many = lines == "each"
    traces = []
    for place, (title, severities, values) in enumerate(drawn):
        trace = {
            "type": "scatter",
            "mode": "lines+markers",
            "name": theme.short(title),
            "x": [float(one) for one in severities],
            "y": theme.small(values),
            "line": {"color": colours[place], "width": 1.5 if many else 2},
            "marker": {"size": 4 if many else 7, "symbol": "circle" if many else theme.SYMBOLS[place % 6]},
            "hovertemplate": "%{y:.1%}",
        }
        if pictures and lines == "all":
            ends = _intervals(values, pictures)
            trace["error_y"] = theme.error_bars(np.asarray(values, float), *ends.T)
            trace["customdata"] = theme.small(ends)
            trace["hovertemplate"] = "%{y:.1%} (%{customdata[0]:.1%} to %{customdata[1]:.1%})"
        traces.append(trace)
    legend = len(traces) > 1
    return theme.figure(
        traces,
        height=(330 if many else 270) if legend else 230,
        across=_severity_axis(change),
        up=theme.percent_axis("Accuracy", 0, 1.03) | {"nticks": 6},
        legend=legend,
        hovermode="x unified",
    )


def _intervals(values: np.ndarray, pictures: int) -> np.ndarray:
    """(n, 2), of accuracies among so many pictures."""
    return np.array([evaluation.wilson_interval(round(float(value) * pictures), pictures) for value in values])


def _severity_axis(change: Change) -> dict[str, Any]:
    title = f"{change.title} ({change.unit})" if change.unit else change.title
    place = f"%{{x}} {change.unit}".rstrip().replace(" °", "°")
    axis: dict[str, Any] = {"title": title, "showgrid": False} | theme.hover_title(place)
    if len(change.severities) == 2:
        room = 0.25 * (change.severities[1] - change.severities[0])
        ends = [change.severities[0] - room, change.severities[1] + room]
        return axis | {"tickvals": list(change.severities), "ticktext": list(SWITCH), "range": ends}
    return axis | {"tickangle": 0, "nticks": 8}


def answer_strip(
    change: Change, severities: Sequence[float], probabilities: np.ndarray, names: Sequence[str], stands: float
) -> "Figure":
    """All classes stacked to 100 % at every severity, in their colours, and a line where a slider stands.

    probabilities: (severities, classes). A class that is never worth naming has no place in legend and hover.
    """
    switch = len(change.severities) == 2
    traces = []
    for place, (name, colour) in enumerate(zip(names, class_colours(len(names)), strict=True)):
        named = bool(probabilities[:, place].max() >= NAMED)
        trace: theme.Trace = {
            "type": "bar" if switch else "scatter",
            "name": theme.short(name),
            "x": [float(one) for one in severities],
            "y": theme.small(probabilities[:, place]),
            "showlegend": named,
        }
        trace |= {"hovertemplate": "%{y:.1%}"} if named else {"hoverinfo": "skip"}
        if switch:
            trace |= {"marker": {"color": colour}, "width": 0.6}
        else:
            trace |= {"mode": "lines", "stackgroup": "all", "fillcolor": colour, "line": {"width": 0, "color": colour}}
        traces.append(trace)
    across = _severity_axis(change)
    if not switch:
        across |= {"range": [min(severities), max(severities)]}
    line = {"type": "line", "x0": stands, "x1": stands, "yref": "paper", "y0": 0, "y1": 1}
    return theme.figure(
        traces,
        height=310,
        across=across,
        up=theme.percent_axis("Probability", 0, 1) | {"nticks": 3, "showgrid": False},
        legend=True,
        hovermode="x unified",
        barmode="stack",
        shapes=[line | {"line": {"color": "#ffffff", "width": 2, "dash": "dash"}}],
    )
