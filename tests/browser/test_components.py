"""The matrix and the gallery in a real browser: pointer, keyboard, colours, and that nothing is rebuilt."""

import io
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.browser.waiting import at_rest

pytestmark = pytest.mark.browser

# secondaryBackgroundColor of .streamlit/config.toml
EMPTY_CELL = {"light": "rgb(244, 246, 245)", "dark": "rgb(25, 33, 31)"}


@pytest.fixture(scope="module")
def address(server: Callable) -> str:
    return server("tests/browser/apps/components_app.py").url


@pytest.fixture
def app(page: Page, address: str) -> Page:
    page.goto(address)
    expect(page.get_by_text("clicks 0")).to_be_visible(timeout=30_000)
    expect(tile(page, 13)).to_be_visible()
    return page


def cell(page: Page, true: int, predicted: int) -> Locator:
    return page.locator(f".st-key-matrix .cell[data-row='{true}'][data-column='{predicted}']")


def tile(page: Page, place: int) -> Locator:
    return page.locator(f".st-key-gallery .tile[data-index='{place}']")


def readout(page: Page) -> Locator:
    return page.locator(".st-key-matrix .readout")


@pytest.mark.long
def test_a_clicked_cell_reaches_python_and_comes_back_selected(app: Page):
    cell(app, 1, 0).click()
    expect(app.get_by_text("cell (1, 0), tile None, clicks 1")).to_be_visible()
    expect(cell(app, 1, 0)).to_have_attribute("aria-selected", "true")
    expect(app.locator(".st-key-matrix .cell[aria-selected='true']")).to_have_count(1)


def test_a_cell_is_reached_by_tab_and_arrows_and_chosen_by_enter(app: Page):
    app.get_by_role("radio", name="counts").focus()
    app.keyboard.press("Tab")
    expect(cell(app, 0, 0)).to_be_focused()
    app.keyboard.press("ArrowRight")
    app.keyboard.press("ArrowDown")
    app.keyboard.press("End")
    expect(cell(app, 1, 2)).to_be_focused()
    expect(readout(app)).to_have_text("1 of 93 Shirt pictures was called Bag (1.1\N{NO-BREAK SPACE}%).")
    app.keyboard.press("Enter")
    expect(app.get_by_text("cell (1, 2), tile None, clicks 1")).to_be_visible()
    expect(cell(app, 1, 2)).to_be_focused()
    app.keyboard.press("ArrowRight")  # the last column: there is no way on
    expect(cell(app, 1, 2)).to_be_focused()


def test_the_pointer_reads_a_cell_and_leaves_the_selected_one(app: Page):
    expect(readout(app)).to_have_text("Choose a cell to see its pictures.")
    cell(app, 0, 1).click()
    expect(cell(app, 0, 1)).to_have_attribute("aria-selected", "true")
    cell(app, 2, 2).hover()
    expect(readout(app)).to_have_text("100 of 100 Bag pictures were recognised (100.0\N{NO-BREAK SPACE}%).")
    app.mouse.move(5, 5)
    expect(readout(app)).to_have_text("8 of 98 Coat pictures were called Shirt (8.2\N{NO-BREAK SPACE}%).")


def test_the_matrix_is_a_grid_with_named_rows_and_columns(app: Page):
    grid = app.get_by_role("grid", name="Confusion matrix of 3 classes and 291 pictures")
    expect(grid.get_by_role("columnheader", name="Bag", exact=True)).to_be_visible()
    expect(grid.get_by_role("rowheader", name="Bag", exact=True)).to_be_visible()
    # Said explicitly: laid out as a CSS grid, a table loses its own roles in some browsers.
    expect(cell(app, 0, 0)).to_have_attribute("role", "gridcell")
    expect(grid).to_have_accessible_description(
        "Most often taken for each other: Coat and Shirt (20), Shirt and Bag (1)."
    )


def test_another_view_changes_the_cells_in_place(app: Page):
    first = cell(app, 0, 1).element_handle()
    app.get_by_text("percent", exact=True).click()
    expect(cell(app, 0, 1)).to_have_text("8.2")
    app.get_by_text("errors", exact=True).click()
    expect(cell(app, 0, 0)).to_have_text("")
    assert first.evaluate("(node, other) => node === other", cell(app, 0, 1).element_handle())


def test_every_cell_is_readable_in_both_themes(app: Page):
    for scheme, background in (("light", "rgb(255, 255, 255)"), ("dark", "rgb(16, 22, 21)")):
        app.emulate_media(color_scheme=scheme)
        expect(app.get_by_test_id("stApp")).to_have_css("background-color", background)
        # The colours of the cells follow in the frame after that of the page.
        expect(cell(app, 0, 2)).to_have_css("background-color", EMPTY_CELL[scheme])
        for node in app.locator(".st-key-matrix .cell").all():
            assert contrast_of(node) >= 4.5


