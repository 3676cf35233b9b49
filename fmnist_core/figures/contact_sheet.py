"""Pictures with two lines under each, as one image to print or to pass on; and the same as a table."""

import csv
import functools
import io
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from fmnist_core.data import SIDE

MOST_PICTURES = 500  # half a second of drawing
COLUMNS = 10
SCALE = 3  # screen pixels of a picture's pixel, each a crisp square
_GAP, _LINE, _TEXT = 12, 15, 12
_WIDTH, _HEIGHT = SIDE * SCALE + _GAP, SIDE * SCALE + 2 * _LINE + _GAP
_PAPER, _INK, _QUIET, _WRONG = (255, 255, 255), (20, 26, 25), (95, 105, 102), (178, 34, 34)


def contact_sheet(images: np.ndarray, lines: Sequence[tuple[str, str]], right: np.ndarray, title: str) -> bytes:
    """A PNG: a title, and pictures ten a row.

    Args:
        images: (n, 28, 28) uint8; only the first MOST_PICTURES are drawn, and the title says so.
        lines: two a picture, cut where they are too wide.
        right: (n,) bool; the second line of the others is red, with a cross for who sees no red.

    Raises:
        ValueError: no pictures, or not as many lines and verdicts.
    """
    if not len(images) or not len(images) == len(lines) == len(right):
        raise ValueError(
            f"A contact sheet takes at least one picture, with two lines and a verdict each. Received: {len(images)} "
            f"pictures, {len(lines)} pairs of lines, {len(right)} verdicts."
        )
    if len(images) > MOST_PICTURES:
        title += f" (the first {MOST_PICTURES:,} of {len(images):,})"
    count = min(len(images), MOST_PICTURES)
    size = (COLUMNS * _WIDTH + _GAP, 3 * _GAP + _LINE + -(-count // COLUMNS) * _HEIGHT)
    sheet = Image.new("RGB", size, _PAPER)
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(_TEXT)
    cut = functools.cache(lambda text: _cut(draw, text, font))  # the same few words again and again
    draw.text((_GAP, _GAP), title, _INK, font)
    for place in range(count):
        left = _GAP + place % COLUMNS * _WIDTH
        top = 3 * _GAP + _LINE + place // COLUMNS * _HEIGHT
        large = images[place].repeat(SCALE, axis=0).repeat(SCALE, axis=1)
        sheet.paste(Image.fromarray(large).convert("RGB"), (left, top))
        below = top + SIDE * SCALE + 2
        first, second = lines[place]
        second = second if right[place] else f"x {second}"
        draw.text((left, below), cut(first), _INK, font)
        draw.text((left, below + _LINE), cut(second), _QUIET if right[place] else _WRONG, font)
    file = io.BytesIO()
    sheet.save(file, "PNG", compress_level=3)
    return file.getvalue()


def _cut(draw: ImageDraw.ImageDraw, text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont) -> str:
    while text and draw.textlength(text, font) > SIDE * SCALE + _GAP - 3:
        text = text[:-1]
    return text


def table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """CSV with one line a picture."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return file.getvalue()
