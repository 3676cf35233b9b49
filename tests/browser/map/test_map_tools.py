"""The map's space, tools and links, in a real browser."""

import io
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.browser.map.driving import (
    around,
    card,
    colour_at,
    drag,
    fingers,
    lasso,
    map_root,
    mostly_webgl,
    open_map,
    picture_colour,
    place,
    point_at,
    status,
    toggle,
)
from tests.browser.waiting import until

pytestmark = pytest.mark.browser

RADIANS = 0.008  # a pixel of dragging, in visitor.js
HOME_TURN = (0.55, 0.35)  # yaw and pitch in camera.js


def turn(page: Page, yaw: float, pitch: float) -> None:
    """Drags the cloud by so many radians, beside its points."""
    left, top = place(page, -0.9, 0)
    drag(page, (left, top), (left + yaw / RADIANS, top + pitch / RADIANS))


def face(page: Page) -> None:
    """Turns the cloud so that the eye looks straight along z."""
    turn(page, -HOME_TURN[0], -HOME_TURN[1])


@pytest.mark.long
@mostly_webgl
def test_a_drag_turns_space_and_the_nearest_point_is_meant(page: Page, map_features: str, renderer: str):
    page.goto(f"{map_features}?d=3")
    open_map(page, renderer)
    expect(map_root(page)).to_have_attribute("data-dimensions", "3")
    expect(map_root(page)).to_have_attribute("data-turn", "0.55 0.35")
    face(page)
    point_at(page, *place(page, 0, 0))
    expect(card(page)).to_contain_text("BagPicture 5")
    turn(page, np.pi, 0)
    point_at(page, *place(page, 0, 0))
    expect(card(page)).to_contain_text("BagPicture 4")
    page.mouse.click(*place(page, 0, 0))
    status(page, "clicks [4],")
    page.locator("canvas.overlay").focus()
    page.keyboard.press("ArrowRight")
    expect(map_root(page)).not_to_have_attribute("data-turn", "0.55 0.35")
    page.keyboard.press("Home")
    expect(map_root(page)).to_have_attribute("data-turn", "0.55 0.35")
    page.keyboard.press("+")
    expect(map_root(page)).to_have_attribute("data-zoom", "1.50")


@mostly_webgl
def test_flat_becomes_space_and_flat_again(page: Page, map_features: str, renderer: str):
    page.goto(map_features)
    open_map(page, renderer)
    toggle(page, "3D", "solid True")
    expect(map_root(page)).to_have_attribute("data-dimensions", "3")
    expect(map_root(page)).to_have_attribute("data-turn", "0.55 0.35")
    toggle(page, "3D", "solid False")
    expect(map_root(page)).to_have_attribute("data-turn", "0.00 0.00")
    point_at(page, *place(page, 1, -1))
    expect(card(page)).to_contain_text("ShirtPicture 2")


@pytest.mark.slow  # quick: test_a_drag_turns_space_and_the_nearest_point_is_meant
def test_the_right_button_moves_space_without_turning_it(page: Page, map_features: str):
    page.goto(f"{map_features}?d=3")
    open_map(page)
    face(page)
    middle = place(page, 0, 0)
    drag(page, place(page, 0, 0.9), (middle[0] + 80, place(page, 0, 0.9)[1]), button="right")
    point_at(page, middle[0] + 95, middle[1])  # it is nearer than the middle: 80 / (1 - 0.5 / 3.2)
    expect(card(page)).to_contain_text("Picture 5")
    expect(map_root(page)).to_have_attribute("data-turn", re.compile("^-?0.00 -?0.00$"))


@pytest.mark.long
def test_a_lasso_and_a_box_select_what_they_enclose(page: Page, map_features: str):
    page.goto(map_features)
    open_map(page)
    lasso(page, *around(page, 1, 1))
    status(page, "found [1],")
    page.get_by_role("button", name="Box").click()
    drag(page, place(page, 0.5, 1.1), place(page, 1.1, -1.1))
    status(page, "found [1, 2],")
    page.locator("canvas.overlay").focus()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Box")).to_have_attribute("aria-pressed", "false")
    page.get_by_role("button", name="Lasso").click()
    drag(page, *around(page, 0, 0, 1.08))
    status(page, "found [0, 1, 2, 3, 4, 5],")
    page.get_by_role("button", name="Coat", exact=True).click()
    drag(page, *around(page, 0, 0, 1.07))
    status(page, "found [2, 3, 4, 5],")
    drag(page, *around(page, 0.5, 0.5, 0.1))
    status(page, "found [],")
    status(page, "clicks [],")


def test_escape_ends_a_lasso_that_is_being_drawn(page: Page, map_features: str):
    page.goto(map_features)
    open_map(page)
    page.keyboard.down("Shift")
    start, *others = around(page, 1, 1)
    page.mouse.move(*start)
    page.mouse.down()
    for corner in others:
        page.mouse.move(*corner, steps=3)
    page.keyboard.press("Escape")
    page.mouse.move(*others[0], steps=3)
    page.mouse.up()
    page.keyboard.up("Shift")
    page.mouse.click(*place(page, 1, 1))
    status(page, "clicks [1], found None")


@pytest.mark.slow  # quick: test_a_lasso_and_a_box_select_what_they_enclose
def test_a_lasso_in_space_takes_those_behind_too(page: Page, map_features: str):
    page.goto(f"{map_features}?d=3")
    open_map(page)
    face(page)
    lasso(page, *around(page, 0, 0, 0.2))
    status(page, "found [4, 5],")
    turn(page, np.pi / 2, 0)
    # Half a unit beside the middle; the cloud is fitted by its corners, which are the root of 2 away.
    lasso(page, *around(page, 0.5 / 2**0.5, 0, 0.05))
    status(page, "found [5],")


