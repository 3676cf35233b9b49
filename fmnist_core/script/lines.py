"""Lines of Python: how calls are written and lists broken, and how the parts of a script stand one below another."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

WIDEST = 110  # characters in a line
LONGEST = 80  # lines of a script, wherever they suffice
INDENT = "    "


@dataclass(frozen=True)
class Block:
    """Lines that stay together. A definition stands apart by two empty lines, as everywhere in Python."""

    lines: tuple[str, ...]
    defines: bool = False


def code(*lines: str) -> Block:
    return Block(lines)


def definition(*lines: str) -> Block:
    return Block(lines, defines=True)


def join(blocks: Sequence[Block], between: int = 1, around: int = 2) -> list[str]:
    """All lines, with so many empty ones between blocks, and around definitions."""
    said: list[str] = []
    before: Block | None = None
    for block in blocks:
        if before is not None:
            said += [""] * (around if block.defines or before.defines else between)
        for line in block.lines:
            said += broken(line)
        before = block
    return said


def broken(line: str) -> list[str]:
    """The line, or where it is too wide, several, as Python allows within brackets."""
    lines = [line]
    indent = line[: len(line) - len(line.lstrip())] + INDENT
    depth = 0  # of brackets, where the last line begins
    while len(lines[-1]) > WIDEST and (places := _places(lines[-1], depth)):
        at, depth = places[-1]
        lines[-1:] = [lines[-1][:at], indent + lines[-1][at:].lstrip()]
    return lines


def _places(line: str, depth: int) -> list[tuple[int, int]]:
    """Where the line may end, behind a comma or before a plus, and how deep in brackets that is; the last one last."""
    found, quote = [], ""
    for at, character in enumerate(line[:WIDEST]):
        if quote:
            quote = "" if character == quote else quote
        elif character == '"':
            quote = character
        else:
            depth += (character in "([{") - (character in ")]}")
            if depth and character == ",":
                found.append((at + 1, depth))
            elif depth and line.startswith(" + ", at):
                found.append((at, depth))
    return found


def literal(value: bool | int | float | str | None) -> str:
    """Python's way to write a value of a recipe; text has passed a check of its own and is one word."""
    if isinstance(value, str):
        if not value.replace("_", "").isalnum() or not value.isascii():
            raise ValueError(f"No script can say {value[:40]!r}; expected one word.")
        return f'"{value}"'
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 10_000:
        return f"{value:_}"
    return repr(value)


def call(name: str, *given: Any, **named: Any) -> str:
    """ "name(1, key=2)"; what is named and None is left out."""
    words = [literal(value) for value in given]
    words += [f"{key}={literal(value)}" for key, value in named.items() if value is not None]
    return f"{name}({', '.join(words)})"


def filled(words: Iterable[str], indent: str = INDENT) -> list[str]:
    """As many words in a line as fit, each with a comma."""
    lines = [""]
    for word in words:
        longer = f"{lines[-1]} {word}," if lines[-1] else f"{indent}{word},"
        if len(longer) > WIDEST and lines[-1]:
            lines.append(f"{indent}{word},")
        else:
            lines[-1] = longer
    return lines


def one_a_line(words: Iterable[str], indent: str = INDENT) -> list[str]:
    return [f"{indent}{word}," for word in words]
