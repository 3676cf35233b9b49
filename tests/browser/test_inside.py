"""Inside in a real browser: point, click, keys, switching off, two pictures, a phone.

Run: python -m pytest tests/browser/test_inside.py
"""

import re

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from fmnist_core import data
from fmnist_core.inside.arithmetic import work_out
from fmnist_core.inside.session import open_inside
from tests.browser.waiting import at_rest, settle, until
from tests.tiny import shipped_run

pytestmark = pytest.mark.browser

PATIENCE = 20_000  # milliseconds
RUN, FLAGSHIP = shipped_run("cnn_2"), shipped_run("flagship")
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def look(app, page: Page):
    def open_view(parameters: str = "picture=test/4", run=RUN) -> Page:
        page.goto(f"{app.url}/inside?run={run.id}&{parameters}")
        expect(page.locator(".share").first).to_be_visible(timeout=60_000)
        settle(page)
        return page

    return open_view


def column(page: Page, layer: str) -> Locator:
    return page.locator(f".column[data-layer='{layer}'] canvas.channels")


def shares(page: Page) -> list[str]:
    return page.locator(".share .figure").all_inner_texts()


@pytest.mark.long
def test_a_click_on_a_pixel_works_it_out_and_says_so_in_the_address(look):
    page = look()
    box = at_rest(column(page, "conv2"))
    page.mouse.click(box["x"] + 20, box["y"] + 20)
    expect(page).to_have_url(re.compile("layer=conv2&channel=0&pixel=[0-9]+-[0-9]+"), timeout=PATIENCE)
    row, at = map(int, re.search("pixel=([0-9]+)-([0-9]+)", page.url).groups())
    inside = open_inside(RUN)
    worked = work_out(inside.network, inside.look(data.load_split("test").images[4]), "conv2", 0, row, at)
    expect(page.locator(".worked h4")).to_have_text(f"conv2, channel 0, row {row}, column {at}", timeout=PATIENCE)
    said = page.locator(".worked .result .amount").inner_text().replace("−", "-")
    assert float(said) == pytest.approx(worked.value, abs=0.006)
    first = worked.parts[0]
    expect(page.locator(".worked .part .words").first).to_have_text(f"{first.source}, channel {first.channel}")


def test_pointing_says_the_value_and_what_it_sees_without_asking_the_server(look):
    page = look()
    inside = open_inside(RUN)
    values = inside.look(data.load_split("test").images[4]).values["conv1"][0]
    box = at_rest(column(page, "conv1"))
    before = page.url
    page.mouse.move(box["x"] + 22, box["y"] + 22)
    readout = page.locator(".readout")
    expect(readout).to_contain_text("conv1, channel 0 of 32", timeout=PATIENCE)
    found = re.search(r": (−?[0-9.]+) at row ([0-9]+), column ([0-9]+); sees rows ([0-9]+)", readout.inner_text())
    row, at, first = (int(found[place]) for place in (2, 3, 4))
    assert float(found[1].replace("−", "-")) == pytest.approx(float(values[row, at]), abs=0.006)
    assert first == row - 1 and page.url == before  # a window of 3 by 3


@pytest.mark.long
def test_keys_walk_through_layers_and_channels_work_out_and_switch_off(look):
    page = look()
    column(page, "picture").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    readout = page.locator(".readout")
    expect(readout).to_contain_text("pool1, channel 1 of 32", timeout=PATIENCE)
    expect(column(page, "pool1")).to_have_attribute("tabindex", "0")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("layer=pool1&channel=1&pixel="), timeout=PATIENCE)
    page.keyboard.press("o")
    expect(page).to_have_url(re.compile("off=pool1%3A1"), timeout=PATIENCE)
    expect(page.locator(".chip")).to_contain_text("pool1: 1")
    page.keyboard.press("o")
    expect(page.locator(".chip")).to_have_count(0, timeout=PATIENCE)
    page.keyboard.press("Escape")
    expect(page).not_to_have_url(re.compile("pixel="), timeout=PATIENCE)


