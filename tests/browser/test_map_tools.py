"""The map's space, tools, animation, links and its own HTML file, in a real browser."""

import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from fmnist_core.sprites import sprite_sheet
from fmnist_ui.map_data import Look, MapPoints
from fmnist_ui.map_html import map_html
from tests.browser.maps import (
    COUNT_UPLOADS,
    WITHOUT_WEBGL,
    card,
    colour_at,
    fingers,
    open_map,
    picture_colour,
    place,
    point_at,
    status,
)

pytestmark = pytest.mark.browser

RADIANS = 0.008  # a pixel of dragging, in visitor.js
HOME_TURN = (0.55, 0.35)  # yaw and pitch in camera.js


@pytest.fixture(scope="module")
def address(server: Callable) -> str:
    return server("tests/browser/apps/map_features_app.py").url


@pytest.fixture(params=["webgl", "canvas"])
def renderer(request: pytest.FixtureRequest, page: Page) -> Iterator[str]:
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    if request.param == "canvas":
        page.add_init_script(WITHOUT_WEBGL)
    yield request.param
    assert not [error for error in errors if "Failed to load resource" not in error]


def drag(page: Page, start: tuple[float, float], *stops: tuple[float, float], button: str = "left") -> None:
    page.mouse.move(*start)
    page.mouse.down(button=button)
    for stop in stops:
        page.mouse.move(*stop, steps=4)
    page.mouse.up(button=button)


def turn(page: Page, yaw: float, pitch: float) -> None:
    """Drags the cloud by so many radians, beside its points."""
    left, top = place(page, -0.9, 0)
    drag(page, (left, top), (left + yaw / RADIANS, top + pitch / RADIANS))


def face(page: Page) -> None:
    """Turns the cloud so that the eye looks straight along z."""
    turn(page, -HOME_TURN[0], -HOME_TURN[1])


def map_root(page: Page) -> Locator:
    return page.locator(".sprite-map").first


def around(page: Page, x: float, y: float, size: float = 0.3) -> list[tuple[float, float]]:
    corners = [(-size, -size), (size, -size), (size, size), (-size, size), (-size, -size)]
    return [place(page, x + across, y + up) for across, up in corners]


def lasso(page: Page, *corners: tuple[float, float]) -> None:
    page.keyboard.down("Shift")
    drag(page, corners[0], *corners[1:])
    page.keyboard.up("Shift")


def toggle(page: Page, words: str, outcome: str) -> None:
    page.get_by_text(words, exact=True).click()
    status(page, outcome)


def test_a_drag_turns_space_and_the_nearest_point_is_meant(page: Page, address: str, renderer: str):
    page.goto(f"{address}?d=3")
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


def test_flat_becomes_space_and_flat_again(page: Page, address: str, renderer: str):
    page.goto(address)
    open_map(page, renderer)
    toggle(page, "3D", "solid True")
    expect(map_root(page)).to_have_attribute("data-dimensions", "3")
    expect(map_root(page)).to_have_attribute("data-turn", "0.55 0.35")
    toggle(page, "3D", "solid False")
    expect(map_root(page)).to_have_attribute("data-turn", "0.00 0.00")
    point_at(page, *place(page, 1, -1))
    expect(card(page)).to_contain_text("ShirtPicture 2")


def test_the_right_button_moves_space_without_turning_it(page: Page, address: str):
    page.goto(f"{address}?d=3")
    open_map(page)
    face(page)
    middle = place(page, 0, 0)
    drag(page, place(page, 0, 0.9), (middle[0] + 80, place(page, 0, 0.9)[1]), button="right")
    point_at(page, middle[0] + 95, middle[1])  # it is nearer than the middle: 80 / (1 - 0.5 / 3.2)
    expect(card(page)).to_contain_text("Picture 5")
    expect(map_root(page)).to_have_attribute("data-turn", re.compile("^-?0.00 -?0.00$"))


def test_a_lasso_and_a_box_select_what_they_enclose(page: Page, address: str):
    page.goto(address)
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


