"""A browser without a window: speaks Streamlit's protocol as Streamlit's own frontend does.

It keeps a connection and an identity of its own, sends what its widgets say with every request, runs fragments again
at their intervals whether or not the answer has come, and forgets widgets that a run has not drawn again.
"""

import asyncio
import contextlib
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlencode

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

from fmnist_ui.visitor import COOKIE
from tests.browser.serving import Server

PATIENCE = 60  # seconds that a visitor waits for a view
_WIDGETS = ("button", "text_input", "slider", "checkbox")
_FULL_RUN = ""  # in the place of a fragment's id


class NoAnswer(Exception):
    """What was waited for has not come."""


@dataclass(frozen=True)
class Widget:
    id: str
    label: str
    fragment: str  # the id of the fragment that it stands in, or ""
    disabled: bool


def stream_of(server: Server) -> str:
    """Where a browser's connection goes."""
    return f"{server.url.replace('http', 'ws')}/_stcore/stream"


def new_secret() -> str:
    """By which the app knows a browser again."""
    return secrets.token_urlsafe(32)


def connect(url: str, secret: str) -> websockets.connect:
    """A connection from elsewhere, as a proxy passes it on."""
    headers = {"Cookie": f"{COOKIE}={secret}", "X-Forwarded-For": "192.0.2.1"}
    told: dict[str, Any] = {"subprotocols": ["streamlit"], "max_size": None, "open_timeout": PATIENCE}
    return websockets.connect(url, additional_headers=headers, **told)


