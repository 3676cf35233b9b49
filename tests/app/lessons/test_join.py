"""A room by its pages: the teacher's bar, a pupil's way in, answers that are taken or not, and its end.

Run: python -m pytest tests/app/lessons/test_join.py
"""

import json
from typing import Any

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from fmnist_core.room import rates, rooms
from fmnist_core.room.names import LONGEST
from fmnist_core.room.rooms import Room
from fmnist_core.storage.folders import RunError
from fmnist_ui.lessons import questions
from fmnist_ui.widgets.drawing import Stroke
from tests import made_up_lesson
from tests.app.lessons.conftest import Open, hash_of, words
from tests.made_up_lesson import CHOICE, DRAWING, NAME, NUMBER, ORDER, OWN

TEACHER = hash_of("teacher")


@pytest.fixture
def room() -> Room:
    found = rooms.open_room(NAME, TEACHER)
    rooms.show(found.code, TEACHER, CHOICE)
    return found


def join(app: AppTest, code: str, name: str = "") -> AppTest:
    app.text_input(key="join-code").set_value(code)
    app.text_input(key="join-name").set_value(name)
    app.button[[one.label for one in app.button].index("Join")].click().run()
    assert not app.exception
    return app


def keys(app: AppTest) -> set[str]:
    return {str(one.key) for one in app.button}


def press(app: AppTest, key: str) -> AppTest:
    app.button(key=key).click().run()
    assert not app.exception
    return app


def pupil(open_page: Open, room: Room, who: str = "ada") -> AppTest:
    """The page of one who is in the room."""
    rooms.join(room.code, hash_of(who), who.title())
    app = open_page("join", who, room=room.code)
    assert not app.exception and not app.error
    return app


def answers(room: Room, step: int) -> list[Any]:
    return [json.loads(one.value) for one in rooms.answers(room.code, TEACHER, step)]


def test_join_without_anything_asks_for_a_code(open_page):
    app = open_page("join")
    assert not app.exception and [one.value for one in app.title] == ["Join"]
    assert app.text_input(key="join-code").value == ""


@pytest.mark.some(2)
@pytest.mark.parametrize("code", ["", "BCDF", "bcdf", "AEIO", "x" * 1_000_000, "../x", "<b>", "١٢٣٤"])
def test_a_wrong_code_is_a_sentence(open_page, room, code):
    if code.upper() == room.code:
        code = "BCDG"
    app = join(open_page("join"), code)
    assert "There is no room with this code now." in words(app) and "leave" not in keys(app)


@pytest.mark.long
def test_a_code_of_the_address_is_filled_in_and_says_not_whether_there_is_such_a_room(open_page, room):
    app, other = open_page("join", room=room.code), open_page("join", room="BCDF" if room.code != "BCDF" else "BCDG")
    assert app.text_input(key="join-code").value == room.code
    assert words(app) == words(other) and keys(app) == keys(other)
    join(app, f" {room.code[:2].lower()}-{room.code[2:]} ")
    assert "**Which is it?**" in words(app)
    for forged in ("../x", "x" * 5_000, "1234"):
        app = open_page("join", room=forged)
        assert not app.exception and "The address' room was left out" in words(app)


@pytest.mark.some(2)
@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("Ada", ", Ada"),
        ("<img src=x onerror=alert(1)>", ", img src=x onerror=a"),
        ("**bold** [a](b)", r", \*\*bold\*\* \[a\]\(b\)"),
        ("x" * 1_000_000, f", {'x' * LONGEST}"),
        ("\u202e\u0000\n", ""),
    ],
)
def test_a_nickname_is_shown_letter_by_letter(open_page, room, typed, shown):
    app = join(open_page("join", "ada"), room.code, typed)
    assert f"Room {room.code}{shown}" in [one.value for one in app.caption]
    press(app, f"ask-{room.code}-{CHOICE}-0")
    (answer,) = rooms.answers(room.code, TEACHER, CHOICE)
    assert len(answer.name) <= LONGEST
    teacher = open_page("lessons", "teacher", lesson=NAME, room=room.code)
    assert not teacher.exception and "<img" not in words(teacher) and "**bold" not in words(teacher)
    assert f"{shown[2:] or 'A pupil'}: " in words(teacher)


def test_a_pupil_answers_once_more_sees_nothing_before_and_all_after(open_page, room):
    app = pupil(open_page, room)
    assert "Because it is red." not in words(app)
    press(app, f"ask-{room.code}-{CHOICE}-0")
    assert "You said: Green" in words(app) and answers(room, CHOICE) == ["Green"]
    press(press(app, "room-again"), f"ask-{room.code}-{CHOICE}-1")
    assert r"You said: \*Red\* \<b\>" in words(app) and answers(room, CHOICE) == ["*Red* <b>"]
    assert "Because it is red." not in words(app)
    rooms.reveal(room.code, TEACHER)
    app.run()
    assert "As you said." in words(app) and "Because it is red." in words(app) and "The class: 1 answer" in words(app)
    assert "*Red* &lt;b&gt;" in words(app) and "*Red* <b>" not in words(app)


