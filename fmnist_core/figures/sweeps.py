"""A sweep: parallel coordinates of its combinations, and accuracy against each value of what varies."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from fmnist_core.colours import CLASS_COLORS
from fmnist_core.figures import theme

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

MOST_TICKS = 10  # names beside an axis of parallel coordinates
LONGEST, SHORTEST = 14, 7  # characters of one of these, where there is room and where there is little
SPREAD = 0.08  # how far points of one value lie from its middle; two values are 1 apart
WORST_TO_BEST = ((0.0, theme.SECOND), (0.5, theme.NEUTRAL), (1.0, theme.FIRST))  # seen on white and on black
GOLDEN = 0.618034  # steps of it never come back to a place where they were
LEAST_RANGE = 0.002  # of the accuracy's axis, so that one combination has one


def parallel_coordinates(
    labels: Sequence[str],
    values: Sequence[Sequence[str]],
    accuracy: Sequence[float] | np.ndarray,
    narrow: bool = False,
) -> "Figure":
    """A line a combination through its values, in the colour of its mean validation accuracy, which is the last axis.

    Args:
        labels: what varies, an axis each.
        values: for each of them, of every combination; numbers come in their order, words in that of the combinations.
        accuracy: of every combination, fractions of 1.
        narrow: for a phone, where names beside axes have less room and those above them stand aslant.
    """
    from plotly.graph_objects import Figure

    accuracy = np.asarray(accuracy, float)
    low, high = float(accuracy.min()), float(accuracy.max())
    room = max(high - low, LEAST_RANGE) * 0.05
    longest = SHORTEST if narrow else LONGEST
    dimensions = [_dimension(label, texts, longest) for label, texts in zip(labels, values, strict=True)]
    dimensions.append(
        {"label": "validation", "values": accuracy, "tickformat": ".1%", "range": [low - room, high + room]}
    )
    trace = {
        "type": "parcoords",
        "dimensions": dimensions,
        "line": {"color": accuracy, "colorscale": WORST_TO_BEST, "cmin": low - room, "cmax": high + room},
        "labelfont": {"size": 13},
        "tickfont": {"size": 12},
        "rangefont": {"size": 1, "color": "rgba(0,0,0,0)"},  # ends of ranks mean nothing
        "labelangle": -30 if narrow else 0,
    }
    margin = {"l": 6 * longest + 26, "r": 64 if narrow else 40, "t": 90 if narrow else 64, "b": 24}
    return Figure(data=[trace], layout={"height": 380, "margin": margin})


def _dimension(label: str, texts: Sequence[str], longest: int) -> theme.Trace:
    """Values at equal distances: those of a learning rate are powers, and words have none."""
    names = _in_order(texts)
    ticks = np.unique(np.linspace(0, len(names) - 1, min(len(names), MOST_TICKS)).round().astype(int))
    return {
        "label": theme.short(label, LONGEST),
        "values": np.array([names.index(text) for text in texts], float),
        "tickvals": ticks.tolist(),
        "ticktext": [theme.short(names[tick], longest) for tick in ticks],
        "range": [-0.15, max(len(names) - 1, 1) + 0.15],
    }


def _in_order(texts: Sequence[str]) -> list[str]:
    names = list(dict.fromkeys(texts))
    try:
        return sorted(names, key=float)
    except ValueError:
        return names


def by_value(label: str, values: Sequence[str], accuracies: Sequence[Sequence[float]]) -> "Figure":
    """A point a training above its value, and beside them mean and standard deviation of all with that value.

    Args:
        label: what varies.
        accuracies: for each of the values, of all of its trainings by validation, fractions of 1, one at least.
    """
    order = [list(values).index(value) for value in _in_order(values)]
    names, groups = [values[place] for place in order], [np.asarray(accuracies[place], float) for place in order]
    places = np.concatenate([place + _beside(len(group)) for place, group in enumerate(groups)])
    points = {
        "type": "scatter",
        "mode": "markers",
        "name": "a training",
        "x": theme.small(places),
        "y": theme.small(np.concatenate(groups)),
        "marker": {"color": CLASS_COLORS[1], "size": 9, "opacity": 0.65},
        "hovertext": [theme.safe(name) for name, group in zip(names, groups, strict=True) for _ in group],
        "hovertemplate": f"{theme.safe(label)} %{{hovertext}}<br>validation %{{y:.2%}}<extra></extra>",
    }
    across = theme.name_axis(names) | {"title": f"{label[:1].upper()}{label[1:]}"}
    up = theme.percent_axis("Validation accuracy", None)
    return theme.figure([points, _means(label, names, groups)], height=380, across=across, up=up, legend=True)


def _means(label: str, names: Sequence[str], groups: Sequence[np.ndarray]) -> theme.Trace:
    """Beside the points of each group; one alone has no standard deviation."""
    means = np.array([group.mean() for group in groups])
    spread = np.array([group.std(ddof=1) if len(group) > 1 else np.nan for group in groups])
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "mean ± standard deviation",
        "x": theme.small(np.arange(len(groups)) + 2 * SPREAD),
        "y": theme.small(means),
        "error_y": theme.error_bars(means, means - spread, means + spread),
        "marker": {"color": theme.SECOND, "symbol": "diamond", "size": 11},
        "hovertext": [theme.safe(name) for name in names],
        "customdata": theme.small(np.nan_to_num(spread)),
        "hovertemplate": (
            f"{theme.safe(label)} %{{hovertext}}<br>mean %{{y:.2%}}, standard deviation %{{customdata:.2%}}"
            "<extra></extra>"
        ),
    }


def _beside(count: int) -> np.ndarray:
    """(count,) where points of one value lie beside each other, so that none hides another."""
    return SPREAD * (2 * (np.arange(count) * GOLDEN % 1) - 1) if count > 1 else np.zeros(1)
