"""Files that are replaced in one step; and what is left of those, and of folders, that were never whole."""

import contextlib
import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

KEPT_HALF_MADE = 3_600  # seconds: what is made so takes a few minutes
_HIDDEN = re.compile(r"\.([0-9]+)-[0-9a-f]{8}\..+")


def sweep(folder: Path) -> None:
    """Removes what processes left behind that were killed while they wrote; nothing of those that live."""
    for path in folder.rglob(".*"):
        if (found := _HIDDEN.fullmatch(path.name)) and not _is_there(int(found[1])):
            with contextlib.suppress(OSError):
                path.unlink()


def sweep_half_made(folder: Path, pattern: str) -> None:
    """Removes folders of these names that nobody has added to for an hour: who made them was killed."""
    for old in folder.glob(pattern):
        with contextlib.suppress(OSError):  # it has just gone
            if time.time() - old.stat().st_mtime > KEPT_HALF_MADE:
                shutil.rmtree(old, ignore_errors=True)


def _is_there(process: int) -> bool:
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        pass  # another user's
    return True


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Gives a hidden path to write to, with the same suffix; what is there afterwards takes the place of `path`.

    A reader sees the old file or the new one, never half of it, and of several writers at once the last one's. Where
    the writing fails, the old one stays.
    """
    temporary = path.with_name(f".{os.getpid()}-{secrets.token_hex(4)}.{path.name}")  # threads may write it at once
    try:
        yield temporary
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise


def write_json(path: Path, value: Any) -> None:
    """Replaces the file in one step, as `replacing`. Raises OSError."""
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(value, indent=1), encoding="utf-8")
