"""Two ways to classify the same pictures, compared in words.

Run: python -m pytest tests/core/test_comparison.py
"""

import numpy as np
import pytest

from fmnist_core.comparison import compare, in_words, p_in_words


def judged(both: int, only_a: int, only_b: int, neither: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """So many pictures that both have right, only A, only B, neither."""
    counts = (both, only_a, only_b, neither)
    return np.repeat([True, True, False, False], counts), np.repeat([True, False, True, False], counts)


def words(*counts: int) -> str:
    right_a, right_b = judged(*counts)
    return in_words(compare("A", right_a, "B", right_b))


def test_two_that_cannot_be_told_apart():
    assert words(9_500, 120, 133, 247) == (
        "A and B cannot be told apart on 10,000 pictures (p = 0.45): A alone is right on 120, B alone on 133."
    )


def test_the_better_one_is_named_first():
    better = "{} is better than {} on 1,300 pictures (p < 0.0001): {} alone is right on 200, {} alone on 100."
    assert words(1_000, 100, 200) == better.format("B", "A", "B", "A")
    assert words(1_000, 200, 100) == better.format("A", "B", "A", "B")


def test_the_same_verdicts_are_said_to_be_the_same():
    assert words(7, 0, 0, 3) == "A and B are right on the very same ones of 10 pictures."
    assert words(0, 0, 0, 1) == "A and B are right on the very same ones of 1 picture."
    assert words(0, 1, 1).startswith("A and B cannot be told apart on 2 pictures (p = 1)")


def test_figures_of_a_comparison():
    right_a, right_b = judged(50, 10, 30, 10)
    found = compare("A", right_a, "B", right_b)
    assert (found.pictures, found.right) == (100, (60, 80))
    assert (found.test.only_a, found.test.only_b) == (10, 30)
    assert found.differ and found.better == "B"
    same = compare("A", right_a, "B", right_a)
    assert not same.differ and same.better is None
    assert compare("A", right_b, "B", right_a).better == "A"


@pytest.mark.parametrize(
    ("p_value", "written"),
    [
        (1.0, "p = 1"),
        (0.3149, "p = 0.31"),
        (0.0501, "p = 0.0501"),
        (0.0496, "p = 0.0496"),
        (0.05, "p = 0.05"),
        (0.049998, "p = 0.049998"),
        (0.00423, "p = 0.0042"),
        (0.0001, "p = 0.0001"),
        (0.0000999, "p < 0.0001"),
        (0.0, "p < 0.0001"),
    ],
)
def test_p_stays_on_its_side_of_the_level(p_value, written):
    assert p_in_words(p_value) == written
