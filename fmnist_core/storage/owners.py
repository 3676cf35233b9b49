"""Whose a stored thing is: who may look at it, and who may change it.

owner.json lies in the folder of a run, of a job or of what stands on a shelf, where a visitor made it. What has none
belongs to the machine: everybody looks at it, and only who sits at the machine changes it; private things of the
machine have one that names nobody. The command line and jobs are the machine's, which owns all; of visitors the pages
say who is asking.
"""

import contextlib
import hashlib
import re
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path

from fmnist_core import hosting
from fmnist_core.storage import reading
from fmnist_core.storage.atomic import write_json
from fmnist_core.storage.folders import RunError, explain
from fmnist_core.storage.schema import from_json, parse_json, to_json

FILE = "owner.json"
OTHERS = "belongs to another visitor, who alone can change it."
_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Visitor:
    """Who asks. id: 32 hexadecimal digits, None for the machine itself."""

    id: str | None

    @property
    def owns_all(self) -> bool:
        return self.id is None


@dataclass(frozen=True)
class Owner:
    """What owner.json says. owner: an id, or "" for the machine. shared: whether others may look at it."""

    owner: str
    shared: bool = False


MACHINE = Visitor(None)
_PRIVATE = Owner("")  # of the machine
_HIDDEN = Owner("damaged")  # what a damaged file says: a visitor's, but nobody knows whose
_ask: Callable[[], Visitor] = lambda: MACHINE  # noqa: E731
_acting: ContextVar[Visitor | None] = ContextVar("acting", default=None)


def ask_by(asking: Callable[[], Visitor]) -> None:
    """From now on `asking` says on whose behalf this thread works; the web process calls it once."""
    global _ask
    _ask = asking


def visitor() -> Visitor:
    """On whose behalf this thread works."""
    return _acting.get() or _ask()


@contextlib.contextmanager
def acting(asking: Visitor) -> Iterator[None]:
    """Within it this thread works on a visitor's behalf, whoever would be asked."""
    token = _acting.set(asking)
    try:
        yield
    finally:
        _acting.reset(token)


def visitor_of(secret: str) -> Visitor:
    """Who knows a secret is the owner of what was made with it; the secret itself is stored nowhere."""
    return Visitor(hashlib.sha256(secret.encode()).hexdigest()[:32])


def read(folder: Path) -> Owner | None:
    """Whose a folder is; None where it is the machine's and everybody looks at it."""
    try:
        found: Owner = from_json(Owner, parse_json(reading.read_bytes(folder / FILE)), "owner")
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        return _HIDDEN
    return found if _ID.fullmatch(found.owner) or found == _PRIVATE else _HIDDEN


def is_own(owner: Owner | None) -> bool:
    """Whether who asks may change what has this owner."""
    asking = visitor()
    return asking.owns_all or (owner is not None and owner.owner == asking.id)


def id_of(folder: Path) -> str | None:
    """The id of whose a folder is; None: the machine's."""
    owner = read(folder)
    return owner.owner or None if owner else None


def is_visible(owner: Owner | None) -> bool:
    """Whether who asks may look at what has this owner."""
    return owner is None or owner.shared or is_own(owner)


def require(folder: Path, title: str) -> None:
    """Raises RunError where who asks may not change the thing of a folder. title: in a sentence, as "run cnn_1-…"."""
    if not is_own(read(folder)):
        raise RunError(f"The {title} {OTHERS}")


def mark(folder: Path, private: bool = False) -> None:
    """Who asks becomes the owner of a folder: shared, but in a demo not until they say so. Raises OSError.

    private: shared nowhere, as photos may be of people and homes.
    """
    asking = visitor()
    if asking.id is None:
        if private:
            _write(folder, _PRIVATE)
        else:
            (folder / FILE).unlink(missing_ok=True)
    else:
        _write(folder, Owner(asking.id, shared=not (private or hosting.is_demo())))


def share(folder: Path, title: str, shared: bool) -> None:
    """Whether others may look at the thing of a folder. Raises RunError where it is not one's own, or the machine's."""
    require(folder, title)
    owner = read(folder)
    if owner is None or owner in (_PRIVATE, _HIDDEN):
        raise RunError(f"The {title} belongs to the machine, and no visitor shares it.")
    try:
        _write(folder, Owner(owner.owner, shared))
    except OSError as error:
        raise RunError(f"The {title} cannot be changed: {explain(error)}") from None


def _write(folder: Path, owner: Owner) -> None:
    write_json(folder / FILE, to_json(owner))
