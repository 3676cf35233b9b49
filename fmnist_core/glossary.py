"""The terms of docs/glossary.md, each with its one sentence: what the app's tooltips say."""

import difflib
import re
from functools import cache

from fmnist_core.storage import folders

FILE = folders.PROJECT / "docs" / "glossary.md"
_ENTRY = re.compile(r"^\*\*(?P<term>[^*]+)\*\*: (?P<sentence>.+)$", re.MULTILINE)


@cache
def terms() -> dict[str, str]:
    """Each term's sentence, in the order of the file, which is read once."""
    return {found["term"]: found["sentence"] for found in _ENTRY.finditer(FILE.read_text(encoding="utf-8"))}


def term(name: str) -> str:
    """The sentence of a term, spelt as in the file. KeyError: there is none; the message lists near names."""
    try:
        return terms()[name]
    except KeyError:
        spelt = {one.casefold(): one for one in terms()}
        near = [spelt[one] for one in difflib.get_close_matches(name.casefold(), spelt)]
        ending = f"Near names: {', '.join(near)}." if near else f"Expected an entry **{name}**: sentence."
        raise KeyError(f"The term {name!r} is not in docs/glossary.md. {ending}") from None


def several(*names: str) -> str:
    """Some terms, each with its sentence, as paragraphs of Markdown: a tooltip over more than one word."""
    return "\n\n".join(f"**{name}**: {term(name)}" for name in names)
