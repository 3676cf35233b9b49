"""Whose runs, trainings and answers a lesson and its room show, and to whom.

Run: python -m pytest tests/app/lessons/test_room_rules.py
"""

import dataclasses
import json
import threading
from typing import Any

import numpy as np
import pytest
import streamlit as st

from fmnist_core.jobs import lifecycle, queue
from fmnist_core.lessons import class_training, library
from fmnist_core.lessons.class_training import Choice
from fmnist_core.room import rooms
from fmnist_core.room.rooms import Room
from fmnist_core.runs import runs
from fmnist_core.storage import owners
from fmnist_core.storage.folders import RunError
from fmnist_core.storage.owners import Visitor
from fmnist_core.training import training_jobs
from fmnist_ui import cached, visitor
from fmnist_ui.lessons import lesson_answers, paper, questions, training_panel
from fmnist_ui.lessons.lesson_answers import SOURCES
from fmnist_ui.room import answers_panel, pupil_panel
from tests import made_up_lesson
from tests.app.lessons.conftest import hash_of, words
from tests.made_up_lesson import CHOICE, DRAWING, NAME
from tests.tiny import tiny_recipe

TEACHER = hash_of("teacher")
ADA, BEN = Visitor("a" * 32), Visitor("b" * 32)
TRAINING = """---
title: A class trains
minutes: 5
age: from 12
learned: [Train.]
---

# Train

```question
kind: training
ask: Train one.
options: [simple_nn, cnn_1]
answer: {what: training, epochs: 2, pictures: 1000}
```

# Twenty

```question
kind: quiz
ask: Name them.
answer: {what: quiz, run: cnn_2, seed: 3}
```
"""
CHOICE_MADE = {"model": "simple_nn", "epochs": 1, "pictures": 500, "augmented": False, "guess": 60.0}


@pytest.fixture(autouse=True)
def _no_process(monkeypatch, runs_folder):
    monkeypatch.setattr(queue, "_spawn", lambda job, queued: None)
    made_up_lesson.write(runs_folder, TRAINING, "trains")


def room_at(step: int, lesson: str = NAME) -> Room:
    found = rooms.open_room(lesson, TEACHER)
    rooms.show(found.code, TEACHER, step)
    now = rooms.peek(found.code)
    assert now is not None
    return now


def private_run(who: Visitor) -> str:
    with owners.acting(who):
        run = training_jobs.submit(tiny_recipe())
        owners.share(run.folder, "run", False)
    return run.id


def is_active(run: str) -> bool:
    return runs.read_status(runs.find(run)).state == "queued"


def test_a_sheet_is_made_for_who_asks_and_not_for_the_machine(monkeypatch):
    """Streamlit makes what a download button offers in a thread of its own, where nobody is known."""
    offered: dict[str, Any] = {}
    monkeypatch.setattr(st, "download_button", lambda label, make, *rest, **told: offered.update({label: make}))
    seen: list[Visitor] = []
    monkeypatch.setattr(paper.handout, "answer_sheet", lambda lesson, sources: seen.append(owners.visitor()) or b"")
    with owners.acting(BEN):
        paper.offer(library.find(NAME))
    thread = threading.Thread(target=offered["Answers and notes"])
    thread.start()
    thread.join()
    assert seen == [BEN]


def test_a_run_that_a_tab_gives_back_is_looked_at_as_its_visitor_may():
    run = private_run(ADA)
    model = run.split("-")[0]
    choice = Choice(model, 1, 500, False, 60.0, run)
    with owners.acting(BEN):
        assert class_training.standing("You", choice).state == class_training.GONE
    with owners.acting(ADA):
        assert class_training.standing("You", choice).state == "queued"
        other = dataclasses.replace(choice, model="cnn_2" if model != "cnn_2" else "cnn_1")
        assert class_training.standing("You", other).state == class_training.GONE


def start(choice: dict[str, Any], taken: bool) -> str:
    """What the button *Train it* does; the run that it made."""
    kept: list[str] = []

    def on_said(value: Any, picture: None) -> bool:
        kept.append(value["run"])
        return taken

    training_panel._start(class_training.check(class_training.Terms(("simple_nn",), 2, 1_000), choice), on_said)
    return kept[0]


def test_a_training_that_the_room_does_not_take_is_stopped():
    assert is_active(start(CHOICE_MADE, taken=True))
    assert not is_active(start(CHOICE_MADE, taken=False))


def test_leaving_and_another_training_stop_the_one_before(monkeypatch):
    room = room_at(0, "trains")
    ada = hash_of("ada")
    monkeypatch.setattr(visitor, "browser", lambda: ada)
    rooms.join(room.code, ada)
    run = start(CHOICE_MADE, taken=True)
    rooms.answer(room.code, ada, 0, CHOICE_MADE | {"run": run})
    pupil_panel.stop_trainings(room.code)
    assert not is_active(run)


def test_ending_a_room_stops_all_of_its_trainings_also_where_one_run_is_gone(open_page):
    room = room_at(0, "trains")
    made = []
    for who in ("ada", "ben"):
        rooms.join(room.code, hash_of(who))
        made.append(start(CHOICE_MADE, taken=True))
        rooms.answer(room.code, hash_of(who), 0, CHOICE_MADE | {"run": made[-1]})
    lifecycle.cancel(training_jobs.job(runs.find(made[0])))
    runs.delete(runs.find(made[0]))
    teacher = open_page("lessons", "teacher", lesson="trains", room=room.code)
    teacher.button(key="room-end").click().run()
    assert not teacher.exception and rooms.peek(room.code) is None and not is_active(made[1])


