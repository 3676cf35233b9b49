"""The charts of a report as inline SVG, in the reader's light or dark colours."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from fmnist_core.metrics.calibration import Reliability
from fmnist_core.recipe import Recipe
from fmnist_core.report.elements import Html, element, percent
from fmnist_core.report.pictures import CURVES, METRICS
from fmnist_core.runs import curves

WIDTH, HEIGHT = 440, 290
LEFT, RIGHT, TOP, BOTTOM = 52, 420, 24, 248  # of the area within the axes
DASHES = {"-": None, "--": "7 4", ":": "2 3.5", "-.": "7 3 2 3"}

Place = Callable[[float], float]


def ticks(low: float, high: float, most: int = 7, whole: bool = False) -> list[float]:
    """At most `most` + 1 round numbers from low to high, 1, 2 or 5 times a power of ten apart; whole: integers."""
    if not high > low:
        return [low]
    power = 10.0 ** math.floor(math.log10((high - low) / most))
    step = next(factor * power for factor in (1, 2, 5, 10) if (high - low) / (factor * power) <= most)
    step = max(step, 1.0) if whole else step
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(number * step, 10) for number in range(first, last + 1)]


def learning_curves(lines: Sequence[dict[str, Any]], recipe: Recipe) -> Html:
    """Loss and accuracy by epoch, side by side; where a stage begins is marked.

    Raises:
        ValueError: no epoch has finished.
    """
    epochs = curves.epochs_of(lines)
    if not epochs:
        raise ValueError("No epoch was finished, so there is no curve.")
    last = epochs[-1]["epoch"]
    marks = [(end + 0.5, words) for end, words in curves.stage_boundaries(recipe) if 0 < end < last]
    return element("div", *(_curves(lines, metric, last, marks) for metric in METRICS), class_="charts")


def _curves(lines: Sequence[dict[str, Any]], metric: str, last: int, marks: Sequence[tuple[float, str]]) -> Html:
    rows = [row for row in curves.curve_rows(lines, "", metric) if row["kind"] != "batch"]
    values = [row["value"] for row in rows] or [0.0, 1.0]
    spread = max(max(values) - min(values), 1e-3)
    low, high = min(values) - 0.05 * spread, max(values) + 0.05 * spread
    across, up = _scale(0.5, last + 0.5, LEFT, RIGHT), _scale(low, high, BOTTOM, TOP)
    word = (lambda value: f"{100 * value:g} %") if metric == "accuracy" else (lambda value: f"{value:g}")
    drawn = _axes(ticks(1, last, whole=True), across, ticks(low, high), up, word)
    drawn.append(_words("Epoch", (LEFT + RIGHT) / 2, HEIGHT - 6, "middle"))
    for at, words in marks:
        drawn.append(_line(across(at), TOP, across(at), BOTTOM, "mark"))
        early = at < last / 2
        drawn.append(_words(words, across(at) + (4 if early else -4), TOP - 8, "start" if early else "end"))
    shown = []
    for index, (curve, (_, dash, _marker)) in enumerate(CURVES.items()):
        found = [
            (across(row["epoch"]), up(row["value"])) for row in rows if row["curve"] == curve and row["kind"] == "epoch"
        ]
        if found:
            drawn.append(_path(found, index, dash))
            shown.append((curve, index, dash))
    drawn += [_diamond(across(row["epoch"]), up(row["value"])) for row in rows if row["kind"] == "best"]
    title = METRICS[metric] + (
        ", the best epoch by validation in a diamond" if rows and rows[-1]["kind"] == "best" else ""
    )
    alt = f"{METRICS[metric]} by epoch: " + "; ".join(_said(rows, name, metric) for name, _, _ in shown)
    return element("figure", _svg(alt, drawn), element("figcaption", title, _legend(shown)))


def _said(rows: Sequence[dict[str, Any]], curve: str, metric: str) -> str:
    values = [row["value"] for row in rows if row["curve"] == curve and row["kind"] == "epoch"]
    first, last = (percent(value, 1) if metric == "accuracy" else f"{value:.3f}" for value in (values[0], values[-1]))
    return f"{curve} from {first} to {last}"


def reliability_chart(found: Reliability) -> Html:
    """Part right by confidence, a bar a bin; what a bar lacks or has too much is shaded; the diagonal is perfect."""
    across, up = _scale(0, 1, LEFT, RIGHT), _scale(0, 1, BOTTOM, TOP)
    fifths = [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    drawn = _axes(fifths, across, fifths, up, lambda value: f"{100 * value:g} %", lambda value: f"{100 * value:g} %")
    for place in np.flatnonzero(found.counts):
        left, right = across(found.edges[place]) + 1, across(found.edges[place + 1]) - 1
        accuracy, confidence = float(found.accuracy[place]), float(found.confidence[place])
        drawn.append(_box(left, right, up(accuracy), BOTTOM, "bar"))
        drawn.append(_box(left, right, up(max(accuracy, confidence)), up(min(accuracy, confidence)), "gap"))
    drawn.append(_line(LEFT, BOTTOM, RIGHT, TOP, "diagonal"))
    drawn.append(_words("Confidence", (LEFT + RIGHT) / 2, HEIGHT - 6, "middle"))
    drawn.append(_words("Right", LEFT, TOP - 8, "start"))
    alt = f"Reliability diagram: {int((found.counts > 0).sum())} bins hold pictures; the table has their figures."
    words = "Bars: the part that is right. Orange: its distance from the mean confidence. Dashed: perfect."
    return element("figure", _svg(alt, drawn), element("figcaption", words))


def _scale(low: float, high: float, start: float, end: float) -> Place:
    return lambda value: start + (value - low) / (high - low) * (end - start)


def _axes(
    across_at: Sequence[float],
    across: Place,
    up_at: Sequence[float],
    up: Place,
    up_word: Callable[[float], str],
    across_word: Callable[[float], str] = "{:g}".format,
) -> list[Html]:
    drawn = [_line(LEFT, up(value), RIGHT, up(value), "grid") for value in up_at]
    drawn += [_words(up_word(value), LEFT - 7, up(value) + 4, "end") for value in up_at]
    drawn += [_words(across_word(value), across(value), BOTTOM + 18, "middle") for value in across_at]
    return drawn


def _svg(alt: str, drawn: Sequence[Html]) -> Html:
    return element("svg", *drawn, viewBox=f"0 0 {WIDTH} {HEIGHT}", role="img", aria_label=alt)


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> Html:
    return element("line", x1=f"{x1:.1f}", y1=f"{y1:.1f}", x2=f"{x2:.1f}", y2=f"{y2:.1f}", class_=kind)


def _box(left: float, right: float, top: float, bottom: float, kind: str) -> Html:
    size = {"width": f"{right - left:.1f}", "height": f"{bottom - top:.1f}"}
    return element("rect", x=f"{left:.1f}", y=f"{top:.1f}", **size, class_=kind)


def _words(words: str, x: float, y: float, anchor: str) -> Html:
    return element("text", words, x=f"{x:.1f}", y=f"{y:.1f}", text_anchor=anchor)


def _path(points: Sequence[tuple[float, float]], colour: int, dash: str) -> Html:
    if len(points) == 1:  # a line of one point would not be seen
        x, y = points[0]
        return element("circle", cx=f"{x:.1f}", cy=f"{y:.1f}", r=4, style=f"fill:var(--curve-{colour})")
    way = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    style = f"stroke:var(--curve-{colour})"
    return element("polyline", points=way, class_="curve", style=style, stroke_dasharray=DASHES[dash])


def _diamond(x: float, y: float) -> Html:
    way = f"{x:.1f},{y - 7:.1f} {x + 7:.1f},{y:.1f} {x:.1f},{y + 7:.1f} {x - 7:.1f},{y:.1f}"
    return element("polygon", points=way, class_="best", style="stroke:var(--curve-1)")


def _legend(shown: Sequence[tuple[str, int, str]]) -> Html:
    items = []
    for name, colour, dash in shown:
        sample = _path([(0, 5), (30, 5)], colour, dash)
        items.append(element("li", element("svg", sample, viewBox="0 0 30 10", aria_hidden="true"), name))
    return element("ul", *items, class_="legend")
