"""Training pictures whose labels are in doubt: lists of them, and how a list of one's own is read.

A suspect is only ever left out of training, never given another label, and stays in validation and test.
"""

import csv
import re
from pathlib import Path
from typing import NamedTuple

from fmnist_core import data
from fmnist_core.data import SIZES

ISSUES = "https://github.com/zalandoresearch/fashion-mnist/issues/"

# Position in the training set, from 0 -> where it was reported. Looked at: a picture each that its label does not
# fit (a dress that is called Shirt, a T-shirt that is called Pullover); the last is a whole person.
KNOWN: dict[int, str] = {
    16_691: ISSUES + "166",
    28_264: ISSUES + "166",
    33_982: ISSUES + "166",
    40_513: ISSUES + "166",
    42_018: ISSUES + "166",
    45_592: ISSUES + "166",
    36_325: ISSUES + "184",
}

# All pairs of training pictures that differ by less than CONFLICT (root mean square over pixels in [0, 1]) and have
# different labels, nearest first; dark polo shirts for the most part. One label of a pair may be wrong, nobody knows
# which: both are suspects. Found by comparing all 1.8 billion pairs; a test finds them
# again.
# Training pictures only: choosing by the labels of test pictures would let the test set shape the training.
CONFLICT = 0.065
CONFLICTING_PAIRS: tuple[tuple[int, int], ...] = (
    (202, 17_242),
    (23_049, 45_904),
    (14_286, 27_292),
    (598, 3_137),
    (41_473, 48_887),
    (1_821, 48_887),
    (202, 32_901),
    (14_286, 16_278),
    (598, 23_025),
    (202, 11_139),
    (15_435, 39_771),
    (23_049, 46_307),
)

LISTS: dict[str, tuple[int, ...]] = {
    "known": tuple(KNOWN),
    "conflicting": tuple(dict.fromkeys(position for pair in CONFLICTING_PAIRS for position in pair)),
}

_COLUMNS = ("position", "positions", "index", "indices", "picture")
_ENTRY = re.compile(r"(?:train/)?(\d{1,9})", re.ASCII)
_SHOWN = 3  # of the entries that cannot be read


class Reading(NamedTuple):
    positions: tuple[int, ...]  # each once, in the order of the text
    problem: str | None  # a sentence about what could not be read, and was left aside


def read_positions(text: str) -> Reading:
    """Positions in the training set from what a person typed or pasted.

    Numbers from 0 to 59999, or addresses like train/45592, between commas, semicolons, spaces or line breaks; or a
    CSV whose first line names its columns: the one called position, index or picture counts, or the only one.
    """
    text = text.lstrip("\ufeff").strip()  # a spreadsheet puts that mark before its CSV
    lines = text.splitlines()
    if not lines or not _names_columns(lines[0]):
        return _reading(_entries(text))
    delimiter = next((mark for mark in ",;\t" if mark in lines[0]), ",")
    try:
        header, *rows = csv.reader(lines, delimiter=delimiter)
    except csv.Error:  # a field of 128 KB, say
        header, rows = [], []
    names = [name.strip().casefold() for name in header]
    column = next((names.index(name) for name in _COLUMNS if name in names), 0 if len(names) == 1 else None)
    if column is None or not rows:
        return Reading(
            (),
            "The list begins with words, so it was read as a CSV, and it has no column called position with numbers "
            f"under it. Expected that, or just numbers from 0 to {SIZES['train'] - 1}.",
        )
    return _reading([row[column].strip() for row in rows if len(row) > column and row[column].strip()])


def from_argument(argument: str) -> tuple[int, ...]:
    """The positions of a list by its name in LISTS, as numbers between commas, or in a file for `read_positions`.

    None of "none".

    Raises:
        ValueError: no such file, or anything in it that is no position.
    """
    if argument in LISTS:
        return LISTS[argument]
    if argument == "none":
        return ()
    try:
        numbers = re.fullmatch(r"[0-9]+(,[0-9]+)*", argument)
        reading = read_positions(argument if numbers else Path(argument).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        reason = "it is not a text file" if isinstance(error, UnicodeDecodeError) else error.strerror or error
        raise ValueError(
            f"The list of suspects {argument} cannot be read: {reason}. Name a file, or one of: {', '.join(LISTS)}."
        ) from None
    if reading.problem:
        raise ValueError(reading.problem)
    if not reading.positions:
        raise ValueError(f"The list of suspects {argument} is empty. Expected positions in the training set.")
    return reading.positions


def label_names(positions: tuple[int, ...]) -> list[str]:
    """The label of each, in words."""
    labels = data.load_split("train").labels
    return [data.CLASS_NAMES[labels[position]] for position in positions]


def _entries(text: str) -> list[str]:
    return re.findall(r"[^\s,;]+", text)


def _names_columns(line: str) -> bool:
    entries = _entries(line)
    words = bool(entries) and (entries[0][0].isalpha() or entries[0][0] in "\"'")
    return words and "/" not in entries[0] and not any(entry.isdecimal() for entry in entries)


def _number(entry: str) -> int | None:
    match = _ENTRY.fullmatch(entry)
    return int(match[1]) if match and int(match[1]) < SIZES["train"] else None


def _reading(entries: list[str]) -> Reading:
    numbers = [_number(entry) for entry in entries]
    bad = [entry for entry, number in zip(entries, numbers, strict=True) if number is None]
    problem = None
    if bad:
        # Only what a number could be made of is repeated: the sentence may be drawn as Markdown.
        shown = ", ".join(re.sub(r"[^\w./+-]", "?", entry)[:20] for entry in bad[:_SHOWN])
        more = f" and {len(bad) - _SHOWN:,} more" if len(bad) > _SHOWN else ""
        problem = (
            f"No position in the training set: {shown}{more}. Expected whole numbers from 0 to {SIZES['train'] - 1}."
        )
    return Reading(tuple(dict.fromkeys(number for number in numbers if number is not None)), problem)
