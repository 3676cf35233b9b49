"""Accuracy against training size: what a classifier without epochs has instead of learning curves; sizes.json.

Each size is a fit of its own, from the start, to the first so many of the shuffled training pictures.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from fmnist_core.formatting import percent
from fmnist_core.metrics import evaluation
from fmnist_core.recipe import Recipe
from fmnist_core.runs.runs import Run
from fmnist_core.storage import reading, schema
from fmnist_core.storage.atomic import write_json
from fmnist_core.zoo.others import classical

FILE = "sizes.json"
MOST_SIZES = 20
SIZES = (1_000, 3_000, 10_000, 30_000)  # fits before the one to all pictures, as far as there are so many
FEWER = SIZES[:3]  # of what takes long


@dataclass(frozen=True, kw_only=True)
class Size:
    """One fit. Accuracies in 0..1; seconds of the fit alone, and of classifying the validation pictures."""

    pictures: int
    training_accuracy: float  # of at most 1,000 of the pictures it was fitted to
    val_accuracy: float | None  # None without a validation split
    seconds: float
    classifying_seconds: float


@dataclass(frozen=True)
class _Stored:
    sizes: tuple[Size, ...]


def read(run: Run) -> list[Size]:
    """By ascending size; none where the run has no such file, or it is damaged."""
    try:
        value = schema.parse_json(reading.read_bytes(run.folder / FILE))
        stored: _Stored = schema.from_json(_Stored, value, "curve of sizes")
    except (OSError, ValueError):
        return []
    sound = len(stored.sizes) <= MOST_SIZES and all(map(_is_sound, stored.sizes))
    return sorted(stored.sizes, key=lambda size: size.pictures) if sound else []


def write(run: Run, sizes: Sequence[Size]) -> None:
    """Raises OSError."""
    write_json(run.folder / FILE, schema.as_plain(_Stored(tuple(sizes))))


def _is_sound(size: Size) -> bool:
    accuracies = [size.training_accuracy, *([] if size.val_accuracy is None else [size.val_accuracy])]
    seconds = (size.seconds, size.classifying_seconds)
    return size.pictures > 0 and all(0 <= one <= 1 for one in accuracies) and all(0 <= one < 1e9 for one in seconds)


def sizes_of(chosen: Recipe, count: int) -> list[int]:
    """How many pictures each fit has, of so many in all; the last one has all."""
    sizes = FEWER if classical.facts_of(chosen.model).slow else SIZES
    return [size for size in sizes if size < count] + [count]


def expect(done: Sequence[Size], counts: Sequence[int]) -> float:
    """Seconds of fits to so many pictures each, with their classifying. done: of another run of the same classifier."""
    found = 0.0
    for count in counts:
        nearest = min(done, key=lambda size: abs(math.log(size.pictures / count)))
        below = [size for size in done if size.pictures <= nearest.pictures]
        found += (foretell(below, count) or 0.0) + nearest.classifying_seconds
    return found


def foretell(done: Sequence[Size], count: int) -> float | None:
    """Seconds of a fit to so many pictures, by the power of the size that the last two sizes follow; None from none."""
    known = sorted(done, key=lambda size: size.pictures)
    if not known:
        return None
    last, power = known[-1], 1.0
    if len(known) > 1 and min(known[-2].seconds, last.seconds) > 0:
        grown = math.log(last.seconds / known[-2].seconds) / math.log(last.pictures / known[-2].pictures)
        power = min(max(grown, 1.0), 2.5)
    return last.seconds * (count / last.pictures) ** power


def in_words(sizes: Sequence[Size], validation: int) -> str:
    """What the curve says, in a sentence or two; "" where there is none. validation: pictures that were set aside.

    From the last size but one to the last it rises or falls where the one's accuracy lies outside of the 95 % interval
    (Wilson) of the other's; what lies within may be chance.
    """
    held = [(size.pictures, size.val_accuracy) for size in sizes if size.val_accuracy is not None]
    if not held:
        return ""
    count, accuracy = held[-1]
    words = f"Fitted to {count:,} pictures, it gets {percent(accuracy, 1)} of the validation pictures right."
    if len(held) == 1:
        return words
    before, less = held[-2]
    low, high = evaluation.wilson_interval(round(accuracy * validation), validation)
    words += f" From {before:,} to {count:,} pictures it"
    points = f"{100 * abs(accuracy - less):.1f} points"
    if low <= less <= high:
        told = "gained" if accuracy >= less else "lost"
        within = f"within the 95 % interval of {percent(low, 1)} to {percent(high, 1)}"
        return f"{words} {told} {points}, which may be chance ({within}): more pictures hardly change it."
    if less < accuracy:
        return f"{words} gained {points}: more pictures would help."
    return f"{words} lost {points}: more pictures do not help it."
