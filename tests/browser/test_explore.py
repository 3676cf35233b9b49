"""Explore in a real browser: whichever view chooses, all three show the same pictures; counted.

Run: python -m pytest tests/browser/test_explore.py
"""

import math
import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.waiting import until
from tests.tiny import shipped_run

pytestmark = pytest.mark.browser

RUN, OTHER = shipped_run("simple_nn"), shipped_run("cnn_2")
PHONE = {"width": 390, "height": 844}
ON_A_PAGE = 60


@pytest.fixture
def explore(app, page: Page):
    def open_view(parameters: str = "") -> Page:
        page.goto(f"{app.url}/explore?run={RUN.id}&{parameters}")
        expect(page.locator(".st-key-explore-map .overlay")).to_be_attached()
        return page

    return open_view


def cell(page: Page, row: int, column: int) -> Locator:
    return page.locator(f".st-key-explore-matrix .cell[data-row='{row}'][data-column='{column}']")


def in_matrix(page: Page) -> int:
    """What the outlined cells count, or all of them where none is."""
    found = page.locator(
        ".st-key-explore-matrix .cell[data-kind='right'], .st-key-explore-matrix .cell[data-kind='wrong']"
    )
    cells = found.evaluate_all("all => all.map((one) => [one.textContent, one.ariaSelected])")
    chosen = [text for text, selected in cells if selected == "true"] or [text for text, _ in cells]
    return sum(map(int, chosen))


def check_all_show(page: Page, count: int) -> None:
    """The sentence, the matrix, the map and the pictures."""
    check_matrix_and_map(page, count)
    expect(page.locator(".st-key-explore-pictures").get_by_role("button")).to_have_count(min(count, ON_A_PAGE))


def check_matrix_and_map(page: Page, count: int) -> None:
    expect(page.locator(".st-key-explore-said")).to_contain_text(re.compile(rf"^{count:,} (of 10,000 )?pictures"))
    words = "10,000 pictures." if count == 10_000 else f"10,000 pictures, {count:,} of them chosen."
    expect(page.locator(".st-key-explore-map .overlay")).to_have_attribute("aria-label", re.compile(f"^Map of {words}"))
    until(page, lambda: in_matrix(page) == count, f"the matrix shows {count}")


def condition(page: Page, field: str) -> Locator:
    return page.locator(f".st-key-let-go-{field}")


def counted(page: Page) -> int:
    """How many are chosen, once that has been said."""
    said = page.locator(".st-key-explore-said")
    expect(said).to_contain_text("of 10,000 pictures")
    return int(re.match(r"[\d,]+", said.inner_text())[0].replace(",", ""))


def draw_around(page: Page, radius: float) -> None:
    """A lasso around the middle of the map."""
    box = page.locator(".st-key-explore-map .stage").bounding_box()
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    places = [(middle[0] + radius * math.cos(turn / 2), middle[1] + radius * math.sin(turn / 2)) for turn in range(13)]
    page.keyboard.down("Shift")
    page.mouse.move(*places[0])
    page.mouse.down()
    for where in places[1:]:
        page.mouse.move(*where)
    page.mouse.up()
    page.keyboard.up("Shift")


@pytest.mark.long
def test_a_cell_a_lasso_a_picture_and_a_filter_are_seen_in_all_three(explore):
    page = explore()
    check_all_show(page, 10_000)
    draw_around(page, 130)
    around = counted(page)
    assert 100 < around < 10_000
    check_all_show(page, around)
    count = int(cell(page, 6, 0).inner_text())
    cell(page, 6, 0).click()
    check_all_show(page, count)
    picture = page.locator(".st-key-explore-pictures").get_by_role("button").nth(1)
    picture.click()
    expect(page.locator(".st-key-explore-large")).to_contain_text(f"2 of {count}")
    expect(page.locator(".st-key-explore-matrix .cell.marked")).to_have_attribute("data-row", "6")
    shown = page.url
    page.get_by_role("button", name="Filter").click()
    page.get_by_text("Only errors").click()
    page.keyboard.press("Escape")
    expect(condition(page, "errors")).to_be_visible()
    check_all_show(page, count)  # a cell off the diagonal holds only errors
    page.go_back()
    expect(page).to_have_url(shown)
    expect(condition(page, "errors")).to_have_count(0)
    page.go_forward()
    expect(condition(page, "errors")).to_be_visible()
    page.reload()
    check_all_show(page, count)
    condition(page, "area").get_by_role("button").click()
    expect(page.locator(".st-key-explore-said")).not_to_contain_text("drawn around")
    check_all_show(page, counted(page))
    page.get_by_role("button", name="Show all").click()
    check_all_show(page, 10_000)


@pytest.mark.long
def test_a_lasso_on_each_map_chooses(explore):
    """PCA knows more components than the two that are drawn."""
    for method in ("pca", "tsne", "umap"):
        page = explore(f"method={method}")
        check_all_show(page, 10_000)
        draw_around(page, 130)
        expect(condition(page, "area")).to_be_visible()
        around = counted(page)
        assert 100 < around < 10_000
        check_all_show(page, around)


@pytest.mark.long
def test_against_another_run_all_three_show_what_it_fixes_and_breaks(explore):
    page = explore(f"other={OTHER.id}")
    said = page.locator(".st-key-explore-said")
    expect(said).to_contain_text("fixed")
    fixed, broken = (int(one.replace(",", "")) for one in re.findall(r"([\d,]+) (?:fixed|broken)", said.inner_text()))
    check_all_show(page, fixed + broken)
    page.goto(page.url + "&differ=broken")
    expect(said).to_contain_text("broken by B")
    check_all_show(page, broken)


@pytest.mark.long
def test_a_phone_shows_one_view_at_a_time_and_keeps_the_choice(app, browser: Browser):
    context = browser.new_context(
        viewport=PHONE, has_touch=True, is_mobile=True, user_agent="Mozilla/5.0 Mobile Safari"
    )
    page = context.new_page()
    page.goto(f"{app.url}/explore?run={RUN.id}&cells=6-0")
    count = counted(page)
    for shown in ("Matrix", "Pictures", "Map"):
        page.get_by_role("radio", name=shown, exact=True).tap()
        for name in ("matrix", "map", "pictures"):
            window = page.locator(f".st-key-window-{name}")
            expect(window).to_be_visible() if name == shown.lower() else expect(window).to_be_hidden()
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        if shown == "Pictures":  # what is hidden is no button
            tiles = page.locator(".st-key-explore-pictures").get_by_role("button")
            expect(tiles).to_have_count(min(count, ON_A_PAGE))
    check_matrix_and_map(page, count)
    expect(page.locator(".st-key-explore-map .stage")).to_be_in_viewport(ratio=0.9)
    context.close()


@pytest.mark.long
@pytest.mark.parametrize("size", [(1440, 900), (1280, 720)])
def test_all_three_are_on_one_screen(explore, page: Page, size):
    page.set_viewport_size({"width": size[0], "height": size[1]})
    explore("cells=6-0")
    expect(cell(page, 9, 9)).to_be_in_viewport(ratio=1)
    for part in (".st-key-explore-map .stage", ".st-key-window-pictures"):
        expect(page.locator(part)).to_be_in_viewport(ratio=0.97)
    expect(page.locator(".st-key-explore-pictures").get_by_role("button").first).to_be_in_viewport(ratio=0.9)
