"""Lessons: a course to go through alone or with a class; predict, then see."""

import streamlit as st

from fmnist_core.lessons import library
from fmnist_core.lessons.lesson import Lesson, LessonError
from fmnist_core.room import rooms
from fmnist_core.storage.folders import RunError
from fmnist_ui import charts, state, visitor
from fmnist_ui.frame import open_inside_app
from fmnist_ui.layout import first_line, presenting
from fmnist_ui.lessons import list_panel, paper, said, step_panel
from fmnist_ui.room import teacher_panel, watching

open_inside_app(__file__)


def go(lesson: str, number: int) -> None:
    try:
        if room := teacher_panel.mine(state.get("room"), lesson):
            rooms.show(room.code, visitor.browser(), number)
            watching.look_now()
    except RunError as error:  # the class stays where it is, and so does the teacher
        st.toast(str(error), icon=":material/error:")
        return
    st.session_state.pop(teacher_panel.LOBBY, None)
    state.put(step=number)


def open_lesson(lesson: Lesson, presented: bool) -> None:
    room = teacher_panel.mine(state.get("room"), lesson.name)
    number = min(room.step if room else state.get("step"), len(lesson.steps) - 1)
    if not presented:
        heading(lesson, number, room is not None)
    if room is None:
        step_panel.show(lesson, number, presented)
    else:
        teacher_panel.show(lesson, room, presented)
    if not presented:
        for_the_teacher(lesson, number, room is not None)
    footer(lesson, number)


def heading(lesson: Lesson, number: int, in_room: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.page_link("pages/lessons.py", label="All lessons", icon=":material/arrow_back:")
        st.markdown(f"**{lesson.title}**")
        st.caption(f"{lesson.minutes} minutes · {lesson.age}", width="content")
        if not charts.on_touch():  # a phone has no room for it here
            tools(lesson, number, in_room)
    st.progress((number + 1) / len(lesson.steps))


def tools(lesson: Lesson, number: int, in_room: bool) -> None:
    """What a teacher does with the lesson."""
    paper.offer(lesson)
    if not in_room:
        told = {"help": "Your class joins by a code, follows your step and answers.", "icon": ":material/groups:"}
        st.button("Open a room", key="room-open", on_click=teacher_panel.open_room, args=(lesson, number), **told)


def for_the_teacher(lesson: Lesson, number: int, in_room: bool) -> None:
    notes = lesson.steps[number].notes
    if not notes and not charts.on_touch():
        return
    with st.expander("For the teacher", icon=":material/school:"):
        if charts.on_touch():
            with st.container(horizontal=True):
                tools(lesson, number, in_room)
        st.markdown(notes)


def footer(lesson: Lesson, number: int) -> None:
    """The way on. The keys are those of a clicker."""
    last = number + 1 == len(lesson.steps)
    with st.container(horizontal=True, vertical_alignment="center", key="lesson-ways"):
        st.button(
            "Back",
            key="lesson-back",
            icon=":material/arrow_back:",
            disabled=number == 0,
            on_click=go,
            args=(lesson.name, number - 1),
        )
        st.markdown(f"{number + 1} of {len(lesson.steps)}", width="content")
        if last:
            st.button("Begin again", key="again", icon=":material/replay:", on_click=begin_again, args=(lesson,))
        else:
            st.button("Next", key="lesson-next", type="primary", on_click=go, args=(lesson.name, number + 1))
        if not charts.on_touch() and not presenting.is_on():
            st.caption("Keys: arrows, Page Up and Page Down", width="content")


def begin_again(lesson: Lesson) -> None:
    said.forget(lesson.name)
    go(lesson.name, 0)


view = state.enter("lessons", "lesson", "step", "room", "present")
presented = presenting.is_on()
said.keep()
if view["lesson"] is None:
    first_line.header("Lessons", "A course, alone or with a class: say what you think, then see what it is.")
    teacher_panel.come_back()
    list_panel.show(library.list_lessons())
    st.page_link("pages/join.py", label="Join a room with its code", icon=":material/group_add:")
else:
    try:
        open_lesson(library.find(view["lesson"]), presented)
    except (LessonError, RunError) as error:
        st.warning(str(error), icon=":material/link_off:")
        st.page_link("pages/lessons.py", label="All lessons", icon=":material/arrow_back:")
