"""A library's work, watched from outside: told of after each iteration, stopped, and left behind while it says nothing.

What a library does before its first iteration, compiling and seeking neighbours, cannot be asked to stop: it works in a
thread, and who stops then does not wait for it.
"""

import contextlib
import threading
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from fmnist_core.embedding.layout import Layout, OnIteration, pca_start, trivial

ASK_SECONDS = 0.2  # how often the caller is asked whether to stop, while nothing is to be seen


class LibraryError(RuntimeError):
    """A library is not installed; the message says what to do."""


@dataclass
class Watch:
    """What the library's thread and the caller's share."""

    on_iteration: OnIteration
    start: np.ndarray  # (n, dims), what is shown before the first iteration
    seen: int = 0  # finished iterations
    coordinates: np.ndarray | None = None  # after them
    stopped: bool = False
    left: bool = False  # the caller has gone; nothing is to be told any more
    notes: list[str] = field(default_factory=list)
    _asking: threading.Lock = field(default_factory=threading.Lock)  # one of the two threads at a time

    def ask(self, iteration: int, coordinates: np.ndarray) -> bool:
        """Whether the caller wants it to stop."""
        with self._asking:
            return bool(self.on_iteration(iteration, coordinates))

    def __call__(self, iteration: int, coordinates: np.ndarray) -> bool:
        """Tells of the (n, dims) coordinates after so many iterations; True: stop."""
        if self.left:
            return True
        self.coordinates = (coordinates - coordinates.mean(axis=0, dtype=np.float64)).astype(np.float32)
        self.seen = iteration
        self.stopped = self.ask(iteration, self.coordinates)
        return self.stopped

    def lowered(self, name: str, value: float, most: float) -> float:
        """A parameter, at most what so few pictures allow; a note says so."""
        if value <= most:
            return value
        self.notes.append(
            f"{name} was lowered from {value:g} to {most:.4g}: there are only {len(self.start):,} pictures."
        )
        return most


def begin(vectors: np.ndarray, dims: int, method: str, on_iteration: OnIteration) -> Watch | Layout:
    """A watch over what begins at the principal components; the layout, where there is nothing to compute.

    Raises ValueError for no vectors or values that are not finite.
    """
    start = pca_start(vectors, dims)
    if on_iteration(0, start):
        return Layout(start, 0, stopped=True)
    simple = trivial(start, method)
    return Watch(on_iteration, start) if simple is None else simple


def watched(compute: Callable[[], None], watch: Watch) -> Layout:
    """Lets `compute` work in a thread of its own, which is left behind where the caller stops before its first frame.

    Raises what it raises.
    """
    errors: list[BaseException] = []

    def work() -> None:
        try:
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                compute()
            watch.notes.extend(str(one.message).strip() for one in caught if one.category is UserWarning)
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    while thread.is_alive():
        thread.join(ASK_SECONDS)
        if not watch.seen and thread.is_alive() and watch.ask(0, watch.start) and not watch.seen:
            watch.left = True
            return Layout(watch.start, 0, stopped=True, notes=tuple(watch.notes))
    if errors:
        raise errors[0]
    if watch.coordinates is None or not np.isfinite(watch.coordinates).all():
        raise ValueError("The library's layout is not finite. Choose other parameters, or the built-in engine.")
    return Layout(watch.coordinates, watch.seen, watch.stopped, tuple(watch.notes))


@contextlib.contextmanager
def needed(name: str) -> Iterator[None]:
    """Around an import: raises LibraryError where the package of that name is missing."""
    try:
        yield
    except ImportError:
        todo = "Install it (pip install -r requirements.txt), or choose the built-in engine."
        raise LibraryError(f"{name} is not installed. {todo}") from None
