"""Follows a room: asks each second whether it has changed, and draws the page anew only then."""

from collections.abc import Callable

import streamlit as st

from fmnist_core.room import rooms
from fmnist_core.storage.folders import RunError

EVERY = 0.8  # seconds


def follow(code: str, seen: object, now: Callable[[], object]) -> None:
    """Draws the page anew once `now` says something else than `seen`, which it said when the page was drawn."""

    @st.fragment(run_every=EVERY)
    def ask() -> None:
        try:
            changed = now() != seen
        except RunError:
            return  # it cannot be read at the moment: the next second tells
        if changed:
            st.rerun()

    ask()


def version(code: str) -> int | None:
    """What the class sees; None where the room has ended."""
    room = rooms.peek(code)
    return None if room is None else room.version
