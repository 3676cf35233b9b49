"""The report of a run as pictures: its curves, its calibration, its tables, the pictures it was asked about.

PNG is for files, SVG for a page of HTML, whose colours and typeface it takes on. Matplotlib and Pillow come with the
first picture that is drawn, never with this module.
"""

import io
import re
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from fmnist_core import data
from fmnist_core.colours import CLASS_COLORS
from fmnist_core.formatting import percent
from fmnist_core.metrics.calibration import Reliability
from fmnist_core.recipe import Recipe
from fmnist_core.report.tables import ReportRow, montage_rows
from fmnist_core.runs import curves
from fmnist_core.runs.predictions import Predictions
from fmnist_core.runs.records import Line

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from PIL.Image import Image as PillowImage

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
ON_PAGE = (4.6, 3.4)  # inches of a drawing there: small, so that its words are read on a phone, too
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
    good: str
    bad: str


class Svg(NamedTuple):
    """A drawing to stand within <svg viewBox="0 0 width height">. Its colours are the page's: see `PAGE`."""

    width: float
    height: float
    drawn: str  # markup
    alt: str  # what it shows, in words


LIGHT = Paper("#ffffff", "#16211f", "#cbd5d2", CLASS_COLORS[2], "#0f766e", "#d9560c")
DARK = Paper("#101615", "#e7efed", "#3a4744", "#f0654a", "#149688", "#e05c1e")
# On a page a colour is a variable of its style sheet, as the same drawing is seen by day and by night.
PAGE = LIGHT._replace(background="none")
VARIABLES = {colour: f"var(--{name})" for name, colour in PAGE._asdict().items() if name != "background"}


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
    with _drawing:
        return _as_png(_history(lines, recipe, title, metrics, paper))


def history_svg(lines: Sequence[Line], recipe: Recipe, metric: str) -> Svg:
    """Loss or accuracy by epoch, as `history_png` draws it, for a page that may hold both.

    Raises:
        ValueError: no epoch has finished.
    """
    with _drawing:
        figure = _history(lines, recipe, "", (metric,), PAGE)
        return _as_svg(figure, metric, f"{METRICS[metric]} by epoch: {_in_words(lines, metric)}")


def _history(lines: Sequence[Line], recipe: Recipe, title: str, metrics: Sequence[str], paper: Paper) -> "Figure":
    epochs = curves.epochs_of(lines)
    if not epochs:
        raise ValueError("No epoch has finished, so there is no curve. Let a training finish its first epoch.")
    wide, high = ON_PAGE if paper == PAGE else (5.4, 3.7)
    figure = _figure(wide * len(metrics), high + 0.3 * bool(title), paper)
    if title:
        figure.suptitle(title, color=paper.text, fontsize=10, fontweight="bold")
    for axes, metric in zip(figure.subplots(1, len(metrics), squeeze=False)[0], metrics, strict=True):
        _draw_curves(axes, lines, metric, len(epochs) <= MARKED_EPOCHS, paper)
        _mark_stages(axes, recipe, epochs[-1].epoch, paper)
        _dress(axes, paper)
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


def reliability_svg(found: Reliability, name: str) -> Svg:
    """Accuracy by confidence, a bar a bin; what a bar lacks or has too much is shaded; the diagonal is perfect.

    Args:
        name: of the drawing, its own on its page.
    """
    filled = np.flatnonzero(found.counts)
    left, width = found.edges[filled], np.diff(found.edges)[filled]
    accuracy, confidence = found.accuracy[filled], found.confidence[filled]
    with _drawing:
        figure = _figure(*ON_PAGE, PAGE)
        axes = figure.subplots()
        bars: dict[str, Any] = {"width": width - 0.004, "align": "edge"}
        axes.bar(left + 0.002, accuracy, color=PAGE.good, alpha=0.75, label="accuracy", **bars)
        style: dict[str, Any] = {"bottom": accuracy, "color": PAGE.bad, "alpha": 0.5, "label": "distance to confidence"}
        axes.bar(left + 0.002, confidence - accuracy, **style, **bars)
        axes.plot((0, 1), (0, 1), color=PAGE.text, linewidth=0.9, linestyle="--", label="perfect")
        axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="Confidence", ylabel="Accuracy")
        axes.xaxis.set_major_formatter(_percent_tick)
        axes.yaxis.set_major_formatter(_percent_tick)
        _dress(axes, PAGE)
        return _as_svg(figure, name, f"Reliability diagram: accuracy by confidence, {len(filled)} bins hold pictures.")


def _percent_tick(value: float, _: object) -> str:
    return f"{round(100 * value, 2):g} %"


def _figure(width: float, height: float, paper: Paper) -> "Figure":
    """Never pyplot: its list of figures is shared by all threads and keeps what nobody closes."""
    from matplotlib.figure import Figure

    return Figure((width, height), dpi=200, layout="constrained", facecolor=paper.background)


def _as_png(figure: "Figure") -> bytes:
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    file = io.BytesIO()
    FigureCanvasAgg(figure).print_png(file)
    return file.getvalue()


def _as_svg(figure: "Figure", name: str, alt: str) -> Svg:
    """Always the same bytes of the same figure. Ids begin with those of the name, so that no two drawings share one."""
    from matplotlib import rc_context
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    file = io.StringIO()
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": name}):
        FigureCanvasSVG(figure).print_svg(file, metadata=dict.fromkeys(("Creator", "Date", "Format", "Type")))
    # The head is left out: its style would hold for the whole page, and templates write the element itself.
    drawn = file.getvalue().partition("</defs>")[2].rpartition("</svg>")[0].replace("xlink:href", "href")
    drawn = re.sub(r'<g id="[^"]*">', "<g>", drawn)  # "axes_1", the same in each drawing; nothing points to it
    drawn = re.sub(r" font-family: [^;]*;", "", drawn)  # the page's holds
    drawn = re.sub(r"#[0-9a-f]{6}\b", lambda found: VARIABLES.get(found[0], found[0]), drawn)
    width, height = 72 * figure.get_size_inches()
    return Svg(width, height, drawn, alt)


def _draw_curves(axes: "Axes", lines: Sequence[Line], metric: str, marked: bool, paper: Paper) -> None:
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


def _mark_epochs(axes: "Axes", metric: str) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.set(xlabel="Epoch", ylabel=METRICS[metric])
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1, steps=[1, 2, 5, 10]))
    if metric == "accuracy":
        axes.yaxis.set_major_formatter(_percent_tick)


def _dress(axes: "Axes", paper: Paper) -> None:
    axes.set_facecolor(paper.background)
    for axis in (axes.xaxis, axes.yaxis):
        axis.label.set(color=paper.text, fontsize=9)
    axes.tick_params(colors=paper.text, labelsize=9, color=paper.faint)
    axes.grid(color=paper.faint, linewidth=0.5, alpha=0.7)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(paper.faint)
    count = len(axes.get_legend_handles_labels()[0])
    style: dict[str, Any] = {"frameon": False, "fontsize": 9, "labelcolor": paper.text, "handlelength": 2.6}
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.17), ncols=count if count < 4 else 2, **style)


def table_png(rows: Sequence[ReportRow], title: str, paper: Paper = LIGHT) -> bytes:
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


def _tile(picture: np.ndarray, row: ReportRow, scale: int) -> "PillowImage":
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
