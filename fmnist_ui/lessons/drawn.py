"""Reveals as HTML: pictures, bars and lines whose lengths are in em, for a phone and for the last row alike."""

import base64
import html
import io
from collections.abc import Iterable, Sequence

import numpy as np
from PIL import Image

from fmnist_core.colours import CLASS_COLORS
from fmnist_core.data import CLASS_NAMES
from fmnist_core.lessons.reveals import Mark, NumberLine, Tile

YOURS, TRUTH, PUBLISHED, NEUTRAL = "#e76300", "#0e9285", "#a35fd6", "#8a9694"
RIGHT, WRONG = "#15803d", "#c2410c"


def picture(image: np.ndarray, alt: str) -> str:
    """An image of (h, w) or (h, w, 3) uint8, its pixels seen as squares."""
    file = io.BytesIO()
    Image.fromarray(image).save(file, "png", optimize=True)
    data = base64.b64encode(file.getvalue()).decode()
    return f'<img class="lesson-picture" src="data:image/png;base64,{data}" alt="{html.escape(alt)}">'


def pictures(tiles: Iterable[tuple[np.ndarray, str, str]], size: float = 6) -> str:
    """A row of (image, alt, caption). size: the width of each, em."""
    figures = [
        f"<figure>{picture(image, alt)}{f'<figcaption>{html.escape(caption)}</figcaption>' if caption else ''}</figure>"
        for image, alt, caption in tiles
    ]
    return f'<div class="lesson-pictures" style="--size:{size}em">{"".join(figures)}</div>'


def tiles(found: Sequence[Tile], size: float = 6) -> str:
    words = [f"{one.label}, called {one.called}" if one.called else one.label for one in found]
    return pictures([(one.image, told, told) for one, told in zip(found, words, strict=True)], size)


def colour_of(name: str) -> str:
    return CLASS_COLORS[CLASS_NAMES.index(name)] if name in CLASS_NAMES else NEUTRAL


def bar(
    name: str, share: float, figure: str, colour: str, marked: bool = False, ends: tuple[float, float] | None = None
) -> str:
    """A line of a bar chart. share, ends: of the whole width, 0 to 1."""
    interval = ""
    if ends and not np.isnan(ends).any():
        interval = _interval(100 * ends[0], 100 * ends[1])
    share = 0.0 if np.isnan(share) else min(max(share, 0.0), 1.0)
    return (
        f'<div class="lesson-bar"{" data-marked" if marked else ""}><span>{html.escape(name)}</span>'
        '<span class="lesson-track">'
        f'<span class="lesson-fill" style="width:{100 * share:.2f}%;background:{colour}"></span>{interval}'
        f'</span><span class="lesson-number">{html.escape(figure)}</span></div>'
    )


def probabilities(names: Sequence[str], values: np.ndarray, most: int = 5) -> str:
    """The most probable classes."""
    order = np.argsort(-values)[:most]
    return "".join(
        bar(names[one], float(values[one]), f"{100 * values[one]:.0f} %", colour_of(names[one]), place == 0)
        for place, one in enumerate(order)
    )


def number_line(line: NumberLine, said: float | None) -> str:
    """Where the values lie between the ends, and where the guess."""
    spread = line.high - line.low
    place = lambda value: 100 * min(max((value - line.low) / spread, 0), 1)  # noqa: E731
    unit = f" {line.unit}" if line.unit else ""
    drawn, keys = [], []
    for mark, colour in zip(line.marks, (TRUTH, NEUTRAL, CLASS_COLORS[0]), strict=False):
        colour = PUBLISHED if mark.published else colour
        if mark.low is not None and mark.high is not None:
            drawn.append(_interval(place(mark.low), place(mark.high)))

        drawn.append(_mark(place(mark.value), colour))
        keys.append(_key(colour, f"{mark.name}: {mark.value:.4g}{unit}"))
    if said is not None:
        drawn.append(_mark(place(said), YOURS))
        keys.insert(0, _key(YOURS, f"You said: {said:g}{unit}"))
    low, high = (f"{end:g}{html.escape(unit)}" for end in (line.low, line.high))
    ends = f'<div class="lesson-ends lesson-quiet"><span>{low}</span><span>{high}</span></div>'
    return f'<div class="lesson-line">{"".join(drawn)}</div>{ends}{"".join(keys)}'


def _interval(low: float, high: float) -> str:
    """low, high: percents of the width."""
    return f'<span class="lesson-interval" style="left:{low:.2f}%;width:{high - low:.2f}%"></span>'


def _mark(place: float, colour: str) -> str:
    return f'<span class="lesson-mark" style="left:{place:.2f}%;background:{colour}"></span>'


def _key(colour: str, words: str) -> str:
    return f'<div class="lesson-key"><i style="background:{colour}"></i><span>{html.escape(words)}</span></div>'


def versus(marks: Sequence[Mark]) -> str:
    """Two intervals on one enlarged scale."""
    low = min(mark.low or mark.value for mark in marks)
    high = max(mark.high or mark.value for mark in marks)
    room = max(0.5, 0.25 * (high - low))
    low, high = max(0.0, low - room), min(100.0, high + room)
    return "".join(number_line(NumberLine(round(low, 1), round(high, 1), "%", (mark,)), None) for mark in marks)


def ranking(rows: Sequence[tuple[str, str]], said: Sequence[str] | None) -> str:
    """The right order beside the one that was said."""
    right = "".join(
        f"<li>{html.escape(name)} <span class='lesson-quiet'>{html.escape(told)}</span></li>" for name, told in rows
    )
    found = f"<div><b>What it is</b><ol>{right}</ol></div>"
    if said:
        truth = [name for name, _ in rows]
        yours = "".join(
            f"<li style='color:{RIGHT if truth[place] == name else WRONG}'>{html.escape(name)}</li>"
            for place, name in enumerate(said)
        )
        found = f"<div><b>What you said</b><ol>{yours}</ol></div>{found}"
    return f'<div class="lesson-two">{found}</div>'


def heat(image: np.ndarray, values: np.ndarray, side: int = 8) -> np.ndarray:
    """(28 * side, 28 * side, 3) uint8: the picture, redder where values, (28, 28), are high; below 0 nothing."""
    share = np.maximum(values, 0) / (values.max() if values.max() > 0 else 1)
    gray = image.astype(np.float32) / 255
    red, rest = gray + (1 - gray) * share, gray * (1 - 0.75 * share)
    found = np.stack([red, rest, rest], axis=-1)
    return (255 * found).astype(np.uint8).repeat(side, 0).repeat(side, 1)
