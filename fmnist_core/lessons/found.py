"""An answer as it is found, and how what somebody said compares with it."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from fmnist_core.lessons import class_training
from fmnist_core.lessons.lesson import WITH_PICTURE, Question
from fmnist_core.lessons.reveals import Reveal
from fmnist_core.quiz.pictures import PICTURES

Value = float | str | tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Found:
    """An answer.

    value: of a choice one of the options, of an order all of them, of a drawing a class, else a number. options: what
    there is to choose from. near: of a number, within which what was said counts as right.
    """

    value: Value
    sentence: str
    reveal: Reveal
    options: tuple[str, ...] = ()
    near: tuple[float, float] | None = None


@dataclass(frozen=True)
class Judged:
    """right: None where it is neither right nor wrong."""

    right: bool | None
    sentence: str


def judge(question: Question, found: Found, said: object) -> Judged:
    """What was said, as `check_said` has let it through, beside what it is."""
    if question.kind == "number":
        return _judge_number(question, found, float(said))  # type: ignore[arg-type]
    if question.kind == "order":
        return _judge_order(tuple(said), tuple(found.value))  # type: ignore[arg-type]
    if question.kind == "quiz":
        right = sum(one == truth for one, truth in zip(said, found.value, strict=True))  # type: ignore[call-overload]
        return Judged(None, f"You have {right} of {len(said)} right.")  # type: ignore[arg-type]
    if question.kind == "training":
        return Judged(None, "Your training is on the leaderboard.")
    right = said == found.value
    if question.kind in WITH_PICTURE:
        return Judged(right, f"It was to be: {found.value}. The network says: {said}.")
    return Judged(right, "As you said." if right else f"You said {said}.")


def _judge_number(question: Question, found: Found, said: float) -> Judged:
    truth = float(found.value)  # type: ignore[arg-type]
    low, high = found.near or (truth - question.step / 2, truth + question.step / 2)
    words = f"You said {said:g} {question.unit}".rstrip()
    if low - question.step / 2 <= said <= high + question.step / 2:
        return Judged(True, f"{words}: as near as it can be said.")
    off = abs(said - truth)
    direction = "too high" if said > truth else "too low"
    return Judged(False, f"{words}: {round(off, 1 if off >= 1 else 3):g} {direction}.")


def _judge_order(said: Sequence[str], truth: Sequence[str]) -> Judged:
    pairs = list(itertools.combinations(truth, 2))
    kept = sum(said.index(first) < said.index(second) for first, second in pairs)
    if kept == len(pairs):
        return Judged(True, "The order that you said.")
    return Judged(False, f"Of {len(pairs)} pairs you have {kept} in the right order.")


def check_said(question: Question, options: Sequence[str], said: object) -> object:
    """What came from a browser or a room, as `judge` takes it.

    Raises ValueError where it answers no such question.
    """
    if question.kind == "quiz":
        return _check_quiz(options, said)
    if question.kind == "training":
        return class_training.check(class_training.terms_of(question), said)
    if question.kind == "number":
        if isinstance(said, bool) or not isinstance(said, (int, float)) or not question.low <= said <= question.high:
            raise ValueError(f"Expected a number from {question.low:g} to {question.high:g}.")
        return float(said)
    if question.kind == "order":
        if not isinstance(said, (list, tuple)) or not all(isinstance(one, str) for one in said):
            raise ValueError("Expected all of the options in an order.")
        if sorted(said) != sorted(options):
            raise ValueError("Expected each of the options once.")
        return tuple(said)
    if not isinstance(said, str) or said not in options:
        raise ValueError("Expected one of the options.")
    return said


def _check_quiz(options: Sequence[str], said: object) -> tuple[str, ...]:
    if not isinstance(said, (list, tuple)) or len(said) != PICTURES or not all(one in options for one in said):
        raise ValueError(f"Expected one of the ten classes for each of {PICTURES} pictures.")
    return tuple(said)
