"""How a quiz is counted, and what its figures say in words."""

import numpy as np
import pytest

from fmnist_core.metrics import evaluation
from fmnist_core.metrics.class_figures import Interval, proportion
from fmnist_core.quiz import scoring, words
from fmnist_core.quiz.scoring import Score
from fmnist_core.zoo.reported import PEOPLE, REPORTED

LABELS = np.array([0, 1, 2, 3, 6, 6], np.uint8)


def of(right: int, total: int = 20, name: str = "You") -> Score:
    """Who has the first so many right."""
    return scoring.score(name, np.where(np.arange(total) < right, 0, 1), np.zeros(total, np.uint8))


def test_who_answers_is_counted_with_an_interval():
    one = scoring.score("Anna", np.array([0, 1, 2, 4, 0, 6]), LABELS)
    assert (one.name, one.count_right, one.right.tolist()) == ("Anna", 4, [True, True, True, False, False, True])
    assert one.accuracy == Interval(4 / 6, *evaluation.wilson_interval(4, 6))
    assert scoring.right_by_class(one, LABELS, 10).tolist() == [1, 1, 1, 0, 0, 0, 1, 0, 0, 0]


def test_where_two_differ_each_picture_stands_once():
    first = scoring.score("A", np.array([0, 1, 9, 4, 0, 6]), LABELS)
    second = scoring.score("B", np.array([0, 9, 2, 4, 4, 6]), LABELS)
    found = scoring.differences(first, second)
    assert [one.tolist() for one in found] == [[1], [2], [3, 4]]
    assert scoring.against(first, second).test.only_a == 1


@pytest.mark.parametrize("called", [[0, 1], [[0] * 6], []])
def test_answers_to_other_pictures_are_refused(called):
    with pytest.raises(ValueError, match="an answer for each picture"):
        scoring.score("A", np.array(called), LABELS)
    with pytest.raises(ValueError, match="an answer for each picture"):
        scoring.score("A", np.array([]), np.array([]))
    with pytest.raises(ValueError, match="scores of the same pictures"):
        scoring.differences(of(3), of(3, 19))


def test_the_own_accuracy_in_words():
    low, high = (f"{100 * end:.1f} %" for end in evaluation.wilson_interval(15, 20))
    assert words.own_accuracy(of(15)) == (f"You are right on 15 of 20: accuracy 75.0 %, 95 % interval {low} to {high}.")
    said = words.width(of(15), "Flagship", proportion(9_504, 10_000))
    assert "is 36 points wide" in said and "Flagship has 95.04 % of all 10,000 test pictures" in said
    assert "interval of 0.9 points" in said


def test_who_is_better_is_said_only_where_it_is_known():
    said = lambda yours, its: words.against(scoring.against(of(yours), of(its, name="Flagship")))  # noqa: E731
    assert said(15, 15) == "Flagship and you are right on the very same pictures."
    assert said(15, 19).startswith("You alone are right on 0, Flagship alone on 4: that could be chance (p = 0.12)")
    assert said(10, 19).endswith("so Flagship is better at pictures like these.")
    assert said(19, 10).endswith("so you are better at pictures like these.")


def test_people_s_published_accuracy_is_told_apart_from_what_is_measured():
    said = lambda right, hard=False: words.beside_people(of(right).accuracy, hard)  # noqa: E731
    assert PEOPLE in REPORTED and "83.5 % on 1,000 test pictures, says Zalando's README" in said(15)
    assert "lies in your interval" in said(15)
    assert "below that" in said(5) and "above that" in said(20)
    assert "no measure for you here" in said(5, hard=True) and "below" not in said(5, hard=True)


def test_the_hard_pictures_are_explained_by_their_number():
    assert words.about_hard(2_345, 21).startswith("Drawn from the 2,345 test pictures that the 21 networks")
