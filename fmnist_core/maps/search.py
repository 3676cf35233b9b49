"""Find pictures by words: "sneaker as ankle boot", /^shirt as (?!shirt)/, 4021."""

import time
from collections.abc import Sequence

import numpy as np

MOST_CHARACTERS = 200
SECONDS = 0.25  # for all texts together: an expression may take longer than the universe lasts


class SearchError(ValueError):
    """What was typed is no search; the message says why."""


def find(
    query: str, labels: np.ndarray, predicted: np.ndarray | None, names: Sequence[str], numbers: np.ndarray
) -> np.ndarray:
    """The pictures whose text fits, (m,) int64 in ascending order.

    A picture's text is "Sneaker as Ankle boot": its label, and what the network takes it for; without a network
    just "Sneaker". Plain words must all occur in it, in any order unless "as" is among them; between slashes stands
    a regular expression; a number finds the picture of that number. Upper and lower case are the same.

    Args:
        labels: (n,) class indices. predicted: (n,) class indices, or None. numbers: (n,) those that are shown.

    Raises:
        SearchError: too long, or no regular expression, or one that takes too long.
    """
    query = query.strip()
    if len(query) > MOST_CHARACTERS:
        raise SearchError(f"A search can have {MOST_CHARACTERS} characters; this one has {len(query)}.")
    if query.isascii() and query.isdecimal():
        return np.flatnonzero(numbers == int(query))
    classes = len(names)
    kinds = labels.astype(np.int64) * classes + (0 if predicted is None else predicted)
    known, members = np.unique(kinds, return_inverse=True)
    texts = [_text(int(kind), classes, predicted is not None, names) for kind in known]
    fits = _fits_expression(query[1:-1], texts) if _is_expression(query) else _fits_words(query, texts)
    return np.flatnonzero(np.array(fits, bool)[members]) if len(known) else np.zeros(0, np.int64)


def _text(kind: int, classes: int, judged: bool, names: Sequence[str]) -> str:
    label = names[kind // classes]
    return f"{label} as {names[kind % classes]}" if judged else label


def _is_expression(query: str) -> bool:
    return len(query) > 2 and query[0] == query[-1] == "/"


def _fits_words(query: str, texts: Sequence[str]) -> list[bool]:
    """The phrase, or unless it says what is taken for what, every word: "boot ankle" finds ankle boots."""
    phrase = query.casefold()
    words = phrase.split()
    ordered = "as" in words
    return [
        phrase in text.casefold() or (not ordered and all(word in text.casefold().split() for word in words))
        for text in texts
    ]


def _fits_expression(expression: str, texts: Sequence[str]) -> list[bool]:
    import regex  # unlike Python's own, it can be told to give up

    try:
        pattern, end = regex.compile(expression, regex.IGNORECASE), time.monotonic() + SECONDS
        return [bool(pattern.search(text, timeout=max(end - time.monotonic(), 1e-3))) for text in texts]
    except regex.error as error:
        raise SearchError(f"This is no regular expression: {error}. Leave the slashes out to find words.") from None
    except TimeoutError:
        raise SearchError("This regular expression takes too long. Try one without nested repeats.") from None
