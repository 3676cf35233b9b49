"""Find pictures by words: "shoe wrong", "label:shirt predicted:coat", "sneaker or boot", /^shirt as (?!shirt)/, 4021.

A query is alternatives joined by `or` (or a comma); each is terms that must all hold:

    WORD            the label is such a class: its name, a word of its name, or an everyday name (`EVERYDAY`)
    label:WORD      the same
    predicted:WORD  the network calls it so
    A as B          label:A predicted:B; `as B` alone is predicted:B
    wrong, right    what the network says is not, or is, the label
    NUMBER          the picture of that number; 10-20: all of these
    not TERM        the opposite of a term

or, alone, a regular expression between slashes, over texts such as "Sneaker as Ankle boot".
"""

import difflib
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

MOST_CHARACTERS = 200
SECONDS = 0.25  # for all texts together: an expression may take longer than the universe lasts
MOST_DIGITS = 9

# What people call a class of the dataset; names of classes that a run has not are left out.
EVERYDAY = {
    "shoe": ("Sandal", "Sneaker", "Ankle boot"),
    "footwear": ("Sandal", "Sneaker", "Ankle boot"),
    "trainer": ("Sneaker",),
    "heel": ("Sandal",),
    "bootie": ("Ankle boot",),
    "tee": ("T-shirt/top",),
    "tshirt": ("T-shirt/top",),
    "t shirt": ("T-shirt/top",),
    "pants": ("Trouser",),
    "jeans": ("Trouser",),
    "jumper": ("Pullover",),
    "sweater": ("Pullover",),
    "jersey": ("Pullover",),
    "gown": ("Dress",),
    "jacket": ("Coat",),
    "blouse": ("Shirt",),
    "handbag": ("Bag",),
    "purse": ("Bag",),
}
WRONG, RIGHT = ("wrong", "error", "errors", "mistake", "mistakes", "incorrect"), ("right", "correct")
HELP = """
A word is a label: `sneaker`, `boot`. Everyday names do, too: `shoe` is Sandal, Sneaker or Ankle boot. All that stands
side by side must hold; `or` joins what may.

| Ask | Finds |
| --- | --- |
| `sneaker or boot` | pictures with either label |
| `predicted:coat` | what the network calls Coat |
| `shirt wrong`, `shirt right` | shirts that it gets wrong, or right |
| `shirt as coat` | label Shirt, called Coat |
| `shoe not sandal` | the other two shoes |
| `4021`, `100-200` | pictures by their numbers |
| `/^shirt as (?!shirt)/` | a regular expression over texts such as Shirt as Coat |
"""


class SearchError(ValueError):
    """What was typed is no search; the message says why."""


@dataclass(frozen=True, eq=False)
class _Pictures:
    """What is searched, (n,) each."""

    labels: np.ndarray
    predicted: np.ndarray | None
    names: Sequence[str]
    numbers: np.ndarray

    @property
    def judged(self) -> np.ndarray:
        if self.predicted is None:
            raise SearchError("Without the network's predictions of these pictures only labels can be asked for.")
        return self.predicted


def find(
    query: str, labels: np.ndarray, predicted: np.ndarray | None, names: Sequence[str], numbers: np.ndarray
) -> np.ndarray:
    """The pictures that fit, (m,) int64 in ascending order; all where nothing is asked. Case does not count.

    Args:
        query: see the top of this module.
        labels: (n,) class indices. predicted: (n,) class indices, or None. numbers: (n,) those that are shown.

    Raises:
        SearchError: too long, a word that means nothing here, no regular expression, or one that takes too long.
    """
    query = query.strip()
    if len(query) > MOST_CHARACTERS:
        raise SearchError(f"A search can have {MOST_CHARACTERS} characters; this one has {len(query)}.")
    pictures = _Pictures(labels, predicted, names, numbers)
    if _is_expression(query):
        return np.flatnonzero(_fits_expression(query[1:-1], pictures))
    words = re.sub(r"\s*:\s*", ":", query.casefold().replace(",", " or ")).split()
    found = np.full(len(labels), not words)
    for part in _split(words, "or"):
        found |= _fits_all(part, pictures)
    return np.flatnonzero(found)


def _split(words: list[str], at: str) -> list[list[str]]:
    """The parts between the word, without empty ones."""
    parts: list[list[str]] = [[]]
    for word in words:
        if word == at:
            parts.append([])
        else:
            parts[-1].append(word)
    return [part for part in parts if part]


def _fits_all(words: list[str], pictures: _Pictures) -> np.ndarray:
    """(n,) bool: the pictures for which all terms hold."""
    fits = np.ones(len(pictures.labels), bool)
    wanted: set[int] | None = None  # the classes that plain words leave
    while words:
        opposite = words[0] == "not"
        term, classes, words = _take_term(words[opposite:], pictures)
        fits &= ~term if opposite else term
        if classes is not None and not opposite:
            both = classes if wanted is None else wanted & classes
            if not both and wanted is not None:
                first, second = (pictures.names[min(some)] for some in (wanted, classes))
                raise SearchError(f"No picture has two labels, {first} and {second}. Put “or” between the two.")
            wanted = both
    return fits


