"""How fast the page Inside answers for the flagship, in a real browser by the browser's own clock, and what it keeps.

    python -m benchmarks.inside [--times N]

From the click to the frame in which the answer stands: opening the page, a click on a pixel until it is worked out,
switching a channel off until the bars say so, and until 1,000 test pictures have been asked; then the memory of the
web process.
"""

import argparse
import random
import statistics

import psutil
from playwright.sync_api import Page

from benchmarks import stopwatch
from benchmarks.app_speed import MEGABYTE, memory, show, switch
from benchmarks.opened_app import opened_app
from fmnist_core.machine import describe_machine
from fmnist_core.runs import runs
from fmnist_core.runs.runs import Run
from tests.browser.serving import Server

TIMES = 20
COLLECTED = 15_000  # milliseconds: what is free is given back after a pause (fmnist_ui/memory.py)
LAYERS = ("conv1", "conv2", "conv4", "conv6", "sum2_1")
PARTS = """(argument, inside) => {
  const root = document.querySelector(".st-key-inside");
  const one = (selector) => inside(root, selector)[0];
"""
DRAWN = PARTS + 'return one(".share") && one(".channels")?.width > 0 && one(".worked")?.dataset.of; }'
WORKED = PARTS + "return one('.worked')?.dataset.of !== argument && one('.worked')?.dataset.waiting !== 'true'; }"
ANSWERED = PARTS + "return one('.answer')?.dataset.of !== argument; }"
ASKED = (
    PARTS
    + """
  return one(".answer")?.dataset.of !== argument && one(".effect")?.textContent.startsWith("On 1,000"); }"""
)


def opens(page: Page, times: int) -> list[float]:
    """Seconds from the click on Inside, after another page."""
    seconds = []
    for _ in range(times):
        switch(page, "Data")
        page.wait_for_timeout(1_000)
        stopwatch.start(page, "click", DRAWN)
        page.get_by_role("navigation").get_by_role("link", name="Inside").first.click()
        seconds.append(stopwatch.read(page))
        page.wait_for_timeout(1_000)
    return seconds


def clicks(page: Page, times: int) -> list[float]:
    """Seconds from the click on a pixel of any of the first layers until it is worked out."""
    seconds, dice = [], random.Random(5)
    for number in range(times):
        canvas = page.locator(f".column[data-layer={LAYERS[number % len(LAYERS)]}] canvas")
        box = canvas.bounding_box()
        assert box is not None  # noqa: S101 - it is on the page
        stopwatch.start(page, "click", WORKED, page.locator(".worked").get_attribute("data-of"))
        place = {"x": dice.uniform(2, box["width"] - 2), "y": dice.uniform(2, 26) + 33 * dice.randrange(6)}
        canvas.click(position=place)
        seconds.append(stopwatch.read(page))
        page.wait_for_timeout(400)
    return seconds


def switches(page: Page, times: int, ready: str) -> list[float]:
    """Seconds from the click that switches one more channel off until it is ready."""
    seconds = []
    for number in range(times):
        canvas = page.locator(f".column[data-layer={LAYERS[number % len(LAYERS)]}] canvas")
        stopwatch.start(page, "click", ready, page.locator(".answer").get_attribute("data-of"))
        canvas.click(position={"x": 10, "y": 10 + 33 * (number // len(LAYERS))}, modifiers=["Shift"])
        seconds.append(stopwatch.read(page))
        page.locator(".effect", has_text="On 1,000").wait_for(timeout=60_000)
        page.wait_for_timeout(300)
    page.get_by_role("button", name="Switch all on").click()
    page.locator(".effect").wait_for(state="detached", timeout=60_000)
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=TIMES)
    times = parser.parse_args().times
    print(f"{describe_machine()}\nLoad before: {psutil.getloadavg()[0]:.1f}")
    run = next(run for run in runs.list_runs() if run.shipped and run.id.startswith("flagship-"))
    with opened_app() as (page, server):
        measure(page, server, run, times)


def measure(page: Page, server: Server, run: Run, times: int) -> None:
    page.goto(f"{server.url}/evaluate?run={run.id}")
    page.locator(".st-key-matrix .cell").first.wait_for(timeout=60_000)
    page.wait_for_timeout(COLLECTED)
    before = memory(server)
    page.get_by_role("navigation").get_by_role("link", name="Inside").first.click()
    page.locator(".worked").wait_for(timeout=60_000)
    page.wait_for_timeout(2_000)
    show(f"opens, median of {times}", statistics.median(opens(page, times)), 1.0)
    show(f"a click on a pixel, median of {times}", statistics.median(clicks(page, times)), 0.3)
    show(f"a channel off, the ten bars, median of {times}", statistics.median(switches(page, times, ANSWERED)), 0.3)
    show(f"a channel off, 1,000 pictures, median of {times}", statistics.median(switches(page, times, ASKED)), 2.0)
    page.wait_for_timeout(COLLECTED)
    show("web process, more than before the page", memory(server) - before, 40, "MB")
    print(f"in all {memory(server):.0f} MB of {psutil.virtual_memory().total / MEGABYTE:,.0f}")


if __name__ == "__main__":
    main()
