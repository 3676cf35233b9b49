"""A label set as a file that another installation reads: written, and read without trust.

CSV: `picture,position,label,decision,should be`, of which picture and decision must be there, and `should be` wherever
a decision is relabel. JSON: {"format": "fashion-mnist-labels", "version": 1, "name": ..., "decisions": [{"picture":
"train/42", "kind": "relabel", "label": "Coat"}, ...]}. A picture is written train/42; train-00042 is read, too. A class
is its name or 0 to 9.
"""

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from fmnist_core import data
from fmnist_core.analysis.label_set import (
    Decision,
    LabelSet,
    Taught,
    checked,
    checked_name,
    class_name,
    official_labels,
    plain_name,
    taught,
)
from fmnist_core.storage import reading
from fmnist_core.storage.schema import parse_json, shown

FORMAT, VERSION = "fashion-mnist-labels", 1
SUFFIXES = (".csv", ".json")
MOST_BYTES = 8_000_000  # 114 bytes a picture, for all 70,000; to_json writes 80
HEADER = ("picture", "position", "label", "decision", "should be")
_PICTURE = re.compile(r"(train|test)[/-]([0-9]{1,5})", re.ASCII)
_PAIR = re.compile(r"([0-9]{1,5})[=\s]([0-9])", re.ASCII)
_CLASSES = {name.casefold(): number for number, name in enumerate(data.CLASS_NAMES)} | {str(n): n for n in range(10)}


# Writing


