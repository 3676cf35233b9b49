"""Keys that Streamlit takes for itself, a slow line, and one that goes dead without a word: after a sleep, say.

Run: python -m pytest tests/browser/test_slow_network.py
"""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, WebSocketRoute, expect

from tests.browser.waiting import settle, until

pytestmark = pytest.mark.browser


class Line:
    """All that passes between a page and its server; answers can be held, or everything swallowed."""

    def __init__(self, page: Page) -> None:
        self.held: list[tuple[WebSocketRoute, str | bytes]] = []
        self.asked, self.sockets, self.holds, self.dead = 0, 0, False, False
        self.came = 0  # bytes
        page.route_web_socket("**/_stcore/stream", self.open)

    def open(self, socket: WebSocketRoute) -> None:
        self.sockets, self.dead = self.sockets + 1, False
        server, number = socket.connect_to_server(), self.sockets + 1

        def is_dead() -> bool:
            return self.dead and self.sockets < number

        def ask(message: str | bytes) -> None:
            self.asked += 1
            if not is_dead():
                server.send(message)

        def answer(message: str | bytes) -> None:
            self.came += len(message)
            if self.holds:
                self.held.append((socket, message))
            elif not is_dead():
                socket.send(message)

        socket.on_message(ask)
        server.on_message(answer)

    def release(self) -> None:
        self.holds = False
        for socket, message in self.held:
            socket.send(message)
        self.held.clear()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    yield context.new_page()
    context.close()


@pytest.mark.long
def test_keys_quick_clicks_and_a_dead_line_leave_a_page_that_answers(app, page):
    line = Line(page)
    page.goto(f"{app.url}/evaluate?cells=6-0")
    settle(page)
    show = page.get_by_role("radiogroup", name="Show")
    asked = line.asked
    for part in (".st-key-matrix [data-row='6'][data-column='0']", "h1"):
        page.locator(part).click() if part == "h1" else page.locator(part).focus()
        for key in ("r", "c", "Control+c", "Meta+c", "f", "s", "h", "5"):
            page.keyboard.press(key)
    page.wait_for_timeout(300)
    assert line.asked == asked and page.get_by_role("dialog").count() == 0

    # Answers come late: the fourth is a message that Streamlit took for known to the browser, which had let go of it.
    line.holds = True
    for words in ("Row %", "Column %", "Errors only", "Counts"):
        show.get_by_text(words, exact=True).click()
        page.wait_for_timeout(400)
    line.release()
    settle(page)
    show.get_by_text("Row %", exact=True).click()
    expect(page).to_have_url(re.compile("show=percent"))

    line.dead = True
    sockets = line.sockets
    show.get_by_text("Column %", exact=True).click()
    page.evaluate("dispatchEvent(new Event('online'))")  # as where a laptop is opened in another network
    until(page, lambda: line.sockets > sockets, "another connection is opened")
    expect(page).to_have_url(re.compile("show=columns"))


def test_a_click_brings_no_code(app, page):
    """The components' modules have addresses: a browser on a slow line loads each once, not with every click."""
    line = Line(page)
    page.goto(f"{app.url}/evaluate?cells=6-0")
    settle(page)
    for kind in ("matrix", "gallery", "frame"):
        kept = page.evaluate(
            f"performance.getEntriesByType('resource').filter(e => /components.{kind}/.test(e.name)).length"
        )
        assert kept == 1
    before = line.came
    page.get_by_role("radio", name="Row %", exact=True).click()
    expect(page).to_have_url(re.compile("show=percent"))
    settle(page)
    assert 1_000 < line.came - before < 60_000
