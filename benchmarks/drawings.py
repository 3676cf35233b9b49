"""How many drawings the shipped network gets right: outlines made by rule, and outlines of the dataset's garments.

    python -m benchmarks.drawings [--run RUN]

The drawings are outlines as a person draws them with a finger, at `SIDE` pixels as on the page. Nothing is tuned to
test pictures: `fmnist_core/photo/drawing.py` was tuned to outlines of the network's validation pictures and to none of
the 41 drawings' coordinates. RUN is the flagship's by default.
"""

import argparse
import math
import sys
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw
from scipy import ndimage

from benchmarks.photo.photos import Model, choose_model, verdict
from fmnist_core.data import CLASS_NAMES, SIDE, WHITE, load_split
from fmnist_core.photo.drawing import prepare_drawing
from fmnist_core.storage.folders import RunError

CANVAS = 320  # pixels, as on the page
LEAST_MADE, LEAST_OUTLINES = 0.95, 0.85
SILHOUETTES = 300
STROKE = 12  # pixels of the canvas: of the outlines of silhouettes
SPECK = 4  # pixels of 28x28: smaller holes of a silhouette are its pattern, smaller pieces its dust
FAINT = 20  # gray levels up to which a pixel is background

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


class Share(NamedTuple):
    """Right answers of all, and how the wrong ones were called."""

    right: int
    total: int
    wrong: tuple[tuple[str, str], ...] = ()

    @property
    def share(self) -> float:
        return self.right / self.total


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


def outline(picture: np.ndarray, stroke: int = STROKE) -> np.ndarray:
    """(CANVAS, CANVAS) float ink: the contour of a (28, 28) uint8 garment's silhouette, holes too, as a stroke."""
    mask = np.pad(_silhouette(picture), 2)
    scale = (CANVAS - 4 * stroke) / SIDE  # the margin of two pixels may be cut off again
    smooth = ndimage.zoom(mask.astype(np.float32), scale, order=1, grid_mode=True, mode="grid-constant") >= 0.5
    inwards = ndimage.distance_transform_edt(smooth)
    outwards = ndimage.distance_transform_edt(~smooth)
    ink = (np.where(smooth, inwards, outwards) <= stroke / 2).astype(np.float32)
    beside = CANVAS - ink.shape[0]
    if beside < 0:
        ink = ink[-beside // 2 :, -beside // 2 :][:CANVAS, :CANVAS]
        beside = 0
    return np.pad(ink, (beside // 2, beside - beside // 2))


def _silhouette(picture: np.ndarray) -> np.ndarray:
    """(28, 28) bool: what is no background, without the holes of its pattern and without dust."""
    mask = ~_without_small(picture <= FAINT)
    return _without_small(mask)


def _without_small(mask: np.ndarray) -> np.ndarray:
    pieces, _ = ndimage.label(mask)
    sizes = np.bincount(pieces.ravel())
    return mask & (sizes >= SPECK)[pieces]


def silhouettes(split: str, indices: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    """(class, ink) of the outlines of these pictures of the dataset."""
    found = load_split(split)
    for index in indices:
        yield CLASS_NAMES[found.labels[index]], outline(found.images[index])


def share_right(drawings: Iterator[tuple[str, np.ndarray]], model: Model) -> Share:
    given = [(name, model.answer(prepare_drawing(ink))) for name, ink in drawings]
    wrong = tuple((name, called) for name, called in given if name != called)
    return Share(len(given) - len(wrong), len(given), wrong)


def measure(model: Model) -> tuple[Share, Share]:
    """The shares of the drawings made by rule and of the outlines of the first test pictures."""
    return share_right(made_drawings(), model), share_right(silhouettes("test", np.arange(SILHOUETTES)), model)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", help="the id of a run; by default the flagship's")
    try:
        model = choose_model(parser.parse_args().run)
    except RunError as error:
        sys.exit(str(error))
    print(f"Model: {model.run.id}")
    made, outlines = measure(model)
    for title, found, least in (
        ("drawings made by rule", made, LEAST_MADE),
        ("outlines of test pictures", outlines, LEAST_OUTLINES),
    ):
        print(
            f"{title:<28}{found.right:>4} of {found.total:<4}{found.share:7.1%}  "
            f"(at least {least:.0%}: {verdict(found.share >= least)})"
        )
    for name, called in made.wrong:
        print(f"  a {name} made by rule was called {called}")


if __name__ == "__main__":
    main()
