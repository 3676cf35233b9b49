"""Quiz: twenty test pictures without hints, then the visitor's accuracy beside the networks' and that of people."""

import secrets
from functools import partial

import streamlit as st

from fmnist_core import glossary
from fmnist_core.quiz import words
from fmnist_core.quiz.pictures import SEEDS
from fmnist_core.storage.folders import RunError
from fmnist_ui import parts, state
from fmnist_ui.frame import open_inside_app
from fmnist_ui.quiz import answering, drawn, kept_answers, result_panel

open_inside_app(__file__)


@st.fragment
def play() -> None:
    """The picture that is asked, or the result; only this is drawn again after an answer."""
    seed, hard = state.get("quiz_seed"), state.get("hard") == "yes"
    given = kept_answers.of(seed, hard)
    done = False
    try:
        places = drawn.places_of(seed, hard)
        done = len(given.answers) == len(places)
        if done:
            result_panel.show(places, given.answers, hard)
        else:
            answer, back = partial(kept_answers.add, given), partial(kept_answers.take_last, given)
            answering.ask(places, given.answers, answer, back)
        choose(done)
        if hard:
            st.caption(words.about_hard(*drawn.count_hard()))
    except RunError as error:
        st.warning(str(error), icon=":material/broken_image:")
        choose(done)
    kept_answers.keep()


def choose(done: bool) -> None:
    """Which twenty. done: whether the visitor has answered these."""
    another = lambda: state.put(quiz_seed=secrets.randbelow(SEEDS), picture=None)  # noqa: E731
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind = "primary" if done else "secondary"
        st.button("Another twenty", icon=":material/casino:", key="another", type=kind, on_click=another)
        state.number("Seed", "quiz_seed", 0, SEEDS - 1, width=150, help=glossary.term("Seed"))
        state.toggle("Hard pictures", "hard", help=glossary.term("Hard pictures"))
    st.caption("Whoever opens this address is asked the same pictures.")


parts.header("Quiz", "Name twenty test pictures. At the end you see how you stand beside the networks.")
state.enter("quiz", "quiz_seed", "hard", "picture")
play()
