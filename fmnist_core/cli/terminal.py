"""What commands have in common: the answer that each returns, and the bar of one that works in this process."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fmnist_core.progress import OnShare
from fmnist_core.storage.atomic import replacing
from fmnist_core.storage.folders import RunError

Answer = tuple[Any, str]  # the JSON value, and the same for people


def tell_notice(words: str) -> None:
    """What a job noticed, on standard error: whatever stands on standard output is the answer."""
    if words:
        print(f"warning: {words}", file=sys.stderr)


def write_file(target: Path, content: bytes, what: str) -> None:
    """Writes what a command was asked for, whole or not at all, and its folder. what: begins a sentence, as "report".

    Raises RunError.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with replacing(target) as temporary:
            temporary.write_bytes(content)
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have, such as "."
        reason = getattr(error, "strerror", None) or error
        raise RunError(
            f"The {what} cannot be written to {target}: {reason}. Name a file in a folder that can be written."
        ) from None


@contextmanager
def share_bar(words: str) -> Iterator[OnShare]:
    """A bar on standard error, after a few words, for as long as the block lasts: call the value with the share."""
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True)) as bar:
        task = bar.add_task(words, total=1.0)
        yield lambda share: bar.update(task, completed=share)
