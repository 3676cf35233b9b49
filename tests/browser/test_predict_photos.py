"""Photos on Predict in a real browser: the answer and its detector, steps, a dragged box, many files at once.

Run: python -m pytest tests/browser/test_predict_photos.py
"""

import re

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from fmnist_core import data
from tests.browser.waiting import at_rest, settle
from tests.tiny import shipped_run

pytestmark = pytest.mark.browser
SECONDS = 1_000  # in Playwright's milliseconds
RUN = shipped_run("cnn_2").id
TROUSER, BOOT = 2, 0  # of the test set


def shown(page: Page, app, *files) -> None:
    page.goto(f"{app.url}/predict?way=upload&run={RUN}")
    expect(page.locator("input[type=file]")).to_be_attached(timeout=60 * SECONDS)
    settle(page)
    page.locator("input[type=file]").set_input_files(list(files))


def photo(*indices: int) -> Image.Image:
    """Garments beside each other on white."""
    garments = [255 - data.load_split("test").images[index] for index in indices]
    gray = np.pad(np.concatenate([np.pad(one, 6, constant_values=255) for one in garments], axis=1), 4, mode="edge")
    return Image.fromarray(gray).resize((gray.shape[1] * 8, gray.shape[0] * 8), Image.Resampling.BICUBIC)


def choose(page: Page, more: str) -> None:
    page.get_by_test_id("stButtonGroup").get_by_text(more, exact=True).click()
    settle(page)


def verdict(page: Page, name: str) -> Locator:
    return page.get_by_role("heading", name=name, exact=True)


@pytest.mark.long
def test_a_photo_is_answered_and_then_judged(app, page, tmp_path):
    photo(BOOT).save(tmp_path / "boot.png")
    shown(page, app, tmp_path / "boot.png")
    expect(verdict(page, "Ankle boot")).to_be_visible(timeout=60 * SECONDS)
    detector = re.compile("[Ll]ooks like what it was trained on|[Nn]ot quite like anything it was trained on")
    expect(page.get_by_text(detector)).to_be_visible(timeout=120 * SECONDS)
    expect(page.get_by_text(re.compile("pictures of each class have it in their set"))).to_be_visible()


@pytest.mark.long
def test_what_a_proxy_refuses_is_said_in_words(app, page, tmp_path):
    """Streamlit shows "AxiosError: Request failed with status code 413", and that only to a pointer over the file."""
    uploader = page.get_by_test_id("stFileUploader")
    shown(page, app)
    for status, words in ((413, "larger than the way"), (403, "a tab of its own"), (502, "did not arrive")):
        page.route("**/_stcore/upload_file/**", lambda route, request, status=status: route.fulfill(status=status))
        photo(BOOT).save(tmp_path / f"{status}.png")
        page.locator("input[type=file]").set_input_files(tmp_path / f"{status}.png")
        expect(uploader).to_have_attribute("data-refused", re.compile(words))
        assert words in uploader.evaluate("(element) => getComputedStyle(element, '::after').content")
        if status == 413:  # later the pointer is there already
            uploader.get_by_test_id("stFileChip").hover()
            expect(page.get_by_role("tooltip")).to_contain_text(words)
        uploader.get_by_role("button", name=f"Remove {status}.png").click()
        expect(uploader).to_have_attribute("data-refused", "")
        page.unroute("**/_stcore/upload_file/**")


@pytest.mark.long
def test_a_step_is_switched_off_and_brought_back(app, page, tmp_path):
    photo(BOOT).save(tmp_path / "boot.png")
    shown(page, app, tmp_path / "boot.png")
    expect(verdict(page, "Ankle boot")).to_be_visible(timeout=60 * SECONDS)
    choose(page, "Steps")
    tile = page.get_by_alt_text(re.compile("^Negate: "))
    expect(tile).to_be_visible(timeout=60 * SECONDS)
    expect(page.get_by_text(re.compile("The step Negate took Ankle boot from .* more than any other"))).to_be_visible()
    page.get_by_test_id("stCheckbox").filter(has_text="Negate").locator("label").click()
    expect(tile).to_have_count(0, timeout=60 * SECONDS)
    page.get_by_role("button", name="Back to default").click()
    expect(tile).to_be_visible(timeout=60 * SECONDS)
    expect(verdict(page, "Ankle boot")).to_be_visible()


