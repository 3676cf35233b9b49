"""The report of a run as pictures, PNG bytes: its curves, its tables, the pictures it was asked about.

Matplotlib and Pillow are imported when a picture is drawn, never with this module.
"""

import io
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from fmnist_core import data
from fmnist_core.colours import CLASS_COLORS
from fmnist_core.recipe import Recipe
from fmnist_core.report.tables import Row, montage_rows
from fmnist_core.runs import curves
from fmnist_core.runs.predictions import Predictions

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from PIL.Image import Image as PillowImage

METRICS = {"loss": "Loss", "accuracy": "Right"}
# Colours as the Train page draws them; dashes and markers tell the curves apart without colour.
CURVES = {
    "training": (CLASS_COLORS[0], "--", "o"),
    "validation": (CLASS_COLORS[1], "-", "s"),
    "validation, distorted": (CLASS_COLORS[2], ":", "^"),
    "test set, as published": (CLASS_COLORS[3], "-.", "v"),
}
BEST = CURVES["validation"][0]  # a diamond round the best epoch by validation accuracy
MARKED_EPOCHS = 30  # more markers than these run into each other
COLUMNS = 4  # of the montage
TILE, ENLARGED, STRIP = 96, 3, 15  # pixels of a tile, as PyImageSearch's; of a picture's pixel; of a label's strip
RIGHT, WRONG = (74, 222, 128), (255, 107, 94)  # on black
_drawing = threading.Lock()  # Matplotlib promises nothing to two threads, and every visitor has one


class Paper(NamedTuple):
    """Colours of a drawing; those of .streamlit/config.toml."""

    background: str
    text: str
    faint: str
    red: str  # of the classes' colours, the one that is too dark on black


LIGHT = Paper("#ffffff", "#16211f", "#cbd5d2", CLASS_COLORS[2])
DARK = Paper("#101615", "#e7efed", "#3a4744", "#f0654a")


def history_png(
    lines: Sequence[Row],
    recipe: Recipe,
    title: str = "",
    metrics: Sequence[str] = tuple(METRICS),
    paper: Paper = LIGHT,
) -> bytes:
    """Loss and accuracy by epoch, a panel each side by side, all stages in one curve, where one begins marked.

    Raises:
        ValueError: no epoch has finished.
    """
    epochs = curves.epochs_of(lines)
    if not epochs:
        raise ValueError("No epoch has finished, so there is no curve. Let a training finish its first epoch.")
    with _drawing:
        figure = _figure(5.4 * len(metrics), 3.7 + 0.3 * bool(title), paper)
        if title:
            figure.suptitle(title, color=paper.text, fontsize=10, fontweight="bold")
        for axes, metric in zip(figure.subplots(1, len(metrics), squeeze=False)[0], metrics, strict=True):
            _draw_curves(axes, lines, metric, len(epochs) <= MARKED_EPOCHS, paper)
            _mark_stages(axes, recipe, epochs[-1]["epoch"], paper)
            _dress(axes, metric, paper)
        return _as_png(figure)


def _figure(width: float, height: float, paper: Paper) -> "Figure":
    """Never pyplot: its list of figures is shared by all threads and keeps what nobody closes."""
    from matplotlib.figure import Figure

    return Figure((width, height), dpi=200, layout="constrained", facecolor=paper.background)


def _as_png(figure: "Figure") -> bytes:
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    file = io.BytesIO()
    FigureCanvasAgg(figure).print_png(file)
    return file.getvalue()


def _draw_curves(axes: "Axes", lines: Sequence[Row], metric: str, marked: bool, paper: Paper) -> None:
    rows = curves.curve_rows(lines, "", metric)
    for curve, (colour, dash, marker) in CURVES.items():
        points = [(row["epoch"], row["value"]) for row in rows if row["curve"] == curve and row["kind"] == "epoch"]
        if points:
            ink = paper.red if colour == CLASS_COLORS[2] else colour
            style: dict[str, Any] = {"color": ink, "linestyle": dash, "linewidth": 1.6, "markersize": 3.5}
            axes.plot(*zip(*points, strict=True), label=curve, marker=marker if marked else "", **style)
    for row in rows:
        if row["kind"] == "best":
            axes.scatter(
                row["epoch"], row["value"], s=55, marker="D", facecolor="none", edgecolor=BEST, label="best epoch"
            )


def _mark_stages(axes: "Axes", recipe: Recipe, last_epoch: int, paper: Paper) -> None:
    """A line between two epochs, as all that is drawn are points at the ends of epochs."""
    for end, words in curves.stage_boundaries(recipe):
        if 0 < end < last_epoch:
            axes.axvline(end + 0.5, color=paper.text, linewidth=0.9, linestyle=(0, (1, 1.5)), zorder=1)
            style: dict[str, Any] = {"ha": "left" if end < last_epoch / 2 else "right", "va": "bottom", "fontsize": 8.5}
            name = f"{words}, from epoch {end + 1:.0f}"
            axes.text(end + 0.5, 1.015, name, transform=axes.get_xaxis_transform(), color=paper.text, **style)


