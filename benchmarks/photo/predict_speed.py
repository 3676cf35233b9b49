"""How fast Predict answers in a real browser on a real server: after a stroke, after Why, after a slider's step.

    python -m benchmarks.photo.predict_speed [--run ID]

Needs a Chromium. Each is measured from the visitor's deed until what it changes stands on the page.
"""

import argparse
import re
import statistics

from playwright.sync_api import Page, expect

from benchmarks import stopwatch
from benchmarks.app_speed import show
from benchmarks.opened_app import opened_app
from fmnist_core.machine import describe_machine
from fmnist_core.runs import catalogue
from tests.browser.serving import Server

STROKES = 10
PATIENCE = 60_000  # milliseconds
SEEN = "What the network saw: 28 by 28 pixels"
CHANGED, LAST_MAP = "The changed picture, called ", "The same map of a network with randomised weights"
PICTURE = "(name) => [...document.images].find((image) => image.alt.startsWith(name))"
PICTURE_CHANGED = f"""([name, before]) => {{
  const image = ({PICTURE})(name);
  return image && image.complete && image.src !== before && ({stopwatch.SCRIPT_ENDED})();
}}"""


def settle(page: Page) -> None:
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]", timeout=PATIENCE)
    page.wait_for_timeout(700)


def watch_picture(page: Page, event: str, name: str) -> None:
    """Starts the clock for the picture whose alternative text begins so to become another one."""
    before = page.evaluate(f"(name) => ({PICTURE})(name)?.src", name)
    stopwatch.start(page, event, PICTURE_CHANGED, [name, before])


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
    seconds = []
    for number in range(STROKES + 1):
        x = box["x"] + box["width"] * (0.3 + 0.04 * number)
        page.mouse.move(x, box["y"] + 40)
        page.mouse.down()
        page.mouse.move(x, box["y"] + box["height"] - 60, steps=6)
        watch_picture(page, "pointerup", SEEN)
        page.mouse.up()
        seconds.append(stopwatch.read(page))
        settle(page)
    return seconds[1:]  # the first one opens the model


def explanations(page: Page) -> list[float]:
    """Seconds from a click on Why, or on another class in it, until the map and its curve stand there."""
    seconds = []
    more = page.get_by_test_id("stButtonGroup").get_by_text("Why", exact=True)
    heading = page.get_by_role("heading", name="Why this answer?")
    for number in range(4):
        watch_picture(page, "click", LAST_MAP)
        more.click()
        seconds.append(stopwatch.read(page))
        more.click()
        expect(heading).to_have_count(0, timeout=PATIENCE)
        settle(page)
        one_more_stroke(page, number)
    return seconds[1:]  # the first one makes the network with randomised weights


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
    expect(page.get_by_alt_text(re.compile(f"^{CHANGED}"))).to_be_visible(timeout=PATIENCE)
    settle(page)
    slider = page.get_by_test_id("stSlider").filter(has_text="Shift to the right").get_by_role("slider")
    slider.focus()
    seconds = []
    for _ in range(5):
        watch_picture(page, "keydown", CHANGED)
        page.keyboard.press("ArrowRight")
        seconds.append(stopwatch.read(page))
        settle(page)
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", help="the id of a run; by default the flagship's")
    options = parser.parse_args()
    best = catalogue.default_run(catalogue.list_rows())
    run = options.run or (best.run.id if best else "")
    print(describe_machine(), f"Model: {run}", sep="\n")
    with opened_app(height=1400) as (page, server):
        found = strokes(page, server, run)
        show(f"stroke to verdict, median of {len(found)}", statistics.median(found), 0.3)
        found = explanations(page)
        show(f"Why, median of {len(found)}", statistics.median(found), 1.0)
        found = sliders(page)
        show(f"step of a robustness slider, median of {len(found)}", statistics.median(found), 0.5)


if __name__ == "__main__":
    main()
