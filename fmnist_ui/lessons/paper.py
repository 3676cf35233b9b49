"""A lesson on paper: the worksheet and the answers, to download and print."""

from functools import partial

import streamlit as st

from fmnist_core.lessons import handout
from fmnist_core.lessons.lesson import Lesson
from fmnist_ui import cached
from fmnist_ui.lessons.lesson_answers import SOURCES


def offer(lesson: Lesson) -> None:
    """Both are made when they are asked for, with the answers as they are then."""
    with st.popover("On paper", icon=":material/print:", help="To open in a browser and print on A4 or US Letter"):
        for label, name, make in (
            ("Worksheet", "worksheet", handout.handout),
            ("Answers and notes", "answers", handout.answer_sheet),
        ):
            st.download_button(
                label,
                partial(cached.drawn, partial(make, lesson, SOURCES)),
                f"{lesson.name}-{name}.html",
                "text/html",
                key=f"paper-{name}",
                icon=":material/download:",
                on_click="ignore",
            )
