"""The web process' memory: who has left is forgotten in time, also where nobody comes after.

Run: python -m pytest tests/app/test_memory.py
"""

import asyncio
import gc
import weakref
from types import SimpleNamespace

import pytest
from streamlit import runtime
from streamlit.runtime.memory_session_storage import MemorySessionStorage
from streamlit.runtime.runtime import AsyncObjects, Runtime
from streamlit.runtime.session_manager import SessionInfo
from streamlit.runtime.websocket_session_manager import WebsocketSessionManager

from fmnist_ui import memory


class Session:
    id = "of somebody who has left"


def test_sessions_that_were_left_go_though_nobody_comes_after(monkeypatch):
    storage = MemorySessionStorage(ttl_seconds=0)
    nothing = SimpleNamespace()
    manager = WebsocketSessionManager(storage, nothing, nothing, lambda: None)
    loop = asyncio.new_event_loop()
    serving = object.__new__(Runtime)
    serving._session_mgr = manager
    serving._async_objs = AsyncObjects(loop, *[None] * (len(AsyncObjects.__annotations__) - 1))
    monkeypatch.setattr(runtime, "exists", lambda: True)
    monkeypatch.setattr(runtime, "get_instance", lambda: serving)
    session = Session()
    left = weakref.ref(session)
    storage.save(SessionInfo(client=None, session=session, script_run_count=1))
    del session
    gc.collect()
    assert left() is not None  # Streamlit alone keeps it
    memory.let_sessions_go()
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()
    assert left() is None
    memory.let_sessions_go()  # the server has ended meanwhile: nothing is left to be done


def test_what_pages_need_later_comes_once_nobody_waits_for_the_first(monkeypatch):
    done: list[str] = []

    class Over(Exception):
        pass

    def end() -> None:
        raise Over

    waiting = [True, True, False]
    monkeypatch.setattr(memory, "scripts_run", lambda: done.append("looked") or waiting.pop(0))
    monkeypatch.setattr(memory.time, "sleep", lambda seconds: None)
    monkeypatch.setattr(memory, "freeze", end)
    with pytest.raises(Over):
        memory._keep(lambda: done.append("prepared"))
    assert done == ["looked", "looked", "looked", "prepared"]
