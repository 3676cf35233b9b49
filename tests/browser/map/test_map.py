"""The map in a real browser, drawn by WebGL2 and without it."""

import contextlib
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.map.driving import (
    card,
    colour_at,
    fingers,
    mostly_webgl,
    open_map,
    picture_colour,
    place,
    point_at,
    status,
    zoom,
    zoom_in,
)
from tests.browser.waiting import until

pytestmark = pytest.mark.browser

COAT, OTHER_COAT = (0x3F, 0x90, 0xDA), (0x83, 0x2D, 0xB6)


@pytest.fixture(scope="module")
def address(server: Callable) -> str:
    return server("tests/browser/apps/sprite_map_app.py").url


@pytest.fixture
def app(page: Page, address: str, renderer: str) -> Page:
    page.goto(address)
    open_map(page, renderer)
    return page


@pytest.mark.long
def test_the_card_tells_of_the_point_under_the_pointer(app: Page):
    expect(card(app)).to_have_count(0)
    point_at(app, *place(app, 0, 0))
    expect(card(app)).to_contain_text("CoatCalled Shirt75 %Picture 1")
    point_at(app, *place(app, 1, 1))
    expect(card(app)).to_contain_text("ShirtRecognised100 %Picture 3")
    point_at(app, *place(app, 0.5, 0))
    expect(card(app)).to_have_count(0)


def test_a_click_returns_the_point_of_the_script(app: Page):
    app.mouse.click(*place(app, 0, 0))
    status(app, "clicks [1],")
    app.mouse.click(*place(app, 1, -1))
    status(app, "clicks [1, 4],")
    app.mouse.click(*place(app, 0.5, 0))
    app.get_by_role("button", name="Again").click()
    status(app, "clicks [1, 4],")


@mostly_webgl
def test_thumbnails_show_the_picture_of_their_point(app: Page):
    app.get_by_role("button", name="Names of the classes").click()
    app.mouse.move(5, 5)
    assert colour_at(app, *place(app, 0, 0)) == picture_colour(COAT, 40)
    assert colour_at(app, *place(app, -1, -1)) == picture_colour((0xBD, 0x1F, 0x01), 200)


@mostly_webgl
def test_the_view_survives_reruns_and_new_colours(app: Page):
    app.get_by_role("button", name="Names of the classes").click()
    zoom_in(app)
    left, top = place(app, 0, 0)
    app.mouse.move(left + 90, top + 60)  # not on a point
    app.mouse.down()
    app.mouse.move(left + 130, top + 80, steps=4)
    app.mouse.up()
    app.get_by_text("Other colours").click()
    status(app, "colours True")
    assert zoom(app) == 2.23
    app.mouse.move(5, 5)
    assert colour_at(app, left + 40, top + 20) == picture_colour(OTHER_COAT, 40)
    point_at(app, left + 40, top + 20)
    expect(card(app)).to_contain_text("Picture 1")


@mostly_webgl
def test_a_new_layout_moves_the_points_and_keeps_the_view(app: Page):
    zoom_in(app)
    app.get_by_text("Other layout").click()
    status(app, "layout True")
    app.mouse.move(5, 5)
    point_at(app, *place(app, 0, 0))
    expect(card(app)).to_contain_text("Picture 2")
    assert zoom(app) == 2.23


@mostly_webgl
def test_what_the_legend_switches_off_cannot_be_pointed_at(app: Page):
    coats = app.get_by_role("button", name="Coat")
    coats.click()
    expect(coats).to_have_attribute("aria-pressed", "false")
    point_at(app, *place(app, 1, 1))
    expect(card(app)).to_contain_text("Picture 3")
    point_at(app, *place(app, 0, 0))
    expect(card(app)).to_have_count(0)  # and not that of the coat there
    app.get_by_text("Other colours").click()
    status(app, "colours True")
    expect(coats).to_have_attribute("aria-pressed", "false")
    coats.click()
    point_at(app, *place(app, 0, 0))
    expect(card(app)).to_contain_text("Picture 1")