@pytest.mark.long
def test_each_kind_is_answered_in_a_room_and_shown_to_the_class(open_page, room):
    app = pupil(open_page, room)
    ask = lambda step, end: f"ask-{room.code}-{step}-{end}"  # noqa: E731
    rooms.show(room.code, TEACHER, NUMBER)
    app.run()
    app.slider(key=ask(NUMBER, "number")).set_value(10)
    press(app, ask(NUMBER, "say"))
    assert answers(room, NUMBER) == [10]
    rooms.show(room.code, TEACHER, ORDER)
    app.run()
    for place in (2, 0, 1):
        press(app, ask(ORDER, place))
    assert answers(room, ORDER) == [["first", "second", "third"]] and "You said: first, second, third" in words(app)
    press(app, "room-again")
    assert not app.button(key=ask(ORDER, 0)).disabled  # begun anew
    rooms.show(room.code, TEACHER, DRAWING)
    app.run()
    app.session_state[ask(DRAWING, "canvas-kept")] = (Stroke(0.2, False, (0.1, 0.5, 0.9, 0.5)),)
    press(app.run(), ask(DRAWING, "say"))
    assert "Sent. What the network calls it" in words(app)
    (drawn,) = rooms.answers(room.code, TEACHER, DRAWING)
    assert len(drawn.picture) == 784 and np.frombuffer(drawn.picture, np.uint8).any()
    for step, seen in ((NUMBER, "20 too low"), (ORDER, "whole order right"), (DRAWING, "The picture, called")):
        rooms.show(room.code, TEACHER, step)
        assert seen not in words(app.run())
        rooms.reveal(room.code, TEACHER)
        assert seen in words(app.run()) and not app.exception
        teacher = open_page("lessons", "teacher", lesson=NAME, room=room.code)
        assert not teacher.exception and "<b>It is</b>" in words(teacher)


def test_what_is_locked_or_revealed_takes_no_answer(open_page, room):
    app = pupil(open_page, room)
    late = app.button(key=f"ask-{room.code}-{CHOICE}-0")
    rooms.lock(room.code, TEACHER, True)
    late.click().run()  # sent before the page has heard of it
    assert not app.exception and answers(room, CHOICE) == []
    assert "Your teacher takes no more answers" in words(app) and "Answers are closed." in words(app)
    rooms.lock(room.code, TEACHER, False)
    app.run()
    late = app.button(key=f"ask-{room.code}-{CHOICE}-0")
    rooms.reveal(room.code, TEACHER)
    late.click().run()
    assert not app.exception and answers(room, CHOICE) == [] and "Because it is red." in words(app)


@pytest.mark.some(2)
@pytest.mark.parametrize(
    ("step", "value"), [(NUMBER, 10**9), (NUMBER, float("nan")), (ORDER, ["first"] * 3), (CHOICE, "Yellow")]
)
def test_what_the_question_does_not_offer_is_no_answer(open_page, room, monkeypatch, step, value):
    def forge(question, found, key, on_said, recognise):
        st.button("Forge", key="forge", on_click=on_said, args=(value, None))

    monkeypatch.setattr(questions, "ask", forge)
    rooms.show(room.code, TEACHER, step)
    app = press(pupil(open_page, room), "forge")
    assert answers(room, step) == [] and "Expected " in app.warning[0].value


@pytest.mark.long
@pytest.mark.parametrize("value", [10**9, "30", None, [1], {"a": 1}, True, "x" * 1_900])
def test_a_forged_answer_that_is_stored_all_the_same_counts_for_nothing(open_page, room, value):
    for step in (NUMBER, ORDER, CHOICE):
        rooms.show(room.code, TEACHER, step)
        app = pupil(open_page, room)
        rooms.answer(room.code, hash_of("ada"), step, value)
        assert not app.run().exception
        rooms.reveal(room.code, TEACHER)
        assert not app.run().exception and "<b>You</b>" not in words(app) and "The class:" not in words(app)
        teacher = open_page("lessons", "teacher", lesson=NAME, room=room.code)
        assert not teacher.exception and "The class:" not in words(teacher)