def to_csv(decisions: Mapping[str, Decision]) -> str:
    """A line a picture: its address and position, its label, the decision, the label it should have had."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(HEADER)
    official = official_labels()
    for picture, held in decisions.items():
        split, index = data.parse_picture_address(picture)
        label = data.CLASS_NAMES[official[split][index]]
        writer.writerow([picture, index, label, held.kind, class_name(held)])
    return file.getvalue()


def to_json(labels: LabelSet) -> str:
    listed = []
    for picture, held in labels.decisions.items():
        one = {"picture": picture, "kind": held.kind}
        listed.append(one | ({"label": class_name(held)} if held.label is not None else {}))
    value = {"format": FORMAT, "version": VERSION, "name": labels.name, "decisions": listed}
    return json.dumps(value, indent=0) + "\n"


# Reading: nothing in a file is believed


def read(content: bytes, file_name: str, name: str | None = None) -> LabelSet:
    """The label set of a file.

    Args:
        file_name: says by its ending what it is and, of CSV, the set's name.
        name: the set's, whatever the file says.

    Raises:
        ValueError: one sentence for the first thing in it that is not as the module says.
    """
    suffix = reading.check_brought(content, file_name, MOST_BYTES, SUFFIXES, "Label sets")
    try:
        text = content.decode("utf-8-sig")  # a spreadsheet puts a mark before its CSV
    except UnicodeDecodeError:
        raise ValueError("The file is not text in UTF-8. Save it as CSV in UTF-8, or export it again.") from None
    if suffix == ".json":
        said, rows = _json_rows(text)
    else:
        said, rows = plain_name(Path(file_name).stem), _csv_rows(text)
    decisions: dict[str, Decision] = {}
    official = official_labels()
    for where, row in rows:
        picture, decision = _decision(row, where, official)
        if picture in decisions:
            raise ValueError(f"{where}: {picture} is decided twice. Expected each picture once.")
        decisions[picture] = decision
    if not decisions:
        raise ValueError("The file decides about no picture. Expected one line a picture.")
    return LabelSet(checked_name(said if name is None else name), decisions)


def read_pairs(text: str) -> tuple[tuple[int, int], ...]:
    """ "42=4,77=6", or a line each with a space between: positions in the training set and the classes they get.

    Raises:
        ValueError: anything else stands there.
    """
    parts = [part.strip() for part in re.split(r"[,\n]", text) if part.strip()]
    found = [_PAIR.fullmatch(part) for part in parts]
    if not parts or not all(found):
        bad = next((part for part, one in zip(parts, found, strict=True) if not one), "")
        raise ValueError(f"Labels are written as position=class, such as 42=4,77=6. Received: {shown(bad)}.")
    return tuple((int(one[1]), int(one[2])) for one in found if one)


def from_argument(argument: str, find: Callable[[str], LabelSet] | None = None) -> Taught:
    """What `--labels` says: a label set, a .txt of lines such as "42 4", "42=4,77=6", or none.

    find: the label set that is neither of these, from its words; without, it is a file.

    Raises:
        ValueError: no such file, nothing of these, or a set that changes nothing of training; what find raises.
    """
    if argument == "none":
        return Taught((), ())
    if re.match(r"[0-9]+=", argument):
        return Taught(read_pairs(argument), ())
    if Path(argument).suffix.casefold() == ".txt":
        return Taught(read_pairs(read_file(Path(argument))[0].decode("utf-8", "replace")), ())
    chosen = find(argument) if find else read(*read_file(Path(argument)))
    found = taught(chosen)
    if not any(found):
        raise ValueError(
            f"The label set {chosen.name} relabels no training picture and calls none ambiguous, so there is nothing "
            "to teach. Choose another, or leave out --labels."
        )
    return found


def read_file(path: Path) -> tuple[bytes, str]:
    """Its content and its name. Raises ValueError with what to name instead."""
    try:
        return reading.read_bytes(path, MOST_BYTES), path.name
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise ValueError(f"The labels {path} cannot be read: {why}. Name a CSV or JSON file of a label set.") from None


def _json_rows(text: str) -> tuple[object, list[tuple[str, dict[str, Any]]]]:
    """The name that the file says, and (where it stands, picture, kind and label) of each decision."""
    try:
        value = parse_json(text)
    except ValueError:
        raise ValueError("The file is no JSON that can be read. Export it again.") from None
    if not isinstance(value, dict) or value.get("format") != FORMAT or not isinstance(value.get("decisions"), list):
        raise ValueError(f'The JSON is no label set. Expected "format": "{FORMAT}" and a list of decisions.')
    if value.get("version") != VERSION:
        raise ValueError(f"The label set is of version {shown(value.get('version'))}; here {VERSION} is read.")
    rows = []
    for number, row in enumerate(value["decisions"], 1):
        if not isinstance(row, dict) or not {"picture", "kind"} <= row.keys() <= {"picture", "kind", "label"}:
            raise ValueError(f"Decision {number} is not a picture, a kind and, to relabel, a label.")
        rows.append((f"Decision {number}", row))
    return value.get("name"), rows


def _csv_rows(text: str) -> list[tuple[str, dict[str, Any]]]:
    lines = text.splitlines()
    delimiter = next((mark for mark in ",;\t" if lines and mark in lines[0]), ",")
    try:
        header, *body = csv.reader(lines, delimiter=delimiter, strict=True)
    except (csv.Error, ValueError):  # an open quote, a field of 128 KB, nothing at all
        raise ValueError("The file is no CSV that can be read. Export it again.") from None
    names = [name.strip().casefold() for name in header]
    if len(set(names)) < len(names) or not {"picture", "decision"} <= set(names):
        raise ValueError(f"The first line must name the columns, each once. Expected: {', '.join(HEADER)}.")
    rows = []
    for line, cells in enumerate(body, 2):
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(names):
            raise ValueError(f"Line {line} has {len(cells):,} cells. Expected {len(names)}, as in the first line.")
        said = dict(zip(names, (cell.strip() for cell in cells), strict=True))
        row: dict[str, Any] = {"picture": said["picture"], "kind": said["decision"], "official": said.get("label", "")}
        rows.append((f"Line {line}", row | {"label": said.get("should be") or None}))
    return rows


def _decision(row: Mapping[str, Any], where: str, official: Mapping[str, np.ndarray]) -> tuple[str, Decision]:
    """where: begins the sentence of what is wrong with it."""
    said = row["picture"]
    match = _PICTURE.fullmatch(said) if isinstance(said, str) else None
    if not match or int(match[2]) >= data.SIZES[match[1]]:
        last = {split: size - 1 for split, size in data.SIZES.items()}
        expected = f"Expected train/0 to train/{last['train']} or test/0 to test/{last['test']}"
        raise ValueError(f"{where}: {_shown_picture(said)} is no picture. {expected}.")
    picture = data.picture_address(match[1], int(match[2]))
    label = row.get("label")
    if isinstance(label, str):
        label = _CLASSES.get(label.casefold(), label)
    if stated := row.get("official"):
        found = int(official[match[1]][int(match[2])])
        if _CLASSES.get(stated.casefold()) != found:
            raise ValueError(
                f"{where}: the label of {picture} is {data.CLASS_NAMES[found]}, and the file says {shown(stated)}: "
                "it was made for other data."
            )
    try:
        return picture, checked(picture, row["kind"], label, official)
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from None


def _shown_picture(said: object) -> str:
    """As `shown`, but that a slash stays where nothing else is strange."""
    plain = isinstance(said, str) and re.fullmatch(r"[a-z]{1,9}[/-][0-9]{1,9}", said, re.ASCII)
    return str(said) if plain else shown(said)


def as_lines(relabelled: Iterable[tuple[int, ...]]) -> str:
    """What `read_pairs` reads and `np.loadtxt`, too: a line a picture."""
    return "".join(f"{position} {label}\n" for position, label in relabelled)
