"""What a visitor does by hand on Predict: draw with a finger, move a robustness slider, teach a class and keep it.

Run: python -m pytest tests/browser/test_predict_hand.py
"""

import re

import numpy as np
import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Page, expect

from fmnist_core import data
from fmnist_core.runs import runs
from fmnist_ui.predict import invitation
from tests.browser.waiting import at_rest, settle, until
from tests.tiny import shipped_run

pytestmark = pytest.mark.browser
SECONDS = 1_000  # in Playwright's milliseconds
RUN = shipped_run("cnn_2").id
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "user_agent": "Mobile"}
BAG = np.array([(0.2, 0.45), (0.8, 0.45), (0.85, 0.85), (0.15, 0.85), (0.2, 0.45)])  # shares of the canvas
HANDLE = np.array([(0.35, 0.45), (0.4, 0.2), (0.6, 0.2), (0.65, 0.45)])


def stroke_by_touch(page: Page, corners: np.ndarray) -> None:
    """A finger put down at the first corner, moved along the lines between them, and lifted at the last."""
    box = at_rest(page.locator(".st-key-canvas canvas").last)
    steps = np.linspace(0, 1, 8)[1:, None]
    path = [corners[:1], *(a + (b - a) * steps for a, b in zip(corners, corners[1:], strict=False))]
    points = np.concatenate(path) * [box["width"], box["height"]] + [box["x"], box["y"]]
    finger = page.context.new_cdp_session(page)
    for number, (x, y) in enumerate(points.tolist()):
        kind = "touchMove" if number else "touchStart"
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


@pytest.mark.long
def test_a_finger_draws_and_is_answered_after_each_stroke(app, browser: Browser):
    context = browser.new_context(**PHONE)
    page = context.new_page()
    page.goto(f"{app.url}/predict?run={RUN}")
    expect(page.get_by_text(invitation.TITLE)).to_be_visible(timeout=60 * SECONDS)
    settle(page)
    top = page.evaluate("window.scrollY")
    stroke_by_touch(page, BAG)
    seen = page.get_by_alt_text(re.compile("What the network saw: 28 by 28 pixels"))
    expect(seen).to_be_visible(timeout=60 * SECONDS)
    settle(page)
    first = seen.get_attribute("src")

    def is_laid_out() -> bool:  # both move while the page takes its place
        above, canvas = (at_rest(page.locator(f".st-key-{name}")) for name in ("brief", "canvas"))
        below_the_bar = above["y"] >= 60 and above["y"] + above["height"] <= canvas["y"]
        return below_the_bar and canvas["y"] + canvas["height"] < 845  # in view, with its tools

    until(page, is_laid_out, "the answer stands above the canvas")
    stroke_by_touch(page, HANDLE)
    expect(seen).not_to_have_attribute("src", str(first), timeout=60 * SECONDS)
    settle(page)
    expect(page.get_by_role("heading", level=3).filter(has_text=re.compile("^Bag$"))).to_be_visible()
    expect(page.locator(".st-key-brief").get_by_text("Bag")).to_have_count(2)  # the answer, and its bar
    assert page.evaluate("window.scrollY") >= top  # the finger drew, it did not pull the page
    context.close()


@pytest.mark.long
def test_the_camera_is_answered_again_and_again_until_a_photo_is_taken(app, browser: Browser):
    context = browser.new_context(**PHONE)
    page = context.new_page()
    page.goto(f"{app.url}/predict?way=camera&run={RUN}")
    page.get_by_role("button", name="Start the camera").click()
    seen = page.locator(".st-key-camera-brief img")
    expect(seen).to_be_visible()
    for _ in range(2):  # the camera's picture changes, and so does what the network sees
        expect(seen).not_to_have_attribute("src", str(seen.get_attribute("src")))
    expect(page.get_by_role("combobox", name="Camera").locator("option")).to_have_count(2)
    answer, camera = (at_rest(page.locator(f".st-key-{name}")) for name in ("camera-brief", "camera"))
    assert answer["y"] >= 60 and answer["y"] + answer["height"] <= camera["y"]
    assert camera["y"] + camera["height"] < 845
    page.get_by_role("button", name="Take the photo").click()
    expect(page.get_by_role("button", name="Remove the photo")).to_be_visible()
    expect(page.get_by_role("button", name="Again")).to_be_visible()
    context.close()


