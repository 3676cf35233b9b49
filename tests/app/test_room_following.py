"""A pupil's page follows its room by itself, on a real server and without a window.

Run: python -m pytest tests/app/test_room_following.py
"""

import asyncio
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from benchmarks.room import people
from benchmarks.room.people import Pupil
from fmnist_core.room import rooms
from fmnist_ui.room import watching
from tests.browser.serving import Server, start_server

TEACHER = "0123456789abcdef" * 2
SOON = watching.ASK_SECONDS / 2  # seconds: long before the browser itself would ask


class Listener(Pupil):
    ended = False

    def hear(self, raw: bytes, now: float) -> None:
        super().hear(raw, now)
        self.ended = self.ended or b"The room has ended" in raw


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    file = tmp_path / "lessons" / f"{people.NAME}.md"
    file.parent.mkdir()
    file.write_text(people.lesson_text(4))
    monkeypatch.setenv("FMNIST_RUNS", str(tmp_path / "runs"))
    running = start_server(Path("app.py"), tmp_path / "runs", tmp_path / "log.txt", {})
    yield running
    running.stop()


async def follow(server: Server, code: str) -> None:
    async with Listener(server, code, "Ada", random.Random(0)) as pupil:
        await pupil.join()
        await pupil.until(lambda: f"ask-{code}-0-0" in pupil.widgets)
        for step in (1, 2):
            rooms.show(code, TEACHER, step)
            await pupil.until(lambda step=step: (step, False) in pupil.shown, SOON)
        await pupil.until(lambda: f"ask-{code}-2-0" in pupil.widgets)
        await pupil.click(f"ask-{code}-2-0")  # of an order: the second tap below is sent by what the first has drawn
        await pupil.until(lambda: pupil.widgets[f"ask-{code}-2-0"].disabled)
        rooms.reveal(code, TEACHER)
        await pupil.until(lambda: (2, True) in pupil.shown, SOON)
        rooms.end(code, TEACHER)
        await pupil.until(lambda: pupil.ended, SOON)
        assert pupil.failed == 0


@pytest.mark.long
def test_a_page_follows_its_room_without_asking(server: Server):
    code = rooms.open_room(people.NAME, TEACHER).code
    with ThreadPoolExecutor(1) as beside:  # a browser's test before it may have left a loop in this thread
        beside.submit(asyncio.run, follow(server, code)).result()
