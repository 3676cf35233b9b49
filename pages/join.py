"""Join: a pupil's way into a room, and what the teacher shows there."""

import streamlit as st

from fmnist_core.room import rooms
from fmnist_core.storage.folders import RunError
from fmnist_ui import parts, state, visitor
from fmnist_ui.frame import open_inside_app
from fmnist_ui.layout import first_line
from fmnist_ui.room import pupil_panel
from fmnist_ui.widgets.hostile_text import literal

open_inside_app(__file__)

FORM_WIDTH = 420  # CSS pixels: four letters and a name need no more
_PROBLEM, _ENDED = "join_problem", "join_ended"


def enter() -> None:
    try:
        room = rooms.find(st.session_state.get("join-code", ""), visitor.browser())
        rooms.join(room.code, visitor.browser(), st.session_state.get("join-name", ""))
    except RunError as error:
        st.session_state[_PROBLEM] = str(error)
        return
    state.put(room=room.code)


def leave(code: str) -> None:
    try:
        pupil_panel.stop_trainings(code)
        rooms.leave(code, visitor.browser())
    except RunError as error:
        st.session_state[_PROBLEM] = str(error)
    state.put(room=None)


def ask(code: str) -> None:
    first_line.header(
        "Join", "Type the four letters that your teacher shows. No account, and no name unless you want one."
    )
    parts.tell_problem(_PROBLEM)
    with st.form("join", border=False, width=FORM_WIDTH):
        st.text_input("Code", code, key="join-code", max_chars=12, placeholder="BCDF", autocomplete="off")
        st.text_input("Nickname, if you like", key="join-name", max_chars=20, autocomplete="off")
        st.form_submit_button("Join", type="primary", on_click=enter)
    st.caption("What you answer is seen by your teacher, and deleted when the room ends.")


def inside(code: str) -> bool:
    """Draws the room where this browser is in it; whether it is."""
    if rooms.me(code, visitor.browser()) is None:
        return False
    room = rooms.peek(code)
    if room is None:
        return False
    st.session_state[_ENDED] = code
    pupil_panel.show(room)
    with st.container(horizontal=True, vertical_alignment="center"):
        me = rooms.me(code, visitor.browser())
        name = f", {literal(me.name)}" if me and me.name else ""
        st.caption(f"Room {room.code}{name}", width="content")
        st.button("Leave", key="leave", type="tertiary", on_click=leave, args=(code,))
    return True


view = state.enter("join", "room")
try:
    is_inside = view["room"] is not None and inside(view["room"])
except RunError as error:
    st.error(str(error), icon=":material/error:")
    st.stop()
if not is_inside:
    if view["room"] is not None and st.session_state.pop(_ENDED, None) == view["room"]:
        state.put(room=None)
        st.info("The room has ended, or your teacher took you out. What was answered in it is deleted.")
        ask("")
    else:
        ask(view["room"] or "")
