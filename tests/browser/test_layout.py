"""How controls lie, on a desk and on a phone: nothing is cut off, and what stands in a row is level."""

import pytest
from playwright.sync_api import expect

from fmnist_ui.frame import PAGES
from tests.browser.waiting import settle

pytestmark = pytest.mark.browser

PHONE, DESK = {"width": 390, "height": 844}, {"width": 1440, "height": 900}
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
