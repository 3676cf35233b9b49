"""What goes over the wire, as bytes: said first, as one line of JSON, then parts. Read without trust at both ends.

A checkpoint travels as a zip of those files of a run's folder that going on needs, by names that are known beforehand.
"""

import io
import json
import re
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fmnist_core.runs.run_zip import LARGEST_ZIP
from fmnist_core.storage import reading
from fmnist_core.storage.reading import LARGEST
from fmnist_core.storage.schema import parse_json

CHECKPOINT = "checkpoint.npz"  # as training.checkpoint calls it, which only a process that trains imports
_ALLOWED = re.compile(r"checkpoint\.npz|metrics\.jsonl|stages/[1-9]\.npz|replay/[0-9]{3}\.npz")


def join(said: dict[str, Any], parts: Sequence[bytes] = ()) -> bytes:
    """What `split` takes apart."""
    return b"".join([json.dumps(said | {"sizes": [len(part) for part in parts]}).encode(), b"\n", *parts])


def split(content: object) -> tuple[dict[str, Any], list[bytes]]:
    """Raises ValueError for anything that `join` has not made; the parts are any bytes."""
    if not isinstance(content, bytes):
        raise ValueError("not bytes")
    line, _, rest = content.partition(b"\n")
    said = parse_json(line)
    sizes = said.pop("sizes", None) if isinstance(said, dict) else None
    if not isinstance(sizes, list) or not all(type(size) is int and 0 <= size <= LARGEST_ZIP for size in sizes):
        raise ValueError("no sizes of its parts")
    if sum(sizes) != len(rest):
        raise ValueError("cut short")
    parts, start = [], 0
    for size in sizes:
        parts.append(rest[start : start + size])
        start += size
    return said, parts


def pack_checkpoint(folder: Path) -> bytes:
    """The newest checkpoint of the run that trains in a folder, as `unpack_checkpoint` takes it; b"" before the first.

    Raises OSError where it is larger than a run can be.
    """
    if not (folder / CHECKPOINT).exists():
        return b""
    packed = io.BytesIO()
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*")} - {CHECKPOINT}
    # The checkpoint first: a line of metrics or a picture of the replay that comes later is dropped when it goes on.
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name in [CHECKPOINT, *sorted(filter(_ALLOWED.fullmatch, names))]:
            archive.writestr(name, reading.read_bytes(folder / name))
    return packed.getvalue()


def unpack_checkpoint(content: bytes, folder: Path) -> None:
    """Puts a checkpoint where a run that was just created is to go on; b"" is none.

    Whether its arrays fit is found out by `training.checkpoint`, which begins anew where they do not.

    Raises:
        ValueError: it is no such zip, holds other files, or is too large.
    """
    if not content:
        return
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            if not all(_ALLOWED.fullmatch(entry.filename) for entry in entries):
                raise ValueError("holds other files")
            if sum(entry.file_size for entry in entries) > LARGEST:
                raise ValueError("is too large")
            files = {entry.filename: archive.read(entry) for entry in entries}
    except Exception as error:  # damage leads zipfile to errors of all kinds
        raise ValueError(f"The checkpoint that came with the training is damaged ({error}).") from None
    for name, data in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(data)