def test_a_pupil_has_no_controls_of_the_teacher_and_is_refused(open_page, room):
    app = pupil(open_page, room)
    assert not {one for one in keys(app) if one.startswith(("room-", "remove-", "out-"))}
    ada = hash_of("ada")
    rooms.join(room.code, hash_of("ben"), "Ben")
    rooms.answer(room.code, hash_of("ben"), CHOICE, "Green")
    (his,) = rooms.answers(room.code, TEACHER, CHOICE)
    for change in (rooms.reveal, rooms.end, rooms.present):
        with pytest.raises(RunError):
            change(room.code, ada)
    for change, told in (
        (rooms.lock, (True,)),
        (rooms.show, (NUMBER,)),
        (rooms.remove_answer, (his.pupil, CHOICE)),
        (rooms.remove_pupil, (his.pupil,)),
        (rooms.answers, (CHOICE,)),
    ):
        with pytest.raises(RunError):
            change(room.code, ada, *told)
    assert rooms.peek(room.code).step == CHOICE and answers(room, CHOICE) == ["Green"]


def test_the_teacher_reveals_locks_removes_and_ends(open_page, room):
    for who in ("ada", "ben"):
        rooms.join(room.code, hash_of(who), who.title())
        rooms.answer(room.code, hash_of(who), CHOICE, "Green")
    app = open_page("lessons", "teacher", lesson=NAME, room=room.code)
    assert "**2** here · **2** answered" in words(app) and "Because it is red." not in words(app)
    first, second = (one.pupil for one in rooms.answers(room.code, TEACHER, CHOICE))
    press(app, f"remove-{first}")
    assert len(answers(room, CHOICE)) == 1 and rooms.peek(room.code).pupils == 2
    press(app, f"out-{second}")
    assert answers(room, CHOICE) == [] and rooms.peek(room.code).pupils == 1
    press(app, "room-lock")
    assert rooms.peek(room.code).locked
    press(app, "room-lock")
    assert not rooms.peek(room.code).locked
    press(app, "room-reveal")
    assert rooms.peek(room.code).revealed and "Because it is red." in words(app) and "room-reveal" not in keys(app)
    press(app, "lesson-next")
    assert rooms.peek(room.code).step == NUMBER
    press(app, "room-end")
    assert rooms.peek(room.code) is None and "room-end" not in keys(app) and "room" not in app.query_params


def test_who_loads_the_page_again_is_the_same_pupil(open_page, room):
    join(open_page("join", "ada"), room.code, "Ada")
    app = open_page("join", "ada", room=room.code)
    assert f"Room {room.code}, Ada" in words(app) and rooms.peek(room.code).pupils == 1
    press(app, "leave")
    assert rooms.peek(room.code).pupils == 0 and app.text_input(key="join-code").value == ""


def test_a_room_that_ends_or_that_one_is_taken_out_of_says_so(open_page, room):
    ada, ben = pupil(open_page, room), pupil(open_page, room, "ben")
    (away,) = [one for one in rooms.present(room.code, TEACHER) if one.name == "Ben"]
    rooms.remove_pupil(room.code, TEACHER, away.id)
    rooms.show(room.code, TEACHER, NUMBER)
    assert "How many are there?" in words(ada.run()) and "your teacher took you out" in words(ben.run())
    join(ben, room.code)
    assert "The teacher has taken you out of this room." in words(ben)
    rooms.end(room.code, TEACHER)
    assert "The room has ended" in words(ada.run()) and not ada.exception
    assert ada.text_input(key="join-code").value == "" and "room" not in ada.query_params


def test_a_room_that_is_full_says_so(open_page, room, monkeypatch):
    monkeypatch.setattr(rates, "MOST_PUPILS", 1)
    rooms.join(room.code, hash_of("ben"))
    app = join(open_page("join", "ada"), room.code)
    assert "This room is full" in words(app) and "leave" not in keys(app)


@pytest.mark.long
def test_a_step_that_cannot_be_shown_is_a_sentence_for_pupils_and_teacher(open_page, room, runs_folder):
    rooms.show(room.code, TEACHER, OWN)
    assert "network is still being trained" in words(pupil(open_page, room))
    teacher = open_page("lessons", "teacher", lesson=NAME, room=room.code)
    assert not teacher.exception and "none has ended yet" in words(teacher)
    rooms.show(room.code, TEACHER, rates.MOST_STEPS - 1)
    app = pupil(open_page, room)
    assert not app.exception and "not in the lesson any more" in words(app)
    teacher = open_page("lessons", "teacher", lesson=NAME, room=room.code)
    assert not teacher.exception and "The end" in words(teacher)
    made_up_lesson.write(runs_folder, made_up_lesson.BROKEN)
    app = pupil(open_page, room)
    assert not app.exception and "cannot be shown" in words(app)
    app = open_page("lessons", "teacher", lesson=NAME, room=room.code)
    assert not app.exception and "cannot be shown" in words(app)
