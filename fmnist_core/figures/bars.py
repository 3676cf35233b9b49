"""A figure a class, a network, a folder or a number of networks: bars, dots, and matrices that are no confusion's."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from fmnist_core.colours import CLASS_COLORS, PUBLISHED, class_colours
from fmnist_core.figures import theme
from fmnist_core.metrics.class_figures import Interval
from fmnist_core.metrics.evaluation import ClassReport

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

WRITTEN = 10  # networks up to which each cell has its figure


def class_bars(intervals: Sequence[Interval], names: Sequence[str], measure: str) -> "Figure":
    """A bar a class in its colour, with its 95 % interval; classes downwards in their order.

    measure: what the intervals are of, such as "Recall".
    """
    values, low, high = np.array(intervals, float).reshape(-1, 3).T
    bars = {
        "type": "bar",
        "orientation": "h",
        "name": measure,
        "x": theme.small(values),
        "y": list(range(len(names))),
        "error_x": theme.error_bars(values, low, high),
        "marker": {"color": list(class_colours(len(names)))},
        "hovertext": [theme.safe(name) for name in names],
        "customdata": theme.small(np.column_stack([low, high])),
        "hovertemplate": (
            "%{hovertext}<br>"
            + measure
            + " %{x:.1%} (95 % interval %{customdata[0]:.1%} to %{customdata[1]:.1%})<extra></extra>"
        ),
        **theme.picked(),
    }
    return theme.figure(
        [bars],
        height=60 + 28 * len(names),
        across=theme.percent_axis(measure, 0, 1.02),
        up=theme.name_axis(names, downwards=True),
        bargap=0.3,
    )


def accuracy_bars(measured: Mapping[str, Interval], published: tuple[str, float]) -> "Figure":
    """A bar for each who was asked, downwards in their order, the first in another colour, with its 95 % interval.

    published: whose accuracy a source reports, and that, a fraction of 1: a hollow mark and a dashed line, no bar.
    """
    values, low, high = np.array(list(measured.values()), float).reshape(-1, 3).T
    names = [f"{name}, {one.value:.0%}".replace("%", " %") for name, one in measured.items()] + [published[0]]
    bars = {
        "type": "bar",
        "orientation": "h",
        "name": "Measured here",
        "x": theme.small(values),
        "y": list(range(len(measured))),
        "error_x": theme.error_bars(values, low, high) | {"thickness": 2.5, "width": 6},
        "marker": {"color": [theme.SECOND, *[theme.FIRST] * (len(measured) - 1)], "opacity": 0.45},  # to see these
        "hovertext": [theme.safe(name) for name in measured],
        "customdata": theme.small(np.column_stack([low, high])),
        "hovertemplate": (
            "%{hovertext}<br>accuracy %{x:.1%} (95 % interval %{customdata[0]:.1%} to %{customdata[1]:.1%})"
            "<extra></extra>"
        ),
    }
    mark = {
        "type": "scatter",
        "mode": "markers+text",
        "x": [published[1]],
        "y": [len(measured)],
        "marker": {"symbol": "diamond-open", "size": 13, "color": PUBLISHED, "line": {"width": 2}},
        "text": [f"{published[1]:.1%}".replace("%", " %")],
        "textposition": "middle left",
        "hovertemplate": f"{theme.safe(published[0])}<br>accuracy %{{x:.1%}}<extra></extra>",
    }
    line = {"type": "line", "x0": published[1], "x1": published[1], "y0": 0, "y1": 1, "yref": "paper"}
    return theme.figure(
        [bars, mark],
        height=100 + 38 * len(names),
        across=theme.percent_axis("Accuracy", 0, 1.02),
        up=theme.name_axis(names, downwards=True),
        bargap=0.35,
        shapes=[line | {"line": {"color": PUBLISHED, "width": 1, "dash": "dash"}}],
    )


def share_bars(shares: Mapping[str, Interval], title: str) -> "Figure":
    """A bar a name, downwards in their order, with its 95 % interval. title: what the shares are."""
    values, low, high = np.array(list(shares.values()), float).reshape(-1, 3).T
    bars = {
        "type": "bar",
        "orientation": "h",
        "name": title,
        "x": theme.small(values),
        "y": list(range(len(shares))),
        "error_x": theme.error_bars(values, low, high),
        "marker": {"color": theme.FIRST, "opacity": 0.75},
        "hovertext": [theme.safe(name) for name in shares],
        "customdata": theme.small(np.column_stack([low, high])),
        "hovertemplate": (
            "%{hovertext}<br>%{x:.1%} (95 % interval %{customdata[0]:.1%} to %{customdata[1]:.1%})<extra></extra>"
        ),
    }
    return theme.figure(
        [bars],
        height=70 + 30 * len(shares),
        across=theme.percent_axis(title, 0, 1.02),
        up=theme.name_axis(list(shares), downwards=True),
        bargap=0.35,
    )


def folder_matrix(
    counts: np.ndarray, right: np.ndarray, folders: Sequence[str], names: Sequence[str], narrow: bool = False
) -> "Figure":
    """How often the photos of each folder were called each class; a frame where that is right.

    counts: (folders, classes) int. right: the same shape, bool. A row without a frame is of a folder that no class
    fits. Each cell is a point, row by row: `charts.draw` tells which one was clicked. narrow: for a phone.
    """
    rows, columns = np.indices(counts.shape).reshape(2, -1).tolist()
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    said = [
        f"{theme.safe(folders[row])}: {counts[row, column]} of {counts[row].sum()} called {theme.safe(names[column])}"
        for row, column in zip(rows, columns, strict=True)
    ]
    small = {"tickfont": {"size": 9 if narrow else 12}}
    edge = {"color": [theme.SECOND if one else "rgba(138,150,148,.35)" for one in right.ravel()]}
    cells = {
        "type": "scatter",
        "mode": "markers+text",
        "x": columns,
        "y": rows,
        "text": [str(count) if count else "" for count in counts.ravel()],
        "textfont": {
            "size": 9 if narrow else 12,
            "color": ["#ffffff" if share > 0.55 else "#16211f" for share in shares.ravel()],
        },
        "marker": {
            "symbol": "square",
            "size": 17 if narrow else 26,
            "color": [_shade(share) for share in shares.ravel().tolist()],
            "line": edge | {"width": [2.5 if one else 1 for one in right.ravel()]},
        },
        "hovertext": said,
        "hovertemplate": "%{hovertext}<extra></extra>",
        **theme.picked(),
    }
    return theme.figure(
        [cells],
        height=130 + (24 if narrow else 32) * len(folders),
        across=theme.name_axis(names) | {"side": "top", "tickangle": -60} | small,
        up=theme.name_axis(folders, downwards=True) | small,
    )


def _shade(share: float) -> str:
    """A colour between those of `theme.SEQUENTIAL`; nothing is nearly transparent, by day and by night."""
    if not share:
        return "rgba(138,150,148,.10)"
    low, high = (0, 1) if share <= 0.5 else (1, 2)
    (start, first), (end, last) = theme.SEQUENTIAL[low], theme.SEQUENTIAL[high]
    part = (share - start) / (end - start)
    ends = zip(bytes.fromhex(first[1:]), bytes.fromhex(last[1:]), strict=True)
    return "rgb({},{},{})".format(*(round(one + part * (other - one)) for one, other in ends))


def class_dots(reports: Mapping[str, ClassReport], names: Sequence[str]) -> "Figure":
    """Recall of each class, a dot a run and a line from the lowest to the highest.

    Dots, because bars from zero would hide the differences. reports: by the title of the run, in order.
    """
    recalls = np.array([report.recall for report in reports.values()], float)
    dots = [_dots(title, report, place, names) for place, (title, report) in enumerate(reports.items())]
    return theme.figure(
        [_spans(recalls), *dots],
        height=100 + 26 * len(names) + 20 * -(-len(reports) // 2),
        across=theme.percent_axis("Recall", None),
        up=theme.name_axis(names, downwards=True) | {"showgrid": True},
        legend=True,
    )


def _spans(recalls: np.ndarray) -> theme.Trace:
    """A line a class from the lowest to the highest of (runs, classes) recalls; none where no run has one."""
    ends: list[float | None] = []
    for column in recalls.T:
        known = column[~np.isnan(column)]
        ends += [round(float(known.min()), 5), round(float(known.max()), 5), None] if len(known) else [None] * 3
    return {
        "type": "scatter",
        "mode": "lines",
        "x": ends,
        "y": [place for place in range(recalls.shape[1]) for _ in range(3)],
        "line": {"color": theme.NEUTRAL, "width": 2},
        "opacity": 0.5,
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _dots(title: str, report: ClassReport, place: int, names: Sequence[str]) -> theme.Trace:
    """Those of one run. place: among the runs, which says its colour and symbol."""
    return {
        "type": "scatter",
        "mode": "markers",
        "name": theme.short(title),
        "x": theme.small(report.recall),
        "y": list(range(len(names))),
        "marker": {
            "color": CLASS_COLORS[place % len(CLASS_COLORS)],
            "symbol": theme.SYMBOLS[place % len(theme.SYMBOLS)],
            "size": 11,
            "line": {"width": 1, "color": theme.NEUTRAL},
        },
        "hovertext": [theme.safe(name) for name in names],
        "customdata": theme.small(np.column_stack([report.precision, report.f1])),
        "hovertemplate": (
            "%{hovertext}, recall %{x:.1%}<br>precision %{customdata[0]:.1%}, F1 %{customdata[1]:.1%}"
            "<extra>%{fullData.name}</extra>"
        ),
        **theme.picked(),
    }


def agreement_bars(counts: np.ndarray) -> "Figure":
    """A bar for 0, 1, 2 … networks downwards: how many pictures so many have right. counts: (networks + 1,) int.

    The scale is linear, so lengths can be compared; the whole row of a short bar can be clicked.
    """
    bars = {
        "type": "bar",
        "orientation": "h",
        "name": "Pictures",
        "x": [int(count) for count in counts],
        "y": list(range(len(counts))),
        "marker": {"color": theme.FIRST},
        "texttemplate": "%{x:,}",
        "textposition": "outside",
        "cliponaxis": False,
        "hovertemplate": "%{y} networks are right on<br>%{x:,} pictures<extra></extra>",
        **theme.picked(),
    }
    most = max(int(np.max(counts, initial=1)), 1)
    return theme.figure(
        [bars],
        height=90 + 20 * len(counts),
        across={"title": "Pictures", "range": [0, 1.15 * most], "tickformat": ",d"},  # room for the longest one's count
        up={"title": "Networks that are right", "dtick": 1, "showgrid": False, "range": [len(counts) - 0.5, -0.5]},
        bargap=0.25,
        hovermode="y",
    )


def agreement_matrix(pairs: np.ndarray, titles: Sequence[str], narrow: bool = False) -> "Figure":
    """The part of the pictures on which two networks say the same, with its scale below.

    pairs: (k, k) in [0, 1]; titles: k, of the rows; the columns, in the same order, have only the numbers that stand
    behind these names, so that names have room. narrow: for a phone, in smaller type.
    """
    count = len(titles)
    labels = [theme.safe(title) for title in titles]
    cells = {
        "type": "heatmap",
        "z": theme.small(pairs),
        "x": list(range(count)),
        "y": list(range(count)),
        "customdata": [[[row, column] for column in labels] for row in labels],
        "colorscale": [list(step) for step in theme.SEQUENTIAL],
        "colorbar": theme.scale_below("Same answer, part of the pictures"),
        "xgap": 1,
        "ygap": 1,
        "hovertemplate": (
            "%{customdata[0]}<br>and %{customdata[1]}<br>say the same of %{z:.1%} of the pictures<extra></extra>"
        ),
    }
    if count <= WRITTEN:
        cells["texttemplate"] = "%{z:.0%}"
    size = {"tickfont": {"size": 9 if narrow else 12}}
    numbers = [str(place) for place in range(1, count + 1)]
    every = 5 if narrow and count > WRITTEN else 1  # a phone's columns are narrower than their numbers
    shown = [number if int(number) % every == 0 else "" for number in numbers]
    across = theme.name_axis(shown) | {"tickangle": 0, "side": "top", "tickfont": {"size": 9}}  # twenty lie close
    up = theme.name_axis(titles, downwards=True, longest=theme.LONGEST_WHOLE) | size
    up["ticktext"] = [f"{name}  {number}" for name, number in zip(up["ticktext"], numbers, strict=True)]
    return theme.figure([cells], height=140 + 18 * count, across=across, up=up)
