"""Waits that browser tests have in common: for something to hold, never for a time to pass."""

import time
from collections.abc import Callable

from playwright.sync_api import FloatRect, Locator, Page, expect

from fmnist_ui.serving.server import UNFORESEEN

PATIENCE = 90_000  # milliseconds
STILL_FRAMES = 12  # of the browser's own, so that a busy machine takes longer over them
NEXT_FRAME = "() => new Promise((done) => requestAnimationFrame(() => done()))"
COME_TO_REST = """(element, frames) => new Promise((done) => {
    let last = "", same = 0;
    const look = () => {
        const {x, y, width, height} = element.getBoundingClientRect();
        const now = [x, y, width, height, element.isConnected].join();
        same = now === last ? same + 1 : 0;
        last = now;
        if (same === frames) done(element.isConnected); else requestAnimationFrame(look);
    };
    look();
})"""


def settle(page: Page) -> None:
    """Waits until the page's script has run, and fails where it raised."""
    expect(page.locator("h1").first).to_be_visible(timeout=PATIENCE)
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]", timeout=PATIENCE)
    expect(errors(page)).to_have_count(0)


def errors(page: Page) -> Locator:
    """What a page says where its script raised: the app's words, or Streamlit's own where a test's app has none."""
    return page.get_by_test_id("stException").or_(page.get_by_text(UNFORESEEN))


def until(page: Page, holds: Callable[[], bool], what: str) -> None:
    """Waits until it holds, looking once a frame."""
    deadline = time.monotonic() + PATIENCE / 1_000
    while not holds():
        assert time.monotonic() < deadline, f"It never came true that {what}."
        page.evaluate(NEXT_FRAME)


def at_rest(element: Locator) -> FloatRect:
    """Where the element is, once it has stopped moving and nothing has put another in its place."""
    element.scroll_into_view_if_needed()
    until(element.page, lambda: element.evaluate(COME_TO_REST, STILL_FRAMES), "the element lies still")
    box = element.bounding_box()
    assert box is not None
    return box
