"""Photos of a folder or a zip: hostile until checked. What cannot be taken gets a sentence, and the rest goes on.

A photo belongs to the folder that it lies in, however deep: trouser/1.jpg, mine/trouser/1.jpg. Nothing of an archive
is ever written to disk under a name that it says.
"""

import contextlib
import functools
import io
import os
import stat
import unicodedata
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from fmnist_core.photo.decode import MAX_BYTES, Decoded, PhotoError, decode_with_notes
from fmnist_core.storage import reading
from fmnist_core.storage.folders import reason

KINDS = (".jpg", ".jpeg", ".png", ".webp", ".heic", ".heif", ".avif", ".tif", ".tiff", ".bmp", ".gif")
MOST_PHOTOS = 2_000
MOST_FOLDERS = 50
MOST_ENTRIES = 20_000  # of an archive or a folder, whatever they are
MOST_UNPACKED = 2_000_000_000  # bytes of all photos of an archive together
LARGEST_ZIP = 280 * 2**20  # bytes
LONGEST_NAME = 60  # characters that are kept of a folder's or a file's name
MOST_TOLD = 200  # sentences
LAYOUT = "Expected photos in folders that are named after what they show, such as trouser/1.jpg and bag/2.jpg."
_PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ARCHIVES = (".zip", ".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz")


class PhotoSetError(ValueError):
    """The whole source cannot be taken; the message says why, and what was expected."""


@dataclass(frozen=True)
class LeftOut:
    """file: as it is called, made harmless. why: a sentence."""

    file: str
    why: str


@dataclass(frozen=True)
class Found:
    """One photo that is there. folder, name: made harmless."""

    folder: str
    name: str
    load: Callable[[], bytes]  # raises OSError and errors of zipfile

    @property
    def path(self) -> str:
        return f"{self.folder}/{self.name}"

    def decode(self) -> Decoded:
        """Raises PhotoError, with a sentence, whatever is wrong with it."""
        try:
            content = self.load()
        except OSError as error:
            raise PhotoError(f"It cannot be read: {reason(error)}.") from None
        except Exception as error:  # a hostile archive leads zipfile and zlib to errors of all kinds
            raise PhotoError(f"It cannot be unpacked ({type(error).__name__}); pack the archive again.") from None
        return decode_with_notes(content)


@dataclass
class Source:
    """What a folder or an archive holds. left_out grows while photos are read."""

    photos: list[Found]
    left_out: list[LeftOut] = field(default_factory=list)
    more: int = 0  # left out beyond those that are told one by one

    def leave_out(self, file: str, why: str) -> None:
        if len(self.left_out) < MOST_TOLD:
            self.left_out.append(LeftOut(file, why))
        else:
            self.more += 1

    def decoded(self) -> Iterator[tuple[Found, Decoded | None]]:
        """Each photo, read one after the other; None for one that is left out, with its sentence."""
        for photo in self.photos:
            try:
                image: Decoded | None = photo.decode()
            except PhotoError as error:
                image = None
                self.leave_out(photo.path, str(error))
            yield photo, image


@contextlib.contextmanager
def open_source(path: Path, most: float = MOST_PHOTOS) -> Iterator[Source]:
    """The photos of a folder, or of a zip, on this machine, at most so many. Raises PhotoSetError."""
    if path.is_dir():
        yield _of_folder(path, most)
        return
    try:
        content = reading.read_bytes(path, LARGEST_ZIP)
    except FileNotFoundError:
        raise PhotoSetError(f"There is neither a folder nor a file {path}. {LAYOUT}") from None
    except OSError as error:
        raise PhotoSetError(f"{path} cannot be read: {reason(error)}. Expected a folder or a zip of photos.") from None
    with open_zip(content, most) as source:
        yield source


@contextlib.contextmanager
def open_zip(content: bytes, most: float = MOST_PHOTOS) -> Iterator[Source]:
    """The photos of a zip, at most so many, to be read while the block lasts. Raises PhotoSetError."""
    if len(content) > LARGEST_ZIP:
        size, fits = len(content) / 2**20, LARGEST_ZIP // 2**20
        raise PhotoSetError(f"The archive has {size:.0f} MB; up to {fits} MB are read. Make the photos smaller.")
    if reading.count_entries(content) > MOST_ENTRIES:  # before anything is made of them
        raise PhotoSetError(f"The archive has more than {MOST_ENTRIES:,} entries. Expected at most so many.")
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except Exception as error:  # a hostile archive leads zipfile to errors of all kinds
        kind = type(error).__name__
        raise PhotoSetError(f"The file is no zip that can be opened ({kind}), or not whole. {LAYOUT}") from None
    with archive:
        yield _of_zip(archive, most)


def _of_zip(archive: zipfile.ZipFile, most: float) -> Source:
    found, source, room = [], Source([]), MOST_UNPACKED
    for entry in archive.infolist():
        path = PurePosixPath(entry.filename)
        if entry.is_dir() or _is_litter(path):
            continue
        if why := _refused(entry, path) or ("" if entry.file_size <= room else _too_much()):
            source.leave_out(harmless(entry.filename), why)
            continue
        room -= entry.file_size
        folder, name = harmless(path.parent.name), harmless(path.name)
        found.append(Found(folder, name, functools.partial(_unpacked, archive, entry)))
    return _chosen(source, found, most)


