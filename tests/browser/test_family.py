"""What if? in a real browser: a family is started by hand, seen in another window, stopped; and one to its end.

Run: python -m pytest tests/browser/test_family.py
"""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.serving import Server
from tests.browser.waiting import at_rest, settle

pytestmark = pytest.mark.browser


@pytest.fixture
def own_app(server: Callable[..., Server]) -> Server:
    """Its trainings wait for nobody else's."""
    return server("app.py")


def start(page: Page, app: Server) -> None:
    """A family of three tiny trainings: an epoch of 2,000 pictures, three rates of label noise."""
    page.goto(f"{app.url}/train?model=simple_nn")
    page.get_by_text("My own", exact=True).click()
    for key, value in (("epochs-0", "1"), ("images-55000", "2000")):
        field = page.locator(f".st-key-{key} input")
        field.fill(value)
        field.press("Enter")
    expect(page.get_by_text("1 epoch · 2,000 pictures")).to_be_visible()
    page.get_by_text("What if? Train it with three values and compare").click()
    settle(page)
    varies = page.locator(".st-key-varies").get_by_role("combobox")
    at_rest(varies)  # a list that opens while its field still moves is closed again
    varies.click()
    page.get_by_role("option", name="Label noise").click()
    expect(page.get_by_label("Label noise, percent, third")).to_have_value("40")
    page.locator(".st-key-start-family button").click()
    page.wait_for_url(re.compile("family=[0-9a-f]{8}"))


@pytest.mark.long
def test_a_family_is_started_seen_in_another_window_and_stopped(own_app, page):
    start(page, own_app)
    cards = page.get_by_role("button", name=re.compile("Label noise (0|20|40) %"))
    expect(cards).to_have_count(3)
    other = page.context.new_page()
    other.goto(page.url)
    expect(other.get_by_role("heading", name=re.compile("label noise 0 %, 20 % or 40 % · family of 3"))).to_be_visible()
    other.locator(".st-key-stop-family button").click()
    stopped = page.get_by_text(re.compile("Stopped before it began"))  # those that waited; the first may take longer
    expect(stopped.nth(1)).to_be_visible()
    expect(page.locator(".st-key-stop-family button:enabled")).to_have_count(0)
    other.close()
    page.locator(".st-key-back button").filter(visible=True).click()
    expect(page.get_by_role("button", name=re.compile("label noise 0 %, 20 % or 40 %"))).to_have_count(1)
    settle(page)


@pytest.mark.slow
def test_a_family_goes_to_its_end_and_says_what_it_shows(own_app, page):
    start(page, own_app)
    expect(page.get_by_text(re.compile("^Of label noise 0 %, 20 % and 40 %.*one seed"))).to_be_visible(timeout=300_000)
    chart = page.locator("[class*=accuracy-family]").first
    for value in ("0 %", "20 %", "40 %"):
        expect(chart.get_by_role("button", name=f"label noise {value}", exact=True)).to_be_visible()
    expect(page.get_by_test_id("stDataFrame")).to_be_visible()
    settle(page)