def contrast_of(node: Locator) -> float:
    """Text against background by WCAG 2.2's formula, from what is painted: a canvas takes any colour format."""
    colors = node.evaluate(
        """node => ["color", "backgroundColor"].map((name) => {
            const brush = new OffscreenCanvas(1, 1).getContext("2d");
            brush.fillStyle = getComputedStyle(node)[name];
            brush.fillRect(0, 0, 1, 1);
            return [...brush.getImageData(0, 0, 1, 1).data].slice(0, 3);
        })"""
    )
    parts = np.array(colors) / 255
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    dark, light = sorted(linear @ [0.2126, 0.7152, 0.0722])
    return (light + 0.05) / (dark + 0.05)


def test_a_clicked_tile_reaches_python_and_no_tile_is_rebuilt(app: Page):
    nodes = [tile(app, place).element_handle() for place in range(14)]
    tile(app, 5).click()
    expect(app.get_by_text("cell None, tile 5, clicks 1")).to_be_visible()
    expect(tile(app, 5)).to_have_attribute("aria-current", "true")
    expect(tile(app, 5)).to_have_attribute("data-tone", "wrong")
    expect(tile(app, 5)).to_have_accessible_name("Picture <5>, wrong")
    for place, node in enumerate(nodes):
        assert node.evaluate("(node, other) => node === other", tile(app, place).element_handle())
    tile(app, 5).click()
    expect(app.get_by_text("clicks 2")).to_be_visible()


def test_a_tile_is_reached_by_arrows_and_chosen_by_space(app: Page):
    tile(app, 0).focus()
    app.keyboard.press("ArrowRight")
    app.keyboard.press("ArrowRight")
    app.keyboard.press("ArrowLeft")
    expect(tile(app, 1)).to_be_focused()
    app.keyboard.press("Space")
    expect(app.get_by_text("cell None, tile 1, clicks 1")).to_be_visible()
    app.keyboard.press("End")
    expect(tile(app, 13)).to_be_focused()
    expect(app.locator(".st-key-gallery .tile[tabindex='0']")).to_have_count(1)


def test_arrows_go_down_by_a_row_of_the_grid_as_it_stands(app: Page):
    app.set_viewport_size({"width": 390, "height": 844})
    tile(app, 1).focus()
    app.keyboard.press("ArrowDown")
    first, second = tile(app, 1).bounding_box(), app.locator(".tile:focus").bounding_box()
    assert second["x"] == pytest.approx(first["x"], abs=1)
    assert second["y"] > first["y"]


def test_tiles_come_and_go_with_their_pictures(app: Page):
    app.get_by_text("Fewer pictures").click()
    expect(app.locator(".st-key-gallery .tile")).to_have_count(3)
    app.get_by_text("Fewer pictures").click()
    expect(app.locator(".st-key-gallery .tile")).to_have_count(14)


@pytest.mark.slow  # quick: test_tiles_come_and_go_with_their_pictures
def test_each_tile_shows_its_own_picture_and_nothing_of_its_neighbours(app: Page):
    for width in (1440, 1237, 390):
        app.set_viewport_size({"width": width, "height": 1400})
        at_rest(tile(app, 13))
        for place in (0, 9, 10, 13):
            shot = Image.open(io.BytesIO(tile(app, place).locator(".picture").screenshot())).convert("L")
            pixels = np.asarray(shot, int)
            middle, last = round(len(pixels) / 2), len(pixels) - 4  # without the edge and the round corners
            bright, gray = slice(4, middle - 1), slice(middle + 1, last)
            assert (abs(pixels[bright, bright] - 250) <= 1).all()
            for part in (pixels[gray, gray], pixels[gray, bright], pixels[bright, gray]):
                assert (abs(part - 10 * place) <= 1).all()


@pytest.mark.slow  # quick: test_layout.py
def test_ten_classes_fit_a_phone_and_more_scroll_in_their_own_frame(app: Page, address: str):
    for width, classes, scrolls in ((390, 10, False), (340, 10, False), (390, 15, True)):  # 340: as beside the map
        app.set_viewport_size({"width": width, "height": 844})
        app.goto(f"{address}/?classes={classes}")
        expect(cell(app, classes - 1, classes - 1)).to_be_visible()
        main, frame = app.get_by_test_id("stMain"), app.locator(".st-key-matrix .frame")
        assert main.evaluate("node => node.scrollWidth - node.clientWidth") == 0
        assert frame.evaluate("node => node.scrollWidth > node.clientWidth") is scrolls
    cell(app, 14, 14).click()
    expect(app.get_by_text("cell (14, 14)")).to_be_visible()
