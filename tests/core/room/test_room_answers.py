"""What pupils answer: taken or refused in a sentence, seen by whom it is meant for.

Run: python -m pytest tests/core/room/test_room_answers.py
"""

import inspect
import json

import numpy as np
import pytest

from fmnist_core.room import rates, rooms
from fmnist_core.storage.folders import RunError
from tests.core.room.conftest import ADA, BEN, EVE, TEACHER

PICTURE = np.arange(784, dtype=np.uint16).astype(np.uint8).reshape(28, 28)


def test_an_answer_comes_back_as_it_was_given(room, clock):
    value = {"class": 3, "why": "Ärmel <b>\u202e", "sure": [0.5, None, True]}
    rooms.answer(room.code, ADA, 0, value, PICTURE)
    mine = rooms.own_answer(room.code, ADA, 0)
    assert json.loads(mine.value) == value and mine.at == clock.seconds
    assert mine.picture == PICTURE.tobytes() and len(mine.picture) == 784
    assert (mine.pupil, mine.name) == (rooms.me(room.code, ADA).id, "Ada")
    assert rooms.own_answer(room.code, BEN, 0) is None and rooms.own_answer(room.code, ADA, 1) is None


def test_the_last_answer_to_a_step_counts(room):
    rooms.answer(room.code, ADA, 0, "coat", PICTURE)
    rooms.answer(room.code, ADA, 0, "bag")
    (only,) = rooms.answers(room.code, TEACHER, 0)
    assert (only.value, only.picture) == ('"bag"', None)


def test_who_sees_answers(room):
    rooms.answer(room.code, ADA, 0, "coat", PICTURE)
    assert [(one.name, one.value) for one in rooms.answers(room.code, TEACHER, 0)] == [("Ada", '"coat"')]
    rooms.lock(room.code, TEACHER, True)
    for asking in (ADA, BEN):
        with pytest.raises(RunError, match="not shown"):
            rooms.answers(room.code, asking, 0)
    rooms.reveal(room.code, TEACHER)
    rooms.show(room.code, TEACHER, 1)
    rooms.answer(room.code, ADA, 1, "bag")
    assert rooms.answers(room.code, BEN, 0) == rooms.answers(room.code, TEACHER, 0)
    with pytest.raises(RunError, match="not shown"):
        rooms.answers(room.code, BEN, 1)
    for asking in (EVE, "", None):
        with pytest.raises(RunError, match="in no room"):
            rooms.answers(room.code, asking, 0)
    assert rooms.own_answer(room.code, EVE, 0) is None


@pytest.mark.parametrize("step", [-1, 10**30, "0", None, 0.5])
def test_no_other_step_has_answers(room, step):
    assert rooms.answers(room.code, TEACHER, step) == [] and rooms.own_answer(room.code, ADA, step) is None
    with pytest.raises(RunError, match="not shown"):
        rooms.answers(room.code, ADA, step)


def refused(room, match, asking=BEN, step=0, value="forged", picture=None):
    before = rooms.answers(room.code, TEACHER, 0)
    with pytest.raises(RunError, match=match):
        rooms.answer(room.code, asking, step, value, picture)
    assert before == rooms.answers(room.code, TEACHER, 0)


def test_forged_answers_are_refused_and_nothing_of_others_is_lost(room):
    rooms.answer(room.code, ADA, 0, "coat")
    for asking in (EVE, "", None, TEACHER):
        refused(room, "in no room", asking)
    for step in (1, -1, 10**30, "0", None):
        refused(room, "at step 1 by now", step=step)
    rooms.lock(room.code, TEACHER, True)
    refused(room, "takes no more")
    rooms.lock(room.code, TEACHER, False)
    rooms.answer(room.code, BEN, 0, "bag")
    rooms.reveal(room.code, TEACHER)
    refused(room, "have been shown")
    rooms.lock(room.code, TEACHER, False)
    refused(room, "have been shown")
    rooms.end(room.code, TEACHER)
    with pytest.raises(RunError, match="may have ended"):
        rooms.answer(room.code, BEN, 0, "late")