@pytest.mark.slow  # quick: test_a_step_is_switched_off_and_brought_back
def test_a_slider_changes_the_picture_and_says_what_holds(app, page: Page, tmp_path):
    garment = np.pad(255 - data.load_split("test").images[0], 10, constant_values=255)
    Image.fromarray(garment).resize((384, 384), Image.Resampling.BICUBIC).save(tmp_path / "boot.png")
    page.goto(f"{app.url}/predict?way=upload&run={RUN}")
    expect(page.locator("input[type=file]")).to_be_attached(timeout=60 * SECONDS)
    settle(page)
    page.locator("input[type=file]").set_input_files(tmp_path / "boot.png")
    expect(page.get_by_role("heading", name="Ankle boot", exact=True)).to_be_visible(timeout=60 * SECONDS)
    page.get_by_test_id("stButtonGroup").get_by_text("Robustness", exact=True).click()
    expect(page.get_by_text("Move a slider")).to_be_visible(timeout=60 * SECONDS)
    settle(page)
    changed = page.get_by_alt_text(re.compile("^The changed picture, called "))
    before = changed.get_attribute("src")
    slider = page.get_by_test_id("stSlider").filter(has_text="Shift to the right").get_by_role("slider")
    slider.focus()
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    expect(changed).not_to_have_attribute("src", str(before), timeout=60 * SECONDS)
    settle(page)
    expect(page.get_by_text(re.compile("^Shift to the right .*(from|at|hold)")).first).to_be_visible()
    page.get_by_role("button", name="As it was").click()
    expect(page.get_by_text("Move a slider")).to_be_visible(timeout=60 * SECONDS)


@pytest.mark.slow  # quick: tests/app/predict/test_teach_panel.py
def test_a_class_is_taught_and_kept_as_a_run(app, page: Page, tmp_path):
    files = []
    for number in range(5):  # hats, more or less: a brim and a crown
        hat = Image.new("L", (300, 300), 255)
        draw = ImageDraw.Draw(hat)
        draw.rectangle((30, 190 + 3 * number, 270, 215 + 3 * number), fill=70)
        draw.pieslice((80 - 4 * number, 90, 220 + 4 * number, 300), 180, 360, fill=60)
        files.append(tmp_path / f"hat {number}.png")
        hat.save(files[-1])
    page.goto(f"{app.url}/predict?way=teach&run={RUN}")
    expect(page.get_by_text("5 more examples are needed")).to_be_visible(timeout=60 * SECONDS)
    teach = page.get_by_role("button", name="Teach", exact=True)
    expect(teach).to_be_disabled()
    page.get_by_label("Name of the new class").fill("Hat")
    page.keyboard.press("Enter")
    settle(page)
    page.locator("input[type=file]").set_input_files(files)
    expect(page.get_by_text("more examples are needed")).to_have_count(0, timeout=90 * SECONDS)
    settle(page)
    teach.click()
    expect(page.get_by_role("button", name="Keep it as a run")).to_be_visible(timeout=180 * SECONDS)
    settle(page)
    page.get_by_role("button", name="Keep it as a run").click()
    expect(page.get_by_text("It is kept as a run of its own")).to_be_visible(timeout=180 * SECONDS)
    settle(page)
    page.get_by_role("button", name="Predict with it").click()
    expect(page.get_by_text(invitation.TITLE)).to_be_visible(timeout=60 * SECONDS)
    kept = runs.Run(app.runs / str(re.search("run=([^&]+)", page.url).group(1)))
    assert kept.id != RUN and runs.read_config(kept).class_names == (*data.CLASS_NAMES, "Hat")
