"""Presenting: the button, the keys of a clicker, what is typed stays typed, and no header.

Run: python -m pytest tests/browser/test_presenting.py
"""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from fmnist_ui.frame import PAGES
from tests import made_up_lesson
from tests.browser.serving import Server
from tests.browser.waiting import errors, settle
from tests.made_up_lesson import NAME, NUMBER
from tests.tiny import shipped_run

pytestmark = pytest.mark.browser
BOARD = {"width": 1280, "height": 720}
# Of all paragraphs, in pixels on screen: a page may be enlarged as a whole.
SMALLEST = """() => Math.min(...[...document.querySelectorAll("[data-testid=stMain] p")]
    .filter((one) => one.textContent.trim() && one.getBoundingClientRect().height > 1)
    .map((one) => parseFloat(getComputedStyle(one).fontSize) * one.currentCSSZoom))"""
QUICK = ("start.py", "lessons.py")  # slow: the button is one for all pages


@pytest.fixture(scope="module")
def school(server: Callable[..., Server], tmp_path_factory: pytest.TempPathFactory) -> Server:
    runs = tmp_path_factory.mktemp("school") / "runs"
    made_up_lesson.write(runs)
    return server("app.py", FMNIST_RUNS=str(runs))


def title(page: Page, words: str) -> None:
    expect(page.get_by_role("heading", name=words)).to_be_visible()


def press(page: Page, key: str, words: str) -> None:
    """The key, once the buttons are there for the step that is shown, and then the step's title."""
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    page.keyboard.press(key)
    title(page, words)


def is_presented(page: Page) -> None:
    expect(page).to_have_url(re.compile("present=yes"))
    expect(page.get_by_test_id("stHeader")).to_be_hidden()
    expect(page.locator(".st-key-present-end button").first).to_be_visible()


@pytest.mark.long
@pytest.mark.parametrize(
    "file", [row.file if row.file in QUICK else pytest.param(row.file, marks=pytest.mark.slow) for row in PAGES]
)
def test_every_page_is_presented_by_its_button_and_escape_ends_it(school: Server, page: Page, file: str):
    page.set_viewport_size(BOARD)
    page.goto(f"{school.url}/{'' if file == PAGES[0].file else file.removesuffix('.py')}")
    settle(page)
    small = page.evaluate(SMALLEST)
    page.locator(".st-key-present button").first.click()
    is_presented(page)
    settle(page)
    assert page.evaluate(SMALLEST) >= 28 > small
    page.keyboard.press("Escape")
    expect(page).not_to_have_url(re.compile("present"))
    expect(page.get_by_test_id("stHeader")).to_be_visible()
    expect(page.locator(".st-key-present button").first).to_be_visible()


def on_screen(page: Page, *selectors: str) -> None:
    for selector in selectors:
        expect(page.locator(selector).first).to_be_in_viewport(ratio=0.95)


@pytest.mark.long
def test_what_a_page_is_about_is_whole_on_a_board(school: Server, page: Page):
    page.set_viewport_size(BOARD)
    page.goto(f"{school.url}/evaluate?present=yes")
    on_screen(page, "thead th >> nth=10", "tbody tr:nth-child(10) td >> nth=9")
    page.goto(f"{school.url}/map?present=yes")
    on_screen(page, ".stage")
    page.goto(f"{school.url}/train?run={shipped_run('cnn_2').id}&present=yes")
    on_screen(page, "[class*=st-key-loss-] .best", "[class*=st-key-accuracy-] .best")
    page.goto(f"{school.url}/predict?present=yes")
    on_screen(page, "canvas", ".st-key-beside-drawing [data-testid=stColumn] >> nth=1 >> h2, h3")


@pytest.mark.long
def test_explore_shows_a_board_one_view_of_the_choice_at_a_time(school: Server, page: Page):
    page.set_viewport_size(BOARD)
    page.goto(f"{school.url}/explore?present=yes&window=matrix")
    views = {
        "Matrix": "tbody tr:nth-child(10) td >> nth=9",
        "Map": ".stage",
        "Pictures": ".st-key-window-pictures [data-testid=stSelectbox]",
    }
    for name, shown in views.items():
        page.get_by_role("radio", name=name, exact=True).click()
        on_screen(page, shown)
        for other, selector in views.items():
            if other != name:
                expect(page.locator(selector).first).to_be_hidden()


@pytest.mark.long
def test_a_clicker_turns_the_steps_and_what_is_typed_or_moved_does_not(school: Server, page: Page):
    page.set_viewport_size(BOARD)
    page.goto(f"{school.url}/lessons?lesson={NAME}&present=yes")
    title(page, "Look at this")
    is_presented(page)
    press(page, "ArrowLeft", "Look at this")  # there is none before
    press(page, "PageDown", "One of three")
    press(page, "ArrowRight", "A number")
    press(page, "PageUp", "One of three")
    press(page, "ArrowLeft", "Look at this")
    for words in ("One of three", "A number"):
        press(page, "PageDown", words)
    slider = page.get_by_role("slider")
    slider.focus()
    before = slider.get_attribute("aria-valuenow")
    page.keyboard.press("ArrowRight")
    expect(slider).not_to_have_attribute("aria-valuenow", before or "")
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    title(page, "A number")
    for key in ("Control+ArrowRight", "Shift+ArrowRight", "Alt+ArrowRight"):
        page.locator("body").press(key)
    title(page, "A number")
    assert f"step={NUMBER}" in page.url

    page.get_by_test_id("stMarkdown").first.click()
    page.keyboard.press("f")
    page.wait_for_function("document.fullscreenElement !== null")
    page.keyboard.press("f")
    page.wait_for_function("document.fullscreenElement === null")
    page.keyboard.press("Escape")
    expect(page).not_to_have_url(re.compile("present"))
    assert f"step={NUMBER}" in page.url
    expect(errors(page)).to_have_count(0)


def test_keys_in_a_text_field_are_letters_and_do_not_present(school: Server, page: Page):
    page.goto(f"{school.url}/join?present=yes")
    code = page.get_by_label("Code")
    code.click()
    page.keyboard.type("fff")
    for key in ("ArrowLeft", "ArrowRight"):
        page.keyboard.press(key)
    expect(code).to_have_value("fff")
    assert page.evaluate("document.fullscreenElement") is None
    is_presented(page)


@pytest.mark.long
def test_a_popover_closes_by_escape_and_the_lesson_goes_on_being_presented(school: Server, page: Page):
    page.set_viewport_size(BOARD)
    page.goto(f"{school.url}/lessons?lesson={NAME}&step=1")
    page.get_by_role("button", name="Open a room").click()
    expect(page.locator(".room-code")).to_be_visible()
    page.goto(f"{page.url}&present=yes")
    is_presented(page)
    page.get_by_role("button", name="End", exact=False).first.click()
    expect(page.get_by_role("button", name="End the room")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="End the room")).to_be_hidden()
    page.wait_for_timeout(300)
    is_presented(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_step_is_read_in_light_and_in_dark(school: Server, page: Page, scheme: str):
    page.set_viewport_size(BOARD)
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.goto(f"{school.url}/lessons?lesson={NAME}&step=1&present=yes")
    title(page, "One of three")
    is_presented(page)
    ink, paper = (
        sum(map(int, re.findall(r"\d+", page.evaluate(f"getComputedStyle({of}).{what}"))[:3]))
        for of, what in (
            ("document.querySelector('.st-key-question-asked p')", "color"),
            ("document.querySelector('[data-testid=stApp]')", "backgroundColor"),
        )
    )
    assert (ink < 300 and paper > 700) if scheme == "light" else (ink > 600 and paper < 200)
