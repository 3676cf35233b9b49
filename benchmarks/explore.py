"""How fast Explore's three views answer a choice, in a real browser by the browser's own clock.

    python -m benchmarks.explore [--times N]

From the click on a cell, and from the end of a line drawn on the map, to the frame in which the count, the map and the
pictures all show the new choice: on the 10,000 test pictures and on the 60,000 training pictures.
"""

import argparse
import math
import statistics

import numpy as np
import psutil
from playwright.sync_api import Page

from benchmarks import stopwatch
from benchmarks.app_speed import show
from benchmarks.opened_app import opened_app
from fmnist_core.data import CLASS_NAMES
from fmnist_core.machine import describe_machine
from fmnist_core.metrics.evaluation import confusion_matrix
from fmnist_core.runs import predictions, runs
from fmnist_core.runs.runs import Run
from tests.browser.serving import Server

TIMES, GOAL = 20, 0.3
MAP_PATIENCE = 900_000  # milliseconds, for the map of the training pictures to be made
SETTLED = 700  # milliseconds of peace between two choices
CELLS = 10
# The three say the same number, and another one than before.
AGREE = """(argument, inside) => {
  const root = document.querySelector(".st-key-explore-said");
  const count = root?.textContent.match(/[0-9,]+/)?.[0];
  if (!count || count === argument) return false;
  const map = inside(document.querySelector(".st-key-explore-map"), ".overlay")[0];
  const tiles = inside(document.querySelector(".st-key-explore-pictures"), ".tile").length;
  return map?.ariaLabel.includes(` ${count} of them chosen`) && tiles === Math.min(60, Number(count.replace(",", "")));
}"""


def different_cells(run: Run, split: str) -> list[tuple[int, int]]:
    """The ten largest cells of mistakes, (label, answer), no two of one count: by a new count they are known."""
    stored = predictions.load(run, split)
    mistakes = confusion_matrix(stored.labels, stored.predicted, len(CLASS_NAMES))
    np.fill_diagonal(mistakes, 0)
    by_count = {count: place for place, count in np.ndenumerate(mistakes)}
    return [by_count[count] for count in sorted(by_count, reverse=True)[:CELLS]]


def cells(page: Page, places: list[tuple[int, int]], times: int) -> list[float]:
    """Seconds from the click on one cell after another."""
    seconds = []
    for number in range(times):
        row, column = places[number % len(places)]
        cell = page.locator(f".st-key-explore-matrix .cell[data-row='{row}'][data-column='{column}']")
        stopwatch.start(page, "click", AGREE, chosen(page))
        cell.click()
        seconds.append(stopwatch.read(page))
        page.wait_for_timeout(SETTLED)
    return seconds


def lassos(page: Page, times: int) -> list[float]:
    """Seconds from letting go of the mouse, after a ring of another size each time around the middle of the map."""
    seconds = []
    box = page.locator(".st-key-explore-map .stage").bounding_box()
    assert box is not None  # noqa: S101 - it is on the page
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    for number in range(times):
        radius = 90 + 5 * number
        ring = [
            (middle[0] + radius * math.cos(turn / 2), middle[1] + radius * math.sin(turn / 2)) for turn in range(13)
        ]
        page.keyboard.down("Shift")
        page.mouse.move(*ring[0])
        page.mouse.down()
        for place in ring[1:]:
            page.mouse.move(*place)
        stopwatch.start(page, "pointerup", AGREE, chosen(page))
        page.mouse.up()
        page.keyboard.up("Shift")
        seconds.append(stopwatch.read(page))
        page.wait_for_timeout(SETTLED)
    return seconds


def chosen(page: Page) -> str:
    return page.locator(".st-key-explore-said").inner_text().split()[0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=TIMES)
    times = parser.parse_args().times
    print(f"{describe_machine()}\nLoad before: {psutil.getloadavg()[0]:.1f}")
    with opened_app() as (page, server):
        measure(page, server, "test", "10,000", times)
        measure(page, server, "train", "60,000", times)


def measure(page: Page, server: Server, split: str, words: str, times: int) -> None:
    run = next(run for run in runs.list_runs() if run.shipped and run.id.startswith("cnn_2-"))
    page.goto(f"{server.url}/explore?run={run.id}&pictures={split}&method=pca")
    page.locator(".st-key-explore-matrix .cell").first.wait_for(timeout=60_000)
    overlay, make = page.locator(".st-key-explore-map .overlay"), page.locator(".st-key-explore-make button")
    overlay.or_(make).first.wait_for(timeout=60_000)
    if make.count():
        make.click()
    overlay.wait_for(timeout=MAP_PATIENCE)
    working = page.locator(".st-key-window-map [data-testid=stProgress]")  # its job goes on after its first frame
    working.wait_for(state="detached", timeout=MAP_PATIENCE)
    page.wait_for_timeout(3_000)
    places = different_cells(run, split)
    cells(page, places[-2:], 2)  # warm
    show(f"a cell, {words} pictures, median of {times}", statistics.median(cells(page, places, times)), GOAL)
    page.locator(".st-key-let-go-cells button").click()
    page.wait_for_timeout(2_000)
    show(f"a lasso, {words} pictures, median of {times}", statistics.median(lassos(page, times)), GOAL)


if __name__ == "__main__":
    main()