@pytest.mark.slow  # quick: test_fingers_pan_pinch_and_choose
def test_a_finger_draws_and_two_still_zoom(browser: Browser, map_features: str):
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, reduced_motion="reduce"
    )
    page = context.new_page()
    page.goto(map_features)
    open_map(page)
    page.get_by_role("button", name="Lasso").tap()
    page.locator(".stage").scroll_into_view_if_needed()
    touch = fingers(page)
    start, *others = around(page, 1, 1, 0.2)
    touch("touchStart", start)
    for before, after in zip([start, *others], others, strict=False):
        for part in (0.5, 1.0):
            touch("touchMove", tuple(a + (b - a) * part for a, b in zip(before, after, strict=True)))
    touch("touchEnd")
    status(page, "found [1],")
    first, second, third, (left, top), _ = around(page, -1, 1, 0.2)
    touch("touchStart", first)
    for corner in (second, third, (left, top)):
        touch("touchMove", corner)
    touch("touchStart", (left, top), (left + 80, top))  # the second finger ends the drawing
    for step in range(1, 5):
        touch("touchMove", (left, top), (left + 80 + 20 * step, top))
    touch("touchEnd")
    expect(page.locator(".sprite-map")).not_to_have_attribute("data-zoom", "1.00")
    status(page, "found [1],")
    context.close()


@mostly_webgl
def test_others_fade_or_go_and_come_back(page: Page, map_features: str, renderer: str):
    page.goto(map_features)
    open_map(page, renderer)
    lasso(page, place(page, 0.6, 1.1), place(page, 1.1, 1.1), place(page, 1.1, -1.1), place(page, 0.6, -1.1))
    status(page, "found [1, 2],")
    toggle(page, "Stand out", "out True")
    point_at(page, *place(page, 1, 1))
    expect(card(page)).to_contain_text("Picture 1")
    point_at(page, *place(page, -1, 1))
    expect(card(page)).to_have_count(0)
    toggle(page, "Isolate", "alone True")
    point_at(page, *place(page, 0, 1))  # two points on a line fill the map
    expect(card(page)).to_contain_text("Picture 1")
    lasso(page, *around(page, 0, -1, 0.1))
    status(page, "found [2],")
    toggle(page, "Isolate", "alone False")
    point_at(page, *place(page, 1, -1))
    expect(card(page)).to_contain_text("Picture 2")


def test_linked_maps_point_and_move_together(page: Page, map_features: str):
    page.goto(f"{map_features}?pair=1")
    first, second = page.locator(".sprite-map").first, page.locator(".sprite-map").last
    for one in (first, second):
        expect(one).to_have_attribute("data-pictures", "shown", timeout=30_000)
    point_at(page, *place(page, 1, 1))
    expect(card(page)).to_contain_text("Picture 1")
    expect(second).to_have_attribute("data-linked", "1")
    page.mouse.wheel(0, -500)
    expect(second).to_have_attribute("data-zoom", "2.23")
    page.mouse.move(5, 5)
    expect(second).to_have_attribute("data-linked", "")


@mostly_webgl
def test_the_view_is_saved_as_a_picture(page: Page, map_features: str, renderer: str):
    page.goto(map_features)
    open_map(page, renderer)
    page.get_by_role("button", name="Names of the classes").click()
    left, top = place(page, 1, 1)
    box = page.locator("canvas.overlay").bounding_box()
    with page.expect_download() as started:
        page.get_by_role("button", name="Save this view as a picture").click()
    saved = Image.open(Path(started.value.path())).convert("RGB")
    assert saved.size == (round(box["width"]), round(box["height"]))
    assert started.value.suggested_filename == "map.png"
    at = (round(left - box["x"]), round(top - box["y"]))
    assert saved.getpixel(at) == picture_colour((0x3F, 0x90, 0xDA), 40)
    assert saved.getpixel((3, 3)) == (255, 255, 255)


def test_words_stand_for_pictures(page: Page, map_features: str):
    page.goto(map_features)
    open_map(page)
    left, top = place(page, 1, 1)
    page.mouse.move(5, 5)
    assert colour_at(page, left, top - 9) != (255, 255, 255)
    page.get_by_role("button", name="Words instead of pictures").click()
    page.mouse.move(5, 5)
    clip = {"x": left - 22, "y": top - 16, "width": 44, "height": 11}

    def dark() -> float:
        return (np.asarray(Image.open(io.BytesIO(page.screenshot(clip=clip))).convert("L")) < 160).mean()

    until(page, lambda: 0.05 < dark() < 0.5, "letters stand there, not a tile")
    assert colour_at(page, left - 14, top + 8) == (255, 255, 255)


def test_points_without_a_picture_stay_dots(page: Page, map_features: str):
    page.goto(f"{map_features}?dots=1")
    expect(page.locator(".sprite-map")).to_have_attribute("data-renderer", "webgl", timeout=30_000)
    page.locator(".stage").scroll_into_view_if_needed()
    page.get_by_role("button", name="Names of the classes").click()
    point_at(page, *place(page, -1, -1))
    expect(card(page)).to_contain_text("Picture 3")
    expect(page.locator(".card-picture")).to_be_hidden()
    page.mouse.move(5, 5)
    left, top = place(page, -1, -1)
    assert colour_at(page, left + 10, top) == (255, 255, 255)
    assert colour_at(page, left, top) != (255, 255, 255)
