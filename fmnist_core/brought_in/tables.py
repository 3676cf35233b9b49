"""Answers to the test pictures from a CSV or NPZ file: (10,000, 10) numbers, labels, and which picture a row is of.

What a CSV may hold: ten columns of numbers, one a class, and, where there are more, a label or the picture's number. A
first line may name them. docs/bring-your-own.md.
"""

import csv
import io
from dataclasses import dataclass

import numpy as np

from fmnist_core.data import CLASS_NAMES, SIZES

ROWS, CLASSES = SIZES["test"], len(CLASS_NAMES)
MOST_COLUMNS = CLASSES + 2
_LABELS = frozenset(("label", "labels", "y", "y_true", "true", "target", "class", "truth", "y_test"))
_NUMBERS = frozenset(("", "index", "id", "picture", "image", "imageid", "unnamed: 0"))
_PLACES = {name.lower(): str(place) for place, name in enumerate(CLASS_NAMES)}
_SCORES = ("logits", "probabilities", "probs", "predictions", "scores", "y_pred", "arr_0")


class Refused(ValueError):
    """The file is none of what is taken; the message says what it is and what was expected."""


@dataclass(frozen=True)
class Table:
    """Rows as they stand in the file."""

    scores: np.ndarray  # (10,000, 10) float32, finite; columns in the order of the official classes, if they are named
    labels: np.ndarray | None  # (10,000,) int64 in 0..9
    places: np.ndarray | None  # (10,000,) int64: of which test picture a row is; None: it does not say


