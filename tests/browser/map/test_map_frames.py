"""The map's animation, and the map as a file, in a real browser."""

from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from fmnist_core.release.sprites import sprite_sheet
from fmnist_ui.widgets.map_data import Look, MapPoints
from fmnist_ui.widgets.map_html import map_html
from tests.browser.map.driving import around, card, lasso, mostly_webgl, open_map, place, point_at, status, toggle
from tests.browser.waiting import until

pytestmark = pytest.mark.browser


@pytest.mark.long
@mostly_webgl
def test_the_animation_plays_stops_and_is_scrubbed(page: Page, map_features: str, renderer: str):
    page.goto(f"{map_features}?frames=1")
    open_map(page, renderer)
    name, slider = page.locator(".frame-name"), page.get_by_role("slider", name="Frame")
    expect(name).to_have_text("epoch 2")
    slider.focus()
    page.keyboard.press("Home")
    expect(name).to_have_text("start")
    point_at(page, *place(page, 0.2, 0))
    expect(card(page)).to_contain_text("Picture 3")
    lasso(page, *around(page, 0.2, 0, 0.15))
    status(page, "found [3],")  # of the frame that is seen
    expect(name).to_have_text("start")
    page.locator("canvas.overlay").focus()
    page.keyboard.press(" ")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    expect(name).to_have_text("epoch 2", timeout=15_000)
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    point_at(page, *place(page, 1, 1))
    expect(card(page)).to_contain_text("Picture 1")
    slider.focus()
    page.keyboard.press("ArrowLeft")
    point_at(page, *place(page, -1, 1))
    expect(card(page)).to_contain_text("Picture 3")
    toggle(page, "Turned", "turned True")
    expect(name).to_have_text("epoch 1")


@pytest.mark.long
def test_playing_moves_the_points_between_the_frames(page: Page, map_features: str):
    page.emulate_media(reduced_motion="no-preference")
    page.goto(f"{map_features}?frames=1")
    open_map(page)
    page.get_by_role("slider", name="Frame").focus()
    page.keyboard.press("Home")
    expect(page.locator(".frame-name")).to_have_text("start")
    page.get_by_role("button", name="Names of the classes").click()
    page.mouse.move(5, 5)
    overlay = page.locator("canvas.overlay")
    until(page, lambda: overlay.screenshot() == overlay.screenshot(), "the points lie still at the start")
    seen = {overlay.screenshot()}
    page.get_by_role("button", name="Play").click()
    for _ in range(4):
        seen.add(overlay.screenshot())
    assert len(seen) > 3
    expect(page.locator(".frame-name")).to_have_text("epoch 2")


@pytest.mark.slow  # quick: the same of a map without frames, test_what_has_not_changed_is_not_uploaded_again
def test_frames_that_have_not_changed_are_not_uploaded_again(page: Page, map_features: str):
    page.goto(f"{map_features}?frames=1")
    open_map(page)
    page.get_by_role("slider", name="Frame").focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".frame-name")).to_have_text("epoch 1")
    uploads = page.evaluate("window.uploads")
    lasso(page, *around(page, -1, 1, 0.1))
    status(page, "found [3],")
    toggle(page, "Stand out", "out True")
    point_at(page, *place(page, 1, 1))
    expect(card(page)).to_have_count(0)
    assert page.evaluate("window.uploads") == uploads + 2  # who is faint, and the order of drawing
    expect(page.locator(".frame-name")).to_have_text("epoch 1")


def test_frames_that_were_lost_on_the_way_are_sent_again(page: Page, map_features: str):
    page.goto(f"{map_features}?frames=lost")
    open_map(page)
    expect(page.locator(".frame-name")).to_have_text("epoch 2")
    page.get_by_role("slider", name="Frame").focus()
    page.keyboard.press("Home")
    point_at(page, *place(page, 0.2, 0))
    expect(card(page)).to_contain_text("Picture 3")


def test_the_map_as_a_file_works_alone(page: Page, tmp_path: Path):
    images = np.full((4, 28, 28), 60 * np.arange(4)[:, None, None], np.uint8)
    corners = np.array([[-1, 1], [1, 1], [1, -1], [-1, -1]], np.float32)
    label = np.array([0, 0, 1, 1], np.uint8)
    text = map_html(
        MapPoints(corners[:, 0], corners[:, 1], np.arange(4), label, label),
        Look(
            palette=("#3f90da", "#bd1f01"),
            legend=("Coat", "Bag"),
            class_names=("Coat", "</script><b>Bag"),
            frames=np.stack([corners[[1, 2, 3, 0]], corners]),
            frame_labels=["before", "after"],
            numbered=((0, "Test picture"), (2, "Training picture")),
        ),
        sheet=sprite_sheet(images),
        sheet_count=4,
        title="A <map>",
    )
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    (tmp_path / "map.html").write_text(text, encoding="utf-8")
    page.goto((tmp_path / "map.html").as_uri())
    open_map(page)
    expect(page.get_by_role("heading")).to_have_text("A <map>")
    point_at(page, *place(page, 1, -1))
    expect(card(page)).to_contain_text("</script><b>BagTraining picture 0")
    expect(page.locator(".card-picture")).to_be_visible()
    page.mouse.wheel(0, -500)
    expect(page.locator(".sprite-map")).to_have_attribute("data-zoom", "2.23")
    page.get_by_role("button", name="Show the whole map").click()
    page.get_by_role("slider", name="Frame").focus()
    page.keyboard.press("Home")
    point_at(page, *place(page, 1, 1))
    expect(card(page)).to_contain_text("Test picture 0")
    page.get_by_role("button", name="Play").click()
    expect(page.locator(".frame-name")).to_have_text("after", timeout=15_000)
    expect(page.get_by_role("button", name="Lasso")).to_be_hidden()
    assert {address.split(":")[0] for address in asked} <= {"file", "data", "blob"}
