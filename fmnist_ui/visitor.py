"""Who sits before the browser: a secret that the browser keeps (components/frame/identity.js) says whose things are.

Who opens the app on the machine that serves it, and not through a proxy, is the machine and owns all; in a demo nobody
does.
"""

import re
import secrets

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from fmnist_core import hosting
from fmnist_core.storage import owners
from fmnist_core.storage.owners import MACHINE, Visitor
from fmnist_ui import received

COOKIE = "fmnist_visitor"
LINK = "#visitor="  # of an address: who opens it may become its visitor; the browser sends no server what follows #
_PROXIED = ("X-Forwarded-For", "Forwarded", "X-Real-Ip", "Via")
_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")
# In the session: the secret; whether it is the machine that asks; whether the visitor chose the secret; the one that a
# link came with; the address that was asked for first.
_MINE, _MACHINE, _TAKEN = "visitor_secret", "visitor_is_machine", "visitor_taken"
LINKED, _FIRST = "visitor_linked", "visitor_first"


def current() -> Visitor:
    """On whose behalf the script runs; what is no script of a page is the machine's."""
    if get_script_run_ctx() is None:
        return MACHINE
    return MACHINE if _is_machine() else owners.visitor_of(_secret())


def browser() -> str:
    """The browser itself, also one on this machine, as 32 hexadecimal digits made from its secret: in a room it is one
    of many, whatever it owns."""
    return str(owners.visitor_of(_secret()).id)


def _is_machine() -> bool:
    found: bool = st.session_state.setdefault(_MACHINE, at_the_machine())
    return found


def _secret() -> str:
    if _MINE not in st.session_state:
        said = st.context.cookies.get(COOKIE)
        st.session_state[_MINE] = said if is_secret(said) else secrets.token_urlsafe(32)
    mine: str = st.session_state[_MINE]
    return mine


def at_the_machine() -> bool:
    """Whether the browser runs on this very machine. A connection that has gone meanwhile says nothing of itself."""
    headers = st.context.headers
    direct = st.context.ip_address is None and "Host" in headers and not any(one in headers for one in _PROXIED)
    return direct and not hosting.is_demo()


def is_secret(value: object) -> bool:
    return isinstance(value, str) and _SECRET.fullmatch(value) is not None


def told() -> dict[str, object]:
    """What the browser is told of itself."""
    st.session_state.setdefault(_FIRST, st.query_params.to_dict())
    return {"secret": _secret(), "taken": st.session_state.get(_TAKEN, False), "path": _path()}


def _path() -> str:
    """Below which the cookie is sent: what else a site has learns no secret. A prefix that a proxy takes away is
    unknown here.
    """
    return f"/{st.get_option('server.baseUrlPath').strip('/')}"


def address() -> str:
    """The app's address with the visitor's secret: who opens it can take this visitor's things along."""
    return f"{st.context.url or ''}{LINK}{_secret()}"


def hear_secret() -> None:
    """The browser was known already, and said so without a cookie: what it asked for may be its own after all."""
    said = received.sent("frame", "secret")
    if is_secret(said) and not st.session_state.get(_TAKEN):
        st.session_state[_MINE] = said
        if not _is_machine():
            st.query_params.from_dict(st.session_state[_FIRST])


def hear_link() -> None:
    """The browser opened another visitor's link. Nothing changes before its visitor has agreed."""
    said = received.sent("frame", "linked")
    if not _is_machine() and is_secret(said):
        st.session_state[LINKED] = said


def refuse_link() -> None:
    st.session_state.pop(LINKED, None)


def take_link() -> None:
    """The visitor becomes the one of the link."""
    st.session_state[_MINE] = st.session_state.pop(LINKED)
    st.session_state[_TAKEN] = True
