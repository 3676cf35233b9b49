"""How much of the variance the principal components hold."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from fmnist_core.figures import theme

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


def explained_variance(explained: np.ndarray, shown: Sequence[int] = ()) -> "Figure":
    """A bar a component, and the sum up to it.

    Args:
        explained: (components,) parts of the total variance, falling.
        shown: components, from 0, that a map shows: in another colour.
    """
    numbers = [place + 1 for place in range(len(explained))]
    bars = {
        "type": "bar",
        "name": "Each component",
        "x": numbers,
        "y": theme.small(explained),
        "marker": {"color": [theme.SECOND if place in shown else theme.FIRST for place in range(len(explained))]},
        "hovertemplate": "%{y:.1%}",
    }
    line = {
        "type": "scatter",
        "mode": "lines+markers",
        "name": "All up to it",
        "x": numbers,
        "y": theme.small(np.cumsum(explained)),
        "line": {"color": theme.NEUTRAL, "width": 2},
        "marker": {"size": 5},
        "hovertemplate": "%{y:.1%}",
    }
    return theme.figure(
        [bars, line],
        height=280,
        across={"title": "Principal component", "dtick": 1, "showgrid": False} | theme.hover_title("Component %{x}"),
        up=theme.percent_axis("Part of the variance", 0, 1.02),
        legend=True,
        hovermode="x unified",
        bargap=0.3,
    )