def _dress(axes: "Axes", metric: str, paper: Paper) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.set_facecolor(paper.background)
    axes.set_xlabel("Epoch", color=paper.text, fontsize=9)
    axes.set_ylabel(METRICS[metric], color=paper.text, fontsize=9)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1, steps=[1, 2, 5, 10]))
    if metric == "accuracy":
        axes.yaxis.set_major_formatter(lambda value, _: f"{round(100 * value, 2):g} %")
    axes.tick_params(colors=paper.text, labelsize=9, color=paper.faint)
    axes.grid(color=paper.faint, linewidth=0.5, alpha=0.7)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(paper.faint)
    count = len(axes.get_legend_handles_labels()[0])
    style: dict[str, Any] = {"frameon": False, "fontsize": 9, "labelcolor": paper.text, "handlelength": 2.6}
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.17), ncols=count if count < 4 else 2, **style)


def table_png(rows: Sequence[Row], title: str, paper: Paper = LIGHT) -> bytes:
    """Any rows as a table, drawn in a monospaced face; fractions and losses with four digits."""
    keys = list(rows[0])
    cells = [keys, *([_cell(key, row[key]) for key in keys] for row in rows)]
    words = [any(isinstance(row[key], str) for row in rows) for key in keys]
    widths = [max(len(line[column]) for line in cells) for column in range(len(keys))]
    size, letter, leading = 9, 9 * 0.602 / 72, 0.21  # points, inches a letter of DejaVu Sans Mono, inches a line
    wide, high = letter * (max(sum(widths) + 2 * len(keys), len(title)) + 2), leading * (len(rows) + 3.5)
    with _drawing:
        figure = _figure(wide, high, paper)
        style: dict[str, Any] = {"fontsize": size, "family": "DejaVu Sans Mono", "color": paper.text, "va": "baseline"}
        figure.text(letter / wide, 1 - 1.1 * leading / high, title, fontweight="bold", **style)
        for place, line in enumerate(cells):
            start, height = 1, 1 - leading * (place + 2.5 + 0.3 * (place > 0)) / high
            for text, width, word in zip(line, widths, words, strict=True):
                x = letter * (start if word else start + width) / wide
                figure.text(x, height, text, ha="left" if word else "right", alpha=1 if place else 0.7, **style)
                start += width + 2
        return _as_png(figure)


def _cell(key: str, value: object) -> str:
    if isinstance(value, float):
        return f"{value:+.4f}" if key.endswith("change") else f"{value:.4f}"
    return "" if value is None else str(value)


def montage_png(stored: Predictions, chosen: np.ndarray, names: Sequence[str], scale: int = 1) -> bytes:
    """The chosen pictures, four in a line, each 96x96 pixels times `scale`, with what the network calls it drawn on it.

    Right: a green tick; wrong: a red cross, and the label at the foot. Pictures have whole pixels, three wide.
    """
    from PIL import Image

    rows, side = montage_rows(stored, chosen, names), TILE * scale
    sheet = Image.new("RGB", (COLUMNS * side, -(-len(rows) // COLUMNS) * side))
    for place, row in enumerate(rows):
        picture = data.load_split(stored.source).images[stored.indices[chosen[place]]]
        sheet.paste(_tile(picture, row, scale), (place % COLUMNS * side, place // COLUMNS * side))
    file = io.BytesIO()
    sheet.save(file, "PNG")
    return file.getvalue()


def _tile(picture: np.ndarray, row: Row, scale: int) -> "PillowImage":
    import matplotlib
    from PIL import Image, ImageDraw, ImageFont

    right, side, step = row["verdict"] == "right", TILE * scale, ENLARGED * scale
    colour, margin = RIGHT if right else WRONG, (TILE - ENLARGED * data.SIDE) // 2 * scale
    tile = Image.new("RGB", (side, side))
    tile.paste(Image.fromarray(picture.repeat(step, 0).repeat(step, 1)), (margin, margin))
    face = Path(matplotlib.get_data_path(), "fonts", "ttf", "DejaVuSans-Bold.ttf")  # has the tick and the cross
    font, draw = ImageFont.truetype(str(face), 10 * scale), ImageDraw.Draw(tile, "RGBA")
    texts = [(f"{'✔' if right else '✘'} {row['called']}", 0, colour)]
    if not right:
        texts.append((f"is {row['label']}", TILE - STRIP, (255, 255, 255)))
    for text, top, ink in texts:
        while font.getlength(text) > side - 8 * scale:
            text = text[:-2] + "…"
        draw.rectangle((0, top * scale, side, (top + STRIP) * scale), fill=(0, 0, 0, 185))
        draw.text((4 * scale, (top + STRIP / 2) * scale), text, fill=ink, font=font, anchor="lm")
    draw.rectangle((0, 0, side - 1, side - 1), outline=colour, width=(1 if right else 2) * scale)
    return tile
