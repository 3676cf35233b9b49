"""Brushing and linking with counted truth: what one brush chooses among what the others leave.

Run: python -m pytest tests/core/maps/test_brushing.py
"""

import numpy as np

from fmnist_core.maps import brushing
from fmnist_core.maps.brushing import ALIKE, BROKEN, FIXED, Answers
from fmnist_core.metrics.selection import parse_cells

NAMES = ("Shirt", "Coat", "Bag")
LABELS = np.array([0, 0, 0, 1, 1, 2])
A, B = np.array([0, 1, 1, 1, 0, 2]), np.array([0, 0, 2, 2, 0, 2])


def answers(other: np.ndarray | None = None) -> Answers:
    return Answers(LABELS, A, np.ones(6), np.zeros(6), other)


def test_brushes_hold_together_and_the_matrix_counts_what_the_others_leave():
    drawn = np.array([True, True, True, True, False, False])
    sure = np.array([False, True, True, True, True, True])
    found = brushing.link(answers(), [drawn, sure], parse_cells("0-1"), NAMES)
    assert found.kept.tolist() == [False, True, True, True, False, False]
    assert found.rows.tolist() == [1, 2]
    assert brushing.link(answers(), [drawn, sure], (), NAMES).rows.tolist() == [1, 2, 3]
    assert brushing.link(answers(), [], (), NAMES).rows.tolist() == [0, 1, 2, 3, 4, 5]
    assert brushing.link(answers(), [], parse_cells("other-0,2-2"), NAMES).rows.tolist() == [4, 5]


def test_against_another_run_the_one_that_is_wrong_names_the_column():
    found = answers(B)
    assert found.change.tolist() == [ALIKE, FIXED, ALIKE, BROKEN, ALIKE, ALIKE]
    assert found.called.tolist() == [0, 1, 1, 2, 0, 2]
    assert brushing.link(found, [found.change > 0], parse_cells("1-2"), NAMES).rows.tolist() == [3]
    alone = answers()
    assert alone.called is A and not alone.change.any()
