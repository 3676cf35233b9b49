"""How fast Predict answers in a real browser on a real server: after a stroke, after Why, after a slider's step.

    python -m benchmarks.predict_speed [--run ID]

Needs a Chromium. Each is measured from the visitor's deed until what it changes stands on the page.
"""

import argparse
import re
import statistics
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Locator, Page, expect, sync_playwright

from benchmarks.app_speed import show
from fmnist_core import catalogue
from fmnist_core.machine import describe_machine
from tests.browser.serving import CHROMIUM_OPTIONS, Server, find_chromium, start_server

STROKES = 10
PATIENCE = 60_000  # milliseconds
SEEN = re.compile("What the network saw: 28 by 28 pixels")


def settle(page: Page) -> None:
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]", timeout=PATIENCE)
    page.wait_for_timeout(700)


def until_changed(picture: Locator, before: str | None) -> float:
    """Seconds from now."""
    start = time.perf_counter()
    expect(picture).not_to_have_attribute("src", str(before), timeout=PATIENCE)
    return time.perf_counter() - start


def strokes(page: Page, server: Server, run: str) -> list[float]:
    """Seconds from the end of each stroke until the picture that the network sees has changed."""
    page.goto(f"{server.url}/predict?run={run}")
    expect(page.get_by_text("after your first stroke")).to_be_visible(timeout=PATIENCE)
    settle(page)
    canvas = page.locator(".st-key-canvas canvas").last
    canvas.scroll_into_view_if_needed()
    settle(page)
    box = canvas.bounding_box()
    assert box is not None  # noqa: S101 - it is visible
    seconds, seen = [], page.get_by_alt_text(SEEN)
    for number in range(STROKES + 1):
        before = seen.get_attribute("src") if number else ""
        x = box["x"] + box["width"] * (0.3 + 0.04 * number)
        page.mouse.move(x, box["y"] + 40)
        page.mouse.down()
        page.mouse.move(x, box["y"] + box["height"] - 60, steps=6)
        page.mouse.up()
        if number:
            seconds.append(until_changed(seen, before))
        else:
            expect(seen).to_be_visible(timeout=PATIENCE)  # the first one opens the model
        settle(page)
    return seconds


def explanations(page: Page) -> list[float]:
    """Seconds from a click on Why, or on another class in it, until the map and its curve stand there."""
    seconds = []
    more = page.get_by_test_id("stButtonGroup").get_by_text("Why", exact=True)
    heading = page.get_by_role("heading", name="Why this answer?")
    for number in range(4):
        start = time.perf_counter()
        more.click()
        expect(heading).to_be_visible(timeout=PATIENCE)
        page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]", timeout=PATIENCE)
        if number:  # the first one makes the network with scrambled weights
            seconds.append(time.perf_counter() - start)
        more.click()
        expect(heading).to_have_count(0, timeout=PATIENCE)
        settle(page)
        one_more_stroke(page, number)
    return seconds


def one_more_stroke(page: Page, number: int) -> None:
    """Another picture: what was explained before is kept."""
    canvas = page.locator(".st-key-canvas canvas").last
    canvas.scroll_into_view_if_needed()
    page.wait_for_timeout(500)
    box = canvas.bounding_box()
    assert box is not None  # noqa: S101 - it is visible
    page.mouse.move(box["x"] + 40, box["y"] + 80 + 40 * number)
    page.mouse.down()
    page.mouse.move(box["x"] + 280, box["y"] + 80 + 40 * number, steps=5)
    page.mouse.up()
    settle(page)
    settle(page)


def sliders(page: Page) -> list[float]:
    """Seconds from a step of a slider until the changed picture stands there."""
    page.get_by_test_id("stButtonGroup").get_by_text("Robust", exact=True).click()
    picture = page.get_by_alt_text(re.compile("^The changed picture, called "))
    expect(picture).to_be_visible(timeout=PATIENCE)
    settle(page)
    slider = page.get_by_test_id("stSlider").filter(has_text="Shift to the right").get_by_role("slider")
    slider.focus()
    seconds = []
    for _ in range(5):
        before = picture.get_attribute("src")
        page.keyboard.press("ArrowRight")
        seconds.append(until_changed(picture, before))
        settle(page)
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", help="the id of a run; by default the flagship's")
    options = parser.parse_args()
    best = catalogue.default_run(catalogue.list_rows())
    run = options.run or (best.run.id if best else "")
    print(describe_machine(), f"Model: {run}", sep="\n")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = start_server(Path("app.py"), Path(folder) / "runs", Path(folder) / "log.txt", {})
        try:
            browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(CHROMIUM_OPTIONS))
            page = browser.new_page(viewport={"width": 1440, "height": 1400})
            found = strokes(page, server, run)
            show(f"stroke to verdict, median of {len(found)}", statistics.median(found), 0.3)
            found = explanations(page)
            show(f"Why, median of {len(found)}", statistics.median(found), 1.0)
            found = sliders(page)
            show(f"step of a robustness slider, median of {len(found)}", statistics.median(found), 0.5)
        finally:
            server.stop()


if __name__ == "__main__":
    main()
