"""Follows a room: what a page shows of it is drawn anew once it has changed, and nothing happens until then.

One thread a process asks the database for all its browsers, and has Streamlit run the fragments of those that show what
has changed. Asked by each browser, a class took a third of a processor (docs/log.md). Streamlit (1.67) has no
public interface for it: where a run is lost, or none can be asked for, the browser's own question, a rare one, notices.
"""

import contextlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st
from streamlit import runtime
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.scriptrunner_utils.script_run_context import ThreadState

from fmnist_core.room import rooms
from fmnist_core.room.rooms import Room
from fmnist_core.storage.folders import RunError
from fmnist_ui import memory

EVERY = 0.8  # seconds between two questions of a teacher's browser
LOOK_SECONDS = 0.5  # between two questions of the thread, for all
ASK_SECONDS = 10.0  # between two questions of a pupil's browser
PAUSE_SECONDS = 0.03  # at most, until the next browser's turn: thirty scripts at once take longer than one by one
_SEEN = "room_seen"  # in the session: the version that is shown


@dataclass
class _Watch:
    """What a session shows of a room."""

    session: str
    fragment: str
    code: str
    seen: int | None  # the version that it shows, or has been told to show


_watches: dict[str, _Watch] = {}  # by session
_LOCK = threading.Lock()
_CHANGED = threading.Event()


def follow(code: str, draw: Callable[[Room], None]) -> None:
    """Draws a room, and again, without the page around it, whenever it has changed; the page once it has ended."""

    @st.fragment
    def shown() -> None:
        try:
            room = rooms.peek(code)
        except RunError as error:
            st.warning(str(error), icon=":material/info:")
            return
        if room is None:
            st.rerun()
        st.session_state[_SEEN] = room.version
        _watch(code, room.version)
        draw(room)

    @st.fragment(run_every=ASK_SECONDS)
    def ask() -> None:
        try:
            changed = version(code) != st.session_state.get(_SEEN)
        except RunError:
            return  # it cannot be read at the moment: the next question tells
        if changed:
            st.rerun()

    shown()
    ask()


def version(code: str) -> int | None:
    """What the class sees; None where the room has ended."""
    room = rooms.peek(code)
    return None if room is None else room.version


def look_now() -> None:
    """Said by who has just changed a room: the class need not wait for the next look."""
    _CHANGED.set()


def _watch(code: str, seen: int) -> None:
    """From now on the thread looks for this session, whose fragment runs."""
    context, fragment = get_script_run_ctx(), ThreadState.get().fragment_id
    if context is None or fragment is None or not runtime.exists():
        return
    with _LOCK:
        _watches[context.session_id] = _Watch(context.session_id, fragment, code, seen)
    _start()


@st.cache_resource(show_spinner=False)
def _start() -> None:
    """Once a process."""
    threading.Thread(target=_look_on, name="rooms", daemon=True).start()


def _look_on() -> None:
    while True:
        _CHANGED.wait(LOOK_SECONDS)
        _CHANGED.clear()
        with contextlib.suppress(RunError, RuntimeError):  # not to be read now; the server ends, and its loop is closed
            _look()


def _look() -> None:
    """Has what has changed drawn anew, one browser after the other. Raises RunError, RuntimeError."""
    with _LOCK:
        watches = list(_watches.values())
    now = {code: version(code) for code in {one.code for one in watches}}
    for watch in watches:
        if now[watch.code] != watch.seen:
            runtime.get_instance()._get_async_objs().eventloop.call_soon_threadsafe(_tell, watch, now[watch.code])
            _pause()


def _pause() -> None:
    end = time.monotonic() + PAUSE_SECONDS
    time.sleep(0.003)
    while memory.scripts_run() and time.monotonic() < end:
        time.sleep(0.003)


def _tell(watch: _Watch, now: int | None) -> None:
    """Runs a session's fragment as if its browser had asked for it, unless a script runs: then the next look does. In
    the server's loop, as all that belongs to sessions.
    """
    manager: Any = runtime.get_instance()._session_mgr
    about = manager.get_session_info(watch.session)
    if about is None or not about.session.has_fragment(watch.fragment):  # gone, or on another page
        with _LOCK:
            if _watches.get(watch.session) is watch:
                del _watches[watch.session]
    elif manager.is_active_session(watch.session) and about.session._scriptrunner is None:
        watch.seen = now
        if now is None:  # the room has ended, and this is the last word of it
            with _LOCK:
                _watches.pop(watch.session, None)
        asked = ClientState()
        asked.CopyFrom(about.session._client_state)
        asked.fragment_id, asked.is_auto_rerun = watch.fragment, True
        about.session.request_rerun(asked)
