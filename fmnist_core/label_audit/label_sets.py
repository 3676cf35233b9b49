"""Label sets that are kept here side by side, each its visitor's own: results/label-sets/set_HASH/labels.json.

A file that is taken in neither replaces one's own decisions nor is mixed with them: it stands beside them under its
name, or two people could not be compared. One's own decisions are the set MINE, which always says what they are now.
"""

import functools
import hashlib
from dataclasses import dataclass
from pathlib import Path

from fmnist_core.analysis import label_set, label_set_files
from fmnist_core.analysis.label_set import LabelSet
from fmnist_core.label_audit import audit_decisions
from fmnist_core.storage import owners, reading
from fmnist_core.storage.atomic import replacing
from fmnist_core.storage.folders import RunError, explain
from fmnist_core.storage.shelf import Shelf

MINE, MY_NAME = "mine", "My decisions"
MOST_KEPT = 30  # of one owner
SHELF = Shelf(
    "label-sets",
    "set",
    "labels.json",
    "label set",
    "That label set is not here. Import its file on Data, Label sets.",
)


@dataclass(frozen=True)
class Kept:
    """One that is here. own: whether who asks may delete it."""

    id: str
    labels: LabelSet
    own: bool

    @property
    def title(self) -> str:
        return self.labels.name if self.own else f"{self.labels.name} (another visitor's)"


def is_id(text: str) -> bool:
    return text == MINE or SHELF.is_name(text)


def list_sets() -> list[Kept]:
    """One's own decisions, if there are any, then `list_kept`. Raises RunError where these are damaged."""
    mine = audit_decisions.load()
    return [*([Kept(MINE, LabelSet(MY_NAME, mine), True)] if mine else []), *list_kept()]


def list_kept() -> list[Kept]:
    """Those that who asks may look at, one's own first, then by name; damaged ones are left out."""
    found = []
    for folder in SHELF.folders():
        if owners.is_visible(owner := owners.read(folder)) and (labels := _load(folder / SHELF.file)):
            found.append(Kept(folder.name, labels, owners.is_own(owner)))
    return sorted(found, key=lambda one: (not one.own, one.labels.name.casefold(), one.id))


def load(name: str) -> LabelSet:
    """One by its id. Raises RunError where it is not here, is another's alone, or is damaged."""
    if name == MINE:
        return LabelSet(MY_NAME, audit_decisions.load())
    found = _load(SHELF.file_of(name))
    if found is None:
        raise RunError(f"The label set {name} is damaged. Import its file again on Data, Label sets.")
    return found


def keep(labels: LabelSet) -> str:
    """Stores a set beside the others and returns its id; the same set of one owner has the same id.

    Raises:
        ValueError: it decides about nothing, or its name is none.
        RunError: one's own of that name says something else, there are too many, or it cannot be stored.
    """
    name, text = label_set.checked_name(labels.name), label_set_files.to_json(labels)
    if not labels.decisions:
        raise ValueError("Nothing is decided yet, so there is no label set. Decide about some suspects first.")
    asking = owners.visitor().id
    new = f"set_{hashlib.sha256(repr((asking, text)).encode()).hexdigest()[:12]}"
    others = [path for path in SHELF.mine() if path.parent.name != new]
    taken = {held.name.casefold() for path in others if (held := _load(path))}
    if name.casefold() in (*taken, MY_NAME.casefold()):
        raise RunError(f"There is a label set {name} with other decisions. Choose another name, or delete that one.")
    if len(others) >= MOST_KEPT:
        raise RunError(f"You keep {len(others)} label sets; {MOST_KEPT} fit. Delete one first.")
    path = SHELF.home / new / SHELF.file
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        owners.mark(path.parent)
        with replacing(path) as temporary:
            temporary.write_text(text, encoding="utf-8")
    except OSError as error:
        raise RunError(f"The label set cannot be stored: {explain(error)}") from None
    return new


def owner_of(name: str) -> owners.Owner | None:
    """Of a kept one; None where it is the machine's. Raises RunError where who asks may not look at it."""
    return owners.read(SHELF.file_of(name).parent)


def share(name: str, shared: bool) -> None:
    """Whether others may look at one's own. Raises RunError."""
    owners.share(SHELF.file_of(name).parent, SHELF.title, shared)


def _load(path: Path) -> LabelSet | None:
    """None where it is not there or damaged."""
    try:
        return _read(path, path.stat().st_mtime_ns)
    except (OSError, ValueError):
        return None


@functools.lru_cache(maxsize=64)
def _read(path: Path, stamp: int) -> LabelSet:
    return label_set_files.read(reading.read_bytes(path, label_set_files.MOST_BYTES), path.name)
