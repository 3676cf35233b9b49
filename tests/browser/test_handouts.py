"""A lesson's worksheet and answers opened from disk and printed, in a real browser."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from fmnist_core.lessons import reading
from fmnist_core.lessons.handout import answer_sheet, handout
from fmnist_core.lessons.sources import Sources

pytestmark = pytest.mark.browser

FRONT = "---\ntitle: A lesson\nminutes: 45\nage: 12 to 16\nlearned: [to see]\n---\n"
STEP = """# Step {0}

Some words. ![A](test/4021)

```question
kind: {1}
ask: What is it?
answer: {2}
```
"""
KINDS = (("choice", "hardest_class"), ("number", "accuracy"), ("drawing", "{what: drawing, class: Bag}"))
TEXT = FRONT + "".join(STEP.format(number, *KINDS[number % 3]) for number in range(7))
MILLIMETRE = 96 / 25.4  # CSS pixels
PAPERS = {"A4": (210, 297), "Letter": (215.9, 279.4)}


@pytest.mark.parametrize("make", [handout, answer_sheet])
def test_a_sheet_opens_from_disk_fits_and_prints(page: Page, tmp_path: Path, make):
    lesson, _ = reading.parse("a-lesson", TEXT.encode())
    assert lesson is not None
    target = tmp_path / "a sheet.html"
    target.write_bytes(make(lesson, Sources()))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(target.as_uri())
    expect(page.get_by_role("heading", level=1)).to_have_text("A lesson")
    assert page.evaluate("[...document.images].every((image) => image.complete && image.naturalWidth > 0)")
    assert {address for address in asked if not address.startswith("data:")} == {target.as_uri()}
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.emulate_media(media="print")
    for paper, (width, height) in PAPERS.items():
        page.set_viewport_size({"width": int((width - 28) * MILLIMETRE), "height": int((height - 30) * MILLIMETRE)})
        tall = page.evaluate("[...document.querySelectorAll('.question')].map((one) => one.offsetHeight)")
        assert len(tall) == 7 and max(tall) < (height - 30) * MILLIMETRE  # so that it need not be broken, and is not:
        styles = page.evaluate(
            "[...document.querySelectorAll('.question')].map((one) => getComputedStyle(one).breakInside)"
        )
        assert set(styles) == {"avoid"}
        assert page.evaluate("document.documentElement.scrollWidth") <= int((width - 28) * MILLIMETRE)
        printed = page.pdf(format=paper)
        assert printed.startswith(b"%PDF") and 2 <= len(re.findall(rb"/Type /Page\b", printed)) <= 6
