"""The report of a run as pictures: its calibration, its tables, the pictures it was asked about.

Matplotlib and Pillow come with the first picture that is drawn, never with this module.
"""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from fmnist_core import data
from fmnist_core.metrics.calibration import Reliability
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
from fmnist_core.report.tables import ReportRow, montage_rows
from fmnist_core.runs.predictions import Predictions

if TYPE_CHECKING:
    from PIL.Image import Image as PillowImage

COLUMNS = 4  # of the montage
TILE, ENLARGED, STRIP = 96, 3, 15  # pixels of a tile, as PyImageSearch's; of a picture's pixel; of a label's strip
RIGHT, WRONG = (74, 222, 128), (255, 107, 94)  # on black


def reliability_svg(found: Reliability, name: str) -> Svg:
    """Accuracy by confidence, a bar a bin; what a bar lacks or has too much is shaded; the diagonal is perfect.

    Args:
        name: of the drawing, its own on its page.
    """
    filled = np.flatnonzero(found.counts)
    left, width = found.edges[filled], np.diff(found.edges)[filled]
    accuracy, confidence = found.accuracy[filled], found.confidence[filled]
    with drawing:
        figure = figure_on(*ON_PAGE, PAGE)
        axes = figure.subplots()
        bars: dict[str, Any] = {"width": width - 0.004, "align": "edge"}
        axes.bar(left + 0.002, accuracy, color=PAGE.good, alpha=0.75, label="accuracy", **bars)
        style: dict[str, Any] = {"bottom": accuracy, "color": PAGE.bad, "alpha": 0.5, "label": "distance to confidence"}
        axes.bar(left + 0.002, confidence - accuracy, **style, **bars)
        axes.plot((0, 1), (0, 1), color=PAGE.text, linewidth=0.9, linestyle="--", label="perfect")
        axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="Confidence", ylabel="Accuracy")
        axes.xaxis.set_major_formatter(percent_tick)
        axes.yaxis.set_major_formatter(percent_tick)
        dress(axes, PAGE)
        return as_svg(figure, name, f"Reliability diagram: accuracy by confidence, {len(filled)} bins hold pictures.")


def table_png(rows: Sequence[ReportRow], title: str, paper: Paper = LIGHT) -> bytes:
    """Any rows as a table, drawn in a monospaced face; fractions and losses with four digits."""
    keys = list(rows[0])
    cells = [keys, *([_cell(key, row[key]) for key in keys] for row in rows)]
    words = [any(isinstance(row[key], str) for row in rows) for key in keys]
    widths = [max(len(line[column]) for line in cells) for column in range(len(keys))]
    size, letter, leading = 9, 9 * 0.602 / 72, 0.21  # points, inches a letter of DejaVu Sans Mono, inches a line
    wide, high = letter * (max(sum(widths) + 2 * len(keys), len(title)) + 2), leading * (len(rows) + 3.5)
    with drawing:
        figure = figure_on(wide, high, paper)
        style: dict[str, Any] = {"fontsize": size, "family": "DejaVu Sans Mono", "color": paper.text, "va": "baseline"}
        figure.text(letter / wide, 1 - 1.1 * leading / high, title, fontweight="bold", **style)
        for place, line in enumerate(cells):
            start, height = 1, 1 - leading * (place + 2.5 + 0.3 * (place > 0)) / high
            for text, width, word in zip(line, widths, words, strict=True):
                x = letter * (start if word else start + width) / wide
                figure.text(x, height, text, ha="left" if word else "right", alpha=1 if place else 0.7, **style)
                start += width + 2
        return as_png(figure)


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
