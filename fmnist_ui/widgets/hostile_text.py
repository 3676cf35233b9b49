"""Text that a visitor's browser sent, made harmless: file names and names of taught classes."""

import re
import unicodedata

LONGEST = 80  # characters of a name that are shown
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+!|<>$~:&@])")
# What spreadsheets take for the start of a formula, also in the widths that East Asian keyboards have.
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")


def literal(text: str) -> str:
    """As Markdown that shows the text as it is, on one line."""
    return _MARKDOWN.sub(r"\\\1", " ".join(text.split()))


def plain_name(name: str) -> str:
    """A name on one line, without characters that cannot be seen or that turn the writing round.

    Where it is too long its middle is left out: a name's end tells what kind of file it is.
    """
    shown = "".join("�" if unicodedata.category(letter).startswith("C") else letter for letter in name)
    shown = " ".join(shown.split()) or "(no name)"
    if len(shown) <= LONGEST:
        return shown
    return f"{shown[: LONGEST - 21]}…{shown[-20:]}"


def cell(text: str) -> str:
    """For a CSV file that a spreadsheet opens: never a formula."""
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text
