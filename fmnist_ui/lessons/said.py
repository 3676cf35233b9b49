"""What a visitor has said to the questions of lessons: in the session, and kept by the browser's tab beyond it."""

import dataclasses
from typing import Any, NamedTuple

import numpy as np
import streamlit as st

from fmnist_core.data import SIDE
from fmnist_core.fields import LESSON
from fmnist_core.lessons.class_training import Choice
from fmnist_ui import received
from fmnist_ui.widgets import browser_tab

_SAID, _PICTURES = "lesson_said", "lesson_pictures"  # in the session
SKIPPED = None  # the answer was looked at without saying anything
MOST_KEPT = 200  # answers
MOST_CHARACTERS = 600  # of one


class Said(NamedTuple):
    """value: as `found.check_said` lets it through, or SKIPPED. picture: (28, 28) uint8 of a drawing."""

    value: Any
    picture: np.ndarray | None = None


def of(lesson: str, step: int) -> Said | None:
    """None: nothing was said yet."""
    said = _all()
    place = _place(lesson, step)
    return Said(said[place], st.session_state.get(_PICTURES, {}).get(place)) if place in said else None


def put(lesson: str, step: int, value: Any, picture: np.ndarray | None = None) -> None:
    place = _place(lesson, step)
    _all()[place] = value
    if picture is not None:
        st.session_state.setdefault(_PICTURES, {})[place] = picture.reshape(SIDE, SIDE)


def forget(lesson: str) -> None:
    """The lesson is begun anew."""
    for kept in (_all(), st.session_state.get(_PICTURES, {})):
        for place in [one for one in kept if one.rsplit("/", 1)[0] == lesson]:
            del kept[place]


def keep() -> None:
    """Has the tab keep it. Drawings stay behind; that something was drawn is remembered."""
    browser_tab.keep("lessons", dict(list(_all().items())[-MOST_KEPT:]) or None, take_back)


def take_back(kept: Any) -> None:
    """kept: untrusted. What is none of ours is left out; whether it answers its question is seen where it is shown."""
    if not isinstance(kept, dict):
        received.drop()
        return
    for place, value in list(kept.items())[:MOST_KEPT]:
        lesson, _, step = str(place).rpartition("/")
        if LESSON.fullmatch(lesson) and step.isascii() and step.isdecimal() and len(step) < 3 and _is_plain(value):
            _all().setdefault(_place(lesson, int(step)), value)


def _is_training(value: Any) -> bool:
    """Whether it has the names of a training that was chosen; its values are checked where it is shown."""
    return isinstance(value, dict) and value.keys() == {field.name for field in dataclasses.fields(Choice)}


def _is_plain(value: Any) -> bool:
    parts = value if isinstance(value, list) else list(value.values()) if _is_training(value) else [value]
    small = all(one is None or isinstance(one, (str, int, float)) for one in parts)
    return small and len(str(value)) <= MOST_CHARACTERS


def _place(lesson: str, step: int) -> str:
    return f"{lesson}/{step}"


def _all() -> dict[str, Any]:
    found: dict[str, Any] = st.session_state.setdefault(_SAID, {})
    return found
