"""The lessons as a course: what each is about, how long it takes, and what is wrong with those that cannot be read."""

import streamlit as st

from fmnist_core.lessons.lesson import Lesson
from fmnist_core.lessons.library import Entry
from fmnist_ui.lessons import said
from fmnist_ui.widgets.hostile_text import literal

CARD_WIDTH = 300  # CSS pixels


def show(entries: list[Entry]) -> None:
    readable = [(entry, entry.lesson) for entry in entries if entry.lesson]
    with st.container(key="lesson-list"), st.grid(3, min_column_width=CARD_WIDTH):
        for place, (entry, lesson) in enumerate(readable, start=1):
            _card(lesson, place, entry.shipped)
    if not entries:
        st.info("There is no lesson here: the folder lessons beside the runs is empty, too.", icon=":material/school:")
    for entry in entries:
        if entry.lesson is None:
            _broken(entry)


def _card(lesson: Lesson, place: int, shipped: bool) -> None:
    asking = [number for number, step in enumerate(lesson.steps) if step.question is not None]
    done = sum(said.of(lesson.name, number) is not None for number in asking)
    with st.container(border=True, height="stretch"):
        told = {"lesson": lesson.name}
        st.page_link("pages/lessons.py", label=f"**{place}. {lesson.title}**", query_params=told)
        mine = "" if shipped else " · your own"
        progress = f" · {done} of {len(asking)} answered" if done else ""
        st.caption(f"{lesson.minutes} minutes · {lesson.age} · {len(lesson.steps)} steps{mine}{progress}")
        st.markdown("\n".join(f"- {one}" for one in lesson.learned))


def _broken(entry: Entry) -> None:
    lines = "\n".join(f"- Line {problem.line}: {literal(problem.sentence)}" for problem in entry.problems[:10])
    st.warning(f"The lesson {literal(entry.name)} cannot be shown.\n\n{lines}", icon=":material/broken_image:")
