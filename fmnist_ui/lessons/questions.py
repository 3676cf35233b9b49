"""The controls with which a question is answered, one for each kind; all commit with one click or tap."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import streamlit as st

from fmnist_core import data
from fmnist_core.data import DataError
from fmnist_core.lessons import reveals
from fmnist_core.lessons.found import Found
from fmnist_core.lessons.lesson import Question
from fmnist_core.lessons.reveals import Reveal
from fmnist_core.photo.decode import PhotoError
from fmnist_core.photo.drawing import prepare_drawing
from fmnist_core.photo.pipeline import DEFAULT_MODE
from fmnist_core.storage.folders import RunError
from fmnist_ui.lessons import training_panel
from fmnist_ui.predict import kept_photos, photo_answers
from fmnist_ui.quiz import answering
from fmnist_ui.widgets import drawing
from fmnist_ui.widgets.hostile_text import literal

# Is given what is said, as `found.check_said` takes it, and a drawing's picture; returns whether it was taken.
OnSaid = Callable[[Any, np.ndarray | None], bool]
Recognise = Callable[[np.ndarray], str]  # (28, 28) uint8 -> what the network calls it
WIDEST_OPTION = 200  # CSS pixels from which options stand side by side


def ask(question: Question, found: Found | None, key: str, on_said: OnSaid, recognise: Recognise) -> None:
    """Draws the control of a question; on_said is called before the script runs again.

    found: the answer; None where it is not known yet, and only a number can be asked for.
    """
    if question.kind == "number":
        _number(question, key, on_said)
    elif found is None:
        return
    elif question.kind == "choice":
        _choice(found.options, key, on_said)
    elif question.kind == "order":
        _order(found.options, key, on_said)
    elif question.kind == "quiz":
        _quiz(found.reveal, key, on_said)
    elif question.kind == "training":
        training_panel.ask(question, key, on_said)
    elif question.kind == "photo":
        _photo(key, on_said, recognise)
    else:
        _drawing(key, on_said, recognise)


def _say(on_said: OnSaid, value: Any, picture: np.ndarray | None) -> None:
    on_said(value, picture)


def _choice(options: Sequence[str], key: str, on_said: OnSaid) -> None:
    with st.grid(2, min_column_width=WIDEST_OPTION if max(map(len, options)) > 16 else 120):
        for place, option in enumerate(options):
            st.button(
                literal(option), key=f"{key}-{place}", width="stretch", on_click=_say, args=(on_said, option, None)
            )


def _number(question: Question, key: str, on_said: OnSaid) -> None:
    widget = f"{key}-number"
    whole = all(one == int(one) for one in (question.low, question.high, question.step))
    kind: Callable[[float], Any] = int if whole else float
    low, high, step = kind(question.low), kind(question.high), kind(question.step)
    middle = kind(low + step * round((high - low) / 2 / step))
    st.slider(
        "Your guess",
        low,
        high,
        st.session_state.get(widget, middle),
        step=step,
        key=widget,
        format=f"%{'d' if whole else 'g'}{' ' + question.unit.replace('%', '%%') if question.unit else ''}",
        label_visibility="collapsed",
    )

    def commit() -> None:
        if widget in st.session_state:  # of a control that the page has no longer, a late click comes without a value
            on_said(st.session_state[widget], None)

    st.button("That is my guess", key=f"{key}-say", type="primary", on_click=commit)


def _order(options: Sequence[str], key: str, on_said: OnSaid) -> None:
    """Tapped one after the other, the first first."""
    widget = f"{key}-order"
    chosen: list[str] = [one for one in st.session_state.get(widget, []) if one in options]

    def add(option: str) -> None:
        now = [*chosen, option]
        st.session_state[widget] = now
        if len(now) == len(options):
            del st.session_state[widget]  # whoever answers again begins anew
            on_said(now, None)

    with st.grid(2, min_column_width=120):
        for place, option in enumerate(options):
            done = option in chosen
            label = f"{chosen.index(option) + 1}. {literal(option)}" if done else literal(option)
            st.button(label, key=f"{key}-{place}", width="stretch", disabled=done, on_click=add, args=(option,))
    if chosen:
        st.button(
            "Begin again", key=f"{key}-again", type="tertiary", on_click=st.session_state.pop, args=(widget, None)
        )
    else:
        st.caption("Tap them in your order, the first one first.")


def _drawing(key: str, on_said: OnSaid, recognise: Recognise) -> None:
    try:
        ink = drawing.draw(f"{key}-canvas")
        if ink is None:
            return
        picture = prepare_drawing(ink).picture
        said = recognise(picture)
    except (PhotoError, DataError, RunError, ValueError) as error:
        st.info(str(error), icon=":material/draw:")
        return
    st.button("Show it to the network", key=f"{key}-say", type="primary", on_click=_say, args=(on_said, said, picture))


def _photo(key: str, on_said: OnSaid, recognise: Recognise) -> None:
    name = f"{key}-photo"
    files = kept_photos.uploader(
        "A photo of one garment",
        "It becomes 28 by 28 pixels here; only these are kept.",
        key=name,
        on_change=kept_photos.keep,
        args=(name,),
    )
    photos = photo_answers.told_apart(kept_photos.held(files, name))
    if not photos:
        return
    try:
        picture = photo_answers.prepared(photos[0], DEFAULT_MODE).picture
        said = recognise(picture)
    except (PhotoError, DataError, RunError, ValueError) as error:
        st.warning(str(error), icon=":material/broken_image:")
        return
    st.button("Show it to the network", key=f"{key}-say", type="primary", on_click=_say, args=(on_said, said, picture))


def _quiz(reveal: Reveal, key: str, on_said: OnSaid) -> None:
    """The pictures one after the other; what was named so far is in the session."""
    if not isinstance(reveal, reveals.Quiz):
        return
    widget = f"{key}-quiz"
    given: list[int] = st.session_state.setdefault(widget, [])

    def add(number: int, label: int) -> None:
        if number == len(given) < len(reveal.places):
            given.append(label)
        if len(given) == len(reveal.places):
            if on_said([data.CLASS_NAMES[one] for one in given], None):
                st.session_state.pop(widget, None)
            else:
                given.pop()  # the last one is asked again, and with it everything is sent

    def take_back(number: int) -> None:
        if number == len(given) - 1:
            given.pop()

    answering.ask(reveal.places, given, add, take_back)
