"""What commands have in common: the answer that each returns, and the bar of one that works in this process."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from fmnist_core.progress import OnShare

Answer = tuple[Any, str]  # the JSON value, and the same for people


def tell_notice(words: str) -> None:
    """What a job noticed, on standard error: whatever stands on standard output is the answer."""
    if words:
        print(f"warning: {words}", file=sys.stderr)


@contextmanager
def share_bar(words: str) -> Iterator[OnShare]:
    """A bar on standard error, after a few words, for as long as the block lasts: call the value with the share."""
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True)) as bar:
        task = bar.add_task(words, total=1.0)
        yield lambda share: bar.update(task, completed=share)