def _too_much() -> str:
    return f"The photos before it have {MOST_UNPACKED / 1e9:g} GB unpacked, and no more is unpacked."


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """Never more than the decoder reads, whatever the archive says."""
    with archive.open(entry) as file:
        return file.read(MAX_BYTES + 1)


def _refused(entry: zipfile.ZipInfo, path: PurePosixPath) -> str:
    """Why an entry of an archive is not looked at, "" where it is."""
    mode = entry.external_attr >> 16
    if path.is_absolute() or ".." in path.parts or "\\" in entry.filename or ":" in entry.filename.split("/")[0]:
        return "Its path is none within the archive; expected folder/photo.jpg."
    if mode and not stat.S_ISREG(mode) and stat.S_IFMT(mode):
        return "It is a link or a device, not a file."
    if entry.flag_bits & 1:
        return "It is encrypted; pack the photos without a password."
    if entry.compress_type not in _PACKED:
        return "It is packed in a way that is not unpacked here; expected a plain zip."
    return _refused_file(path, entry.file_size)


def _refused_file(path: PurePosixPath | Path, size: int) -> str:
    suffix = path.suffix.casefold()
    if suffix in _ARCHIVES:
        return "An archive within is not opened; unpack it, and put its photos into folders."
    if suffix not in KINDS:
        return f"It is no photo by its name; expected one of {', '.join(KINDS)}."
    if size > MAX_BYTES:
        return f"It has {size / 2**20:.0f} MB; up to {MAX_BYTES // 2**20} MB are read. Save the photo smaller."
    return ""


def _of_folder(root: Path, most: float) -> Source:
    """Links are followed, but to files only: no folder is looked through twice, and no pipe is waited for."""
    found, source = [], Source([])
    for number, path in enumerate(_files_below(root)):
        if number >= MOST_ENTRIES:
            raise PhotoSetError(f"The folder has more than {MOST_ENTRIES:,} files. Expected at most so many. {LAYOUT}")
        inside = path.relative_to(root)
        if _is_litter(inside):
            continue
        try:
            size = path.stat().st_size
        except OSError as error:
            source.leave_out(harmless(str(inside)), f"It cannot be read: {reason(error)}.")
            continue
        if why := "It is a link to a folder, which is not followed." if path.is_dir() else _refused_file(path, size):
            source.leave_out(harmless(str(inside)), why)
            continue
        folder = harmless(inside.parent.name)
        found.append(Found(folder, harmless(path.name), functools.partial(reading.read_bytes, path, MAX_BYTES)))
    return _chosen(source, found, most)


def _files_below(root: Path) -> Iterator[Path]:
    for folder, folders, files in os.walk(root):
        folders.sort()
        links = [name for name in folders if Path(folder, name).is_symlink()]
        yield from (Path(folder, name) for name in sorted([*files, *links]))


def _is_litter(path: PurePosixPath | Path) -> bool:
    """What systems and editors leave beside one's files: nobody wants to read of it."""
    return any(part[:1] == "." != part[1:2] or part == "__MACOSX" for part in path.parts) or path.name == "Thumbs.db"


def _chosen(source: Source, found: list[Found], most: float) -> Source:
    """The photos in the order of their folders. Where there are too many each folder gives as many as it can."""
    by_folder: dict[str, list[Found]] = {}
    for photo in found:
        if not photo.folder:
            source.leave_out(photo.name, f"It lies in no folder, so nobody knows what it shows. {LAYOUT}")
        else:
            by_folder.setdefault(photo.folder, []).append(photo)
    for folder in sorted(by_folder)[MOST_FOLDERS:]:
        count = len(by_folder.pop(folder))
        source.leave_out(folder, f"Its {count} photos are left out: up to {MOST_FOLDERS} folders are looked at.")
    room = int(min(most, MOST_PHOTOS))
    share = _largest_share([len(photos) for photos in by_folder.values()], room)
    fits = f"{room:,} photos fit, of each folder the first {share}"
    for folder, photos in sorted(by_folder.items()):
        photos.sort(key=lambda photo: photo.name)
        taken = photos[: min(share, room - len(source.photos))]  # where there are more folders than room, none of some
        source.photos += taken
        if lost := len(photos) - len(taken):
            source.leave_out(folder, f"{lost} of its {len(photos)} photos are left out: {fits}.")
    if not source.photos:
        why = f" {source.left_out[0].file}: {source.left_out[0].why}" if source.left_out else ""
        raise PhotoSetError(f"There is no photo in a folder here. {LAYOUT}{why}")
    return source


def _largest_share(counts: list[int], most: int) -> int:
    """How many photos each folder may give, so that all together are at most so many; one at least."""
    share = max(counts, default=0)
    while share > 1 and sum(min(count, share) for count in counts) > most:
        share -= 1
    return share


def harmless(text: str) -> str:
    """A name on one line, without control characters, and not too long."""
    seen = "".join(one if unicodedata.category(one)[0] != "C" else "?" for one in text)
    seen = " ".join(seen.split())
    return seen if len(seen) <= LONGEST_NAME else f"{seen[: LONGEST_NAME - 16]}…{seen[-15:]}"
