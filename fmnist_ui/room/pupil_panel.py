"""A pupil's side of a room: the teacher's step, an answer, and what it is once the teacher reveals it."""

import contextlib
import json
from typing import Any

import numpy as np
import streamlit as st

from fmnist_core.lessons import class_training, library
from fmnist_core.lessons import found as judging
from fmnist_core.lessons.found import Found
from fmnist_core.lessons.lesson import Lesson, LessonError, Question
from fmnist_core.room import rooms
from fmnist_core.room.rooms import Answer, Room
from fmnist_core.storage.folders import RunError
from fmnist_ui import visitor
from fmnist_ui.lessons import lesson_answers, questions, reveal_panel, step_panel, training_panel
from fmnist_ui.room import answers_panel, watching
from fmnist_ui.widgets.hostile_text import literal

_AGAIN, _REFUSED = "room_again", "room_refused"  # in the session: the step that is answered anew; why an answer was not


def show(room: Room) -> None:
    """The step that the teacher shows, followed by itself."""
    st.html(step_panel.STYLE)
    watching.follow(room.code, _draw)


def _draw(room: Room) -> None:
    try:
        if rooms.me(room.code, visitor.browser()) is None:
            st.rerun()  # the page says that the teacher took this pupil out
        _step(library.find(room.lesson), room)
    except (LessonError, RunError) as error:
        st.warning(str(error), icon=":material/info:")


def _step(lesson: Lesson, room: Room) -> None:
    if room.step >= len(lesson.steps):
        raise LessonError("This step is not in the lesson any more.")
    step = lesson.steps[room.step]
    step_panel.title(step)
    if step.question is None:
        step_panel.text(step)
        st.caption("Look at the board. The next step comes by itself.")
        return
    found, problem, question = None, "", step.question
    try:
        question = lesson_answers.question_in(lesson, room.step, room)
        found = lesson_answers.find_in_room(lesson, question, room)
    except (LessonError, RunError) as error:  # a number can be guessed all the same
        problem = str(error)
    mine = rooms.own_answer(room.code, visitor.browser(), room.step)
    if room.revealed and found:
        _revealed(lesson, room, question, found, mine)
        return
    step_panel.text(step)
    step_panel.ask(question)
    if problem:
        st.info(problem, icon=":material/hourglass_empty:")
    if refused := st.session_state.pop(_REFUSED, None):
        st.warning(str(refused), icon=":material/info:")
    if mine is not None and found is not None and not answers_panel.read(question, found, [mine]):
        mine = None  # the lesson's file has changed since
    if mine is not None and st.session_state.get(_AGAIN) != (room.code, room.step):
        _answered(room, question, mine)
    elif room.locked or room.revealed:
        st.info("Answers are closed. Wait for your teacher.", icon=":material/lock:")
    else:
        _ask(lesson, room, question, found)


def _ask(lesson: Lesson, room: Room, question: Question, found: Found | None) -> None:
    def on_said(value: Any, picture: np.ndarray | None) -> bool:
        before = rooms.own_answer(room.code, visitor.browser(), room.step) if question.kind == "training" else None
        try:
            # A browser may send what is not offered.
            said = judging.check_said(question, found.options if found else (), value)
            stored = value if question.kind == "training" else said
            rooms.answer(room.code, visitor.browser(), room.step, stored, picture)
        except (RunError, ValueError) as error:
            st.session_state[_REFUSED] = str(error)
            return False
        st.session_state.pop(_AGAIN, None)
        if before:
            stop_training(question, before)
        return True

    def recognise(picture: np.ndarray) -> str:
        return lesson_answers.called(lesson_answers.verdict_in_room(lesson, question, room, picture))

    questions.ask(question, found, f"ask-{room.code}-{room.step}", on_said, recognise)


def stop_training(question: Question, answer: Answer) -> None:
    """Of an answer that counts no more, as another one has taken its place or its pupil has left."""
    with contextlib.suppress(RunError):  # the run may be gone
        class_training.stop(question, answer.value)


def stop_trainings(code: str) -> None:
    """Of who leaves the room, those that have not ended. Raises RunError."""
    room = rooms.peek(code)
    entry = library.find_entry(room.lesson) if room else None
    for number, step in enumerate(entry.lesson.steps if entry and entry.lesson else ()):
        if step.question and step.question.kind == "training":
            if mine := rooms.own_answer(code, visitor.browser(), number):
                stop_training(step.question, mine)


def _answered(room: Room, question: Question, mine: Answer) -> None:
    said = json.loads(mine.value)
    if question.kind == "training":
        if training_panel.mine(class_training.check(class_training.terms_of(question), said)) and not room.locked:
            _again(room)
        return
    words = f"You said: {literal(answers_panel.in_words(question, mine))}"
    if mine.picture:
        words = "Sent. What the network calls it, you see when your teacher reveals it."
    st.success(words, icon=":material/check:")
    if mine.picture:
        step_panel.picture_of(answers_panel.picture_of(mine))
    if room.locked:
        st.caption("Answers are closed. Wait for your teacher.")
    else:
        _again(room)
        st.caption("You will see how the others answered when your teacher reveals it.")


def _again(room: Room) -> None:
    again = {_AGAIN: (room.code, room.step)}
    st.button("Answer again", key="room-again", type="tertiary", on_click=st.session_state.update, args=(again,))


def _revealed(lesson: Lesson, room: Room, question: Question, found: Found, mine: Answer | None) -> None:
    step_panel.ask(question)
    said = judged = verdict = None
    if mine is not None:
        kept = answers_panel.read(question, found, [mine])
        said = kept[0][1] if kept else None
        judged = None if said is None else judging.judge(question, found, said)
        if mine.picture:
            verdict = lesson_answers.verdict_in_room(lesson, question, room, answers_panel.picture_of(mine))
    step_panel.compare(found, judged)
    if mine is not None and question.kind == "training" and said is not None:
        training_panel.mine(said)
    reveal_panel.show(found.reveal, said, f"reveal-{room.step}", False, verdict)
    answers_panel.show(question, found, rooms.answers(room.code, visitor.browser(), room.step), True)