class Browser:
    """One page of one browser, until it is closed: `async with Browser(...) as browser`."""

    def __init__(self, server: Server, page: str, **query: str):
        self.url, self.stream = f"{server.url}/{page}", stream_of(server)
        self.page, self.query, self.secret = page, urlencode(query), new_secret()
        self.widgets: dict[str, Widget] = {}  # by key
        self._values: dict[str, WidgetState] = {}
        self._drawn: set[str] = set()  # keys, since the run of the whole page began
        self._run: tuple[str, ...] = ()  # the fragments that run now; none: the whole page
        self._script = ""  # the page's hash, once the server has told it
        self._known: set[str] = set()  # hashes of messages that need not be sent again
        self._timers: dict[str, asyncio.Task[None]] = {}
        self._ended: dict[str, int] = {}  # how often a run of the page or a fragment has ended
        self._heard = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._socket = await connect(self.stream, self.secret)
        self._reader = asyncio.create_task(self._read())
        await self.send()
        await self.until(lambda: bool(self._ended.get(_FULL_RUN)))
        return self

    async def __aexit__(self, *error: object) -> None:
        self._stop_timers()
        self._reader.cancel()
        await self._socket.close()

    async def until(self, test: Callable[[], bool], seconds: float = PATIENCE) -> None:
        """Until what was heard passes the test. Raises NoAnswer."""
        end = time.monotonic() + seconds
        while not test():
            if self._reader.done():
                raise NoAnswer(f"The connection has ended: {self._reader.exception()}")
            self._heard.clear()
            try:
                await asyncio.wait_for(self._heard.wait(), end - time.monotonic())
            except TimeoutError:
                raise NoAnswer(f"{self.page} did not show what was waited for in {seconds:g} s") from None

    async def click(self, key: str) -> float:
        """Presses a button; when that was sent, by time.monotonic()."""
        widget = self.widgets[key]
        return await self.send(WidgetState(id=widget.id, trigger_value=True), widget.fragment)

    async def click_and_wait(self, key: str) -> float:
        """The same until the run that it starts has ended."""
        fragment = self.widgets[key].fragment
        ended = self._count_ended(fragment)
        sent = await self.click(key)
        await self.until(lambda: self._count_ended(fragment) > ended)
        return sent

    def set(self, key: str, **value: Any) -> None:
        """What a widget says from now on; value: a field of WidgetState. Nothing is sent for it yet."""
        self._values[key] = WidgetState(id=self.widgets[key].id, **value)

    async def slide(self, key: str, value: float) -> None:
        """Moves a slider, and waits for what the page makes of it."""
        fragment = self.widgets[key].fragment
        ended = self._count_ended(fragment)
        self.set(key)
        self._values[key].double_array_value.data.append(value)
        await self.send(fragment=fragment)
        await self.until(lambda: self._count_ended(fragment) > ended)

    def _count_ended(self, fragment: str) -> int:
        return self._ended.get(_FULL_RUN, 0) + (self._ended.get(fragment, 0) if fragment else 0)

    async def send(self, pressed: WidgetState | None = None, fragment: str = "", by_itself: bool = False) -> float:
        message = BackMsg()
        asked = message.rerun_script
        asked.query_string, asked.page_script_hash = self.query, self._script
        if not self._script:
            asked.page_name = self.page
        if fragment:
            asked.fragment_id, asked.is_auto_rerun = fragment, by_itself
        asked.widget_states.widgets.extend([*self._values.values(), *([pressed] if pressed else [])])
        asked.cached_message_hashes.extend(self._known)
        about = asked.context_info
        about.url, about.timezone, about.locale, about.color_scheme = self.url, "UTC", "en-GB", "light"
        sent = time.monotonic()
        await self._socket.send(message.SerializeToString())
        return sent

    async def _read(self) -> None:
        while True:
            raw = await self._socket.recv(decode=False)
            now, message = time.monotonic(), ForwardMsg()
            message.ParseFromString(raw)
            if message.metadata.cacheable and message.hash:
                self._known.add(message.hash)
            self._understand(message)
            self.hear(raw, now)
            self._heard.set()

    def hear(self, raw: bytes, now: float) -> None:
        """A message of the server's; for who inherits."""

    def _understand(self, message: ForwardMsg) -> None:
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self._run = tuple(message.metadata.run.fragment_ids)
            if not self._run:
                self._stop_timers()
                self._drawn.clear()
        elif kind == "navigation":
            self._script = message.navigation.page_script_hash
        elif kind == "page_info_changed":
            self.query = message.page_info_changed.query_string
        elif kind == "auto_rerun":
            self._start_timer(message.auto_rerun.fragment_id, message.auto_rerun.interval)
        elif kind == "stop_auto_rerun":
            for fragment in message.stop_auto_rerun.fragment_ids:
                self._stop_timer(fragment)
        elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            self._draw(message.delta)
        elif kind == "script_finished" and message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
            self._end()

    def _draw(self, delta: Any) -> None:
        kind = delta.new_element.WhichOneof("type")
        if kind in _WIDGETS:
            one = getattr(delta.new_element, kind)
            key = one.id.split("-", 2)[-1]  # $$ID-hash-key
            self.widgets[key] = Widget(one.id, one.label, delta.fragment_id, one.disabled)
            self._drawn.add(key)

    def _end(self) -> None:
        for one in self._run or (_FULL_RUN,):
            self._ended[one] = self._ended.get(one, 0) + 1
        if not self._run:
            self.widgets = {key: one for key, one in self.widgets.items() if key in self._drawn}
            self._values = {key: one for key, one in self._values.items() if key in self._drawn}

    def _start_timer(self, fragment: str, seconds: float) -> None:
        if fragment not in self._timers:
            self._timers[fragment] = asyncio.create_task(self._again(fragment, seconds))

    async def _again(self, fragment: str, seconds: float) -> None:
        with contextlib.suppress(websockets.ConnectionClosed):
            while True:
                await asyncio.sleep(seconds)
                await self.send(fragment=fragment, by_itself=True)

    def _stop_timer(self, fragment: str) -> None:
        if timer := self._timers.pop(fragment, None):
            timer.cancel()

    def _stop_timers(self) -> None:
        for fragment in list(self._timers):
            self._stop_timer(fragment)
