"""Whether probabilities can be believed: the reliability diagram, and accuracy against what is answered."""

from typing import TYPE_CHECKING

import numpy as np

from fmnist_core.figures import theme
from fmnist_core.metrics import evaluation
from fmnist_core.metrics.calibration import Coverage, Reliability

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

MOST_POINTS = 300  # of the coverage curve; more cannot be told apart


def reliability_diagram(found: Reliability) -> "Figure":
    """Accuracy of each bin with its 95 % interval (Wilson 1927), its mean confidence, and the diagonal of a true one.

    The bars and the marks have a point a bin, in order, NaN where it holds no picture.
    """
    marks = {
        "type": "scatter",
        "mode": "markers",
        "name": "Mean confidence",
        "x": theme.small(found.confidence),
        "y": theme.small(found.confidence),
        "marker": {"symbol": "line-ew-open", "size": 14, "color": theme.SECOND, "line": {"width": 3}},
        "hovertemplate": "Mean confidence %{y:.1%}<extra></extra>",
        **theme.picked(),
    }
    diagonal = {
        "type": "scatter",
        "mode": "lines",
        "name": "As sure as right",
        "x": [0, 1],
        "y": [0, 1],
        "line": {"color": theme.NEUTRAL, "dash": "dash", "width": 1.5},
        "hoverinfo": "skip",
    }
    return theme.figure(
        [_bin_bars(found), marks, diagonal],
        height=380,
        across=theme.percent_axis("Confidence", 0, 1),
        up=theme.percent_axis("Accuracy", 0, 1.02),
        legend=True,
        bargap=0,
    )


def _bin_bars(found: Reliability) -> theme.Trace:
    low, high = _intervals(found).T
    told = np.column_stack([found.edges[:-1], found.edges[1:], found.confidence, found.counts, low, high])
    return {
        "type": "bar",
        "name": "Accuracy",
        "x": theme.small((found.edges[:-1] + found.edges[1:]) / 2),
        "y": theme.small(found.accuracy),
        "width": theme.small(np.diff(found.edges)),
        "error_y": theme.error_bars(found.accuracy, low, high),
        "marker": {"color": theme.FIRST, "line": {"width": 1, "color": "rgba(255,255,255,.6)"}},
        "customdata": theme.small(told),
        "hovertemplate": (
            "Confidence %{customdata[0]:.0%} to %{customdata[1]:.0%}, mean %{customdata[2]:.1%}<br>"
            "Accuracy %{y:.1%} (95 % interval %{customdata[4]:.1%} to %{customdata[5]:.1%})<br>"
            "%{customdata[3]:,} pictures<extra></extra>"
        ),
        **theme.picked(),
    }


def _intervals(found: Reliability) -> np.ndarray:
    """(bins, 2), NaN where a bin holds no picture."""
    right = np.round(np.nan_to_num(found.accuracy) * found.counts).astype(int)
    return np.array(
        [
            evaluation.wilson_interval(int(hits), int(count)) if count else (np.nan, np.nan)
            for hits, count in zip(right, found.counts, strict=True)
        ]
    )


def coverage_curve(found: Coverage, answered: int) -> "Figure":
    """Accuracy of the answers against the part of the pictures that is answered, the surest first.

    answered: the number of pictures up to which the curve is marked, 1 to n.
    """
    total = len(found.order)
    places = np.unique(np.linspace(0, total - 1, MOST_POINTS).astype(int))
    hover = "%{x:.1%} answered, the surest<br>Accuracy %{y:.2%}<br>at least %{customdata:.1%} sure<extra></extra>"

    def points(rows: np.ndarray) -> theme.Trace:
        return {
            "type": "scatter",
            "x": theme.small(found.coverage[rows]),
            "y": theme.small(found.accuracy[rows]),
            "customdata": theme.small(found.threshold[rows]),
            "hovertemplate": hover,
        }

    line = points(places) | {"mode": "lines", "name": "Accuracy", "line": {"color": theme.FIRST, "width": 2}}
    chosen = points(np.array([answered - 1])) | {"mode": "markers", "name": "What is answered"}
    chosen["marker"] = {"color": theme.SECOND, "size": 11}
    return theme.figure(
        [line, chosen],
        height=320,
        across=theme.percent_axis("Pictures that are answered", None),
        up=theme.percent_axis("Accuracy of the answers", None),
    )
