"""What a person decided about pictures whose label is in doubt: a small file of this installation for each owner.

The dataset is never changed: a decision only counts in "the score if you are right", and in the CSV.
"""

import threading
from pathlib import Path
from typing import Literal, NamedTuple

from fmnist_core import data
from fmnist_core.figures.contact_sheet import table
from fmnist_core.storage import folders, owners, reading
from fmnist_core.storage.atomic import write_json
from fmnist_core.storage.folders import RunError, results_folder
from fmnist_core.storage.schema import parse_json

VERSION = 1
MOST_BYTES = 8_000_000  # some 100 bytes a picture
_LOCK = threading.Lock()  # two visitors of one server may decide at the same moment

DecisionKind = Literal["keep", "relabel", "ambiguous"]
KINDS = ("keep", "relabel", "ambiguous")


class Decision(NamedTuple):
    kind: DecisionKind
    label: int | None = None  # the class that it should have been, of "relabel" only


def decisions_file() -> Path:
    """Of who asks."""
    mine = owners.visitor().id
    return results_folder() / f"audit-decisions{'' if mine is None else f'-{mine}'}.json"


def load() -> dict[str, Decision]:
    """Address -> decision, in the order in which they were made.

    Raises:
        RunError: the file is damaged, or no such file of ours.
    """
    path = decisions_file()
    try:
        value = parse_json(reading.read_bytes(path, MOST_BYTES))
        if not isinstance(value, dict) or value.get("version") != VERSION or not isinstance(value["decisions"], dict):
            raise ValueError("another version")
        return {picture: _decision(picture, held) for picture, held in value["decisions"].items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, LookupError) as error:
        raise RunError(
            f"The decisions about labels cannot be read ({type(error).__name__}). Mend or move away {path.name} in the "
            "results folder; until then nothing new is stored."
        ) from None


def decide(picture: str, decision: Decision | None) -> None:
    """Stores one; None takes it back.

    Raises:
        ValueError: no picture, or no decision that it could have.
        RunError: the file is damaged, or cannot be written.
    """
    checked = None if decision is None else _decision(picture, list(decision))
    with _LOCK:
        held = load()
        held.pop(picture, None)
        if checked is not None:
            held[picture] = checked
        value = {"version": VERSION, "decisions": {name: list(one) for name, one in held.items()}}
        try:
            decisions_file().parent.mkdir(parents=True, exist_ok=True)
            write_json(decisions_file(), value)
        except OSError as error:
            raise RunError(f"The decision cannot be stored: {folders.explain(error)}") from None


def as_table(decisions: dict[str, Decision]) -> str:
    """CSV: picture, position, its label, the decision, the label it should have had."""
    rows = []
    for picture, decision in decisions.items():
        split, index = data.parse_picture_address(picture)
        label = data.CLASS_NAMES[data.load_split(split).labels[index]]
        other = "" if decision.label is None else data.CLASS_NAMES[decision.label]
        rows.append([picture, index, label, decision.kind, other])
    return table(["picture", "position", "label", "decision", "should be"], rows)


def of_split(decisions: dict[str, Decision], split: str) -> dict[int, Decision]:
    """Position -> decision."""
    parsed = {data.parse_picture_address(picture): decision for picture, decision in decisions.items()}
    return {index: decision for (name, index), decision in parsed.items() if name == split}


def _decision(picture: str, value: object) -> Decision:
    split, index = data.parse_picture_address(picture)
    if picture != data.picture_address(split, index):
        raise ValueError("a picture has one address")  # not test/007
    if not isinstance(value, list) or len(value) != 2 or value[0] not in KINDS:
        raise ValueError(f"A decision is one of {', '.join(KINDS)}, with a class where it is relabel.")
    kind, label = value
    classes = range(len(data.CLASS_NAMES))
    fits = type(label) is int and label in classes if kind == "relabel" else label is None
    if not fits or label == data.load_split(split).labels[index]:
        raise ValueError("Relabel means another class than the label, 0 to 9; keep and ambiguous name none.")
    return Decision(kind, label)