def test_the_keys_step_through_neighbours_and_choose(app: Page):
    app.locator("canvas.overlay").focus()
    app.keyboard.press("n")
    expect(card(app)).to_contain_text("Picture 1")
    expect(app.get_by_role("status").filter(has_text="Coat. Called Shirt, 75 % certain.")).to_have_count(1)
    app.keyboard.press("Enter")
    status(app, "clicks [1],")
    app.keyboard.press("n")
    expect(card(app)).to_contain_text(re.compile("Picture [2345]"))
    app.keyboard.press("+")
    expect(app.locator(".sprite-map")).to_have_attribute("data-zoom", "1.50")
    app.keyboard.press("0")
    expect(app.locator(".sprite-map")).to_have_attribute("data-zoom", "1.00")


@mostly_webgl
@pytest.mark.parametrize(("count", "note"), [(2, "1 without a place on the map left out."), (1, "There is nothing")])
def test_one_point_and_none(app: Page, count: int, note: str):
    app.get_by_role("radiogroup").get_by_text(str(count), exact=True).click()
    status(app, f"points {count}")
    expect(app.locator(".note")).to_contain_text(note)
    point_at(app, *place(app, 0, 0))
    if count == 2:
        expect(card(app)).to_contain_text("Picture 1")
    else:
        expect(card(app)).to_have_count(0)


def test_what_has_not_changed_is_not_uploaded_again(page: Page, address: str):
    page.goto(address)
    open_map(page)
    uploads = page.evaluate("window.uploads")
    assert uploads > 6
    page.mouse.click(*place(page, 0, 0))
    status(page, "clicks [1],")
    page.get_by_role("button", name="Again").click()
    page.get_by_text("Other colours").click()
    status(page, "colours True")
    until(page, lambda: page.evaluate("window.uploads") > uploads, "the palette is uploaded")
    assert page.evaluate("window.uploads") == uploads + 1  # and nothing else


LOSE_WEBGL = """(canvas, comesBack) => {
    const lost = canvas.getContext("webgl2").getExtension("WEBGL_lose_context");
    WebGL2RenderingContext.prototype.getProgramParameter = () => false; // from now on no shader links
    lost.loseContext();
    if (comesBack) setTimeout(() => lost.restoreContext(), 50);
}"""
IS_DRAWN = "canvas => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some(Boolean)"


@pytest.mark.long
def test_a_plain_canvas_stands_in_for_webgl_that_is_lost_or_links_no_shaders(page: Page, address: str):
    for comes_back in (False, True):
        page.goto(address)
        open_map(page)
        page.locator("canvas.points").evaluate(LOSE_WEBGL, comes_back)
        expect(page.locator(".sprite-map")).to_have_attribute("data-renderer", "canvas")
        point_at(page, *place(page, 0, 0))
        until(page, lambda: page.locator("canvas.points").evaluate(IS_DRAWN), "the plain canvas shows points")


def test_a_visitor_who_comes_back_finds_the_view(page: Page, address: str):
    page.goto(address)
    open_map(page)
    zoom_in(page)
    for _ in range(3):
        page.get_by_text("Hide the map").click()
        expect(page.locator(".sprite-map")).to_have_count(0)
        page.get_by_text("Hide the map").click()
        open_map(page)
        expect(page.locator(".sprite-map")).to_have_attribute("data-zoom", "2.23")


@pytest.mark.long
def test_fingers_pan_pinch_and_choose(browser: Browser, address: str):
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, reduced_motion="reduce"
    )
    page = context.new_page()
    page.goto(address)
    open_map(page)
    touch = fingers(page)
    left, top = place(page, 0, 0)
    touch("touchStart", (left - 40, top), (left + 40, top))
    for step in range(1, 5):
        touch("touchMove", (left - 40 - 10 * step, top), (left + 40 + 10 * step, top))
    touch("touchEnd")
    expect(page.locator(".sprite-map")).not_to_have_attribute("data-zoom", "1.00")
    assert zoom(page) == pytest.approx(2, rel=0.15)
    touch("touchStart", (left + 60, top + 60))
    for step in range(1, 5):
        touch("touchMove", (left + 60 + 10 * step, top + 60))
    touch("touchEnd")
    status(page, "clicks [],")
    for _ in range(4):  # Chromium takes a tap soon after a move for its end, and how soon depends on the machine
        page.touchscreen.tap(left + 40, top)
        with contextlib.suppress(AssertionError):
            expect(page.get_by_text("clicks [1],")).to_be_visible(timeout=3_000)
            break
    status(page, "clicks [1],")
    expect(card(page)).to_contain_text("Picture 1")
    context.close()
