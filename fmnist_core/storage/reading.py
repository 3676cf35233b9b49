"""Files that may be anything: opened so that nobody waits for a pipe or a device, and never larger than they can be.

A folder of runs may have been copied, unpacked or made by hand: a name in it says nothing of what lies there.
"""

import errno
import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

LARGEST = 300_000_000  # bytes of a file of a run, and of its arrays once unpacked; those that ship have 33 MB at most
LARGEST_TEXT = {".json": 2_000_000, ".jsonl": 20_000_000, ".txt": 20_000_000}  # bytes; those that ship have 0.1 MB


def largest(name: str) -> int:
    """How many bytes a file of a run with this name may have."""
    return LARGEST_TEXT.get(Path(name).suffix, LARGEST)


def open_file(path: Path, limit: int | None = None) -> BinaryIO:
    """Opens a file to be read.

    Args:
        limit: bytes; None for what a file of a run with that name may have.

    Raises:
        OSError: there is none, it is a folder, a pipe or a device, or larger than the limit.
    """
    return _plain(path, os.O_RDONLY, "rb", largest(path.name) if limit is None else limit)


def open_to_append(path: Path) -> BinaryIO:
    """Opens a file to be written at its end, made where there is none. Raises OSError as `open_file`, for any size."""
    return _plain(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, "ab", None)


def read_bytes(path: Path, limit: int | None = None) -> bytes:
    """All of a file. Raises OSError as `open_file`."""
    limit = largest(path.name) if limit is None else limit
    with open_file(path, limit) as file:
        content = file.read(limit + 1)
    if len(content) > limit:  # it has grown since
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), path)
    return content


def check_brought(content: bytes, name: str, most: int, suffixes: Sequence[str], title: str) -> str:
    """Before anything in a file that somebody brings is read. Returns its name's ending, in lower case.

    Args:
        most: bytes.
        title: of what it should hold, such as "Label sets".

    Raises:
        ValueError: it is larger, or its name ends otherwise.
    """
    if len(content) > most:
        raise ValueError(f"The file has {len(content) / 1e6:.1f} MB. Expected at most {most / 1e6:.0f} MB.")
    suffix = Path(name).suffix.casefold()
    if suffix not in suffixes:
        raise ValueError(f"{title} come in a file that ends in {' or '.join(suffixes)}.")
    return suffix


def count_entries(content: bytes) -> int:
    """At least how many entries a zip has, before zipfile reads its directory whole, in which each begins so."""
    return content.count(b"PK\x01\x02")


def _plain(path: Path, flags: int, mode: str, limit: int | None) -> BinaryIO:
    descriptor = os.open(path, flags | os.O_NONBLOCK | os.O_CLOEXEC, 0o666)  # without waiting for a pipe's other end
    try:
        about = os.fstat(descriptor)
        if not stat.S_ISREG(about.st_mode):
            code = errno.EISDIR if stat.S_ISDIR(about.st_mode) else errno.EINVAL
            raise OSError(code, "Is a folder" if code == errno.EISDIR else "Is a pipe or a device, not a file", path)
        if limit is not None and about.st_size > limit:
            raise OSError(errno.EFBIG, f"Has {about.st_size:,} bytes; at most {limit:,} were expected", path)
        return os.fdopen(descriptor, mode)  # type: ignore[return-value]
    except BaseException:
        os.close(descriptor)
        raise