def drag(page: Page, left: float, right: float) -> None:
    """A box of most of the photo's height, between these shares of its width."""
    box = at_rest(page.locator("[class*='st-key-'][class*='-box-'] canvas").last)
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in ((left, 0.15), (right, 0.95))]
    page.mouse.move(*places[0])
    page.mouse.down()
    page.mouse.move(*places[1], steps=5)
    page.mouse.up()


@pytest.mark.slow  # quick: test_paint_on_the_photo_says_which_garment_is_meant
def test_a_box_on_the_photo_says_which_garment_is_meant(app, page, tmp_path):
    photo(TROUSER, BOOT).save(tmp_path / "both.png")
    shown(page, app, tmp_path / "both.png")
    choose(page, "Steps")
    expect(page.locator("[class*='st-key-'][class*='-box-'] canvas").last).to_be_visible(timeout=60 * SECONDS)
    expect(page.locator(".dc-toolbar")).to_be_hidden()
    drag(page, 0.5, 0.96)
    expect(verdict(page, "Ankle boot")).to_be_visible(timeout=60 * SECONDS)
    expect(page.get_by_role("button", name="Without the box")).to_be_visible(timeout=60 * SECONDS)
    settle(page)
    drag(page, 0.02, 0.5)  # in place of the first
    expect(verdict(page, "Trouser")).to_be_visible(timeout=60 * SECONDS)
    settle(page)
    page.get_by_role("button", name="Without the box").click()
    expect(page.get_by_role("button", name="Without the box")).to_have_count(0, timeout=60 * SECONDS)
    settle(page)


@pytest.mark.long
def test_paint_on_the_photo_says_which_garment_is_meant(app, page, tmp_path):
    photo(TROUSER, BOOT).save(tmp_path / "both.png")
    shown(page, app, tmp_path / "both.png")
    choose(page, "Steps")
    page.get_by_test_id("stButtonGroup").get_by_text("Paint", exact=True).click()
    settle(page)
    canvas = page.locator("[class*='st-key-'][class*='-paint-'] canvas").last
    expect(canvas).to_be_visible(timeout=60 * SECONDS)
    expect(page.locator(".dc-toolbar")).to_be_hidden()
    for name, path in (
        ("Ankle boot", ((0.78, 0.5), (0.8, 0.45), (0.7, 0.58), (0.62, 0.62), (0.84, 0.6))),
        ("Trouser", ((0.28, 0.28), (0.28, 0.4), (0.24, 0.7), (0.28, 0.4), (0.31, 0.7))),
    ):
        box = at_rest(page.locator("[class*='st-key-'][class*='-paint-'] canvas").last)
        for number, (x, y) in enumerate(path):
            page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=5)
            if not number:
                page.mouse.down()
        page.mouse.up()
        expect(verdict(page, name)).to_be_visible(timeout=60 * SECONDS)
        expect(page.get_by_role("button", name="Without the paint")).to_be_visible(timeout=60 * SECONDS)
        settle(page)
        page.get_by_role("button", name="Without the paint").click()
        expect(page.get_by_role("button", name="Without the paint")).to_have_count(0, timeout=60 * SECONDS)
        settle(page)


@pytest.mark.slow  # quick: test_photos_are_classified_and_a_bad_one_does_not_stop_the_others
def test_bad_files_among_good_ones_in_a_table(app, page, tmp_path):
    for number, index in enumerate((TROUSER, BOOT, TROUSER)):
        photo(index).save(tmp_path / f"{number}.png")
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nand no more")
    (tmp_path / "text.png").write_text("I am a text")
    files = [tmp_path / name for name in ("broken.png", "0.png", "1.png", "text.png", "2.png")]
    shown(page, app, *files)
    expect(page.get_by_text("3 of 5 photos")).to_be_visible(timeout=120 * SECONDS)
    expect(page.get_by_text(re.compile("2 Trouser, 1 Ankle boot"))).to_be_visible()
    settle(page)
    table = page.locator(".st-key-batch .stDataFrameGlideDataEditor").first
    table.scroll_into_view_if_needed()
    table.click(position={"x": 15, "y": 38 + 56 + 28})  # the box in front of the second row
    expect(verdict(page, "Trouser")).to_be_visible(timeout=60 * SECONDS)
    expect(page.get_by_test_id("stText").filter(has_text="0.png")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="All figures as CSV").click()
    lines = download.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) == 6 and lines[0].startswith("file,label,confidence") and lines[2].startswith("0.png,Trouser,")
