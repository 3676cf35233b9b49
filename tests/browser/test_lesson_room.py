"""A whole lesson in a room: a teacher and three pupils, one on a phone, one who reloads, one whose network goes.

Run: python -m pytest tests/browser/test_lesson_room.py
"""

import os
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, TimeoutError, WebSocketRoute, expect

from fmnist_core.room.store import FILE, OF_A_ROOM
from tests import made_up_lesson
from tests.browser.serving import Server, start_server
from tests.browser.waiting import at_rest, errors, until
from tests.made_up_lesson import CHOICE, NAME

pytestmark = pytest.mark.browser
DESK, PHONE = {"width": 1280, "height": 720}, {"width": 390, "height": 844}
AWAY_SECONDS = 20.0
FOLLOWED = 2_000  # milliseconds, on an idle machine
PATIENCE = 15_000


class Line:
    """A page's connection, which goes dead without a word, as of a device that has left the network."""

    def __init__(self, page: Page) -> None:
        self.sockets, self.cut_off = 0, 0
        page.route_web_socket("**/_stcore/stream", self.open)

    def open(self, socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()
        self.sockets += 1
        number = self.sockets
        socket.on_message(lambda message: server.send(message) if number > self.cut_off else None)
        server.on_message(lambda message: socket.send(message) if number > self.cut_off else None)

    def cut(self) -> None:
        """What is open now stays dead."""
        self.cut_off = self.sockets


@pytest.fixture
def visitor(browser: Browser) -> Iterator[Callable[..., Page]]:
    """visitor(**OPTIONS): the page of another browser."""
    opened: list[BrowserContext] = []

    def come(**options: object) -> Page:
        opened.append(browser.new_context(**{"viewport": DESK, "reduced_motion": "reduce"} | options))  # type: ignore[arg-type]
        return opened[-1].new_page()

    yield come
    for context in opened:
        context.close()


def open_room(teacher: Page, url: str) -> str:
    """The code of a new room at the step that asks first."""
    teacher.goto(f"{url}/lessons?lesson={NAME}&step={CHOICE}")
    teacher.get_by_role("button", name="Open a room").click()
    code = teacher.locator(".room-code").inner_text()
    teacher.locator(".st-key-room-lobby button").first.click()
    expect(teacher.locator(".st-key-room-reveal")).to_be_visible()
    return code


def join(pupil: Page, url: str, code: str, name: str, touch: bool = False) -> None:
    pupil.goto(f"{url}/join")
    pupil.get_by_label("Code").fill(code)
    pupil.get_by_label("Nickname").fill(name)
    press(pupil.get_by_role("button", name="Join", exact=True), touch)


def press(button: Locator, touch: bool = False) -> None:
    if touch:
        button.tap()
    else:
        button.click()


def seen(page: Page, words: str) -> None:
    expect(page.get_by_text(words).first).to_be_visible(timeout=PATIENCE)


def follow(pupils: list[Page], words: str) -> float:
    """Waits until all pupils see it; returns after how many seconds."""
    began = time.monotonic()
    for pupil in pupils:
        seen(pupil, words)
    return time.monotonic() - began


def counts(teacher: Page, here: int, answered: int) -> None:
    expect(teacher.locator(".st-key-room-count")).to_contain_text(
        f"{here} here · {answered} answered", timeout=PATIENCE
    )


def insist(page: Page, button: str, words: str) -> None:
    """Clicks as one does who sees that nothing happens: a new session does not know yet what is clicked at once."""

    def answered() -> bool:
        if page.get_by_role("button", name=button).count():
            page.get_by_role("button", name=button).click()
        try:
            page.get_by_text(words).first.wait_for(timeout=5_000)
        except TimeoutError:
            return False
        return True

    until(page, answered, f"{button} is heard")


def draw(page: Page) -> None:
    """A pair of trousers, by the pointer."""
    box = at_rest(page.locator("canvas.paper"))
    x, y, side = box["x"], box["y"], box["width"]
    for leg in (0.38, 0.62):
        page.mouse.move(x + leg * side, y + 0.12 * side)
        page.mouse.down()
        page.mouse.move(x + leg * side, y + 0.9 * side, steps=6)
        page.mouse.up()


def rows(runs: Path) -> dict[str, int]:
    """How many rows each table of rooms has."""
    with sqlite3.connect(runs.with_name("results") / FILE) as tables:
        return {table: tables.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0] for table in OF_A_ROOM}


def stored(runs: Path) -> bytes:
    """All bytes of the database, its journal among them."""
    return b"".join(path.read_bytes() for path in runs.with_name("results").glob(f"{FILE}*"))


def fine(page: Page) -> None:
    expect(errors(page)).to_have_count(0)
    expect(page.get_by_test_id("stAlertContentError")).to_have_count(0)


@pytest.fixture(scope="module")
def school(server: Callable[..., Server], tmp_path_factory: pytest.TempPathFactory) -> Server:
    runs = tmp_path_factory.mktemp("school") / "runs"
    made_up_lesson.write(runs)
    return server("app.py", FMNIST_RUNS=str(runs))


