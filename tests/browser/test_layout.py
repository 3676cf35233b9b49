"""How pages lie, on a desk and on a phone: nothing is cut off, what stands in a row is level, and what one comes to see
is on the first screen."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from fmnist_ui.frame import PAGES
from fmnist_ui.predict.invitation import TITLE
from tests.browser.waiting import at_rest, settle
from tests.tiny import shipped_run

pytestmark = pytest.mark.browser

PHONE, DESK, PROJECTOR = ({"width": wide, "height": high} for wide, high in ((390, 844), (1440, 900), (1280, 720)))
CUT_OFF = """() => ["stButtonGroup", "stMetricLabel"]
  .flatMap((name) => [...document.querySelectorAll(`[data-testid=${name}], [data-testid=${name}] *`)])
  .filter((element) => getComputedStyle(element).overflowX !== "visible")
  .filter((element) => element.scrollWidth > element.clientWidth + 1)
  .map((element) => element.textContent)"""
WAYS = ("upload", "camera", "teach")
VIEWS = [row.file.removesuffix(".py") for row in PAGES[1:]] + ["join"] + [f"predict?way={way}" for way in WAYS]
LAST = {"predict?way=teach": "Examples from"}  # what such a view draws last
LEVEL = {"map": ("Map of", "Method"), "predict?way=teach": ("Name of the new class", "Examples from")}  # on a desk
SLOW = ("data", "models", "predict?way=upload", "predict?way=camera")  # quick: the others


@pytest.mark.some(2)
@pytest.mark.parametrize(
    "view", [pytest.param(view, marks=pytest.mark.slow) if view in SLOW else view for view in VIEWS]
)
def test_no_choice_and_no_label_is_cut_off_on_a_phone(app, page, view):
    page.set_viewport_size(PHONE)
    page.goto(f"{app.url}/{view}")
    settle(page)
    if view in ("data", "map", "evaluate", "train", "predict"):
        expect(page.get_by_test_id("stButtonGroup").first).to_be_visible(timeout=30_000)
    if view in LAST:
        expect(page.get_by_text(LAST[view])).to_be_visible(timeout=30_000)
    assert page.evaluate(CUT_OFF) == []
    if view in LEVEL:
        page.set_viewport_size(DESK)
        assert_level(page, LEVEL[view])


def test_the_labels_over_the_data_are_level(app, page):
    page.goto(f"{app.url}/data")
    settle(page)
    assert_level(page, ("Split", "Class"))


def assert_level(page, names):
    tops = [page.get_by_test_id("stWidgetLabel").filter(has_text=name).bounding_box()["y"] for name in names]
    assert tops[0] == pytest.approx(tops[1], abs=1)


@pytest.fixture(scope="module")
def phone(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True, user_agent="Mobile")
    yield context.new_page()
    context.close()


def first_screen(view: str, page: Page) -> list[Locator]:
    """What one comes to see on a page."""
    matrix = page.locator(".st-key-matrix")
    return {
        "map": [page.locator(".st-key-map .stage")],
        "evaluate": [matrix.get_by_role("rowheader", name=name, exact=True) for name in ("T-shirt/top", "Ankle boot")],
        "predict": [
            page.locator(".st-key-canvas canvas"),
            page.get_by_text(TITLE).last,
        ],
        "predict?way=camera": [page.get_by_role("button", name="Start the camera")],
    }[view]


def top_of(page: Page, seen: Locator) -> float:
    """Of an element that does not move any more, in CSS pixels from the top of the page, however far it is scrolled."""
    at_rest(seen)
    return seen.bounding_box()["y"] + page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollTop")


def assert_in_first_screen(page: Page, seen: Locator) -> None:
    expect(seen).to_be_visible(timeout=60_000)
    top = top_of(page, seen)
    assert top > 0 and top + seen.bounding_box()["height"] <= page.viewport_size["height"], seen


@pytest.mark.long
@pytest.mark.parametrize("view", ["map", "evaluate", "predict", "predict?way=camera"])
def test_what_one_comes_to_see_is_on_the_first_screen(app, page, phone, view):
    page.set_viewport_size(PROJECTOR)
    for one in (page, phone):
        one.goto(f"{app.url}/{view}")
        settle(one)
        for seen in first_screen(view, one):
            assert_in_first_screen(one, seen)


@pytest.mark.long
def test_the_curves_of_a_training_begin_high_on_a_projector(app, page):
    page.set_viewport_size(PROJECTOR)
    run = shipped_run("cnn_2").id
    page.goto(f"{app.url}/train?run={run}")
    settle(page)
    curves = page.locator(f".st-key-loss-{run}")
    expect(curves).to_be_visible(timeout=60_000)
    assert top_of(page, curves) < 400


def test_a_phones_way_to_the_other_pages_is_called_menu(app, phone):
    phone.goto(f"{app.url}/quiz")
    settle(phone)
    phone.get_by_role("button", name="Menu", exact=True).click()
    expect(phone.get_by_role("link", name="Evaluate").first).to_be_visible()


@pytest.mark.long
@pytest.mark.parametrize(("view", "names"), [("evaluate", ("View", "Show")), ("inside", ("Another", "More"))])
def test_a_phone_has_a_pages_controls_in_one_line(app, phone, view, names):
    phone.goto(f"{app.url}/{view}")
    settle(phone)
    first, second = (phone.get_by_role("button", name=name, exact=True) for name in names)
    assert top_of(phone, first) == pytest.approx(top_of(phone, second), abs=1)
    assert second.bounding_box()["x"] + second.bounding_box()["width"] <= PHONE["width"]