def _take_term(words: list[str], pictures: _Pictures) -> tuple[np.ndarray, set[int] | None, list[str]]:
    """The first term, as (n,) bool; the classes where it is of the label; and the words after it."""
    if not words:
        raise SearchError("A word is missing after “not”, “as” or a colon: say of which class.")
    word, rest = words[0], words[1:]
    if word == "and":
        return np.ones(len(pictures.labels), bool), None, rest
    if word in WRONG or word in RIGHT:
        return (pictures.judged == pictures.labels) == (word in RIGHT), None, rest
    if (asked := re.fullmatch(r"#?(\d+)(?:-(\d+))?", word)) and word.isascii():
        return _numbered(asked, pictures.numbers), None, rest
    field, colon, first = word.rpartition(":")
    if word == "as" or (colon and field in ("predicted", "called", "prediction")):
        classes, rest = _take_class(rest if word == "as" else [first, *rest], pictures.names)
        return np.isin(pictures.judged, list(classes)), None, rest
    if colon and field not in ("label", "class"):
        raise SearchError(_unknown(field, pictures.names, ("label", "predicted")))
    classes, rest = _take_class([first, *rest], pictures.names)
    return np.isin(pictures.labels, list(classes)), classes, rest


def _numbered(asked: re.Match[str], numbers: np.ndarray) -> np.ndarray:
    first, last = asked[1], asked[2] or asked[1]
    if max(len(first), len(last)) > MOST_DIGITS:
        raise SearchError(f"No picture has a number of more than {MOST_DIGITS} digits.")
    return (numbers >= int(first)) & (numbers <= int(last))


def _take_class(words: list[str], names: Sequence[str]) -> tuple[set[int], list[str]]:
    """The classes that as many of the first words as possible stand for, and the words after them."""
    words = [word for word in words if word] if words and not words[0] else words
    if not words:
        raise SearchError("A word is missing after “not”, “as” or a colon: say of which class.")
    known = _vocabulary(names)
    for count in range(min(len(words), max(len(name.split()) for name in known)), 0, -1):
        said = " ".join(words[:count])
        for form in (said, said.removesuffix("s"), said.removesuffix("es")):
            if form in known:
                return known[form], words[count:]
    raise SearchError(_unknown(words[0], names, tuple(known)))


def _vocabulary(names: Sequence[str]) -> dict[str, set[int]]:
    """The classes that each word or name stands for."""
    known: dict[str, set[int]] = {}
    for place, name in enumerate(names):
        whole = " ".join(name.casefold().split())
        for word in {whole, *re.split(r"[\s/]+", whole)} - {""}:
            known.setdefault(word, set()).add(place)
    for word, classes in EVERYDAY.items():
        there = {place for place, name in enumerate(names) if name in classes}
        if there:
            known.setdefault(word, there)
    return known


def _unknown(word: str, names: Sequence[str], known: Sequence[str]) -> str:
    alike = difflib.get_close_matches(word, known, 1)
    said = f"Nothing here is called “{word[:40]}”. " + (f"Did you mean “{alike[0]}”? " if alike else "")
    return (
        f"{said}Ask for a class ({', '.join(names)}), an everyday name such as shoe, wrong or right, predicted: and a "
        "class, or the number of a picture; join them with or."
    )


def _is_expression(query: str) -> bool:
    return len(query) > 2 and query[0] == query[-1] == "/"


def _fits_expression(expression: str, pictures: _Pictures) -> np.ndarray:
    """(n,) bool. A picture's text is "Sneaker as Ankle boot": label and prediction; without a network "Sneaker"."""
    import regex  # unlike Python's own, it can be told to give up

    names, classes = pictures.names, len(pictures.names)
    kinds = pictures.labels.astype(np.int64) * classes + (0 if pictures.predicted is None else pictures.predicted)
    known, members = np.unique(kinds, return_inverse=True)
    as_called = "" if pictures.predicted is None else " as {}"
    texts = [names[kind // classes] + as_called.format(names[kind % classes]) for kind in known]
    try:
        pattern, end = regex.compile(expression, regex.IGNORECASE), time.monotonic() + SECONDS
        fits = [bool(pattern.search(text, timeout=max(end - time.monotonic(), 1e-3))) for text in texts]
    except regex.error as error:
        raise SearchError(f"This is no regular expression: {error}. Leave the slashes out to find words.") from None
    except TimeoutError:
        raise SearchError("This regular expression takes too long. Try one without nested repeats.") from None
    return np.array(fits, bool)[members]
