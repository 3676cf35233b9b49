"""How soon a new map moves and an answer is explained, in a real browser: what a visitor waits for after the click.

    python -m benchmarks.first_frame

Needs a Chromium. From the click on "Make the t-SNE map" to the first frame that is not its start, each time of another
seed; and from the click on *Why* to the maps beside a test picture of the flagship, each time of another picture.
"""

import re
import statistics
import time

import numpy as np
import psutil
from playwright.sync_api import Page, expect

from benchmarks.app_speed import show
from benchmarks.opened_app import opened_app
from fmnist_core.jobs import warm
from fmnist_core.machine import describe_machine
from fmnist_core.runs import catalogue, predictions, runs
from tests.browser.serving import Server

TIMES = 3
LOOKING = 4  # seconds in which the page stands there before the click
ASKED = 3.0  # seconds
SHIRT, T_SHIRT = 6, 0
MOVED = re.compile(r"Iteration [1-9]\d* of")


def new_map(page: Page, server: Server, run_id: str, seed: int) -> tuple[float, float]:
    """Seconds until the start stands there without having been asked for, and from the click to the first frame."""
    page.goto(f"{server.url}/map?run={run_id}&method=tsne&seed={seed}&pictures=test")
    make = page.locator(".st-key-make button")
    began = time.perf_counter()
    expect(page.locator(".st-key-map .overlay")).to_be_attached(timeout=60_000)
    expect(make).to_be_visible(timeout=60_000)
    stands = time.perf_counter() - began
    page.wait_for_timeout(1_000 * LOOKING)
    began = time.perf_counter()
    make.click()
    expect(page.get_by_text(MOVED)).to_be_visible(timeout=120_000)
    moves = time.perf_counter() - began
    expect(page.locator(".st-key-make-stop")).to_have_count(0, timeout=120_000)  # the next one begins in peace
    return stands, moves


def why(page: Page, server: Server, run_id: str, picture: int) -> float:
    page.goto(f"{server.url}/evaluate?run={run_id}&view=matrix&cells={SHIRT}-{T_SHIRT}&picture=test/{picture}")
    asked = page.get_by_role("radio", name="Why", exact=True)
    asked.wait_for(timeout=60_000)
    page.wait_for_timeout(1_000)
    began = time.perf_counter()
    asked.click()
    expect(page.get_by_role("heading", name="Why this answer?")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("A black square of 6 by 6 pixels")).to_be_visible(timeout=60_000)
    return time.perf_counter() - began


def measure(page: Page, server: Server) -> None:
    cnn = next(run for run in runs.list_runs() if run.shipped and run.id.startswith("cnn_2-"))
    stands, moves = zip(*(new_map(page, server, cnn.id, seed) for seed in range(1, TIMES + 1)), strict=True)
    show(f"a map's start, before it is made, median of {TIMES}", statistics.median(stands), ASKED)
    show(f"a new map's first frame, median of {TIMES}", statistics.median(moves), ASKED)
    best = catalogue.default_run(catalogue.list_rows())
    stored = predictions.load(best.run, "test")
    shirts = np.flatnonzero((stored.labels == SHIRT) & (stored.predicted == T_SHIRT))
    seconds = [why(page, server, best.run.id, int(stored.indices[row])) for row in shirts[:TIMES]]
    show(f"why the flagship answers so, median of {TIMES}", statistics.median(seconds), ASKED)
    show("why, of the first picture", seconds[0], ASKED)


def main() -> None:
    print(f"{describe_machine()}\nLoad before: {psutil.getloadavg()[0]:.1f}")
    with opened_app(**{warm.MINUTES: "5"}) as (page, server):
        measure(page, server)


if __name__ == "__main__":
    main()
