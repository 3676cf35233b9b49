"""What an answer may be asked of: the values of a question's options, checked and read."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fmnist_core import data
from fmnist_core.analysis.robustness import CHANGES
from fmnist_core.lessons import sources
from fmnist_core.recipe import MOST_EPOCHS
from fmnist_core.zoo import MODELS

Reads = Callable[[str], Any]  # raises ValueError with the end of a sentence


@dataclass(frozen=True)
class Option:
    read: Reads
    default: str | None = None  # None: it must be there


def run(text: str) -> str:
    if not sources.is_named(text):
        raise ValueError("must be a model of the zoo, a run, or own")
    return text


def runs(text: str) -> tuple[str, ...]:
    return _several(text, run)


def model(text: str) -> str:
    if text not in MODELS:
        raise ValueError("must be a model of the zoo")
    return text


def class_name(text: str) -> str:
    if text not in data.CLASS_NAMES:
        raise ValueError(f"must be one of {', '.join(data.CLASS_NAMES)}")
    return text


def class_names(text: str) -> tuple[str, ...]:
    return _several(text, class_name)


def picture(text: str) -> str:
    data.parse_picture_address(text)
    return text


def change(text: str) -> str:
    if text not in CHANGES:
        raise ValueError(f"must be one of {', '.join(CHANGES)}")
    return text


def check_severity(change: str, severity: float) -> list[str]:
    """What is wrong with a severity of a change, in sentences."""
    row = CHANGES[change]
    if row.lowest <= severity <= row.highest:
        return []
    return [f"`severity` of {change} reaches from {row.lowest:g} to {row.highest:g} {row.unit}".rstrip() + "."]


def number(low: float, high: float) -> Reads:
    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            raise ValueError("must be a number") from None
        if not low <= value <= high:
            raise ValueError(f"must be from {low:g} to {high:g}")
        return value

    return read


def whole(low: int, high: int) -> Reads:
    def read(text: str) -> int:
        if not (text.isascii() and text.isdecimal() and len(text) < 9 and low <= int(text) <= high):
            raise ValueError(f"must be a whole number from {low} to {high}")
        return int(text)

    return read


epoch = whole(1, MOST_EPOCHS)


def yes_or_no(text: str) -> bool:
    if text not in ("yes", "no"):
        raise ValueError("must be yes or no")
    return text == "yes"


def words(text: str) -> str:
    return text


def _several(text: str, one: Reads) -> tuple[Any, ...]:
    found = tuple(one(part.strip()) for part in text.split(",") if part.strip())
    if not 2 <= len(set(found)) == len(found) <= 10:
        raise ValueError("must be 2 to 10 different ones, with commas between them")
    return found
