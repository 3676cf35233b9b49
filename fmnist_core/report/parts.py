"""What the templates of a report are given: figures in words, tables, shaded matrices, pictures. No markup."""

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from fmnist_core import formatting

SPACE = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"
NOTHING = "–"  # stands where there is no value

LargeFigure = tuple[str, str, str]  # a figure in large print: its name, its value, a note under it


class Picture(NamedTuple):
    """A picture as a report shows it."""

    address: str  # of its PNG, a data address
    alt: str
    lines: tuple[str, ...]  # the first one in bold


@dataclass(frozen=True)
class Table:
    """The first column names its row. None is a dash."""

    caption: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str | None]]
    foot: int = 0  # so many of the last rows are set off from the others

    @property
    def words(self) -> set[int]:
        """The columns that begin left, as words do; the others end right."""
        return {place for row in self.rows for place, value in enumerate(row) if place and (value or "")[:1].isalpha()}


class ShadedCell(NamedTuple):
    value: str
    kind: str  # "good", "bad", "plain", or "none" where there is nothing to count
    shade: float  # 0 to 1, how strongly


class Matrix(NamedTuple):
    """Rows are labels, columns what the network says."""

    caption: str
    names: Sequence[str]
    rows: Sequence[Sequence[ShadedCell]]


def matrix(
    caption: str, names: Sequence[str], counts: np.ndarray, strengths: np.ndarray, signed: bool = False
) -> Matrix:
    """A matrix with shaded cells.

    Args:
        counts: (classes, classes) int.
        strengths: as `counts`, -1 to 1: how strongly a cell is shaded; over 0 as good, under it as bad.
        signed: counts are differences, written with their sign.
    """
    both = zip(counts.tolist(), strengths.tolist(), strict=True)
    rows = [[_cell(value, shade, signed) for value, shade in zip(*line, strict=True)] for line in both]
    return Matrix(caption, names, rows)


def _cell(value: int, shade: float, signed: bool) -> ShadedCell:
    if not value:
        return ShadedCell("0", "none", 0)
    kind = "good" if shade > 0 else "bad" if shade < 0 else "plain"
    return ShadedCell((f"{value:+,}" if signed else f"{value:,}").replace("-", MINUS), kind, abs(shade))


def picture(pixels: np.ndarray, alt: str, *lines: str) -> Picture:
    """(28, 28) uint8, as a PNG with exactly these pixels."""
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", optimize=True)
    return Picture(f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}", alt, lines)


def percent(value: float | None, digits: int = 2) -> str:
    """A fraction of 1, in percent; a dash where there is none."""
    return formatting.percent(value, digits).replace(" ", SPACE)


def points(value: float | None) -> str:
    """A difference of two fractions, in percentage points with its sign."""
    return NOTHING if value is None or np.isnan(value) else signed(100 * value, 2)


def signed(value: float, digits: int) -> str:
    return f"{value:+.{digits}f}".replace("-", MINUS)


def digits(value: float | None) -> str | None:
    """A fraction of 1 with four digits."""
    return None if value is None else f"{value:.4f}"
