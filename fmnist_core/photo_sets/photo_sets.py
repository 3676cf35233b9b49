"""Test sets of visitors' own, kept: results/photo-sets/photos_HASH/, one folder a set.

set.json     its title, and of each photo the folder and the name that it came with
0001.webp    the photos in that order, without loss at a longest side of 256, which is what the ways begin with; nothing
             else of the files is kept: no place, no camera, no time
owner.json   whose it is; others may not look at it
ways-*.npz, answers-*.npz, job-RUN/    what was made of it, see `records`

The name follows from the photos and their owner: the same photos of one owner are one set.
"""

import hashlib
import io
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from PIL import Image

from fmnist_core.jobs import lifecycle
from fmnist_core.jobs.kinds import PHOTOS
from fmnist_core.jobs.lifecycle import Job
from fmnist_core.jobs.status import ACTIVE
from fmnist_core.photo.decode import PhotoError, decode
from fmnist_core.photo.outline import WORK_SIDE
from fmnist_core.photo_sets.intake import LeftOut, Source, harmless
from fmnist_core.storage import owners, reading
from fmnist_core.storage.atomic import sweep_half_made, write_json
from fmnist_core.storage.folders import RunError, explain
from fmnist_core.storage.schema import from_json, parse_json
from fmnist_core.storage.shelf import Shelf

SHELF = Shelf(
    "photo-sets",
    "photos",
    "set.json",
    "set of photos",
    "These photos are not here, or are another visitor's. Choose others, or bring them again.",
)
VERSION = 1
MOST_SETS = 5  # of one owner
LARGEST_PHOTO = 2_000_000  # bytes of a kept one: 256 x 256 pixels, however wild, have 0.2 MB
_MAKING = ".making-"


@dataclass(frozen=True)
class KeptPhoto:
    """folder, name: as the photo came, made harmless."""

    folder: str
    name: str


@dataclass(frozen=True)
class PhotoSet:
    """What set.json says, and where it lies."""

    name: str
    title: str
    made: float  # seconds since 1970
    photos: tuple[KeptPhoto, ...]
    left_out: tuple[LeftOut, ...]
    more: int  # left out beyond those

    @property
    def folder(self) -> Path:
        return SHELF.home / self.name

    @property
    def folders(self) -> tuple[str, ...]:
        """Each photo's."""
        return tuple(one.folder for one in self.photos)


@dataclass(frozen=True)
class _Stored:
    version: int
    title: str
    made: float
    photos: tuple[KeptPhoto, ...]
    left_out: tuple[LeftOut, ...] = ()
    more: int = 0


def keep(source: Source, title: str, on_photo: Callable[[int, int], None] = lambda done, of: None) -> str:
    """Stores the photos of a source and returns the set's name; those that cannot be read are told in the set.

    Raises:
        RunError: there is no readable photo, one's sets are as many as are kept, or they cannot be stored.
    """
    if (count := len(SHELF.mine())) >= MOST_SETS:
        raise RunError(f"You keep {count} sets of photos; {MOST_SETS} fit. Delete one first.")
    try:
        SHELF.home.mkdir(parents=True, exist_ok=True)
        sweep_half_made(SHELF.home, f"{_MAKING}*")
        temporary = Path(tempfile.mkdtemp(prefix=_MAKING, dir=SHELF.home))
        try:
            return _store(source, harmless(title), temporary, on_photo)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
    except OSError as error:
        raise RunError(f"The photos cannot be stored: {explain(error)}") from None


def _store(source: Source, title: str, temporary: Path, on_photo: Callable[[int, int], None]) -> str:
    kept: list[KeptPhoto] = []
    told = hashlib.sha256(repr(owners.visitor().id).encode())
    for number, (photo, decoded) in enumerate(source.decoded(), 1):
        if decoded is not None:
            kept.append(KeptPhoto(photo.folder, photo.name))
            content = _made_small(decoded.image)
            (temporary / _file(len(kept) - 1)).write_bytes(content)
            told.update(repr(kept[-1]).encode() + content)
        on_photo(number, len(source.photos))
    if not kept:
        why = f" {source.left_out[0].file}: {source.left_out[0].why}" if source.left_out else ""
        raise RunError(f"None of the {len(source.photos)} photos can be read.{why}")
    name = f"photos_{told.hexdigest()[:12]}"
    stored = _Stored(VERSION, title, time.time(), tuple(kept), tuple(source.left_out), source.more)
    write_json(temporary / SHELF.file, asdict(stored))
    owners.mark(temporary, private=True)
    temporary.chmod(0o755)
    if not (SHELF.home / name / SHELF.file).exists():
        temporary.rename(SHELF.home / name)
    return name


def _made_small(image: Image.Image) -> bytes:
    small = image.copy()
    small.thumbnail((WORK_SIDE, WORK_SIDE), Image.Resampling.BOX)
    file = io.BytesIO()
    small.save(file, "WEBP", lossless=True, quality=20, method=2)
    return file.getvalue()


def _file(place: int) -> str:
    return f"{place + 1:04d}.webp"


def list_sets() -> list[PhotoSet]:
    """Those that who asks may look at, the newest first; damaged ones are left out."""
    found = []
    for folder in SHELF.folders():
        try:
            found.append(load(folder.name))
        except RunError:
            continue
    return sorted(found, key=lambda one: -one.made)


def load(name: str) -> PhotoSet:
    """Raises RunError: no such set, another visitor's, or a damaged one."""
    path = SHELF.file_of(name)
    try:
        stored: _Stored = from_json(_Stored, parse_json(reading.read_bytes(path)), SHELF.title)
        if stored.version != VERSION or not stored.photos:
            raise ValueError("made by another version, or empty")
    except (OSError, ValueError):
        raise RunError("This set of photos is damaged. Delete it, and bring the photos again.") from None
    kept = tuple(KeptPhoto(harmless(one.folder), harmless(one.name)) for one in stored.photos)
    return PhotoSet(name, harmless(stored.title), stored.made, kept, stored.left_out, stored.more)


def image(of: PhotoSet, place: int) -> Image.Image:
    """One photo, mode RGB. Raises RunError."""
    try:
        return decode(reading.read_bytes(of.folder / _file(place), LARGEST_PHOTO))
    except (OSError, PhotoError):
        raise RunError("A photo of this set is damaged. Delete the set, and bring the photos again.") from None


def _jobs_of(name: str) -> list[Job]:
    """The jobs that measure on this set."""
    return [Job(PHOTOS, folder) for folder in (SHELF.home / name).glob("job-*")]


def delete(name: str) -> None:
    """Removes a set with all that was made of it. Raises RunError: not one's own, being measured, or not removable."""
    if not SHELF.is_name(name) or not (SHELF.home / name).is_dir():
        return  # it has just gone
    if any((found := lifecycle.read_status(job)) and found.state in ACTIVE for job in _jobs_of(name)):
        raise RunError("These photos are being measured. Stop that first.")
    SHELF.delete(name)
