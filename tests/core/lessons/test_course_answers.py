"""Answers that the course asks for and that are no figure of a single run."""

import numpy as np
import pytest

from fmnist_core import data
from fmnist_core.lessons import answers
from fmnist_core.lessons.found import Found, judge
from fmnist_core.lessons.lesson import Asked, Lesson, LessonError, Question
from fmnist_core.lessons.reveals import NumberLine
from fmnist_core.lessons.sources import Sources

LESSON = Lesson("any", "Any", 10, "from 12", ("to ask",), "flagship", ())
RESTS_ON_NO_PLACE = "test/2765"  # a bag that CNN 2 recognises whatever is covered


def ask(kind: str, what: str, **of: str) -> Found:
    return answers.find(LESSON, Question(kind, "?", Asked(what, of), high=10_000), Sources())


def test_black_pixels_are_those_of_value_0() -> None:
    image = data.load_split("test").images[5344]
    assert ask("number", "black_pixels", picture="test/5344").value == 784 - np.count_nonzero(image)


def test_seeds_lie_as_far_apart_as_their_right_answers() -> None:
    sources = Sources()
    stored = [
        sources.predictions(row.run, "test") for row in sources.rows() if row.run.shipped and row.model == "flagship"
    ]
    right = [np.count_nonzero(one.predicted == one.labels) for one in stored]
    found = ask("number", "seed_spread", model="flagship")
    assert found.value == max(right) - min(right) > 0
    assert isinstance(found.reveal, NumberLine)
    assert [mark.value for mark in found.reveal.marks] == sorted(max(right) - count for count in right)


def test_one_seed_has_no_spread() -> None:
    with pytest.raises(LessonError, match="one seed or none"):
        ask("number", "seed_spread", model="cnn_2")


def test_an_answer_that_rests_on_no_place_is_not_asked_for() -> None:
    with pytest.raises(LessonError, match="No place of this picture"):
        ask("choice", "looks_at", run="cnn_2", picture=RESTS_ON_NO_PLACE)
    assert ask("choice", "looks_at", run="cnn_2", picture="test/992").value


@pytest.mark.parametrize(
    ("said", "told"), [(3_000, "2046 too high"), (950.5, "3.5 too low"), (953.375, "0.625 too low")]
)
def test_how_far_off_a_guess_is_stands_in_plain_digits(said: float, told: str) -> None:
    question = Question("number", "?", Asked("doubted_labels"), high=6_000, step=0.1)
    assert told in judge(question, ask("number", "doubted_labels"), said).sentence
