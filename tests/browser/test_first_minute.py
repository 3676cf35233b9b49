"""The first minute in a real browser: draw, be surprised, train, all of it on Start."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from fmnist_core.data import CLASS_NAMES
from fmnist_core.runs import catalogue
from fmnist_ui.start import guess_panel
from tests.browser.serving import Server
from tests.browser.waiting import errors, settle

pytestmark = pytest.mark.browser

BAG = [(0.2, 0.45), (0.2, 0.85), (0.8, 0.85), (0.8, 0.45), (0.2, 0.45)]
HANDLE = [(0.35, 0.45), (0.4, 0.2), (0.6, 0.2), (0.65, 0.45)]
PHONE = {"width": 390, "height": 844}
SIZES = ({"width": 1440, "height": 900}, {"width": 1280, "height": 720})


@pytest.fixture(scope="module")
def own(server: Callable[..., Server]) -> Server:
    """An app without other visitors, whose newest training is this one's."""
    return server("app.py")


def canvas(page: Page) -> Locator:
    return page.locator(".st-key-canvas canvas").last


def draw(page: Page, stroke: list[tuple[float, float]]) -> None:
    box = canvas(page).bounding_box()
    (x, y), *others = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke]
    page.mouse.move(x, y)
    page.mouse.down()
    for place in others:
        page.mouse.move(*place, steps=5)
    page.mouse.up()


def heading(page: Page, name: str | re.Pattern[str]) -> Locator:
    return page.get_by_test_id("stMain").get_by_role("heading", name=name, exact=True, level=2)


def ends(element: Locator) -> float:
    box = element.bounding_box()
    assert box is not None
    return box["y"] + box["height"]


@pytest.mark.long
def test_draw_guess_and_train_without_leaving_start(own, page):
    page.goto(own.url)
    settle(page)
    for size in SIZES:
        page.set_viewport_size(size)
        page.wait_for_timeout(300)
        assert ends(canvas(page)) < size["height"]
    draw(page, BAG)
    draw(page, HANDLE)
    expect(heading(page, "Bag")).to_be_visible()
    assert ends(page.get_by_role("button", name="Next: see what fools it")) < SIZES[-1]["height"]
    page.get_by_role("button", name="Next: see what fools it").click()

    asked = guess_panel.three(catalogue.default_run(catalogue.list_rows()))
    for number, one in enumerate(asked):
        expect(heading(page, "What is this?")).to_be_visible()
        page.get_by_test_id("stMain").get_by_role("button", name=CLASS_NAMES[one.label], exact=True).click()
        expect(heading(page, CLASS_NAMES[one.label])).to_be_visible()
        expect(page.get_by_text(f"You {number + 1}, network 0")).to_be_visible()
        if number + 1 < len(asked):
            page.get_by_role("button", name="Next picture").click()
    page.get_by_role("button", name="Next: train one yourself").click()

    page.get_by_role("button", name="Train it now").click()
    page.wait_for_url(re.compile(r"/\?run=cnn_1"))
    curve = page.locator("[class*=st-key-start-cnn_1] .curve-chart")
    expect(curve.locator(".batches").first).to_be_attached(timeout=120_000)
    drawn = curve.locator(".batches").first.get_attribute("d")
    expect(curve.locator(".batches").first).not_to_have_attribute("d", drawn)  # it moves, and on Start
    page.get_by_role("button", name="Stop, keep what it learned").click()
    expect(heading(page, re.compile(r"^Your network has \d+\.\d %$"))).to_be_visible(timeout=180_000)
    page.get_by_text("1 · Draw").click()
    expect(page.get_by_text(re.compile(r"Your training was stopped: \d+\.\d %"))).to_be_visible()
    expect(page.get_by_role("img", name="Your drawing of 2 strokes")).to_be_visible()  # it is still there
    expect(errors(page)).to_have_count(0)


@pytest.mark.long
def test_on_a_phone_the_canvas_and_its_answer_are_on_the_first_screen(own, browser):
    agent = "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/143.0 Mobile Safari/537.36"
    page = browser.new_page(viewport=PHONE, user_agent=agent, has_touch=True)
    page.goto(own.url)
    settle(page)
    expect(canvas(page)).to_be_visible()
    draw(page, BAG)
    draw(page, HANDLE)
    answer = page.locator(".st-key-brief").get_by_text("Bag", exact=True).first
    expect(answer).to_be_visible()
    assert ends(answer) < ends(canvas(page)) < PHONE["height"]
    assert page.evaluate("document.scrollingElement.scrollTop") == 0
    page.context.close()
