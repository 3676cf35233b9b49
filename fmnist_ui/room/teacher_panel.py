"""The teacher's side of a room: how to join it, who is there, what they answer, reveal, lock, remove, end."""

import contextlib
import dataclasses
from collections.abc import Callable
from typing import Any

import streamlit as st

from fmnist_core.lessons import class_training
from fmnist_core.lessons.found import Found
from fmnist_core.lessons.lesson import Lesson, LessonError, Question
from fmnist_core.room import rooms
from fmnist_core.room.rooms import Room
from fmnist_core.storage.folders import RunError
from fmnist_ui import state, visitor
from fmnist_ui.lessons import lesson_answers, step_panel, view_bar
from fmnist_ui.lessons.reveal_panel import show as show_reveal
from fmnist_ui.room import answers_panel, joining, watching
from fmnist_ui.widgets.hostile_text import literal

LOBBY, _SEEN = "room_lobby", "room_answers_shown"  # in the session: how to join fills the page; answers show at once


def mine(code: str | None, lesson: str) -> Room | None:
    """The room that the address names, where this browser has opened it for this lesson."""
    if code is None:
        return None
    room = rooms.peek(code)
    if room is None or room.lesson != lesson or not rooms.teaches(code, visitor.browser()):
        return None
    return room


def come_back() -> None:
    """The rooms that this browser has opened before and not ended: a link to each."""
    try:
        for room in rooms.rooms_of(visitor.browser()):
            told = {"lesson": room.lesson, "step": str(room.step), "room": room.code}
            words = f"Your room {room.code} is open, {room.pupils} in it: go on"
            st.page_link("pages/lessons.py", label=words, icon=":material/groups:", query_params=told)
    except RunError as error:
        st.warning(str(error), icon=":material/database_off:")


def open_room(lesson: Lesson, number: int) -> None:
    """A button's: opens one, and shows how to join it."""
    try:
        room = rooms.open_room(lesson.name, visitor.browser())
        rooms.show(room.code, visitor.browser(), number)
    except RunError as error:
        st.toast(str(error), icon=":material/error:")
        return
    st.session_state[LOBBY] = True
    state.put(room=room.code)


def show(lesson: Lesson, room: Room, presented: bool) -> None:
    """The room's step, or how to join it. A file that has lost steps meanwhile shows its last."""
    room = dataclasses.replace(room, step=min(room.step, len(lesson.steps) - 1))
    st.html(step_panel.STYLE)
    bar(room, lesson)
    if st.session_state.get(LOBBY):
        joining.lobby(room)
        return
    _step(lesson, room, presented)


def bar(room: Room, lesson: Lesson) -> None:
    question = lesson.steps[room.step].question
    asking = visitor.browser()
    with st.container(horizontal=True, vertical_alignment="center", key="room-bar"):
        shown = bool(st.session_state.get(LOBBY))
        st.button(
            f"**{room.code}**",
            key="room-lobby",
            icon=":material/qr_code_2:",
            help="How to join",
            type="secondary",
            on_click=st.session_state.update,
            args=({LOBBY: not shown},),
        )
        _count(room)
        if question is not None and not shown:
            if not room.revealed:
                reveal = (rooms.reveal, room.code, asking, room.step)
                st.button("Reveal", key="room-reveal", type="primary", on_click=_do, args=reveal)
                words, icon = ("Open answers", "lock_open") if room.locked else ("Close answers", "lock")
                lock = (rooms.lock, room.code, asking, not room.locked, room.step)
                st.button(words, key="room-lock", icon=f":material/{icon}:", on_click=_do, args=lock)
        _remove(room, lesson)
        with st.popover("End", icon=":material/logout:"):
            st.markdown(
                "The room ends for all, and everything that was answered in it is deleted. Trainings that have not "
                "ended are stopped."
            )
            st.button("End the room", key="room-end", type="primary", on_click=_end, args=(room.code, asking, lesson))


def _do(change: Callable[..., None], *told: object) -> None:
    try:
        change(*told)
        watching.look_now()
    except RunError as error:
        st.toast(str(error), icon=":material/error:")


def _end(code: str, asking: str, lesson: Lesson) -> None:
    """With the room its trainings that have not ended; those that have are runs of who trained them."""
    try:
        _stop_trainings(code, asking, lesson)
        rooms.end(code, asking)
    except RunError as error:
        st.toast(str(error), icon=":material/error:")
        return
    watching.look_now()
    st.session_state.pop(LOBBY, None)
    state.put(room=None)


