"""The frame around the pages, and the server that app.py starts: from wherever, and what it tells of itself.

Run: python -m pytest tests/app/test_app_frame.py
"""

import asyncio
import socket
from asyncio import base_events

import pytest
from streamlit import cli_util, config, delta_generator, net_util
from streamlit.runtime.stats import StatsManager
from streamlit.testing.v1 import AppTest
from streamlit.web.server.app_discovery import discover_asgi_app

import app as app_file
from fmnist_core.storage import folders
from fmnist_ui.serving import server

FILE = folders.PROJECT / "app.py"


class Caches:
    stats_families = ("cache_memory_bytes",)

    def get_stats(self, family_names=None):
        return {"cache_memory_bytes": ["what somebody looks at"]}


@pytest.fixture
def started(monkeypatch) -> list[str]:
    """What the server does as it starts, here; the addresses that it opens in a browser."""
    opened: list[str] = []
    for name in ("registered_families", "get_stats"):
        monkeypatch.setattr(StatsManager, name, getattr(StatsManager, name))
    monkeypatch.setattr(net_util, "get_external_ip", net_util.get_external_ip)
    monkeypatch.setattr(delta_generator, "_use_warning_has_been_displayed", False)
    monkeypatch.setattr(base_events, "_set_nodelay", base_events._set_nodelay)
    monkeypatch.setattr(server, "load", lambda: opened.append("loads"))
    monkeypatch.setattr(cli_util, "open_browser", opened.append)
    return opened


async def start() -> None:
    async with server.lifespan(None):
        pass


def test_it_starts_from_any_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    app = AppTest.from_file(FILE, default_timeout=60).run()
    assert not app.exception and len(app.title) == 1


def test_streamlit_finds_the_server_in_it():
    assert discover_asgi_app(FILE).import_string == "app:app"
    assert app_file.app.script_path == FILE


def test_what_is_written_leaves_at_once(started):
    """On a socket that names no protocol, as Streamlit binds it."""

    async def connect() -> int:
        asked = asyncio.Event()
        found = []

        async def serve(reader, writer) -> None:
            found.append(writer.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()
            asked.set()

        bound = socket.socket(family=socket.AF_INET)
        bound.bind(("127.0.0.1", 0))
        async with await asyncio.start_server(serve, sock=bound):
            _, writer = await asyncio.open_connection(*bound.getsockname())
            await asked.wait()
            writer.close()
        return found[0]

    assert not asyncio.run(connect())  # else asyncio has learned it, and ours can go
    asyncio.run(start())
    assert asyncio.run(connect())


def test_the_server_tells_nobody_what_is_looked_at(started):
    asyncio.run(start())
    assert net_util.get_external_ip() is None  # without asking a site of another's
    manager = StatsManager()
    manager.register_provider(Caches())
    assert not manager.registered_families()
    assert not manager.get_stats() and not manager.get_stats(["cache_memory_bytes"])


@pytest.mark.parametrize(("headless", "opened"), [(True, ["loads"]), (False, ["loads", "http://localhost:8512"])])
def test_a_browser_is_opened_where_there_is_a_screen(started, headless, opened):
    told = {"server.headless": headless, "server.address": "localhost", "server.port": 8512}
    before = {name: config.get_option(name) for name in told}
    for name, value in told.items():
        config.set_option(name, value, "test")
    try:
        asyncio.run(start())
    finally:
        for name, value in before.items():
            config.set_option(name, value)
    assert sorted(started) == sorted(opened)


def fails() -> None:
    import streamlit as st

    from fmnist_ui.serving import server

    st.session_state["suppressed"] = server.say_error(KeyError("a word of the inside"))


def test_an_error_that_nobody_foresaw_is_said_in_our_words():
    page = AppTest.from_function(fails).run()
    assert "that nobody foresaw" in page.error[0].value and "inside" not in page.error[0].value
    assert page.session_state["suppressed"] is True
    assert app_file.app._on_script_error is server.say_error
