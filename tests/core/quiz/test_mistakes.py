"""Mistakes that surprise: of which pictures, in which order, with what to choose among."""

import dataclasses

import numpy as np
import pytest

from fmnist_core.quiz import mistakes
from fmnist_core.quiz.mistakes import Mistake
from fmnist_core.runs import predictions
from fmnist_core.runs.predictions import Predictions
from tests.tiny import shipped_run


@pytest.fixture(scope="module")
def stored() -> Predictions:
    return predictions.load(shipped_run("cnn_1"), "test")


def with_answers(stored: Predictions, answers: dict[int, tuple[int, float]]) -> Predictions:
    """Right everywhere but at some places: what each is called, and how sure it is, as a logit."""
    logits = np.zeros((len(stored.labels), 10), np.float32)
    logits[np.arange(len(logits)), stored.labels] = 5
    for row, place in enumerate(stored.indices.tolist()):
        if place in answers:
            called, sure = answers[place]
            logits[row] = 0
            logits[row, called] = sure
    return dataclasses.replace(stored, logits=logits)


def places_of(stored: Predictions, label: int, count: int) -> list[int]:
    return stored.indices[stored.labels == label][:count].tolist()


def test_the_surest_come_first_one_of_a_class(stored):
    sandal, other, coat, bag = *places_of(stored, 5, 2), *places_of(stored, 4, 1), *places_of(stored, 8, 1)
    network = with_answers(stored, {sandal: (7, 7), other: (7, 9), coat: (6, 8), bag: (0, 6)})
    found = mistakes.convincing(network, [], ())
    assert [(one.place, one.label, one.called) for one in found] == [(other, 5, 7), (coat, 4, 6), (bag, 8, 0)]
    assert [one.place for one in mistakes.convincing(network, [], {other, bag})] == [coat, sandal]
    assert len(mistakes.convincing(network, [], (), count=2)) == 2


def test_most_others_must_have_it_right(stored):
    coat, bag = *places_of(stored, 4, 1), *places_of(stored, 8, 1)
    network = with_answers(stored, {coat: (6, 8), bag: (0, 6)})
    right, wrong = with_answers(stored, {}), with_answers(stored, {coat: (6, 8)})
    assert [one.place for one in mistakes.convincing(network, [right, wrong], ())] == [bag]
    assert [one.place for one in mistakes.convincing(network, [right, right, right, wrong], ())] == [coat, bag]


def test_what_is_offered_is_near_and_always_the_same(stored):
    coats = places_of(stored, 4, 9)
    answers = {place: (called, 3) for place, called in zip(coats[1:], [2, 2, 2, 0, 0, 9, 1, 3], strict=True)}
    network = with_answers(stored, answers | {coats[0]: (6, 9)})
    (one,) = mistakes.convincing(network, [], ())
    assert isinstance(one, Mistake) and set(one.options) == {4, 6, 2, 0}  # it, what it was called, its nearest two
    assert mistakes.convincing(network, [], ()) == [one]
    orders = {tuple(np.argsort(mistakes._options(np.zeros((10, 10)), 4, 6, place))) for place in range(20)}
    assert len(orders) > 5  # no place among them tells which it is
