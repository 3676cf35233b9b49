"""The answers of a visitor so far: in the session, and in the browser's tab for when the session breaks."""

from dataclasses import dataclass
from typing import Any

import streamlit as st

from fmnist_core.data import CLASS_NAMES
from fmnist_core.quiz.pictures import PICTURES, SEEDS
from fmnist_ui import address, received, state
from fmnist_ui.widgets import browser_tab

NAME = "quiz"
_GIVEN = "quiz_given"


@dataclass(frozen=True)
class Given:
    """answers: classes, of the quiz's first pictures."""

    seed: int
    hard: bool
    answers: tuple[int, ...] = ()


def of(seed: int, hard: bool) -> Given:
    """What was answered in a quiz; those of the last one alone are kept."""
    found: Given | None = st.session_state.get(_GIVEN)
    return found if found and (found.seed, found.hard) == (seed, hard) else Given(seed, hard)


def add(given: Given, number: int, label: int) -> None:
    """The answer to a picture; a second one to the same, as of a click that comes late, changes nothing."""
    before = of(given.seed, given.hard).answers
    if number == len(before) < PICTURES and received.is_place(label, len(CLASS_NAMES)):
        st.session_state[_GIVEN] = Given(given.seed, given.hard, (*before, label))


def take_last(given: Given, number: int) -> None:
    """Takes the answer to a picture back, if it is the last one."""
    before = of(given.seed, given.hard).answers
    if number == len(before) - 1:
        st.session_state[_GIVEN] = Given(given.seed, given.hard, before[:-1])


def keep() -> None:
    """Has the tab keep them."""
    found: Given | None = st.session_state.get(_GIVEN)
    value = {"seed": found.seed, "hard": found.hard, "answers": list(found.answers)} if found else None
    browser_tab.keep(NAME, value, take_back)


def take_back(kept: Any) -> None:
    """kept: untrusted. What does not fit is left out as a whole; so is what comes late, after other answers."""
    try:
        given = given_of(kept)
    except ValueError:
        received.drop()
        return
    if st.session_state.get(_GIVEN):
        return
    st.session_state[_GIVEN] = given
    if not {"quiz_seed", "hard"} & address.read().keys():  # a session that broke knows of no quiz
        state.put(quiz_seed=given.seed, hard="yes" if given.hard else None)


def given_of(kept: Any) -> Given:
    """kept: untrusted. Raises ValueError: it is not what `keep` had kept."""
    seed, hard, answers = (kept.get(name) if isinstance(kept, dict) else None for name in ("seed", "hard", "answers"))
    if not received.is_place(seed, SEEDS) or not isinstance(hard, bool):
        raise ValueError("Expected the seed of a quiz, and whether it is hard.")
    if not isinstance(answers, list) or len(answers) > PICTURES:
        raise ValueError(f"Expected at most {PICTURES} answers.")
    if not all(received.is_place(label, len(CLASS_NAMES)) for label in answers):
        raise ValueError("Expected classes.")
    return Given(seed, hard, tuple(answers))
