"""Evaluate in a real browser: random cells, margins, groups and filters open exactly as many pictures as they say.

Run: python -m pytest tests/browser/test_evaluate_selection.py
"""

import random
import re

import pytest
from playwright.sync_api import Locator, Page, expect

from fmnist_core.runs import predictions
from tests.browser.waiting import at_rest
from tests.tiny import shipped_run

pytestmark = pytest.mark.browser

SECONDS = 1_000  # milliseconds
PATIENCE = 20 * SECONDS
SLOW = pytest.mark.slow  # quick: the others of the same test
ON_A_PAGE = 60  # pictures that Evaluate shows at once
RUN = shipped_run("simple_nn")
CLASSES, MISSED, ALL = 10, 10, 11  # places in the matrix: the margins stand after the classes


@pytest.fixture
def evaluate(app, page: Page):
    def open_view(parameters: str = "") -> Page:
        page.goto(f"{app.url}/evaluate?run={RUN.id}&{parameters}")
        expect(cell(page, 0, 0)).to_be_visible(timeout=60 * SECONDS)
        return page

    return open_view


def cell(page: Page, row: int, column: int) -> Locator:
    return page.locator(f".st-key-matrix .cell[data-row='{row}'][data-column='{column}']")


def count_of(page: Page, place: tuple[int, int]) -> int:
    text = cell(page, *place).inner_text()
    return {"·": 0, "": 0, "10k": 10_000}.get(text) if not text.isdecimal() else int(text)


def check_choice(page: Page, count: int) -> None:
    """The heading says so many, and so many pictures stand there, at most a page of them."""
    heading = page.get_by_role("heading", level=3).filter(has_text=re.compile(rf"^{count:,} "))
    expect(heading).to_be_visible(timeout=PATIENCE)
    thumbnails = page.locator(".st-key-cell").get_by_role("button")
    expect(thumbnails).to_have_count(min(count, ON_A_PAGE), timeout=PATIENCE)


def press(page: Page, key: str) -> None:
    """A shortcut of a button; one pressed while the page is still being drawn would be lost."""
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]", timeout=PATIENCE)
    at_rest(page.locator(".st-key-large"))
    page.keyboard.press(key)


def click(page: Page, place: tuple[int, int], *modifiers: str) -> None:
    cell(page, *place).click(modifiers=list(modifiers))
    expect(cell(page, *place)).to_have_attribute("aria-selected", "true", timeout=PATIENCE)


@pytest.mark.slow  # quick: test_a_click_on_a_cell_shows_exactly_its_pictures of test_loop.py
def test_random_cells_open_their_pictures(evaluate):
    page = evaluate()
    for place in random.Random(7).sample([(row, column) for row in range(10) for column in range(10)], 2):
        click(page, place)
        check_choice(page, count_of(page, place))


@pytest.mark.long
@pytest.mark.parametrize("sliced", [pytest.param("", marks=SLOW), "confidence=10,60&losses=1,inf&errors=yes"])
def test_margins_open_their_pictures_in_every_slice(evaluate, sliced):
    page = evaluate(sliced)
    generator = random.Random(11)
    places = [(MISSED, MISSED), (ALL, ALL)]
    for margin in (MISSED, ALL):
        places += [(generator.randrange(CLASSES), margin), (margin, generator.randrange(CLASSES))]
    for place in places:
        click(page, place)
        check_choice(page, count_of(page, place))
    if sliced:
        remain = page.get_by_text("pictures remain").locator("strong").inner_text()
        assert int(remain.replace(",", "")) == count_of(page, (ALL, ALL))


@pytest.mark.slow  # quick: test_margins_open_their_pictures_in_every_slice
def test_groups_open_their_sums(evaluate):
    page = evaluate("rows=groups")
    for place in ((0, 0), (1, 2), (3, 0), (0, 4), (4, 0), (5, 2)):
        click(page, place)
        check_choice(page, count_of(page, place))


@pytest.mark.long
def test_several_cells_by_ctrl_shift_and_keyboard(evaluate):
    page = evaluate()
    click(page, (6, 0))
    click(page, (6, 2), "Control")
    check_choice(page, count_of(page, (6, 0)) + count_of(page, (6, 2)))
    cell(page, 6, 0).click(modifiers=["Control"])  # takes it away again
    check_choice(page, count_of(page, (6, 2)))
    click(page, (2, 3))
    click(page, (4, 4), "Shift")
    check_choice(page, sum(count_of(page, (row, column)) for row in (2, 3, 4) for column in (3, 4)))
    click(page, (7, 9))
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowDown")
    expect(cell(page, 8, 8)).to_be_focused()
    page.keyboard.press("Control+Enter")
    check_choice(page, count_of(page, (7, 9)) + count_of(page, (8, 8)))
    assert "cells=7-9%2C8-8" in page.url or "cells=7-9,8-8" in page.url


@pytest.mark.long
def test_the_keyboard_alone_reaches_a_mistake_and_the_one_after(evaluate, app):
    page = evaluate("class_order=number")
    cell(page, 0, 0).focus()
    page.keyboard.press("End")
    for _ in range(2):
        page.keyboard.press("ArrowRight")
    expect(cell(page, 0, ALL)).to_be_focused()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    check_choice(page, count_of(page, (0, MISSED)))
    page.locator(".st-key-cell").get_by_role("button").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("(its label)")).to_be_visible(timeout=PATIENCE)
    first = re.search(r"picture=([^&]+)", page.url).group(1)
    press(page, "n")
    expect(page.get_by_text(re.compile(r"^2 of "))).to_be_visible(timeout=PATIENCE)
    expect(page).not_to_have_url(re.compile(f"picture={re.escape(first)}"), timeout=PATIENCE)
    shared = page.url
    page.goto("about:blank")
    page.goto(shared)
    expect(page.get_by_text(re.compile(r"^2 of "))).to_be_visible(timeout=60 * SECONDS)
    press(page, "p")
    expect(page.get_by_text(re.compile(r"^1 of "))).to_be_visible(timeout=PATIENCE)
    expect(page).to_have_url(re.compile(f"picture={re.escape(first)}"), timeout=PATIENCE)