def test_nobody_can_answer_for_another(room):
    """There is nothing to name another pupil with: whose answer it is follows from the browser's hash alone."""
    assert list(inspect.signature(rooms.answer).parameters) == ["code", "asking", "step", "value", "picture"]
    rooms.answer(room.code, ADA, 0, "coat")
    refused(room, "in no room", asking=rooms.me(room.code, ADA).id)  # what the class sees of Ada
    rooms.answer(room.code, BEN, 0, {"pupil": rooms.me(room.code, ADA).id, "name": "Ada"})
    first, second = rooms.answers(room.code, TEACHER, 0)
    assert (first.name, first.value, second.name) == ("Ada", '"coat"', "Ben")


class Endless(list):
    """A list that never ends: whoever reads it to its end hangs."""

    def __iter__(self):
        while True:
            yield "x" * 100

    def __bool__(self):
        return True


@pytest.mark.parametrize("value", ["x" * 10**7, ["x" * 100] * 10**6, Endless([1]), "ä" * 1500], ids=type)
def test_what_is_too_large_is_refused_at_the_limit(room, value):
    refused(room, "too long", value=value)


def test_what_fits_exactly_fits(room):
    rooms.answer(room.code, ADA, 0, "x" * (rates.MOST_ANSWER - 2))  # and two quotes
    refused(room, "too long", value="x" * (rates.MOST_ANSWER - 1))


def _circle() -> list:
    made: list = []
    made.append(made)
    return made


def _deep() -> list:
    made: list = []
    for _ in range(100_000):
        made = [made]
    return made


@pytest.mark.parametrize(
    "value", [b"x", float("nan"), object(), {1, 2}, np.float32(1), _circle(), _deep(), "\ud800"], ids=type
)
def test_what_json_cannot_say_is_refused(room, value):
    refused(room, "cannot be stored|too long", value=value)


@pytest.mark.parametrize(
    "picture",
    [
        np.zeros((28, 28)),
        np.zeros((29, 28), np.uint8),
        np.zeros((0,), np.uint8),
        b"\x89PNG",
        [0] * 784,
        PICTURE.T[:, ::2],
    ],
    ids=["floats", "29 rows", "empty", "a file", "a list", "half"],
)
def test_a_picture_is_pixels_and_no_file(room, picture):
    refused(room, "28x28", picture=picture)


def test_a_flat_or_turned_picture_is_kept_as_it_is_seen(room):
    rooms.answer(room.code, ADA, 0, 1, PICTURE.reshape(784))
    rooms.answer(room.code, BEN, 0, 1, PICTURE.T)
    assert rooms.own_answer(room.code, ADA, 0).picture == PICTURE.tobytes()
    assert rooms.own_answer(room.code, BEN, 0).picture == PICTURE.T.copy().tobytes()


def test_who_answers_too_fast_waits_and_the_others_do_not(room, clock):
    for number in range(rates.MOST_ANSWERS):
        rooms.answer(room.code, ADA, 0, number)
    refused(room, "too fast", asking=ADA)
    rooms.leave(room.code, ADA)
    rooms.join(room.code, ADA, "Ada")
    refused(room, "too fast", asking=ADA)  # nor by leaving
    rooms.answer(room.code, BEN, 0, "bag")
    clock.seconds += rates.MINUTE
    for number in range(rates.MOST_ANSWERS):
        rooms.answer(room.code, ADA, 0, number)
    clock.seconds -= 10 * rates.MINUTE  # a clock that is set back locks nobody out
    rooms.answer(room.code, ADA, 0, "bag")


def test_the_teacher_removes_an_answer_and_all_see_it(room):
    rooms.answer(room.code, ADA, 0, "rude")
    rooms.answer(room.code, BEN, 0, "bag")
    rooms.reveal(room.code, TEACHER)
    before, pupil = rooms.peek(room.code).version, rooms.me(room.code, ADA).id
    rooms.remove_answer(room.code, TEACHER, pupil, 0)
    assert [one.value for one in rooms.answers(room.code, BEN, 0)] == ['"bag"']
    assert rooms.peek(room.code).version > before and rooms.own_answer(room.code, ADA, 0) is None
    for gone, step in (("nobody", 0), (None, 10**30), (pupil, 0)):
        rooms.remove_answer(room.code, TEACHER, gone, step)
