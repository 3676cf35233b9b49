"""Label sets that are kept here side by side, each its visitor's own: results/label-sets/set_HASH/labels.json.

A file that is taken in neither replaces one's own decisions nor is mixed with them: it stands beside them under its
name, or two people could not be compared. One's own decisions are the set MINE, which always says what they are now.
"""

import functools
import hashlib
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from fmnist_core.analysis import label_set
from fmnist_core.analysis.label_set import LabelSet
from fmnist_core.label_audit import audit_decisions
from fmnist_core.storage import owners, reading
from fmnist_core.storage.atomic import replacing
from fmnist_core.storage.folders import RunError, explain, results_folder

MINE, MY_NAME = "mine", "My decisions"
ID = re.compile(r"mine|set_[0-9a-f]{12}")
FILE = "labels.json"
MOST_KEPT = 30  # of one owner


@dataclass(frozen=True)
class Kept:
    """One that is here. own: whether who asks may delete it."""

    id: str
    labels: LabelSet
    own: bool

    @property
    def title(self) -> str:
        return self.labels.name if self.own else f"{self.labels.name} (another visitor's)"


def list_sets() -> list[Kept]:
    """Those that who asks may look at, one's own first, then by name; one's own decisions first of all, if any.

    Raises RunError where these are damaged; kept ones that are damaged are left out.
    """
    found = []
    for path in _folder().glob(f"set_*/{FILE}"):
        owner = owners.read(path.parent)
        if ID.fullmatch(path.parent.name) and owners.is_visible(owner):
            try:
                found.append(Kept(path.parent.name, _load(path), owners.is_own(owner)))
            except (OSError, ValueError):
                continue
    found.sort(key=lambda one: (not one.own, one.labels.name.casefold(), one.id))
    mine = audit_decisions.load()
    return [*([Kept(MINE, LabelSet(MY_NAME, mine), True)] if mine else []), *found]


def load(name: str) -> LabelSet:
    """One by its id. Raises RunError where it is not here, is another's alone, or is damaged."""
    if name == MINE:
        return LabelSet(MY_NAME, audit_decisions.load())
    try:
        return _load(_file_of(name))
    except FileNotFoundError:
        raise RunError("That label set is not here. Import its file on Data, Label sets.") from None
    except (OSError, ValueError) as error:
        raise RunError(
            f"The label set {name} is damaged ({type(error).__name__}). Import its file again on Data, Label sets."
        ) from None


def keep(labels: LabelSet) -> str:
    """Stores a set beside the others and returns its id; the same set of one owner has the same id.

    Raises:
        ValueError: it decides about nothing, or its name is none.
        RunError: one's own of that name says something else, there are too many, or it cannot be stored.
    """
    name, text = label_set.checked_name(labels.name), label_set.to_json(labels)
    if not labels.decisions:
        raise ValueError("Nothing is decided yet, so there is no label set. Decide about some suspects first.")
    asking = owners.visitor().id
    new = f"set_{hashlib.sha256(repr((asking, text)).encode()).hexdigest()[:12]}"
    mine = [one for one in list_sets() if one.own and one.id not in (MINE, new)]
    if any(one.labels.name.casefold() == name.casefold() for one in mine) or name == MY_NAME:
        raise RunError(f"There is a label set {name} with other decisions. Choose another name, or delete that one.")
    if len(mine) >= MOST_KEPT:
        raise RunError(f"You keep {len(mine)} label sets; {MOST_KEPT} fit. Delete one first.")
    path = _folder() / new / FILE
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        owners.mark(path.parent)
        with replacing(path) as temporary:
            temporary.write_text(text, encoding="utf-8")
    except OSError as error:
        raise RunError(f"The label set cannot be stored: {explain(error)}") from None
    return new


def delete(name: str) -> None:
    """Raises RunError where it is not here, not one's own, or cannot be removed."""
    load(name)
    folder = _file_of(name).parent
    owners.require(folder, "label set")
    try:
        shutil.rmtree(folder)
    except OSError as error:
        raise RunError(f"The label set cannot be deleted: {explain(error)}") from None


def owner_of(name: str) -> owners.Owner | None:
    """Of a kept one; None where it is the machine's. Raises RunError where who asks may not look at it."""
    load(name)
    return owners.read(_file_of(name).parent)


def share(name: str, shared: bool) -> None:
    """Whether others may look at one's own. Raises RunError."""
    load(name)
    owners.share(_file_of(name).parent, "label set", shared)


def _folder() -> Path:
    return results_folder() / "label-sets"


def _file_of(name: str) -> Path:
    path = _folder() / name / FILE
    if name == MINE or not ID.fullmatch(name) or not owners.is_visible(owners.read(path.parent)):
        raise RunError("That label set is not here. Import its file on Data, Label sets.")
    return path


def _load(path: Path) -> LabelSet:
    """Raises OSError and ValueError."""
    return _read(path, path.stat().st_mtime_ns)


@functools.lru_cache(maxsize=64)
def _read(path: Path, stamp: int) -> LabelSet:
    return label_set.read(reading.read_bytes(path, label_set.MOST_BYTES), path.name)