def _stop_trainings(code: str, asking: str, lesson: Lesson) -> None:
    for number, step in enumerate(lesson.steps):
        if step.question is None or step.question.kind != "training":
            continue
        for one in rooms.answers(code, asking, number):
            with contextlib.suppress(RunError):  # its run may be gone
                class_training.stop(step.question, one.value)


def _count(room: Room) -> None:
    """Who is there and how many have answered, as it changes; where another page of the teacher's has gone on, so does
    this one."""

    @st.fragment(run_every=watching.EVERY)
    def count() -> None:
        try:
            now = rooms.peek(room.code)
            answered = len(rooms.answers(room.code, visitor.browser(), room.step)) if now else 0
        except RunError as error:
            st.caption(str(error))
            return
        if now is None or now.version != room.version:
            st.rerun()
        st.markdown(f":material/group: **{now.pupils}** here · **{answered}** answered", width="content")

    with st.container(width="content", key="room-count"):
        count()


def _remove(room: Room, lesson: Lesson) -> None:
    """Who is there, each with what takes them or their answer away."""
    question = lesson.steps[room.step].question

    @st.fragment(run_every=watching.EVERY)
    def remove() -> None:
        asking = visitor.browser()
        try:
            pupils = rooms.present(room.code, asking)
            said = {one.pupil: one for one in rooms.answers(room.code, asking, room.step)}
        except RunError:
            return  # `_count` says it
        with st.popover("", icon=":material/person_remove:", help="Who is here: remove an answer or a pupil"):
            if not pupils:
                st.markdown("Nobody has joined yet.")
            for pupil in pupils:
                with st.container(horizontal=True, vertical_alignment="center"):
                    one = said.get(pupil.id)
                    words = f": {literal(answers_panel.in_words(question, one)[:60])}" if question and one else ""
                    st.markdown(f"{literal(pupil.name or answers_panel.UNNAMED)}{words}")
                    if one and st.button("Remove answer", key=f"remove-{pupil.id}"):
                        _do(rooms.remove_answer, room.code, asking, pupil.id, room.step)
                        st.rerun()
                    if st.button("Remove pupil", key=f"out-{pupil.id}"):
                        _do(rooms.remove_pupil, room.code, asking, pupil.id)
                        st.rerun()

    with st.container(width="content", key="room-remove"):
        remove()


def _step(lesson: Lesson, room: Room, presented: bool) -> None:
    step = lesson.steps[room.step]
    if step.question is None:
        step_panel.alone(lesson, room.step)
        return
    left, right = st.columns(2, gap="large")
    found, problem, question = None, "", step.question
    try:
        room = lesson_answers.resolve_own(lesson, room.step, room, visitor.browser())
        question = lesson_answers.question_in(lesson, room.step, room)
        found = lesson_answers.find_in_room(lesson, question, room)
    except (LessonError, RunError) as error:
        problem = str(error)
    with left:
        step_panel.title(step)
        if not (room.revealed and presented and found):
            step_panel.text(step)
    with left if room.revealed else right:
        step_panel.ask(step.question)
    if found is None:
        right.info(problem, icon=":material/hourglass_empty:")
    elif room.revealed:
        _revealed(lesson, room, question, found, presented, left, right)
    else:
        with right:
            _waiting(room, question, found)


def _revealed(
    lesson: Lesson, room: Room, question: Question, found: Found, presented: bool, left: Any, right: Any
) -> None:
    answers = rooms.answers(room.code, visitor.browser(), room.step)
    with left:
        step_panel.compare(found, None)
        answers_panel.show(question, found, answers, True)
        view_bar.link(lesson, room.step)
    with right:
        show_reveal(found.reveal, None, f"reveal-{room.step}", presented)


def _waiting(room: Room, question: Question, found: Found) -> None:
    """What there is to choose from and, where the teacher wants it, what comes in."""
    if question.kind in ("choice", "order"):
        st.markdown("\n".join(f"- {literal(option)}" for option in found.options))
    elif question.kind == "number":
        unit = f" {question.unit}" if question.unit else ""
        st.markdown(f"From {question.low:g} to {question.high:g}{unit}")
    if question.kind == "training" or st.toggle("Show answers as they come in", key=_SEEN):
        _coming(room.code, room.step, question, found)


def _coming(code: str, step: int, question: Question, found: Found) -> None:
    @st.fragment(run_every=watching.EVERY)
    def coming() -> None:
        try:
            answers_panel.show(question, found, rooms.answers(code, visitor.browser(), step), False)
        except RunError as error:
            st.caption(str(error))

    coming()
