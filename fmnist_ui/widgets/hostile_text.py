"""Text that a visitor's browser sent, made harmless: file names and names of taught classes."""

import re
import unicodedata

LONGEST = 80  # characters of a name that are shown
_JOINERS = "\u200c\u200d"
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+!|<>$~:&@])")
# What spreadsheets take for the start of a formula, also in the widths that East Asian keyboards have.
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")


def literal(text: str) -> str:
    """As Markdown that shows the text as it is, on one line."""
    return _MARKDOWN.sub(r"\\\1", " ".join(text.split()))


def plain_name(name: str) -> str:
    """A name on one line, without characters that cannot be seen or that turn the writing round.

    A joiner stays between two that can be seen: Persian words and emoji of several persons are written with it. Where
    the name is too long its middle is left out: its end tells what kind of file it is.
    """
    framed = f" {name} "
    around = zip(framed, name, framed[2:], strict=False)
    shown = "".join(one if _is_seen(one) or _joins(before, one, after) else "�" for before, one, after in around)
    shown = " ".join(shown.split()) or "(no name)"
    if len(shown) <= LONGEST:
        return shown
    return f"{shown[: LONGEST - 21]}…{shown[-20:]}"


def _is_seen(letter: str) -> bool:
    return not unicodedata.category(letter).startswith("C")


def _joins(before: str, letter: str, after: str) -> bool:
    return letter in _JOINERS and all(_is_seen(other) and not other.isspace() for other in (before, after))


def cell(text: str) -> str:
    """For a CSV file that a spreadsheet opens: never a formula."""
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text
