"""Drawings made by rule, by a pen in an unsteady hand: garments, and other things; `drawings.py` measures them."""

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw

from fmnist_core.data import CLASS_NAMES, WHITE
from fmnist_core.photo.strokes import CANVAS

Line = list[tuple[float, float]]


class Variant(NamedTuple):
    """How a garment is drawn: its longest side and place in shares of the canvas, the pen, and an unsteady hand."""

    size: float
    left: float
    top: float
    pen: int  # pixels
    unsteady: float  # share of the size
    taller: float = 1.0  # height by width, times what is usual


VARIANTS = (
    Variant(0.85, 0.07, 0.07, 18, 0.000),
    Variant(0.85, 0.08, 0.08, 10, 0.003, 1.1),
    Variant(0.70, 0.20, 0.05, 14, 0.005, 0.95),
    Variant(0.55, 0.05, 0.40, 8, 0.004),
    Variant(0.60, 0.35, 0.20, 12, 0.006, 1.1),
    Variant(0.45, 0.30, 0.30, 10, 0.004, 0.9),
)


def mirrored(half: Line) -> Line:
    """A closed outline from its left half, top to bottom; x 0.5 is the middle."""
    return [*half, *((1 - x, y) for x, y in reversed(half)), half[0]]


_T_SHIRT = mirrored(
    [(0.5, 0.10), (0.38, 0.03), (0.26, 0.07), (0.02, 0.28), (0.12, 0.43), (0.25, 0.34), (0.25, 0.98), (0.5, 0.98)]
)
_PULLOVER = mirrored(
    [
        (0.5, 0.06),
        (0.40, 0.02),
        (0.27, 0.07),
        (0.16, 0.20),
        (0.06, 0.92),
        (0.19, 0.95),
        (0.27, 0.48),
        (0.27, 0.98),
        (0.5, 0.98),
    ]
)
_TROUSER = mirrored([(0.5, 0.0), (0.33, 0.0), (0.28, 0.35), (0.27, 1.0), (0.44, 1.0), (0.49, 0.32), (0.5, 0.30)])
_DRESS = mirrored(
    [
        (0.5, 0.12),
        (0.44, 0.08),
        (0.42, 0.0),
        (0.37, 0.0),
        (0.35, 0.18),
        (0.39, 0.42),
        (0.28, 1.0),
        (0.5, 1.0),
    ]
)
_SNEAKER = [
    (0.98, 0.30),
    (0.86, 0.36),
    (0.72, 0.29),
    (0.55, 0.36),
    (0.38, 0.48),
    (0.12, 0.55),
    (0.02, 0.64),
    (0.03, 0.74),
    (0.50, 0.75),
    (0.99, 0.74),
    (0.98, 0.30),
]
_BOOT = [
    (0.50, 0.03),
    (0.92, 0.03),
    (0.93, 0.45),
    (0.97, 0.72),
    (0.95, 0.95),
    (0.70, 0.95),
    (0.66, 0.88),
    (0.40, 0.92),
    (0.05, 0.93),
    (0.03, 0.80),
    (0.20, 0.70),
    (0.46, 0.58),
    (0.53, 0.40),
    (0.50, 0.03),
]
_BODY = [(0.08, 0.38), (0.92, 0.38), (0.98, 0.96), (0.02, 0.96), (0.08, 0.38)]
_HANDLE = [(0.27, 0.38), (0.30, 0.16), (0.40, 0.05), (0.60, 0.05), (0.70, 0.16), (0.73, 0.38)]
_INNER = [(0.37, 0.38), (0.39, 0.20), (0.44, 0.14), (0.56, 0.14), (0.61, 0.20), (0.63, 0.38)]
_LOW_INNER = [(0.38, 0.38), (0.40, 0.24), (0.60, 0.24), (0.62, 0.38), (0.38, 0.38)]
_AROUND = [(0.08, 0.38), *_HANDLE, *_BODY[1:]]  # a body and its handle's outer edge in one line

GARMENTS: dict[str, tuple[list[Line], ...]] = {
    "T-shirt/top": ([_T_SHIRT],),
    "Trouser": ([_TROUSER],),
    "Pullover": ([_PULLOVER],),
    "Dress": ([_DRESS],),
    "Sneaker": ([_SNEAKER],),
    "Bag": ([_BODY, _HANDLE], [_BODY, _HANDLE, _INNER], [_AROUND, _LOW_INNER]),
    "Ankle boot": ([_BOOT],),
}


def circle(x: float, y: float, radius: float) -> Line:
    turns = np.linspace(0, 2 * math.pi, 41)
    return [(x + radius * math.cos(turn), y + radius * math.sin(turn)) for turn in turns]


def _star(corners: int = 5) -> Line:
    reach = (0.5, 0.2)
    turns = [(n, n * math.pi / corners) for n in range(2 * corners + 1)]
    return [(0.5 + reach[n % 2] * math.sin(turn), 0.5 - reach[n % 2] * math.cos(turn)) for n, turn in turns]


