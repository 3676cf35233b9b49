"""A step's view: the link to it, and, on the page that it shows, the way back and the controls that it hides."""

import contextlib

import streamlit as st

from fmnist_core.lessons import library
from fmnist_core.lessons.lesson import Lesson, LessonError
from fmnist_core.room import rooms
from fmnist_core.storage.folders import RunError
from fmnist_ui import address, visitor
from fmnist_ui.lessons import lesson_answers, said

PAGES = ("lessons", "join")  # on which the bar is not shown


def link(lesson: Lesson, number: int) -> None:
    """Opens the step's view in the app."""
    view = lesson.steps[number].view
    if view is None:
        return
    try:
        fields = {name: lesson_answers.SOURCES.address(name, text) for name, text in view.fields.items()}
    except (LessonError, RunError) as error:
        st.caption(str(error))
        return
    told = fields | {"lesson": lesson.name, "step": str(number)} | _kept()
    st.page_link(
        f"pages/{view.page}.py", label="Look closer in the app", icon=":material/open_in_new:", query_params=told
    )


def _kept() -> dict[str, str]:
    """What a link takes along of the address: the teacher's room, and whether it is presented."""
    told = address.read()
    return {name: told[name] for name in ("room", "present") if name in told}


def _revealed_in_room(told: dict[str, str], number: int) -> bool:
    """Whether this browser teaches the room of the address, and has revealed the step there."""
    with contextlib.suppress(RunError):
        room = rooms.peek(told.get("room", ""))
        return (
            room is not None
            and (room.step, room.revealed) == (number, True)
            and rooms.teaches(room.code, visitor.browser())
        )
    return False


def show(page: str) -> bool:
    """On the page of a view: the way back to its step. Whether the page may be shown: not before the step's question is
    answered."""
    told = address.read()
    if page in PAGES or "lesson" not in told:
        return True
    try:
        lesson = library.find(told["lesson"])
        number = int(told.get("step", "0"))
        step = lesson.steps[number]
    except (LessonError, ValueError, IndexError):
        return True
    if number < 0 or step.view is None or step.view.page != page:
        return True
    back = {"lesson": lesson.name, "step": str(number)} | _kept()
    said.keep()
    covered = step.question is not None and said.of(lesson.name, number) is None and not _revealed_in_room(told, number)
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="lesson-bar"):
        st.markdown(f"**{lesson.title}** · step {number + 1} of {len(lesson.steps)}: {step.title}")
        st.page_link("pages/lessons.py", label="Back to the lesson", icon=":material/arrow_back:", query_params=back)
    if covered:
        st.info("First say what you think: this opens once the step's question is answered.", icon=":material/lock:")
        return False
    if step.view.hide:
        hidden = ",".join(f".st-key-widget_{name}" for name in step.view.hide)
        st.html(f"<style>{hidden} {{ display: none; }}</style>")
    return True
