"""The quiz in a real browser: answers by click and by key, a page that is loaded again, the end.

Run: python -m pytest tests/browser/test_quiz.py
"""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from fmnist_core import data
from fmnist_core.quiz.pictures import PICTURES, all_pictures, draw
from tests.browser.waiting import at_rest, settle

pytestmark = pytest.mark.browser
SEED = 11
LABELS = [int(data.load_split("test").labels[place]) for place in draw(SEED, False, all_pictures())]
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "user_agent": "Mobile"}


def asked(page: Page, number: int) -> None:
    expect(page.get_by_text(f"Picture {number} of {PICTURES}", exact=True)).to_be_visible()
    expect(page.locator(f".st-key-answer-{number - 1}-9 button")).to_be_visible()
    expect(page.locator(f".st-key-answer-{number - 2}-9")).to_have_count(0)


@pytest.mark.long
def test_a_quiz_is_answered_by_click_and_key_survives_a_reload_and_ends(app, page):
    page.goto(f"{app.url}/quiz?quiz_seed={SEED}")
    asked(page, 1)
    for number in range(PICTURES - 1):
        label = LABELS[number]
        if number % 2:
            page.locator(f".st-key-answer-{number}-{label} button").click()
        else:
            page.keyboard.press(str((label + 1) % 10))
        asked(page, number + 2)
        if number == 9:
            settle(page)
            page.reload()
            asked(page, number + 2)
            settle(page)
    page.locator(".st-key-widget_quiz_seed input").focus()
    page.keyboard.press("End")
    page.keyboard.press("1")  # typed where numbers are typed, it is no answer
    expect(page.locator(".st-key-widget_quiz_seed input")).to_have_value(f"{SEED}1")
    asked(page, PICTURES)
    page.keyboard.press("Backspace")
    page.locator(f".st-key-answer-{PICTURES - 1}-{LABELS[-1]} button").click()
    expect(page.get_by_text(f"You are right on {PICTURES} of {PICTURES}")).to_be_visible()
    expect(page.locator(".st-key-quiz-chart .js-plotly-plot")).to_be_visible()
    settle(page)
    page.get_by_role("button", name="Another twenty").click()
    asked(page, 1)
    assert not re.search(rf"quiz_seed={SEED}\b", page.url)


@pytest.mark.long
def test_on_a_phone_picture_and_answers_are_in_sight_at_once(app, browser: Browser):
    context = browser.new_context(**PHONE)
    page = context.new_page()
    page.goto(f"{app.url}/quiz")
    asked(page, 1)
    settle(page)
    at_rest(page.locator(".st-key-quiz-picture img"))  # at the top: nothing is scrolled for it
    last = page.locator(".st-key-answer-0-9 button").bounding_box()
    assert last and last["y"] + last["height"] <= PHONE["viewport"]["height"]
    page.locator(".st-key-answer-0-9 button").tap()
    asked(page, 2)
    context.close()
