"""The address of the page as the visitor has been told it, also to a request that left the browser before it heard.

Streamlit sends the address along with every request. One that follows another quickly, a second click say, still says
the address of before: taken at its word, it would undo what the first click has changed.
"""

import time

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

LATE_SECONDS = 3.0  # a browser that hears of a change later than this is not told apart from one that goes back
MOST_REPLACED = 8  # addresses that are known to have been replaced
_SENT, _CHANGES = "address_sent", "address_changes"


def sent() -> dict[str, str]:
    """What the browser said with the request that is answered now, whatever has been written since."""
    _hear()
    said: dict[str, str] = st.session_state[_SENT][1]
    return said


def read() -> dict[str, str]:
    """The address, with the last change in it; the caller's own dictionary."""
    _hear()
    return st.query_params.to_dict()


def is_late() -> bool:
    """Whether the browser has not yet heard of the last change."""
    return sent() in _recent()[0]


def goes_back() -> bool:
    """Whether the browser has gone a step back or forth to the address that it says now."""
    context = get_script_run_ctx()
    return bool(context and context.is_history_navigation)


def write(address: dict[str, str]) -> None:
    """All at once: each change is a step of the browser's back button."""
    before = read()
    if address == before:
        return
    known = (*_recent()[0], sent(), before)
    kept = [one for place, one in enumerate(known) if one != address and one not in known[:place]][-MOST_REPLACED:]
    st.session_state[_CHANGES] = (time.monotonic(), kept, address)
    st.query_params.from_dict(address)


def forget() -> None:
    """On another page nothing was replaced."""
    st.session_state.pop(_CHANGES, None)


def _hear() -> None:
    """Once a request, before its address is used: keeps what it says, and brings it up to date where it comes late."""
    context = get_script_run_ctx()
    request = context.cursors if context else None  # another dictionary in each
    if _SENT in st.session_state and st.session_state[_SENT][0] is request:
        return
    said = st.query_params.to_dict()
    st.session_state[_SENT] = (request, said)
    replaced, newest = _recent()
    if said in replaced and not goes_back():
        st.query_params.from_dict(newest)


def _recent() -> tuple[list[dict[str, str]], dict[str, str]]:
    """The addresses that have been replaced just now, and what by."""
    when, replaced, newest = st.session_state.get(_CHANGES, (0.0, [], {}))
    return (replaced, newest) if time.monotonic() - when < LATE_SECONDS else ([], {})