def test_own_is_the_teachers_run_for_all_and_goes_with_the_room(run):
    lesson = dataclasses.replace(library.find(NAME), run="own")
    step = dataclasses.replace(lesson.steps[CHOICE], question=lesson.steps[DRAWING].question)
    lesson = dataclasses.replace(lesson, steps=(step,))
    room = room_at(0)
    with pytest.raises(ValueError, match="still being trained"):
        lesson_answers.question_in(lesson, 0, room)
    (run.folder / owners.FILE).write_text(json.dumps({"owner": TEACHER, "shared": False}))
    cached.forget_rows()
    with owners.acting(Visitor(TEACHER)):
        room = lesson_answers.resolve_own(lesson, 0, room, TEACHER)
    assert room.own == {"own": run.id} and rooms.peek(room.code).own == {"own": run.id}
    with owners.acting(BEN):
        asked = lesson_answers.question_in(lesson, 0, room)
        assert asked.answer.of["run"] == run.id
        found = lesson_answers.verdict_in_room(lesson, asked, room, np.zeros((28, 28), np.uint8))
        assert lesson_answers.called(found) in found.names
    rooms.end(room.code, TEACHER)
    assert rooms.peek(room.code) is None


def test_on_the_serving_machine_own_is_not_what_the_class_has_made(run):
    assert SOURCES.row("own").run.id == run.id
    (run.folder / owners.FILE).write_text(json.dumps({"owner": ADA.id, "shared": True}))
    cached.forget_rows()
    with pytest.raises(ValueError, match="none has ended yet"):
        SOURCES.row("own")


def test_drawings_keep_what_they_are_called_until_it_is_revealed(open_page, monkeypatch):
    shown: list[str] = []
    monkeypatch.setattr(st, "html", shown.append)
    lesson = library.find(NAME)
    question = lesson.steps[DRAWING].question
    found = lesson_answers.find(lesson, question)
    answer = rooms.Answer("p1", "Ada", json.dumps("Trouser"), bytes(784), 0.0)
    answers_panel.show(question, found, [answer], revealed=False)
    answers_panel.show(question, found, [answer], revealed=True)
    assert "Trouser" not in shown[0] and "Ada" in shown[0] and "Ada: Trouser" in shown[1]
    assert answers_panel.in_words(question, answer) == "a picture"


def test_reveal_and_close_mean_the_step_that_was_looked_at():
    room = room_at(CHOICE)
    rooms.show(room.code, TEACHER, CHOICE + 1)
    for change in (
        lambda: rooms.reveal(room.code, TEACHER, CHOICE),
        lambda: rooms.lock(room.code, TEACHER, True, CHOICE),
    ):
        with pytest.raises(RunError, match="at another step"):
            change()
    rooms.reveal(room.code, TEACHER, CHOICE + 1)
    assert rooms.peek(room.code).revealed


def test_a_view_is_open_to_the_teacher_who_has_revealed_its_step_and_to_no_pupil(open_page):
    room = room_at(CHOICE)
    told = {"lesson": NAME, "step": str(CHOICE), "room": room.code}
    assert "First say what you think" in words(open_page("data", "teacher", **told))
    rooms.reveal(room.code, TEACHER, CHOICE)
    assert "First say what you think" not in words(open_page("data", "teacher", **told))
    assert "First say what you think" in words(open_page("data", "ada", **told))


def test_a_quiz_that_was_sent_can_be_answered_again_and_one_that_was_refused_be_sent(monkeypatch):
    lesson = library.find("trains")
    reveal = lesson_answers.find(lesson, lesson.steps[1].question).reveal
    state: dict[str, Any] = {}
    monkeypatch.setattr(st, "session_state", state)
    hold: dict[str, Any] = {}
    monkeypatch.setattr(questions.answering, "ask", lambda places, given, add, back: hold.update(add=add, given=given))
    taken = [False, True]
    for result in taken:
        questions._quiz(reveal, "key", lambda value, picture, result=result: result)
        for number in range(len(hold["given"]), len(reveal.places)):
            hold["add"](number, 0)
        assert len(state.get("key-quiz", [])) == (0 if result else len(reveal.places) - 1)


def test_the_teacher_sees_who_is_there_before_anybody_has_answered(open_page):
    room = room_at(0)
    rooms.join(room.code, hash_of("ada"), "Ada")
    teacher = open_page("lessons", "teacher", lesson=NAME, room=room.code)
    assert "Ada" in words(teacher)
    next(one for one in teacher.button if str(one.key).startswith("out-")).click().run()
    assert not teacher.exception and rooms.me(room.code, hash_of("ada")) is None


def test_next_moves_no_class_that_follows_another_lesson(open_page):
    room = room_at(0, "trains")
    app = open_page("lessons", "teacher", lesson=NAME, room=room.code)
    app.button(key="lesson-next").click().run()
    assert rooms.peek(room.code).step == 0
