"""What browsers do to every page: they translate it, print it, zoom it, go back and forward.

Run: python -m pytest tests/browser/test_frame.py
"""

import contextlib
import re

import pytest
from playwright.sync_api import Browser, Page, expect

from fmnist_ui.serving.first_paint import NAME
from tests.browser.test_loop import draw_trousers
from tests.browser.waiting import at_rest, settle
from tests.tiny import shipped_run

pytestmark = pytest.mark.browser
RUN = shipped_run("cnn_2").id
# As translators do: each text, also one that comes later, is replaced by elements that hold another one.
TRANSLATE = """() => {
    const wrap = (root) => {
        const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT), texts = [];
        while (walker.nextNode()) texts.push(walker.currentNode);
        for (const text of texts) {
            const parent = text.parentElement;
            if (!parent || !text.data.trim() || ["SCRIPT", "STYLE", "FONT"].includes(parent.tagName)) continue;
            const outer = document.createElement("font"), inner = document.createElement("font");
            inner.textContent = `«${text.data}»`;
            outer.append(inner);
            parent.replaceChild(outer, text);
        }
    };
    wrap(document.body);
    const added = (records) => records.flatMap((record) => [...record.addedNodes]).filter((node) => node.isConnected);
    const watch = (records) => added(records).forEach((node) => wrap(node.parentNode));
    new MutationObserver(watch).observe(document.body, { childList: true, subtree: true });
}"""


def choose(page: Page, row: int, column: int) -> None:
    chosen = re.compile(rf"cells={row}-{column}$|cells={row}-{column}&")
    for patience in (20_000, 60_000):  # what is above may still come to stand there, and the matrix moves from under it
        box = at_rest(page.locator(f".st-key-matrix [data-row='{row}'][data-column='{column}']"))
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        with contextlib.suppress(AssertionError):
            expect(page).to_have_url(chosen, timeout=patience)
            break
    expect(page).to_have_url(chosen)


@pytest.mark.long
def test_a_translated_page_says_what_is_so_now_and_history_and_print_hold(app, page):
    page.goto(f"{app.url}/data")
    settle(page)
    page.get_by_role("link", name="Evaluate").first.click()
    expect(page.get_by_role("heading", name="Click a cell")).to_be_visible()
    settle(page)
    page.evaluate(TRANSLATE)
    for row, column, words in ((6, 0, "× Shirt called T-shirt/top»"), (4, 2, "× Coat called Pullover»")):
        choose(page, row, column)
        expect(page.get_by_role("heading", name=words)).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="× Shirt called T-shirt/top»")).to_be_visible()
    page.go_forward()
    expect(page.get_by_role("heading", name="× Coat called Pullover»")).to_be_visible()
    # Printed: no controls, and what the screen's width was laid out for is whole on a narrower sheet.
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    for control in ("stButton", "stPopover", "stHeader"):
        assert not any(one.is_visible() for one in page.get_by_test_id(control).all())
    assert page.get_by_test_id("stMainBlockContainer").bounding_box()["width"] <= 701
    page.emulate_media(media="screen")
    for _ in range(3):  # and out again
        page.go_back()
    expect(page.get_by_role("heading", name="Data", exact=False).first).to_be_visible()


@pytest.mark.long
@pytest.mark.parametrize("scale", [pytest.param(0.67, marks=pytest.mark.slow), 1.25])
def test_what_is_under_the_pointer_is_hit_at_any_zoom(app, browser: Browser, scale):
    """A browser's zoom and a screen's scale are the same to a page: other device pixels, and a view of another size."""
    size = {"width": round(1280 / scale), "height": round(800 / scale)}
    context = browser.new_context(viewport=size, device_scale_factor=scale)
    page = context.new_page()
    page.goto(f"{app.url}/evaluate?run={RUN}")
    settle(page)
    choose(page, 6, 0)
    page.goto(f"{app.url}/predict?run={RUN}")
    settle(page)
    draw_trousers(page)
    expect(page.get_by_role("heading", name="Trouser")).to_be_visible()
    level = """(canvas, [x, y]) => {
        const side = canvas.width;
        return canvas.getContext("2d").getImageData(x * side, y * side, 1, 1).data[0];
    }"""
    canvas = page.locator(".st-key-canvas canvas")
    assert [canvas.evaluate(level, place) for place in ((0.5, 0.1), (0.62, 0.9), (0.2, 0.5))] == [255, 255, 0]
    context.close()


def test_logo_and_name_stand_there_until_the_page_does(app, browser: Browser):
    page, held = browser.new_page(), []
    page.route(re.compile(r"/static/js/index\.(?!esm)"), lambda route: held.append(route))  # as over a slow network
    page.goto(f"{app.url}/data", wait_until="commit")
    expect(page.locator("#first")).to_contain_text(NAME)
    expect(page).to_have_title(NAME)
    while not held:
        page.wait_for_timeout(50)
    held[0].continue_()
    expect(page.get_by_role("heading", name="Data", exact=True)).to_be_visible(timeout=60_000)
    expect(page.locator("#first")).to_have_count(0)
    page.context.close()