@pytest.mark.long
def test_a_class_plays_a_lesson_and_nothing_of_it_is_left(school: Server, visitor: Callable[..., Page]):
    teacher, ada, ben = visitor(), visitor(), visitor()
    phone = visitor(viewport=PHONE, has_touch=True, is_mobile=True)
    line = Line(ben)
    code = open_room(teacher, school.url)
    join(ada, school.url, "BCDF" if code != "BCDF" else "BCDG", "Ada-Zebra")
    seen(ada, "There is no room with this code now.")
    ada.get_by_label("Code").fill(code.lower())
    ada.get_by_role("button", name="Join", exact=True).click()
    join(ben, school.url, code, "Ben-Okapi")
    join(phone, school.url, f"{code[:2]} {code[2:]}", "Cleo-Gnu", touch=True)
    pupils = [ada, ben, phone]
    follow(pupils, "Which is it?")
    counts(teacher, 3, 0)

    ada.get_by_role("button", name="Green").click()  # to be removed
    phone.get_by_role("button", name="*Red* <b>").tap()
    counts(teacher, 3, 2)
    ada.reload()
    seen(ada, "You said: Green")
    counts(teacher, 3, 2)  # the same pupil
    teacher.locator(".st-key-room-remove button").first.click()
    expect(teacher.get_by_text("Ada-Zebra: ")).to_be_visible()
    assert "Ada-Zebra" in stored(school.runs).decode("latin1")  # so that it can be missed below
    teacher.locator("[data-testid=stHorizontalBlock]", has_text="Ada-Zebra: ").get_by_role(
        "button", name="Remove answer"
    ).last.click()
    counts(teacher, 3, 1)
    teacher.keyboard.press("Escape")
    expect(ada.get_by_role("button", name="Green")).to_be_visible(timeout=PATIENCE)

    ben.context.set_offline(True)
    line.cut()
    away = time.monotonic()
    teacher.get_by_role("button", name="Close answers").click()
    follow([ada, phone], "Answers are closed.")
    expect(ada.get_by_role("button", name="Green")).to_have_count(0)
    teacher.get_by_role("button", name="Reveal").click()
    for page in (teacher, ada, phone):
        seen(page, "Because it is red.")
    seen(phone, "As you said.")
    seen(teacher, "The class: 1 answer")

    teacher.get_by_role("button", name="Next").click()
    took = follow([ada, phone], "How many are there?")
    assert took < 4 * FOLLOWED / 1_000
    slider = ada.get_by_role("slider")
    slider.press("ArrowRight")
    ada.get_by_role("button", name="That is my guess").click()
    seen(ada, "You said: 30")
    counts(teacher, 3, 1)
    assert ben.get_by_text("Which is it?").is_visible()  # has heard of nothing yet
    ben.wait_for_timeout(max(0, 1_000 * (AWAY_SECONDS - time.monotonic() + away)))
    ben.context.set_offline(False)
    seen(ben, "How many are there?")
    assert line.sockets > line.cut_off
    ben.get_by_role("button", name="That is my guess").click()
    counts(teacher, 3, 2)

    for words in ("In order", "To be drawn"):
        teacher.keyboard.press("PageDown")
        seen(teacher, words)
    follow(pupils, "Draw it.")
    draw(ada)
    ada.get_by_role("button", name="Show it to the network").click()
    seen(ada, "Sent. What the network calls it")
    counts(teacher, 3, 1)
    teacher.get_by_role("button", name="Reveal").click()
    seen(ada, "The network says:")
    expect(ben.get_by_text("1 of 1 called Trouser").or_(ben.get_by_text("0 of 1 called Trouser"))).to_be_visible()
    assert rows(school.runs) == {"answers": 4, "pupils": 3, "steps": 2, "rooms": 1}
    for page in (teacher, *pupils):
        fine(page)

    teacher.locator(".st-key-room-bar").get_by_role("button", name="End").click()
    teacher.get_by_role("button", name="End the room").click()
    follow(pupils, "The room has ended")
    expect(teacher.get_by_role("button", name="Open a room")).to_be_visible()
    assert rows(school.runs) == dict.fromkeys(OF_A_ROOM, 0)
    left = stored(school.runs)
    assert [name for name in (b"Zebra", b"Okapi", b"Gnu") if name in left] == []
    assert "Traceback" not in school.log.read_text()


@pytest.mark.slow
def test_a_server_that_is_killed_and_started_anew_keeps_the_room(tmp_path: Path, visitor: Callable[..., Page]):
    runs = tmp_path / "runs"
    made_up_lesson.write(runs)
    running = start_server(Path("app.py"), runs, tmp_path / "log.txt", {})
    try:
        teacher, ada, ben = visitor(), visitor(), visitor()
        code = open_room(teacher, running.url)
        for pupil, name in ((ada, "Ada"), (ben, "Ben")):
            join(pupil, running.url, code, name)
        follow([ada, ben], "Which is it?")
        ada.get_by_role("button", name="Green").click()
        counts(teacher, 2, 1)
        os.killpg(running.process.pid, signal.SIGKILL)
        running.process.wait()
        for page in (teacher, ada, ben):
            page.wait_for_selector("[data-testid=stApp]:not([data-test-connection-state=CONNECTED])", timeout=60_000)
        port = int(running.url.rpartition(":")[2])
        running = start_server(Path("app.py"), runs, tmp_path / "log-2.txt", {}, port)
        for page in (teacher, ada, ben):
            page.wait_for_selector("[data-test-connection-state=CONNECTED]", timeout=60_000)
        expect(ada.get_by_text("You said: Green")).to_be_visible(timeout=60_000)
        expect(ben.get_by_role("button", name="Green")).to_be_visible(timeout=60_000)
        insist(ben, "Blue", "You said: Blue")
        counts(teacher, 2, 2)
        insist(teacher, "Reveal", "Because it is red.")
        follow([ada, ben], "Because it is red.")
        teacher.get_by_role("button", name="Next").click()
        follow([ada, ben], "How many are there?")
        until(teacher, lambda: rows(runs)["pupils"] == 2, "both are the pupils that they were")
        assert "Traceback" not in running.log.read_text()
    finally:
        running.stop()
