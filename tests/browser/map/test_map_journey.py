"""The map page in a real browser: a map is made while one watches, searched, drawn around, and joined to the others.

Run: python -m pytest tests/browser/map/test_map_journey.py
"""

import re

import pytest
from playwright.sync_api import Page, expect

from fmnist_core.metrics import evaluation
from fmnist_core.runs import predictions
from tests.browser.map.driving import open_map, place
from tests.browser.test_loop import draw_trousers
from tests.browser.waiting import settle
from tests.tiny import shipped_run

pytestmark = pytest.mark.browser

SECONDS = 1_000
RUN = shipped_run("cnn_2")
SHIRTS = f"run={RUN.id}&only=6&map_errors=yes"  # few enough for a map in seconds


def chosen(page: Page) -> int:
    words = page.get_by_text(re.compile(r"^[\d,]+ chosen")).inner_text()
    return int(words.split()[0].replace(",", ""))


@pytest.mark.slow  # quick: tests/core/maps/test_maps.py, and playing in test_map_frames.py
def test_a_map_is_made_while_one_watches_and_is_found_again(app, page):
    page.goto(f"{app.url}/map?{SHIRTS}&method=tsne")
    settle(page)
    expect(page.get_by_text("This is where t-SNE starts: the principal components.")).to_be_visible()
    open_map(page)
    page.get_by_role("button", name="Make the t-SNE map").click()
    expect(page.get_by_text(re.compile("Trustworthiness 0"))).to_be_visible(timeout=120 * SECONDS)
    expect(page.get_by_text("iteration 1,000")).to_be_visible()
    page.get_by_role("button", name="Play").click()
    expect(page.get_by_text(re.compile(r"PCA, where it starts|iteration \d{2,3}$"))).to_be_visible()
    page.goto(f"{app.url}/map?run={RUN.id}&only=6&map_errors=yes&method=pca")
    settle(page)
    page.goto(f"{app.url}/map?{SHIRTS}&method=tsne")
    settle(page)
    expect(page.get_by_text(re.compile("Trustworthiness 0"))).to_be_visible()
    expect(page.get_by_role("button", name="Make the t-SNE map")).to_have_count(0)


@pytest.mark.long
def test_what_one_draws_around_is_chosen_shown_alone_and_cleared(app, page):
    page.goto(f"{app.url}/map?run={RUN.id}&method=pca")
    settle(page)
    open_map(page)
    corners = [place(page, x, y) for x, y in ((-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9))]
    page.keyboard.down("Shift")
    page.mouse.move(*corners[0])
    page.mouse.down()
    for corner in (*corners[1:], corners[0]):
        page.mouse.move(*corner, steps=6)
    page.mouse.up()
    page.keyboard.up("Shift")
    expect(page.get_by_text(re.compile(r"[\d,]+ chosen"))).to_be_visible()
    assert 1_000 < chosen(page) < 10_000
    page.get_by_text("Only these").click()
    settle(page)
    expect(page.get_by_text("Their confusion matrix")).to_be_visible()
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_text(re.compile(r"[\d,]+ chosen"))).to_have_count(0)


@pytest.mark.long
def test_a_cell_of_the_matrix_lights_up_on_the_map(app, page):
    stored = predictions.load(RUN, "test")
    count = evaluation.confusion_matrix(stored.labels, stored.predicted, 10)[6, 4]
    page.goto(f"{app.url}/evaluate?run={RUN.id}&cells=6-4")
    settle(page)
    page.get_by_role("link", name="Show on the map").click()
    expect(page.get_by_role("heading", name="Map")).to_be_visible()
    settle(page)
    expect(page.get_by_text(re.compile(rf"^{count} chosen"))).to_be_visible()


@pytest.mark.long
def test_a_search_and_its_address(app, page):
    stored = predictions.load(RUN, "test")
    count = int(((stored.labels == 7) & (stored.predicted == 9)).sum())
    page.goto(f"{app.url}/map?run={RUN.id}")
    settle(page)
    page.get_by_role("textbox", name="Find").fill("sneaker as ankle boot")
    page.get_by_role("textbox", name="Find").press("Enter")
    expect(page.get_by_text(re.compile(rf"^{count} chosen"))).to_be_visible()
    expect(page).to_have_url(re.compile("find=sneaker"))
    address = page.url
    page.goto("about:blank")
    page.goto(address)  # a new visit
    settle(page)
    expect(page.get_by_text(re.compile(rf"^{count} chosen"))).to_be_visible(timeout=60 * SECONDS)


@pytest.mark.long
def test_neighbours_of_a_picture_and_a_drawing_that_lands(app, page):
    page.goto(f"{app.url}/map?run={RUN.id}&picture=test/23&k=7")
    settle(page)
    expect(page.get_by_text(re.compile("^Nearest 7"))).to_be_visible()
    page.goto(f"{app.url}/predict?run={RUN.id}")
    settle(page)
    draw_trousers(page)
    page.get_by_role("button", name="Where is it on the map?").click()
    expect(page.get_by_role("heading", name="Map")).to_be_visible()
    expect(page.get_by_text(re.compile("landed between these 12"))).to_be_visible(timeout=60 * SECONDS)
    expect(page.get_by_text("yours", exact=True)).to_be_visible()


@pytest.mark.long
@pytest.mark.parametrize("side", [pytest.param("epochs", marks=pytest.mark.slow), "networks"])
def test_other_views_draw_their_maps(app, page, side):
    page.goto(f"{app.url}/map?run={RUN.id}&side={side}&method=pca")
    settle(page)
    count = {"epochs": 1, "networks": 2}[side]
    expect(page.locator(".sprite-map[data-renderer=webgl]")).to_have_count(count, timeout=60 * SECONDS)
    if side == "epochs":
        expect(page.locator(".frame-name")).to_have_text("after epoch 20")