def test_escape_ends_a_lasso_that_is_being_drawn(page: Page, address: str):
    page.goto(address)
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


def test_a_lasso_in_space_takes_those_behind_too(page: Page, address: str):
    page.goto(f"{address}?d=3")
    open_map(page)
    face(page)
    lasso(page, *around(page, 0, 0, 0.2))
    status(page, "found [4, 5],")
    turn(page, np.pi / 2, 0)
    # Half a unit beside the middle; the cloud is fitted by its corners, which are the root of 2 away.
    lasso(page, *around(page, 0.5 / 2**0.5, 0, 0.05))
    status(page, "found [5],")


def test_a_finger_draws_and_two_still_zoom(browser: Browser, address: str):
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, reduced_motion="reduce"
    )
    page = context.new_page()
    page.goto(address)
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


def test_others_fade_or_go_and_come_back(page: Page, address: str, renderer: str):
    page.goto(address)
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


def test_the_animation_plays_stops_and_is_scrubbed(page: Page, address: str, renderer: str):
    page.goto(f"{address}?frames=1")
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


def test_playing_moves_the_points_between_the_frames(browser: Browser, address: str):
    page = browser.new_page(viewport={"width": 1000, "height": 900})
    page.goto(f"{address}?frames=1")
    open_map(page)
    page.get_by_role("slider", name="Frame").focus()
    page.keyboard.press("Home")
    page.wait_for_timeout(1_000)
    page.get_by_role("button", name="Names of the classes").click()
    page.mouse.move(5, 5)
    seen = {page.locator("canvas.overlay").screenshot()}
    page.get_by_role("button", name="Play").click()
    for _ in range(4):
        seen.add(page.locator("canvas.overlay").screenshot())
    assert len(seen) > 3
    expect(page.locator(".frame-name")).to_have_text("epoch 2", timeout=15_000)
    page.close()


def test_frames_that_have_not_changed_are_not_uploaded_again(page: Page, address: str):
    page.add_init_script(COUNT_UPLOADS)
    page.goto(f"{address}?frames=1")
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


def test_linked_maps_point_and_move_together(page: Page, address: str):
    page.goto(f"{address}?pair=1")
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


def test_the_view_is_saved_as_a_picture(page: Page, address: str, renderer: str):
    page.goto(address)
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


def test_words_stand_for_pictures(page: Page, address: str):
    page.goto(address)
    open_map(page)
    left, top = place(page, 1, 1)
    page.mouse.move(5, 5)
    assert colour_at(page, left, top - 9) != (255, 255, 255)
    page.get_by_role("button", name="Words instead of pictures").click()
    page.mouse.move(5, 5)
    page.wait_for_timeout(200)
    clip = {"x": left - 22, "y": top - 16, "width": 44, "height": 11}
    words = np.asarray(Image.open(io.BytesIO(page.screenshot(clip=clip))).convert("L"))
    assert 0.05 < (words < 160).mean() < 0.5  # letters, not a tile
    assert colour_at(page, left - 14, top + 8) == (255, 255, 255)


def test_points_without_a_picture_stay_dots(page: Page, address: str):
    page.goto(f"{address}?dots=1")
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
    expect(card(page)).to_contain_text("</script><b>BagPicture 2")
    expect(page.locator(".card-picture")).to_be_visible()
    page.mouse.wheel(0, -500)
    expect(page.locator(".sprite-map")).to_have_attribute("data-zoom", "2.23")
    page.get_by_role("button", name="Show the whole map").click()
    page.get_by_role("slider", name="Frame").focus()
    page.keyboard.press("Home")
    point_at(page, *place(page, 1, 1))
    expect(card(page)).to_contain_text("Picture 0")
    page.get_by_role("button", name="Play").click()
    expect(page.locator(".frame-name")).to_have_text("after", timeout=15_000)
    expect(page.get_by_role("button", name="Lasso")).to_be_hidden()
    assert {address.split(":")[0] for address in asked} <= {"file", "data", "blob"}
