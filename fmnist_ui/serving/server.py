"""What the server does once, beside the script that each visitor runs: see app.py."""

import contextlib
import socket
from asyncio import base_events
from collections.abc import AsyncIterator

import streamlit as st
from streamlit import cli_util, config, delta_generator, net_util
from streamlit.runtime.stats import StatsManager
from streamlit.web.server import server_util

UNFORESEEN = "Something went wrong here that nobody foresaw."


@contextlib.asynccontextmanager
async def lifespan(_app: object) -> AsyncIterator[None]:
    """While the server runs. It answers once the first page can be drawn: a browser that loads Streamlit's scripts
    meanwhile would wait longer, as both need the interpreter.
    """
    send_at_once()
    hide_statistics()
    net_util.get_external_ip = lambda: None  # Streamlit asks a site of Amazon's for it, at a request from elsewhere say
    load()
    if not config.get_option("server.headless"):
        open_browser()
    yield


def load() -> None:
    """Gets what Start needs, or its first visitor would wait for it."""
    # Streamlit (1.67) asks at the first element whether it is typed in a console, which takes 0.2 s of reading.
    delta_generator._use_warning_has_been_displayed = True
    from fmnist_core import data
    from fmnist_ui import cached, frame, uploads  # noqa: F401
    from fmnist_ui.start import came_last, draw_panel, guess_panel, steps, train_panel  # noqa: F401

    with contextlib.suppress(data.DataError):  # said by the page that needs it
        data.load_split("test")
    cached.list_rows()


def send_at_once() -> None:
    """From now on what is written to a browser leaves without waiting for the browser to confirm what came before.

    asyncio asks for that itself (TCP_NODELAY), but only of sockets that name TCP as their protocol. Those that
    Streamlit 1.67 binds name none: each of sixty scripts of the first page, and each message that follows another one,
    waited up to 40 ms for the browser's delayed acknowledgement.
    """

    def set_nodelay(connection: socket.socket) -> None:
        if connection.family in (socket.AF_INET, socket.AF_INET6) and connection.type == socket.SOCK_STREAM:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    base_events._set_nodelay = set_nodelay  # type: ignore[attr-defined]


def hide_statistics() -> None:
    """From now on the server's /_stcore/metrics says nothing: whoever reaches the app could read there what others look
    at, by the caches that fill. Streamlit 1.67 has no switch for it.
    """
    StatsManager.registered_families = lambda manager: []  # type: ignore[method-assign, assignment]
    StatsManager.get_stats = lambda manager, family_names=None: {}  # type: ignore[method-assign, assignment]


def open_browser() -> None:
    """As Streamlit (1.67) does by itself where app.py has no st.App."""
    told = config.is_manually_set("server.address")
    address = server_util.get_display_address(config.get_option("server.address")) if told else "localhost"
    cli_util.open_browser(server_util.get_url(address))


def say_error(error: Exception) -> bool:
    """An error that nobody foresaw, which the log has, in our words. True: Streamlit says nothing more."""
    st.error(
        f"{UNFORESEEN} Nothing that was stored is lost, and the app's log has what "
        "happened. Reload the page; if it happens again, choose something else, or begin on Start.",
        icon=":material/report:",
    )
    return True
