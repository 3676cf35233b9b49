"""What a person decided about pictures whose label is in doubt: a small file of this installation for each owner.

The dataset is never changed: a decision only counts in "the score if you are right" and in label sets.
"""

import threading
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from fmnist_core.analysis import label_set
from fmnist_core.analysis.label_set import Decision
from fmnist_core.storage import folders, owners, reading
from fmnist_core.storage.atomic import write_json
from fmnist_core.storage.folders import RunError, results_folder
from fmnist_core.storage.schema import parse_json

VERSION = 1
MOST_BYTES = 8_000_000  # some 100 bytes a picture
_LOCK = threading.Lock()  # two visitors of one server may decide at the same moment


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
        official = label_set.official_labels()
        return {picture: _decision(picture, held, official) for picture, held in value["decisions"].items()}
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
    checked = None if decision is None else label_set.checked(picture, *decision, label_set.official_labels())
    with _LOCK:
        held = load()
        held.pop(picture, None)
        if checked is not None:
            held[picture] = checked
        _store(held)


def replace_all(decisions: Mapping[str, Decision]) -> None:
    """All that was decided goes, and these take its place; none to begin anew. Raises as `decide`."""
    official = label_set.official_labels()
    checked = {picture: label_set.checked(picture, *one, official) for picture, one in decisions.items()}
    with _LOCK:
        load()  # a damaged file is left alone
        _store(checked)


def _store(held: Mapping[str, Decision]) -> None:
    value = {"version": VERSION, "decisions": {name: list(one) for name, one in held.items()}}
    try:
        decisions_file().parent.mkdir(parents=True, exist_ok=True)
        write_json(decisions_file(), value)
    except OSError as error:
        raise RunError(f"The decision cannot be stored: {folders.explain(error)}") from None


def _decision(picture: str, value: object, official: Mapping[str, np.ndarray]) -> Decision:
    if not isinstance(value, list) or len(value) != 2:
        raise ValueError("A decision is a kind and, to relabel, a class.")
    kind, label = value
    return label_set.checked(picture, kind, label, official)
