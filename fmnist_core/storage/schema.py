"""Checked values from JSON: what is read from a file may have been cut, damaged or written by hand."""

import dataclasses
import functools
import json
import math
import types
import typing
import unicodedata
from typing import Any, Literal

DEEPEST = 16  # objects and lists within each other; no file of ours has more than eight
LONGEST_SHOWN = 40  # characters of what was received, in an error
LARGEST = 2**63  # a larger whole number is damage; very large ones cannot even become a float


def parse_json(text: str | bytes) -> Any:
    """Raises ValueError for anything but JSON, and for what is nested deeper than DEEPEST.

    What is nested some hundred times is read, but can be neither copied nor stored.
    """
    try:
        value = json.loads(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not _is_shallow(value, DEEPEST):
        raise ValueError("nested too deeply")
    return value


def _is_shallow(value: Any, levels: int) -> bool:
    if not isinstance(value, dict | list):
        return True
    inside = value.values() if isinstance(value, dict) else value
    return levels > 0 and all(_is_shallow(one, levels - 1) for one in inside)


def from_json(kind: Any, value: Any, where: str) -> Any:
    """`value` (from JSON) as an instance of the annotation `kind`.

    Knows classes that read themselves with a `from_json` of their own, dataclasses, tuple[T, ...], dict[str, T],
    T | None, Literal, Any, str, bool, int and float. `where` names the value in the error's sentence.

    Raises:
        ValueError: an unknown field, a missing one, a wrong type or a number that is not finite.
    """
    if kind in _WORDS:
        return _require(kind, value, where)
    if kind is Any:
        return value
    origin = typing.get_origin(kind)
    if reader := getattr(kind, "from_json", None):
        return reader(value)
    if origin is None:
        return _build_object(kind, _require(dict, value, where), where)
    if origin is dict:
        of = typing.get_args(kind)[1]
        return {
            name: from_json(of, item, f"{where} {name!r:.40}") for name, item in _require(dict, value, where).items()
        }
    if origin is tuple:
        items = value if isinstance(value, tuple) else _require(list, value, where)
        return tuple(from_json(typing.get_args(kind)[0], item, where) for item in items)
    if origin in (types.UnionType, typing.Union):
        return None if value is None else from_json(typing.get_args(kind)[0], value, where)
    if origin is Literal:
        if value not in typing.get_args(kind):
            raise ValueError(f"Unknown {where} {value!r:.80}. Choose one of: {', '.join(typing.get_args(kind))}.")
        return value
    raise TypeError(f"schema.from_json does not know {kind}.")


def _build_object(kind: Any, value: dict[str, Any], where: str) -> Any:
    hints = _hints(kind)
    if unknown := set(value) - set(hints):
        raise ValueError(f"Unknown field {sorted(unknown)[0]!r:.80} in the {where}. Known: {', '.join(hints)}.")
    try:
        return kind(**{name: from_json(hints[name], item, name) for name, item in value.items()})
    except TypeError as error:
        raise ValueError(f"The {where} is incomplete: {error}.") from None


def known_fields(kind: type, value: Any) -> Any:
    """What the dataclass `kind` names of an object from JSON: a file of a later version may say more.

    Anything but an object as it is, for `from_json` to refuse.
    """
    return {name: item for name, item in value.items() if name in _hints(kind)} if isinstance(value, dict) else value


def to_json(value: Any) -> dict[str, Any]:
    """A dataclass as an object for JSON, as `from_json` reads it; fields that have their default are left out."""
    standard = {field.name for field in dataclasses.fields(value) if getattr(value, field.name) == field.default}
    return {name: item for name, item in as_plain(value).items() if name not in standard}


def as_plain(value: Any) -> Any:
    """As `dataclasses.asdict`, but that what has a `to_json` of its own says itself how it is written."""
    if write := getattr(value, "to_json", None):
        return write()
    if dataclasses.is_dataclass(value):
        return {field.name: as_plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, list | tuple):
        return type(value)(map(as_plain, value))
    return {name: as_plain(item) for name, item in value.items()} if isinstance(value, dict) else value


def shown(value: Any) -> str:
    """What was received, for an error's sentence: short, and nothing that a page could take for Markdown or HTML."""
    if isinstance(value, str):
        plain = "".join(one if one.isalnum() or one in " _-" else "?" for one in value[:LONGEST_SHOWN])
        return f"'{plain}{'...' if len(value) > LONGEST_SHOWN else ''}'"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int):
        return f"{value:,}" if abs(value) < 10**15 else "a number of more than 15 digits"
    if isinstance(value, float):
        return f"{value:g}"
    return "an object" if isinstance(value, dict) else "a list"


def is_plain(name: str) -> bool:
    """Whether a name has letters, figures and few signs only, so that no page reads more into it."""
    return name[:1].isalnum() and all(unicodedata.category(one)[0] in "LMN" or one in " -'/&" for one in name)


_hints = functools.cache(typing.get_type_hints)
_WORDS = {
    dict: "an object",
    list: "a list",
    str: "text",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
}


def _require(kind: Any, value: Any, where: str) -> Any:
    """`value`, if it is of the plain type `kind`; a whole number passes as float, true and false as no number."""
    if type(value) is int and kind in (int, float):
        if abs(value) < LARGEST:
            return kind(value)
    elif type(value) is kind and (kind is not float or math.isfinite(value)):
        return value
    raise ValueError(f"The field {where} must be {_WORDS[kind]}. Received: {value!r:.80}.")
