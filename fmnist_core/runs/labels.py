"""What its owner calls an own run, and what they noted of it: label.json in its folder. The training never reads it."""

import re
import unicodedata
from dataclasses import dataclass

from fmnist_core.runs.runs import Run
from fmnist_core.storage import folders, owners, reading
from fmnist_core.storage.atomic import write_json
from fmnist_core.storage.folders import RunError
from fmnist_core.storage.schema import from_json, parse_json, to_json

FILE = "label.json"
LONGEST_NAME, LONGEST_NOTE = 60, 1_000  # characters
SIGNS = "-'/&,+=%()"
# What a name may hold: nothing of it is Markdown. A dot stands in a number, an underscore within a word.
_NAME = re.compile(rf"[^\W_](?:[^\W_]|(?<=\d)\.(?=\d)|(?<=[^\W_])_(?=[^\W_])|[ {re.escape(SIGNS)}])*")
_EXPECTED = f"Expected letters, figures, spaces and {' '.join(SIGNS)}, with a letter or a figure first."


@dataclass(frozen=True)
class Label:
    name: str = ""  # "": as its model is called
    note: str = ""  # plain text of several lines


def read(run: Run) -> Label:
    """The run's label; an empty one where there is none, or the file is damaged: the run is none the worse for it."""
    try:
        return parse(reading.read_bytes(run.folder / FILE))
    except (OSError, ValueError):
        return Label()


def parse(content: bytes) -> Label:
    """Raises ValueError."""
    return checked(from_json(Label, parse_json(content), "label"))


def write(run: Run, label: Label) -> Label:
    """Stores a label and returns it tidied.

    Raises:
        ValueError: a name or a note that cannot be shown.
        RunError: the run comes with the app or is another visitor's, is gone, or cannot be written.
    """
    if run.shipped:
        raise RunError(f"The run {run.id} comes with the app and cannot be changed.")
    owners.require(run.folder, f"run {run.id}")
    tidy = checked(Label(" ".join(label.name.split()), label.note.strip()))
    try:
        write_json(run.folder / FILE, to_json(tidy))
    except OSError as error:
        raise RunError(f"The run {run.id} cannot be changed: {folders.explain(error)}") from None
    return tidy


def checked(label: Label) -> Label:
    """The same label. Raises ValueError with a sentence where it cannot be shown as it is."""
    if len(label.name) > LONGEST_NAME:
        raise ValueError(f"The name has {len(label.name):,} characters. Expected at most {LONGEST_NAME}: shorten it.")
    if label.name and not _NAME.fullmatch(label.name):
        raise ValueError(f"The name has a sign that cannot be in one. {_EXPECTED}")
    if len(label.note) > LONGEST_NOTE:
        raise ValueError(f"The note has {len(label.note):,} characters. Expected at most {LONGEST_NOTE:,}: shorten it.")
    if any(unicodedata.category(one).startswith("C") and one not in "\n\t" for one in label.note):
        raise ValueError("The note has characters that cannot be seen. Type it anew, as plain text.")
    return label
