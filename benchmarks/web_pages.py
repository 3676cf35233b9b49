"""The exported page of six networks, opened from disk in a browser without a network, beside the app.

    python -m benchmarks.web_pages [RUN ...]

Agreement is the share that gets the class that the app gives: of drawings, made by rule and outlines of test pictures
(aim: 99 %), and of the first test pictures as they are (aim: 99.9 %).
"""

import argparse
import base64
import tempfile
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.exports import chosen
from benchmarks.made_drawings import made_drawings
from fmnist_core.data import CLASS_NAMES, load_split
from fmnist_core.exports import files
from fmnist_core.inference import photo_answer
from fmnist_core.inference.classifier import Classifier, open_classifier
from fmnist_core.photo.drawing import prepare_drawing
from fmnist_core.photo.strokes import outline_drawing
from fmnist_core.photo.views import views
from tests.browser.serving import CHROMIUM_OPTIONS, find_chromium

DRAWINGS, PICTURES = 141, 1_000
LEAST_DRAWINGS, LEAST_PICTURES = 0.99, 0.999
AT_ONCE = 100  # pictures that go to the page in one message
_DRAWING = """async (text) => {
  const ink = raster(320, 320, Float32Array.from(bytesOfText(text), (value) => value / 255));
  const views = prepareDrawing(ink, await openOutlines());
  const shares = await classify(await network, views);
  return { pictures: views.map(({ picture }) => Array.from(picture)), shares: Array.from(shares) };
}"""
_PICTURES = """async ([text, count]) => {
  const bytes = bytesOfText(text), size = bytes.length / count, found = [];
  for (let place = 0; place < count; place += 1) {
    const picture = bytes.slice(place * size, (place + 1) * size);
    found.push(Array.from(await classify(await network, [{ picture, weight: 1 }])));
  }
  return found;
}"""


def as_text(values: np.ndarray) -> str:
    return base64.b64encode(values.astype(np.uint8).tobytes()).decode()


def drawings(count: int) -> list[np.ndarray]:
    """Ink, (320, 320) in 0..1: those made by rule, then outlines of test pictures."""
    made = [ink for _, ink in made_drawings()][:count]
    return made + [outline_drawing(image) for image in load_split("test").images[: count - len(made)]]


def same_drawings(page: Page, network: Classifier, inks: list[np.ndarray]) -> tuple[int, int]:
    """How many get the class that they get in the app, and how many look the same to the network, to a grey level."""
    same = alike = 0
    for ink in inks:
        found = page.evaluate(_DRAWING, as_text((ink * 255).round()))
        pictures = np.array(found["pictures"]).reshape(-1, 28, 28)
        prepared = prepare_drawing(ink)
        alike += int(np.abs(pictures - views(prepared).astype(int)).max() <= 1)
        same += int(np.argmax(found["shares"])) == photo_answer.answer(prepared, network, CLASS_NAMES).best
    return same, alike


def same_pictures(page: Page, network: Classifier, count: int) -> int:
    """How many of the first test pictures get the class that the app gives them."""
    images = load_split("test").images[:count]
    said = []
    for start in range(0, count, AT_ONCE):
        some = images[start : start + AT_ONCE]
        said += page.evaluate(_PICTURES, [as_text(some), len(some)])
    return int((np.argmax(said, axis=1) == network.logits(images).argmax(axis=1)).sum())


def open_page(browser: Browser, folder: Path, asked: list[str], errors: list[str]) -> Page:
    """The page when ready, in a context that is offline; asked, errors: what it asks of a network, and its errors."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    context.set_offline(True)
    context.route("http*://**", lambda route: (asked.append(route.request.url), route.abort()))
    page = context.new_page()
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.goto((folder / "index.html").as_uri())
    page.wait_for_function("document.querySelector('#name').textContent.trim() === 'Ready'")
    return page


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="*", metavar="RUN", help="by default the newest of each of six models")
    options = parser.parse_args()
    inks = drawings(DRAWINGS)
    print(f"{'run':<40}{'drawings':>12}{'pictures':>16}{'asked':>7}{'errors':>8}")
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as place:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(CHROMIUM_OPTIONS))
        for run in chosen(options.runs):
            asked: list[str] = []
            errors: list[str] = []
            page = open_page(browser, files.export(run, Path(place), "web")[0], asked, errors)
            network = open_classifier(run)
            same, _ = same_drawings(page, network, inks)
            right = same_pictures(page, network, PICTURES)
            reached = same >= LEAST_DRAWINGS * len(inks) and right >= LEAST_PICTURES * PICTURES and not asked + errors
            figures = f"{f'{same} of {len(inks)}':>12}{f'{right:,} of {PICTURES:,}':>16}{len(asked):>7}{len(errors):>8}"
            print(f"{run.id:<40}{figures}  {'reached' if reached else 'MISSED'}", flush=True)
            page.context.close()
        browser.close()


if __name__ == "__main__":
    main()
