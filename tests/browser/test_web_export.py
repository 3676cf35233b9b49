"""The exported page, from disk and without a network: it answers drawings as the app does, photos and test pictures.

Run: python -m pytest tests/browser/test_web_export.py
"""

import io
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from benchmarks import web_pages
from fmnist_core.data import CLASS_NAMES, load_split
from fmnist_core.exports import files
from fmnist_core.inference import photo_answer
from fmnist_core.inference.classifier import open_classifier
from fmnist_core.photo.drawing import prepare_drawing
from fmnist_ui.widgets.drawing import ink_of, strokes_of
from tests.tiny import shipped_run

pytestmark = pytest.mark.browser
DRAWINGS, LEAST_SAME = 100, 99


@pytest.fixture(scope="module")
def run():
    return shipped_run("cnn_2")


@pytest.fixture(scope="module")
def network(run):
    return open_classifier(run)


@pytest.fixture(scope="module")
def folder(run, tmp_path_factory) -> Path:
    return files.export(run, tmp_path_factory.mktemp("web"), "web")[0]


@pytest.fixture(scope="module")
def sheet(browser: Browser, folder: Path) -> Iterator[Page]:
    """The page, opened from disk, by a browser that is offline and reaches nothing by http."""
    asked: list[str] = []
    errors: list[str] = []
    page = web_pages.open_page(browser, folder, asked, errors)
    yield page
    page.context.close()
    assert not errors and not asked


@pytest.mark.long
def test_a_hundred_drawings_are_answered_as_in_the_app(sheet: Page, network):
    same, alike = web_pages.same_drawings(sheet, network, web_pages.drawings(DRAWINGS))
    assert min(same, alike) >= LEAST_SAME


@pytest.mark.long
def test_a_hand_draws_undoes_and_clears(sheet: Page, network):
    """And the strokes, drawn by the app, are called the same, about as surely."""
    sheet.reload()
    expect(sheet.locator("#name")).to_have_text("Ready")
    paper = sheet.locator("#paper").bounding_box()
    corners = [(0.34, 0.1), (0.3, 0.9), (0.46, 0.9), (0.5, 0.4), (0.54, 0.9), (0.7, 0.9), (0.66, 0.1), (0.34, 0.1)]
    places = [(paper["x"] + x * paper["width"], paper["y"] + y * paper["height"]) for x, y in corners]
    sheet.mouse.move(*places[0])
    sheet.mouse.down()
    for place in places[1:]:
        sheet.mouse.move(*place, steps=8)
    sheet.mouse.up()
    expect(sheet.locator("#name")).to_have_text("Trouser")
    expect(sheet.locator("#seen canvas")).to_have_count(2)
    expect(sheet.locator("#paper")).to_have_attribute("aria-label", "Your drawing of 1 stroke")
    strokes = strokes_of([{"width": 18 / 320, "erase": False, "points": [n for corner in corners for n in corner]}])
    answer = photo_answer.answer(prepare_drawing(ink_of(strokes)), network, CLASS_NAMES)
    shown = float(sheet.locator("#bars li.best .share").inner_text().removesuffix(" %")) / 100
    assert answer.label == "Trouser" and shown == pytest.approx(answer.confidence, abs=0.02)
    sheet.keyboard.press("Control+z")
    expect(sheet.locator("#name")).to_have_text("Ready")
    expect(sheet.locator("#seen canvas")).to_have_count(0)
    sheet.mouse.click(paper["x"] + 50, paper["y"] + 50)
    expect(sheet.locator("#sure")).to_have_text("The drawing is too small to tell what it is; draw it larger.")
    sheet.get_by_role("button", name="Clear").click()
    expect(sheet.locator("#hint")).to_be_visible()


def test_test_pictures_are_taken_by_keyboard_and_answered_as_by_the_app(sheet: Page, network):
    tests = load_split("test")
    sheet.locator("#examples button").nth(0).focus()
    for number, name in enumerate(CLASS_NAMES):
        place = int(np.flatnonzero(tests.labels == number)[0])
        sheet.keyboard.press("Enter")
        expect(sheet.locator("#how")).to_contain_text(f"Test picture {place}, labelled {name}")
        logits = network.logits(tests.images[place : place + 1])[0]
        expect(sheet.get_by_role("status")).to_contain_text(CLASS_NAMES[int(logits.argmax())])
        sheet.keyboard.press("Tab")
    label = sheet.locator("#seen canvas").get_attribute("aria-label")
    assert label == "28x28 pixels that the network saw"


