"""Files that are replaced in one step."""

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path


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