@pytest.mark.slow  # quick: tests/app/evaluate
def test_every_picture_of_a_large_choice_can_be_paged_to_and_kept(evaluate):
    page = evaluate("cells=6-all")
    check_choice(page, 1_000)
    page.get_by_role("button", name="Page 17", exact=True).click()
    expect(page.locator(".st-key-cell").get_by_role("button")).to_have_count(1_000 - 16 * ON_A_PAGE, timeout=PATIENCE)
    page.get_by_role("button", name="Download", exact=True).click()
    with page.expect_download(timeout=PATIENCE) as csv:
        page.get_by_role("button", name="Table of 1,000 (CSV)").click()
    assert len(csv.value.path().read_text().splitlines()) == 1_001
    with page.expect_download(timeout=3 * PATIENCE) as png:
        page.get_by_role("button", name="Contact sheet (PNG)").click()
    assert png.value.path().read_bytes().startswith(b"\x89PNG")


@pytest.mark.slow  # quick: tests/app/evaluate, and test_overtaken.py
def test_one_slider_moves_the_whole_replay(app, page: Page):
    page.goto(f"{app.url}/evaluate?run={RUN.id}&view=replay&epoch=1")
    said = page.locator(".st-key-replay .said")
    expect(said).to_contain_text("after epoch 1 of 20", timeout=60 * SECONDS)

    def seen() -> list[str]:
        counts = page.locator(".st-key-replay .counts").inner_text()
        bars = page.locator(".st-key-replay .card .bar").evaluate_all(
            "bars => bars.map(bar => bar.style.height).join()"
        )
        points = page.locator(".st-key-replay .points").evaluate("canvas => canvas.toDataURL()")
        lines = page.locator(".st-key-replay svg .name").all_text_contents()
        return [counts, bars, points, ",".join(lines)]

    before = seen()
    slider = page.get_by_role("slider", name="Epoch")
    slider.focus()
    page.keyboard.press("End")
    expect(said).to_contain_text("after epoch 20 of 20, the one it kept", timeout=PATIENCE)
    assert all(old != new for old, new in zip(before, seen(), strict=True))
    expect(page).to_have_url(re.compile("epoch=20"), timeout=PATIENCE)
    page.locator(".st-key-replay .plot svg").first.hover(position={"x": 60, "y": 40})
    expect(page.locator(".st-key-replay .values").first).to_contain_text(re.compile(r"epoch \d+.*training.*\d\.\d %"))
    page.get_by_role("button", name="Play").click()
    expect(said).to_contain_text(re.compile("after epoch [3-9] "), timeout=PATIENCE)
    page.get_by_role("button", name="Pause").click()
    expect(page).to_have_url(re.compile(r"epoch=\d+$|epoch=\d&"), timeout=PATIENCE)


@pytest.mark.long
@pytest.mark.parametrize("kind", [pytest.param("fixed", marks=SLOW), "broken", pytest.param("neither", marks=SLOW)])
def test_the_cells_of_two_runs_add_up_and_open_their_pictures(app, page: Page, kind: str):
    other = shipped_run("cnn_1")
    stored = [predictions.load(run, "test") for run in (RUN, other)]
    right = [one.predicted == one.labels for one in stored]
    sums = {"fixed": ~right[0] & right[1], "broken": right[0] & ~right[1], "neither": ~right[0] & ~right[1]}
    chosen = sums[kind]
    page.goto(f"{app.url}/evaluate?run={RUN.id}&view=against&other={other.id}&change={kind}")
    inside = ",".join(f".st-key-against .cell[data-row='{row}']" for row in range(CLASSES))
    expect(page.locator(inside).first).to_be_visible(timeout=60 * SECONDS)
    texts = [
        (int(one["row"]), int(one["column"]), one["text"])
        for one in page.locator(inside).evaluate_all(
            "cells => cells.map(cell => ({...cell.dataset, text: cell.textContent}))"
        )
    ]
    counts = {(row, column): int(text) for row, column, text in texts if text.isdecimal() and column < CLASSES}
    assert sum(counts.values()) == chosen.sum()
    expect(page.get_by_role("heading", name=f"All {chosen.sum():,}", exact=True)).to_be_visible(timeout=PATIENCE)
    place, count = max(counts.items(), key=lambda item: item[1])
    page.locator(f".st-key-against .cell[data-row='{place[0]}'][data-column='{place[1]}']").click()
    heading = page.get_by_role("heading", level=3).filter(has_text=re.compile(rf"^{count:,} × "))
    expect(heading).to_be_visible(timeout=PATIENCE)
    thumbnails = page.locator(".st-key-changed").get_by_role("button")
    expect(thumbnails).to_have_count(min(count, ON_A_PAGE), timeout=PATIENCE)
    thumbnails.first.click()
    expect(page.locator(".st-key-large")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("(its label)")).to_have_count(2)  # of both runs
