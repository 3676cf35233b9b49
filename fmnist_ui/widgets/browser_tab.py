"""What the browser's tab keeps of a visitor's own (components/tab), for when the server has forgotten it.

A session of the server ends when its connection is gone for a while, when the server is started anew and when the page
is loaded again. What is kept lies in the tab's sessionStorage: no other tab reads it, and it goes with the tab.
"""

import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from fmnist_ui import received
from fmnist_ui.javascript import by_address, one_module

SOURCES = Path(__file__).parent / "components" / "tab"
MODULES = ("../tab_storage", "index")
_MARK, _GONE = "session_mark", "tab_gone"  # in the session; the second: sentences, by what they are about
_component = st.components.v2.component("fmnist_tab", js=by_address("tab", one_module(SOURCES, MODULES)))


def mark() -> str:
    """Tells this session of the server from all others."""
    found: str = st.session_state.setdefault(_MARK, secrets.token_hex(4))
    return found


def uploader_key(name: str) -> str:
    """The key of an uploader, another one in each session: under the same one a browser would go on listing files that
    only an earlier session had."""
    return f"{name}-{mark()}"


def keep(name: str, value: Any, take_back: Callable[[Any], None]) -> None:
    """Has the tab keep a value under a name until the next call; None: there is nothing.

    value: as JSON has them. take_back: is given what an earlier session has had kept under that name, once, before the
    script runs again. It may be anything by then: a browser sends what it likes.
    """
    key = f"tab-{name}"

    def given() -> None:
        take_back(received.part(received.sent(key, "given"), "value"))

    _component(key=key, data={"name": name, "session": mark(), "value": value}, on_given_change=given)


def count(name: str, here: int, most: int, sentence: Callable[[int], str]) -> None:
    """Has the tab remember how many of something that never comes back the session holds.

    sentence: says of so many, at most `most`, that they are gone; `gone` has it then.
    """

    def miss(before: Any) -> None:
        if received.is_place(before, most + 1) and before:
            say_gone(name, sentence(before))

    if here:
        forget_gone(name)
    keep(name, here or None, miss)


def say_gone(name: str, sentence: str) -> None:
    st.session_state.setdefault(_GONE, {})[name] = sentence


def forget_gone(name: str) -> None:
    """There is something of the kind again."""
    st.session_state.get(_GONE, {}).pop(name, None)


def gone(name: str) -> str:
    """What has gone with an earlier session, in a sentence; "" where nothing has."""
    found: str = st.session_state.get(_GONE, {}).get(name, "")
    return found
