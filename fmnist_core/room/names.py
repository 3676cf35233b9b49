"""Nicknames: short, of visible characters, and nothing that a class should not have on its wall.

A small list of words in English and German, matched as pupils write around a filter: with digits and signs for letters,
letters repeated, dots or spaces between. The libraries for it know English alone and match whole words of a thousand,
many of which are no more than names or of medicine. What this list misses, the teacher removes.
"""

import codecs
import functools
import re
import unicodedata
from pathlib import Path

LONGEST = 20  # characters
_LOOKED_AT = 200  # of what was sent, however much that is
_MARKS = 2  # above or below one letter: scripts need so many, towers of marks more
_UNSEEN = "<>\u115f\u1160\u2800\u3164\uffa0"  # of HTML, and letters that show nothing
_WORDS = Path(__file__).with_name("words.txt")
_WRITTEN_FOR = {
    **{"a": "a4@àáâä", "b": "b8", "c": "c(", "e": "e3€", "g": "g9", "i": "i1!|l", "l": "l1|", "o": "o0", "s": "s5$"},
    **{"t": "t7+", "u": "uüv", "z": "z2"},
}
_LIKE_LATIN = str.maketrans("авеікмнорсстухј", "abeikmhopcctyxj")  # Cyrillic letters


def nickname(typed: object) -> str:
    """What is shown of a name, at most `LONGEST` characters; "" for what is empty or on the list. Raises nothing.

    Plain text: whoever shows it sees to it that nothing in it is Markdown.
    """
    if not isinstance(typed, str):
        return ""
    text = unicodedata.normalize("NFKC", typed[:_LOOKED_AT])
    shown, marks = [], 0
    for one in text:
        kind = unicodedata.category(one)
        marks = marks + 1 if kind[0] == "M" else 0
        if one.isspace() or kind[0] == "Z":
            shown.append(" ")
        elif kind[0] != "C" and one not in _UNSEEN and marks <= _MARKS:
            shown.append(one)
    name = " ".join("".join(shown).split())[:LONGEST].strip()
    return "" if _is_listed(name) else name


def _is_listed(name: str) -> bool:
    inside, alone = _patterns()
    letters = unicodedata.normalize("NFKD", name.casefold().translate(_LIKE_LATIN))
    letters = "".join(one for one in letters if not unicodedata.combining(one))
    joined = re.sub(r"[\W_]", "", letters)
    words = re.split(r"[\s_.,;:/-]+", letters)
    closed = [re.sub(r"[-_.,;:*'\"~/]", "", word) for word in letters.split()]  # "a.b.c" is "abc"
    for word in (*words, *closed, letters.replace(" ", ""), joined):
        if alone.fullmatch(word):
            return True
    return any(inside.search(word) for word in (*words, *closed, *_spelled(words)))


def _spelled(words: list[str]) -> list[str]:
    """Single letters in a row as one word: not the ends of longer words, in which there is much by chance."""
    return [re.sub(r"\s", "", row) for row in re.findall(r"(?:(?<=\s)\S\s)+", f" {' '.join(words)} ")]


@functools.cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Of words that nothing may contain, and of all words, as whole names or parts of them."""
    lines = _WORDS.read_text(encoding="ascii").splitlines()
    words = [codecs.decode(line, "rot13") for line in lines if not line.startswith("#")]
    inside = [_pattern(word) for word in words if not word.startswith("=")]
    return re.compile("|".join(inside)), re.compile("|".join(_pattern(word.removeprefix("=")) for word in words))


def _pattern(word: str) -> str:
    """Each letter at least as often in a row as the word has it."""
    rows = re.findall(r"((.)\2*)", word)
    return "".join(f"[{re.escape(_WRITTEN_FOR.get(letter, letter))}]{{{len(row)},}}" for row, letter in rows)