# What people draw that is no garment. An outline alone cannot tell some of these from a bag or a shirt.
THINGS: dict[str, list[Line]] = {
    "letter A": [[(0.1, 1), (0.5, 0), (0.9, 1)], [(0.27, 0.6), (0.73, 0.6)]],
    "house": [[(0.1, 0.4), (0.5, 0), (0.9, 0.4), (0.9, 1), (0.1, 1), (0.1, 0.4)]],
    "tree": [[(0.45, 1), (0.45, 0.7), (0, 0.7), (0.5, 0), (1, 0.7), (0.55, 0.7), (0.55, 1), (0.45, 1)]],
    "star": [_star()],
    "triangle": [[(0, 1), (0.5, 0), (1, 1), (0, 1)]],
    "square": [[(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)]],
    "ring": [circle(0.5, 0.5, 0.5)],
    "face": [
        circle(0.5, 0.5, 0.5),
        circle(0.32, 0.38, 0.05),
        circle(0.68, 0.38, 0.05),
        [(0.3, 0.7), (0.5, 0.8), (0.7, 0.7)],
    ],
    "figure 8": [circle(0.5, 0.25, 0.22), circle(0.5, 0.72, 0.27)],
    "cross": [[(0, 0.5), (1, 0.5)], [(0.5, 0), (0.5, 1)]],
    "zigzag": [[(0, 0.2), (0.2, 0.8), (0.4, 0.2), (0.6, 0.8), (0.8, 0.2), (1, 0.8)]],
    "spiral": [[(0.5 + n / 240 * math.cos(n / 9), 0.5 + n / 240 * math.sin(n / 9)) for n in range(20, 121)]],
    "man": [
        circle(0.5, 0.12, 0.12),
        [(0.5, 0.24), (0.5, 0.65)],
        [(0.2, 0.4), (0.8, 0.4)],
        [(0.25, 1), (0.5, 0.65), (0.75, 1)],
    ],
    "car": [
        [(0, 0.7), (0, 0.45), (0.2, 0.4), (0.3, 0.2), (0.7, 0.2), (0.85, 0.4), (1, 0.45), (1, 0.7), (0, 0.7)],
        circle(0.22, 0.72, 0.1),
        circle(0.78, 0.72, 0.1),
    ],
}


def strange_drawings() -> Iterator[tuple[str, np.ndarray]]:
    """(name, ink) of things that are no garments, in the first and the third hand."""
    for name, lines in THINGS.items():
        for variant in VARIANTS[:3:2]:
            yield name, draw_lines(lines, variant, np.random.default_rng(1))


def made_drawings() -> Iterator[tuple[str, np.ndarray]]:
    """(class, (h, w) float ink) of the 41 drawings made by rule, the same in every call."""
    for name, kinds in GARMENTS.items():
        for number, variant in enumerate(VARIANTS[: 5 if name == "Ankle boot" else None]):
            random = np.random.default_rng([CLASS_NAMES.index(name), number])
            yield name, draw_lines(kinds[number % len(kinds)], variant, random)


def draw_lines(lines: list[Line], variant: Variant, random: np.random.Generator) -> np.ndarray:
    """(CANVAS, CANVAS) float: each line with round ends, of pen's width, the hand straying smoothly."""
    canvas = Image.new("L", (CANVAS, CANVAS))
    pen = ImageDraw.Draw(canvas)
    tall, wide = (min(1, variant.taller), min(1, 1 / variant.taller))
    waves = random.normal(size=(2, 3)), random.uniform(0, 2 * math.pi, (2, 3))
    for line in lines:
        places = np.array(_points(line))
        strayed = _stray(places, *waves) * variant.unsteady
        shares = np.array([variant.left, variant.top]) + (places * (wide, tall) + strayed) * variant.size
        pen.line([tuple(point) for point in shares * CANVAS], fill=WHITE, width=variant.pen, joint="curve")
        for x, y in shares * CANVAS:
            radius = variant.pen / 2
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=WHITE)
    return np.asarray(canvas, np.float32) / WHITE


def _points(line: Line, step: float = 0.02) -> list[tuple[float, float]]:
    """The line's corners and points between them, so that a hand can stray."""
    points = [line[0]]
    for (x, y), (next_x, next_y) in zip(line[:-1], line[1:], strict=True):
        count = max(1, round(math.hypot(next_x - x, next_y - y) / step))
        points += [(x + (next_x - x) * at / count, y + (next_y - y) * at / count) for at in range(1, count + 1)]
    return points


def _stray(places: np.ndarray, heights: np.ndarray, phases: np.ndarray) -> np.ndarray:
    """(n, 2): three waves over the place, so that a line that closes stays closed."""
    along = places @ np.array([5.0, 7.0])
    waves = [heights[axis] @ np.sin(np.outer([1, 2, 3], along) + phases[axis][:, None]) for axis in (0, 1)]
    return np.stack(waves, axis=1)
