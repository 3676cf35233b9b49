"""One picture and ten buttons: how somebody names pictures one after the other, whatever becomes of the answers."""

from collections.abc import Callable, Sequence

import streamlit as st

from fmnist_core import data
from fmnist_ui import charts, parts
from fmnist_ui.layout.columns import beside

FACTOR, FACTOR_ON_TOUCH = 15, 8  # CSS pixels a pixel of the picture is wide
STYLE = "<style>.st-key-quiz-answers button { min-height: 3rem; }</style>"


def ask(
    places: Sequence[int],
    answers: Sequence[int],
    on_answer: Callable[[int, int], None],
    on_back: Callable[[int], None] | None = None,
) -> None:
    """The first picture without an answer, without any hint what it is; nothing where all have one.

    Args:
        places: of the pictures in the test set.
        answers: the classes that were named so far, of the first pictures.
        on_answer: called with the number of the picture, from 0, and the class that was named. A slow browser may send
            a second click on a picture that has its answer already: the number tells.
        on_back: called with the number of the last answer, to take it back; None: no button for it.
    """
    number = len(answers)
    if number >= len(places):
        return
    touched = charts.on_touch()
    st.progress(number / len(places), text=f"Picture {number + 1} of {len(places)}")
    left, right = beside("quiz", [2, 3])
    with left, st.container(horizontal_alignment="center" if touched else "left", key="quiz-picture"):
        factor = FACTOR_ON_TOUCH if touched else FACTOR
        picture = data.load_split("test").images[places[number]]
        alt = f"Picture {number + 1}: a garment, 28 by 28 gray pixels, enlarged"
        st.image(parts.picture_uri(picture, factor), width=data.SIDE * factor, alt=alt)
    with right:
        _names(number, on_answer)
        if on_back is not None:
            st.button(
                "Back",
                icon=":material/undo:",
                key=f"back-{number}",
                type="tertiary",
                disabled=not number,
                help="Take the last answer back",
                on_click=on_back,
                args=(number - 1,),
            )


def _names(number: int, on_answer: Callable[[int, int], None]) -> None:
    """A button a class, each with its key."""
    st.html(STYLE)
    with st.container(key="quiz-answers"), st.grid(2, min_column_width=120, gap="xsmall"):
        for label, name in enumerate(data.CLASS_NAMES):
            st.button(
                name,
                key=f"answer-{number}-{label}",  # of this picture, or a late click would answer the next one
                width="stretch",
                shortcut=charts.key(str((label + 1) % len(data.CLASS_NAMES))),
                on_click=on_answer,
                args=(number, label),
            )
