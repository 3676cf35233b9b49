"""A pupil's side of a room: the teacher's step, an answer, and what it is once the teacher reveals it."""

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
    found, problem = None, ""
    try:
        found = lesson_answers.find_in_room(lesson, room.step, room.code, teaches=False)
    except (LessonError, RunError) as error:  # a number can be guessed all the same
        problem = str(error)
    mine = rooms.own_answer(room.code, visitor.browser(), room.step)
    if room.revealed and found:
        _revealed(lesson, room, step.question, found, mine)
        return
    step_panel.text(step)
    step_panel.ask(step.question)
    if problem:
        st.info(problem, icon=":material/hourglass_empty:")
    if refused := st.session_state.pop(_REFUSED, None):
        st.warning(str(refused), icon=":material/info:")
    if mine is not None and st.session_state.get(_AGAIN) != (room.code, room.step):
        _answered(room, step.question, mine)
    elif room.locked or room.revealed:
        st.info("Answers are closed. Wait for your teacher.", icon=":material/lock:")
    else:
        _ask(lesson, room, step.question, found)


def _ask(lesson: Lesson, room: Room, question: Question, found: Found | None) -> None:
    def on_said(value: Any, picture: np.ndarray | None) -> None:
        try:
            said = judging.check_said(
                question, found.options if found else (), value
            )  # it may send what is not offered
            stored = value if question.kind == "training" else said
            rooms.answer(room.code, visitor.browser(), room.step, stored, picture)
            st.session_state.pop(_AGAIN, None)
        except (RunError, ValueError) as error:
            st.session_state[_REFUSED] = str(error)

    recognise = lambda picture: lesson_answers.recognise(lesson, question, picture)  # noqa: E731
    questions.ask(question, found, f"ask-{room.code}-{room.step}", on_said, recognise)


def _answered(room: Room, question: Question, mine: Answer) -> None:
    said = json.loads(mine.value)
    if question.kind == "training":
        if training_panel.mine(class_training.check(class_training.terms_of(question), said)) and not room.locked:
            _again(room)
        return
    if question.kind == "quiz":
        words = "Sent: all your pictures."
    elif mine.picture:
        words = "Sent. What the network calls it, you see when your teacher reveals it."
    elif isinstance(said, list):
        words = f"You said: {', '.join(map(literal, map(str, said)))}"
    else:
        words = f"You said: {literal(f'{said:g}' if isinstance(said, float) else str(said))}"
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
            verdict = lesson_answers.verdict(lesson, question, answers_panel.picture_of(mine))
    step_panel.compare(question, found, judged)
    if mine is not None and question.kind == "training" and said is not None:
        training_panel.mine(said)
    reveal_panel.show(found.reveal, said, f"reveal-{room.step}", False, verdict)
    answers_panel.show(question, found, rooms.answers(room.code, visitor.browser(), room.step), True)
