"""Quiz: twenty test pictures without hints, then the visitor's accuracy beside the networks' and that of people."""

import secrets
from functools import partial

import streamlit as st

from fmnist_core import glossary
from fmnist_core.quiz import words
from fmnist_core.quiz.pictures import SEEDS
from fmnist_core.storage.folders import RunError
from fmnist_ui import state
from fmnist_ui.frame import open_inside_app
from fmnist_ui.layout import first_line
from fmnist_ui.quiz import answering, drawn, kept_answers, result_panel

open_inside_app(__file__)


@st.fragment
def play() -> None:
    """The picture that is asked, or the result; only this is drawn again after an answer."""
    seed, hard = state.get("quiz_seed"), state.get("hard") == "yes"
    given = kept_answers.of(seed, hard)
    try:
        places = drawn.places_of(seed, hard)
        if len(given.answers) < len(places):
            answer, back = partial(kept_answers.add, given), partial(kept_answers.take_last, given)
            answering.ask(places, given.answers, answer, back)
            choose(hard)
        else:
            result = result_panel.count(places, given.answers)
            result_panel.show_figures(result, hard)
            choose(hard, done=True)
            result_panel.show_pictures(result)
    except RunError as error:
        st.warning(str(error), icon=":material/broken_image:")
        choose(False)
    kept_answers.keep()


def choose(hard: bool, done: bool = False) -> None:
    """Which twenty. done: whether the visitor has answered these. Raises RunError where there are no hard ones."""
    another = lambda: state.put(quiz_seed=secrets.randbelow(SEEDS), picture=None)  # noqa: E731
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind = "primary" if done else "secondary"
        st.button("Another twenty", icon=":material/casino:", key="another", type=kind, on_click=another)
        state.number("Seed", "quiz_seed", 0, SEEDS - 1, width=150, help=glossary.term("Seed"))
        state.toggle("Hard pictures", "hard", help=glossary.term("Hard pictures"))
    said = "Whoever opens this address is asked the same pictures."
    st.caption(f"{said} {words.about_hard(*drawn.count_hard())}" if hard else said)


first_line.header("Quiz", "Name twenty test pictures. At the end you see how you stand beside the networks.")
state.enter("quiz", "quiz_seed", "hard", "picture")
play()