def photo_of(image: np.ndarray, ground: int) -> bytes:
    """A large photo of a test picture, dark on a plain ground, with a wide margin."""
    gray = np.clip(ground - np.pad(image, ((8, 8), (20, 20))).astype(int) * 200 // 255, 0, 255).astype(np.uint8)
    packed = io.BytesIO()
    Image.fromarray(gray).resize((680, 440), Image.Resampling.BICUBIC).convert("RGB").save(packed, "JPEG")
    return packed.getvalue()


def test_a_photo_is_cut_out_fitted_and_shown_and_what_is_none_is_refused(sheet: Page):
    tests = load_split("test")
    image = tests.images[0]
    sheet.locator("#file").set_input_files({"name": "a.jpg", "mimeType": "image/jpeg", "buffer": photo_of(image, 240)})
    expect(sheet.locator("#name")).to_have_text("Ankle boot")
    expect(sheet.locator("#how")).to_contain_text("Cut out from its plain background")
    expect(sheet.locator("#how")).to_contain_text("more simply here than in the app")
    expect(sheet.locator("#photo")).to_be_visible()
    box = "c => Array.from(c.getContext('2d').getImageData(0, 0, 28, 28).data).filter((_, i) => i % 4 === 0)"
    seen = np.array(sheet.locator("#seen canvas").evaluate(box)).reshape(28, 28)
    assert np.flatnonzero((seen > 40).any(axis=0)).tolist() == list(range(28))  # its longest side is 28
    assert seen[0, 0] == 0 and np.corrcoef(seen.ravel(), image.ravel())[0, 1] > 0.9
    paper = sheet.locator("#paper").bounding_box()
    sheet.mouse.move(paper["x"] + 50, paper["y"] + 50)
    sheet.mouse.down()
    expect(sheet.locator("#photo")).to_be_hidden()
    sheet.mouse.up()
    sheet.get_by_role("button", name="Clear").click()
    for name, content in (("b.jpg", b"no photo"), ("c.jpg", b"")):
        sheet.locator("#file").set_input_files({"name": name, "mimeType": "image/jpeg", "buffer": content})
        expect(sheet.locator("#sure")).to_contain_text("no photo that the browser can read")


SLOW_PHOTOS = """() => {
  const open = createImageBitmap;
  window.createImageBitmap = (file) => new Promise((done) => (window.letIn = () => done(open(file))));
}"""


def test_what_was_asked_before_covers_nothing_that_came_later(sheet: Page):
    """A photo that takes its time, overtaken by a test picture, then by a stroke."""
    sheet.reload()
    expect(sheet.locator("#name")).to_have_text("Ready")
    sheet.evaluate(SLOW_PHOTOS)
    photo = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": photo_of(load_split("test").images[1], 240)}
    let_in = "async () => { letIn(); await new Promise((done) => setTimeout(done, 500)); }"
    sheet.locator("#file").set_input_files(photo)
    sheet.locator("#examples button").nth(0).click()
    expect(sheet.locator("#how")).to_contain_text("labelled T-shirt/top")
    sheet.evaluate(let_in)
    expect(sheet.locator("#photo")).to_have_attribute("alt", re.compile("Test picture"))
    sheet.keyboard.press("Control+z")  # there is nothing to undo
    expect(sheet.locator("#how")).to_contain_text("labelled T-shirt/top")
    sheet.locator("#file").set_input_files(photo)
    paper = sheet.locator("#paper").bounding_box()
    sheet.mouse.move(paper["x"] + 50, paper["y"] + 50)
    sheet.mouse.down()
    sheet.mouse.move(paper["x"] + 90, paper["y"] + 90)
    sheet.evaluate(let_in)
    expect(sheet.locator("#photo")).to_be_hidden()
    sheet.keyboard.press("Control+z")  # the stroke goes on
    sheet.mouse.move(paper["x"] + 90, paper["y"] + 190)
    sheet.mouse.up()
    expect(sheet.locator("#paper")).to_have_attribute("aria-label", "Your drawing of 1 stroke")
    sheet.get_by_role("button", name="Clear").click()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_needs_no_scrolling_to_the_side(sheet: Page, scheme):
    sheet.set_viewport_size({"width": 390, "height": 844})
    sheet.emulate_media(color_scheme=scheme)
    assert sheet.evaluate("document.documentElement.scrollWidth") == 390
    back = sheet.evaluate("getComputedStyle(document.body).backgroundColor")
    assert back == {"light": "rgb(255, 255, 255)", "dark": "rgb(16, 22, 21)"}[scheme]
