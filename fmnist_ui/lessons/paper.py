"""A lesson on paper: the worksheet and the answers, to download and print."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from fmnist_core.lessons import handout
from fmnist_core.lessons.lesson import Lesson
from fmnist_core.lessons.sources import Sources
from fmnist_core.storage import owners
from fmnist_ui import cached
from fmnist_ui.lessons.lesson_answers import SOURCES


def offer(lesson: Lesson) -> None:
    """Both are made when they are asked for, with the answers as they are then.

    Streamlit makes them in a thread that knows no visitor: they are made on behalf of who asks now.
    """
    asking = owners.visitor()

    def make(sheet: Callable[[Lesson, Sources], bytes]) -> bytes:
        with owners.acting(asking):
            return cached.drawn(partial(sheet, lesson, SOURCES))

    with st.popover("On paper", icon=":material/print:", help="To open in a browser and print on A4 or US Letter"):
        for label, name, sheet in (
            ("Worksheet", "worksheet", handout.handout),
            ("Answers and notes", "answers", handout.answer_sheet),
        ):
            st.download_button(
                label,
                partial(make, sheet),
                f"{lesson.name}-{name}.html",
                "text/html",
                key=f"paper-{name}",
                icon=":material/download:",
                on_click="ignore",
            )