def read_csv(content: bytes) -> Table:
    """Raises Refused."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refused("The CSV is not text in UTF-8. Save it as such.") from None
    try:
        separator = ";" if text.partition("\n")[0].count(";") > text.partition("\n")[0].count(",") else ","
        lines = [line for line in csv.reader(io.StringIO(text), delimiter=separator) if line]
    except csv.Error as error:
        raise Refused(f"The CSV cannot be read ({str(error)[:60]}).") from None
    names = [name.strip() for name in lines.pop(0)] if lines and _is_header(lines[0], len(lines)) else []
    if len(lines) != ROWS:
        raise Refused(f"The CSV has {len(lines):,} rows. Expected {ROWS:,}: one a test picture.")
    width = len(lines[0])
    if not CLASSES <= width <= MOST_COLUMNS:
        raise Refused(
            f"The CSV has {width} columns. Expected {CLASSES}, one number a class, and a label or a picture's number."
        )
    if odd := next((row for row, line in enumerate(lines, 1) if len(line) != width), None):
        raise Refused(f"Row {odd:,} of the CSV has {len(lines[odd - 1])} columns; the first one has {width}.")
    values = np.array([[_number(_PLACES.get(cell.strip().lower(), cell)) for cell in line] for line in lines])
    return _table(values, [name.lower() for name in names], "CSV")


def _is_header(line: list[str], lines: int) -> bool:
    """Whether the first line names columns: with words, or as pandas does, with 0, 1, 2 and so on.

    A label may be the name of a class, so a line with words may be a row, too: one line more than rows settles it.
    """
    cells = [cell.strip().lower() for cell in line]
    if not any(map(_is_number, cells)):
        return True
    named = [cell for cell in cells if cell]  # an index has no name
    counted = named == [str(place) for place in range(len(named))]
    return lines == ROWS + 1 and (counted or not all(_is_number(cell) or cell in _PLACES for cell in cells))


def _is_number(cell: str) -> bool:
    return not np.isnan(_number(cell))


def _number(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        return np.nan


def read_npz(content: bytes) -> Table:
    """Raises Refused."""
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as stored:
            arrays = {name: np.asarray(stored[name]) for name in stored.files[:16]}
    except Exception as error:  # damage leads NumPy and zipfile to errors of all kinds
        raise Refused(f"The NPZ cannot be read ({type(error).__name__}): it is damaged, or holds objects.") from None
    fitting = {name: one for name, one in arrays.items() if one.shape == (ROWS, CLASSES) and one.dtype.kind in "fiu"}
    if not fitting:
        has = ", ".join(f"{name[:20]!r} {one.shape}" for name, one in list(arrays.items())[:4]) or "nothing"
        raise Refused(f"The NPZ holds {has}. Expected an array of {ROWS:,} rows and {CLASSES} columns of numbers.")
    chosen = next((name for name in _SCORES if name in fitting), next(iter(fitting)))
    if len(fitting) > 1 and chosen not in _SCORES:
        raise Refused(f"The NPZ holds {len(fitting)} arrays of that shape. Call the one that is meant probabilities.")
    columns, names = [fitting[chosen].astype(np.float64)], [""] * CLASSES
    for known, name in ((_LABELS, "label"), (_NUMBERS, "index")):
        found = [one for key, one in arrays.items() if key.lower() in known and one.shape == (ROWS,)]
        if found and found[0].dtype.kind in "iuf":
            columns.append(found[0].astype(np.float64)[:, None])
            names.append(name)
    values = np.concatenate(columns, axis=1)
    return _table(values, [f"p{place}" for place in range(CLASSES)] + names[CLASSES:], "NPZ")


def _table(values: np.ndarray, names: list[str], kind: str) -> Table:
    """values: (10,000, columns) float64, NaN where there is no number; names: none, or of each column."""
    with np.errstate(over="ignore"):
        finite = np.isfinite(values.astype(np.float32))  # as they are kept
    if not finite.all():
        row, column = np.argwhere(~finite)[0]
        raise Refused(f"Row {row + 1:,} of the {kind} has no finite number in column {column + 1}.")
    width = values.shape[1]
    label, number = _special(values, names)
    scores = [column for column in range(width) if column not in (label, number)]
    if len(scores) != CLASSES:
        raise Refused(
            f"The {kind} has {len(scores)} columns that could be classes. Expected {CLASSES}; call the others label "
            "and index."
        )
    if names:
        scores = _by_name(scores, names)
    labels = None if label is None else values[:, label].astype(np.int64)
    places = None if number is None else _places(values[:, number])
    return Table(values[:, scores].astype(np.float32), labels, places)


def _special(values: np.ndarray, names: list[str]) -> tuple[int | None, int | None]:
    """The columns of the label and of the picture's number: by their names, else by what they hold."""
    width = values.shape[1]
    if names and len(names) != width:
        raise Refused(f"The first line names {len(names)} columns; the rows have {width}.")
    whole = [column for column in range(width) if (values[:, column] == np.floor(values[:, column])).all()]
    is_label = lambda column: column in whole and 0 <= values[:, column].min() and values[:, column].max() < CLASSES  # noqa: E731
    is_place = lambda column: column in whole and len(np.unique(values[:, column])) == ROWS  # noqa: E731
    free = range(width) if width > CLASSES else range(0)
    label = next((one for one in free if names and names[one] in _LABELS and is_label(one)), None)
    number = next((one for one in free if is_place(one) and (not names or names[one] in _NUMBERS)), None)
    left = width - CLASSES - (label is not None) - (number is not None)
    if left and label is None:
        candidates = [one for one in (0, 1, width - 1) if one != number and is_label(one)]
        label = next((one for one in candidates if len(np.unique(values[:, one])) > 1), None)
    return label, number


def _by_name(columns: list[int], names: list[str]) -> list[int]:
    """In the order of the classes, where the names are the classes' or end in their numbers; else as they stand."""
    spoken = [name.lower() for name in CLASS_NAMES]
    if {names[column] for column in columns} == set(spoken):
        return sorted(columns, key=lambda column: spoken.index(names[column]))
    digits = ["".join(one for one in names[column] if one.isdigit()) for column in columns]
    if sorted(digits) == [str(place) for place in range(CLASSES)]:
        return [columns[digits.index(str(place))] for place in range(CLASSES)]
    return columns


def _places(numbers: np.ndarray) -> np.ndarray:
    """Of which test picture each row is, counted from 0 or from 1."""
    places = numbers.astype(np.int64) - (1 if numbers.min() == 1 else 0)
    if places.min() != 0 or places.max() != ROWS - 1:
        raise Refused(
            f"The pictures' numbers go from {numbers.min():g} to {numbers.max():g}. Expected 0 to {ROWS - 1}."
        )
    return places