@pytest.mark.long
def test_what_is_switched_off_moves_the_bars_and_a_thousand_pictures_are_asked(look):
    page = look()
    whole = shares(page)
    page.locator(".column[data-layer='conv2'] .head").click()
    page.get_by_role("button", name="Layer off").click()
    until(page, lambda: shares(page) != whole, "the bars move")
    expect(page.locator(".ghost:visible")).to_have_count(10)
    expect(page).to_have_url(re.compile("off=conv2%3Aall"), timeout=PATIENCE)
    expect(page.locator(".effect")).to_contain_text(re.compile("On 1,000 test pictures: .* → "), timeout=60_000)
    page.get_by_role("button", name="Switch all on").click()
    until(page, lambda: shares(page) == whole, "the bars are where they were")


def test_the_most_important_channels_lead_their_column(look):
    page = look("picture=test/4&layer=conv3&channel=3")
    page.get_by_role("button", name="Most important").click()
    expect(page.get_by_role("button", name="In order")).to_be_visible(timeout=PATIENCE)
    box = at_rest(column(page, "conv3"))
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    expect(page.locator(".readout")).to_contain_text(re.compile("; without it Shirt has [0-9.]+ %"))


def test_steps_are_shown_one_by_one(look):
    page = look("picture=test/4&layer=conv2&channel=5&pixel=4-4")
    later = page.locator(".line-of[data-state='later']")
    expect(later).to_have_count(0)
    page.get_by_role("button", name="Next ›").click()
    lines = page.locator(".worked .line-of").count()
    expect(later).to_have_count(lines - 1)
    page.get_by_role("button", name="Next ›").click()
    expect(later).to_have_count(lines - 2)
    page.get_by_role("button", name="‹ Back").click()
    expect(later).to_have_count(lines - 1)
    page.get_by_role("button", name="All", exact=True).click()
    expect(later).to_have_count(0)


def test_a_bar_of_the_answer_opens_its_softmax(look):
    page = look()
    page.locator(".share").nth(6).click()
    expect(page.locator(".worked h4")).to_have_text("Softmax: where the probability of Shirt comes from")
    said = page.locator(".worked .result .amount").inner_text()
    logits = open_inside(RUN).look(data.load_split("test").images[4]).logits.astype(float)
    share = np.exp(logits[6]) / np.exp(logits).sum()
    assert said == f"{100 * share:.1f} %"


@pytest.mark.long
def test_a_second_picture_gives_a_curve_that_chooses_layers(look):
    page = look("picture=test/4&against=test/0")
    expect(page.locator(".distance .usual")).to_have_count(1, timeout=60_000)
    page.locator(".dot[aria-label^='conv3:']").click()
    expect(page).to_have_url(re.compile("layer=conv3"), timeout=PATIENCE)


@pytest.mark.long
def test_a_whole_channel_shows_what_each_input_adds(look):
    page = look("picture=test/4&layer=conv2&channel=5&pixel=4-4")
    page.get_by_role("button", name="Whole channel").click()
    expect(page.locator(".worked h4")).to_have_text("conv2, channel 5: what each input adds", timeout=PATIENCE)
    page.get_by_role("button", name="Whole channel").click()
    expect(page).to_have_url(re.compile("pixel=4-4"), timeout=PATIENCE)


def test_on_a_phone_layers_stand_below_each_other_and_the_answer_stays(look, page: Page):
    page.set_viewport_size(PHONE)
    look("picture=test/4&layer=conv3&channel=5&pixel=3-3", FLAGSHIP)
    tops = [box["y"] for box in (column(page, name).bounding_box() for name in ("conv1", "conv2", "conv3")) if box]
    assert tops == sorted(tops) and len(set(tops)) == 3
    answer = page.locator(".answer").bounding_box()
    assert answer is not None and answer["y"] + answer["height"] <= PHONE["height"] + 1
    wide = page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollWidth")
    assert wide <= PHONE["width"]
    page.locator(".column[data-layer='conv9']").scroll_into_view_if_needed()
    later = page.locator(".answer").bounding_box()
    assert later is not None and later["y"] + later["height"] <= PHONE["height"] + 1
