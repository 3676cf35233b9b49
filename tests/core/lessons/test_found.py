"""What was said beside what is right, and what a browser may send in place of an answer.

Run: python -m pytest tests/core/lessons/test_found.py
"""

import math

import numpy as np
import pytest

from fmnist_core.lessons.found import Found, Value, check_said, judge
from fmnist_core.lessons.lesson import Asked, Question
from fmnist_core.lessons.reveals import Words

NUMBER = Question("number", "How many?", Asked("typed"), low=0, high=100, step=2, unit="%")
ORDER = Question("order", "Which first?", Asked("typed"))
CHOICE = Question("choice", "Which?", Asked("typed"))
DRAWING = Question("drawing", "Draw.", Asked("drawing"))
NAMES = ("A", "B", "C")


def found(value: Value, near: tuple[float, float] | None = None) -> Found:
    return Found(value, "So it is.", Words(""), NAMES, near)


class Odd:
    """Says yes to whatever is asked of it."""

    def __eq__(self, other):
        return True

    __hash__ = None  # type: ignore[assignment]
    __le__ = __ge__ = __lt__ = __gt__ = __eq__


@pytest.mark.parametrize(
    "said",
    [math.nan, math.inf, -math.inf, True, False, None, "5", "", b"5", [5], (5,), {}, 10**400, -(10**400), -0.01, 100.01]
    + [5j, Odd(), np.array([1, 2]), np.array(5), [math.nan]],
)
def test_what_is_no_number_of_the_question_is_refused(said):
    with pytest.raises(ValueError, match="Expected a number from 0 to 100"):
        check_said(NUMBER, (), said)


@pytest.mark.parametrize(("said", "value"), [(0, 0.0), (100, 100.0), (5.5, 5.5), (np.float64(7), 7.0), (-0.0, 0.0)])
def test_a_number_is_let_through(said, value):
    checked = check_said(NUMBER, (), said)
    assert checked == value and type(checked) is float


@pytest.mark.parametrize(
    "said",
    ["ABC", None, 3, math.nan, {"A": 1, "B": 2, "C": 3}, {"A", "B", "C"}, [], ["A", "B"], ["A", "B", "B"], Odd()]
    + [["A", "B", "C", "C"], ["A", "B", 3], ["A", "B", None], ["A", "B", ["C"]], ["a", "b", "c"], ["A"] * 100_000],
)
def test_what_is_no_order_of_the_options_is_refused(said):
    with pytest.raises(ValueError, match="Expected (all|each) of the options"):
        check_said(ORDER, NAMES, said)


@pytest.mark.parametrize("question", [CHOICE, DRAWING])
@pytest.mark.parametrize("said", [None, 0, True, "", "a", "AB", ["A"], ("A",), {"A": 1}, math.nan, b"A", Odd()])
def test_what_is_none_of_the_options_is_refused(question, said):
    with pytest.raises(ValueError, match="Expected one of the options"):
        check_said(question, NAMES, said)


def test_what_is_right_is_let_through():
    assert check_said(ORDER, NAMES, ["C", "A", "B"]) == ("C", "A", "B")
    assert check_said(CHOICE, NAMES, "B") == "B" and check_said(DRAWING, NAMES, "C") == "C"


@pytest.mark.parametrize(
    ("said", "near", "right"),
    [
        (50.0, None, True),
        (52.0, None, True),  # half a step about it, and half a step of what was said
        (48.0, None, True),
        (52.1, None, False),
        (0.0, None, False),
        (100.0, None, False),
        (44.0, (45, 55), True),
        (56.0, (45, 55), True),
        (43.9, (45, 55), False),
    ],
)
def test_a_number_is_right_within_what_cannot_be_told_apart(said, near, right):
    judged = judge(NUMBER, found(50.0, near), said)
    assert judged.right is right
    assert f"{said:g} %" in judged.sentence
    if not right:
        assert ("too high" if said > 50 else "too low") in judged.sentence


@pytest.mark.parametrize(("said", "kept"), [("ABC", 3), ("ACB", 2), ("BAC", 2), ("CAB", 1), ("CBA", 0)])
def test_of_an_order_pairs_are_counted(said, kept):
    judged = judge(ORDER, found(NAMES), list(said))
    assert judged.right is (kept == 3)
    assert kept == 3 or f"Of 3 pairs you have {kept}" in judged.sentence


def test_a_choice_and_a_drawing_are_right_or_wrong():
    assert judge(CHOICE, found("A"), "A").right
    wrong = judge(CHOICE, found("A"), "B")
    assert wrong.right is False and wrong.sentence == "You said B."
    drawn = judge(DRAWING, found("A"), "C")
    assert drawn.right is False and drawn.sentence == "It was to be: A. The network says: C."
