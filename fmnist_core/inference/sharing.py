"""One request's work shared out to cores that nobody else needs."""

import functools
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from fmnist_core.machine import cores

Part = TypeVar("Part")
Found = TypeVar("Found")


def share_out(work: Callable[[Part], Found], parts: Sequence[Part]) -> list[Found]:
    """What `work`, which leaves Python's lock alone most of the time, finds in each part, in order.

    The calling thread takes part after part itself, and helpers of which all callers have one less than there are
    cores do the same: no request waits for another's, and a large one does not take the cores from many small ones.
    Raises what `work` raises.
    """
    left, found = deque(enumerate(parts)), dict[int, Found]()

    def take() -> None:
        while left:
            try:
                place, part = left.popleft()
            except IndexError:  # another thread was faster
                return
            found[place] = work(part)

    helpers = [_helpers().submit(take) for _ in range(min(cores(), len(parts)) - 1)]
    try:
        take()
    finally:
        left.clear()
        _end(helpers)
    return [found[place] for place in range(len(parts))]


def _end(helpers: list[Future[Any]]) -> None:
    """Waits for those that are at work; the others were not needed."""
    for helper in helpers:
        if not helper.cancel():
            helper.result()


@functools.cache
def _helpers() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max(1, cores() - 1), "helper")
