"""A run's learning curves as a picture, with those that its source published."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from fmnist_core import zoo
from fmnist_core.colours import CLASS_COLORS, PUBLISHED
from fmnist_core.formatting import percent
from fmnist_core.recipe import Recipe
from fmnist_core.report.papers import (
    LIGHT,
    ON_PAGE,
    PAGE,
    Paper,
    Svg,
    as_png,
    as_svg,
    drawing,
    dress,
    figure_on,
    percent_tick,
)
from fmnist_core.report.tables import follows_published
from fmnist_core.runs import curves
from fmnist_core.runs.records import Line
from fmnist_core.runs.size_curve import Size
from fmnist_core.zoo import published_curves

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

METRICS = {"loss": "Loss", "accuracy": "Accuracy"}
# Colours as the Train page draws them; dashes and markers tell the curves apart without colour.
CURVES = {
    "training": (CLASS_COLORS[0], "--", "o"),
    "validation": (CLASS_COLORS[1], "-", "s"),
    "validation, distorted": (CLASS_COLORS[2], ":", "^"),
    "test set, as published": (CLASS_COLORS[3], "-.", "v"),
}
BEST = CURVES["validation"][0]  # a diamond round the best epoch by validation accuracy
MARKED_EPOCHS = 30  # more markers than these run into each other


def history_png(
    lines: Sequence[Line],
    recipe: Recipe,
    title: str = "",
    metrics: Sequence[str] = tuple(METRICS),
    paper: Paper = LIGHT,
) -> bytes:
    """Loss and accuracy by epoch, a panel each side by side, all stages in one curve, where one begins marked.

    Raises:
        ValueError: no epoch has finished.
    """
    with drawing:
        return as_png(_history(lines, recipe, title, metrics, paper))


def history_svg(lines: Sequence[Line], recipe: Recipe, metric: str) -> Svg:
    """Loss or accuracy by epoch, as `history_png` draws it, for a page that may hold both.

    Raises:
        ValueError: no epoch has finished.
    """
    with drawing:
        figure = _history(lines, recipe, "", (metric,), PAGE)
        return as_svg(figure, metric, f"{METRICS[metric]} by epoch: {_in_words(lines, metric)}")


def sizes_svg(sizes: Sequence[Size]) -> Svg:
    """Accuracy against training size, for a page.

    Raises:
        ValueError: there is no fit.
    """
    if not sizes:
        raise ValueError("The run comes without its curve of training sizes.")
    with drawing:
        figure = figure_on(*ON_PAGE, PAGE)
        axes = figure.subplots()
        counts = [size.pictures for size in sizes]
        for curve in ("training", "validation"):
            values = [size.training_accuracy if curve == "training" else size.val_accuracy for size in sizes]
            colour, dash, marker = CURVES[curve]
            if None not in values:
                style: dict[str, Any] = {"color": colour, "linestyle": dash, "linewidth": 1.6, "markersize": 3.5}
                axes.plot(counts, np.array(values, float), label=curve, marker=marker, **style)
        dress(axes, PAGE)
        axes.set(xlabel="Training pictures", ylabel=METRICS["accuracy"], xscale="log")
        axes.set_xticks(counts, [f"{count:,}" for count in counts])
        axes.minorticks_off()
        axes.yaxis.set_major_formatter(percent_tick)
        said = ", ".join(f"{size.pictures:,} pictures {percent(size.val_accuracy, 1)}" for size in sizes)
        return as_svg(figure, "sizes", f"Accuracy against training size, on the validation pictures: {said}")


def _history(lines: Sequence[Line], recipe: Recipe, title: str, metrics: Sequence[str], paper: Paper) -> "Figure":
    epochs = curves.epochs_of(lines)
    if not epochs:
        raise ValueError("No epoch has finished, so there is no curve. Let a training finish its first epoch.")
    wide, high = ON_PAGE if paper == PAGE else (5.4, 3.7)
    figure = figure_on(wide * len(metrics), high + 0.3 * bool(title), paper)
    if title:
        figure.suptitle(title, color=paper.text, fontsize=10, fontweight="bold")
    for axes, metric in zip(figure.subplots(1, len(metrics), squeeze=False)[0], metrics, strict=True):
        _draw_curves(axes, lines, recipe, metric, len(epochs) <= MARKED_EPOCHS, paper)
        _mark_stages(axes, recipe, epochs[-1].epoch, paper)
        dress(axes, paper)
        _mark_epochs(axes, metric)
    return figure


def _in_words(lines: Sequence[Line], metric: str) -> str:
    rows, said = curves.curve_rows(lines, "", metric), []
    for curve in CURVES:
        values = [row["value"] for row in rows if row["curve"] == curve and row["kind"] == "epoch"]
        if values:
            ends = (percent(value, 1) if metric == "accuracy" else f"{value:.3f}" for value in (values[0], values[-1]))
            said.append(f"{curve} from {' to '.join(ends)}")
    return "; ".join(said)


def _draw_curves(axes: "Axes", lines: Sequence[Line], recipe: Recipe, metric: str, marked: bool, paper: Paper) -> None:
    rows = curves.curve_rows(lines, "", metric)
    for curve, points in _published(recipe, metric).items():
        values = dict(points)
        every = range(int(points[0][0]), int(points[-1][0]) + 1)  # epochs that the source leaves out are a gap
        style: dict[str, Any] = {"color": PUBLISHED, "linewidth": 1.1, "linestyle": CURVES[curve][1], "zorder": 1.9}
        name = f"published: {curve.removesuffix(', as published')}"
        axes.plot(every, [values.get(epoch, np.nan) for epoch in every], label=name, **style)
    for curve, (colour, dash, marker) in CURVES.items():
        points = [(row["epoch"], row["value"]) for row in rows if row["curve"] == curve and row["kind"] == "epoch"]
        if points:
            ink = paper.red if colour == CLASS_COLORS[2] else colour
            style = {"color": ink, "linestyle": dash, "linewidth": 1.6, "markersize": 3.5}
            axes.plot(*zip(*points, strict=True), label=curve, marker=marker if marked else "", **style)
    for row in rows:
        if row["kind"] == "best":
            axes.scatter(
                row["epoch"], row["value"], s=55, marker="D", facecolor="none", edgecolor=BEST, label="best epoch"
            )


def _published(recipe: Recipe, metric: str) -> dict[str, list[tuple[float, float]]]:
    """(epoch, value) points that the source reports of this very recipe, by what they were measured on."""
    model = zoo.find(recipe)
    return published_curves.points_of(model, metric) if model and follows_published(recipe, model) else {}


def _mark_stages(axes: "Axes", recipe: Recipe, last_epoch: int, paper: Paper) -> None:
    """A line between two epochs, as all that is drawn are points at the ends of epochs."""
    for end, words in curves.stage_boundaries(recipe):
        if 0 < end < last_epoch:
            axes.axvline(end + 0.5, color=paper.text, linewidth=0.9, linestyle=(0, (1, 1.5)), zorder=1)
            style: dict[str, Any] = {"ha": "left" if end < last_epoch / 2 else "right", "va": "bottom", "fontsize": 8.5}
            name = f"{words}, from epoch {end + 1:.0f}"
            axes.text(end + 0.5, 1.015, name, transform=axes.get_xaxis_transform(), color=paper.text, **style)


def _mark_epochs(axes: "Axes", metric: str) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.set(xlabel="Epoch", ylabel=METRICS[metric])
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1, steps=[1, 2, 5, 10]))
    if metric == "accuracy":
        axes.yaxis.set_major_formatter(percent_tick)
