"""A first-time visitor's minute on Start: draws, is surprised, trains. When each of it is there, at a person's pace.

    python -m benchmarks.first_minute

Needs a Chromium. The pace is set: READ seconds before each first act, LOOK at each answer, and strokes as a hand draws
them. A guess is right, as a person's mostly is; the network's is wrong.
"""

import re
import time

from playwright.sync_api import Page, expect

from benchmarks.app_speed import show
from benchmarks.opened_app import opened_app
from fmnist_core.data import CLASS_NAMES
from fmnist_core.jobs import warm
from fmnist_core.machine import describe_machine
from fmnist_core.runs import catalogue
from fmnist_ui.start import guess_panel
from tests.browser.serving import Server
from tests.browser.test_first_minute import BAG, HANDLE, canvas, heading

READ, LOOK = 3.0, 2.0  # seconds
HAND = 300.0  # CSS pixels a second
ASKED = 90.0  # seconds, for all of it


def draw(page: Page, stroke: list[tuple[float, float]]) -> None:
    """A stroke, as fast as a hand."""
    box = canvas(page).bounding_box() or {}
    points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke]
    page.mouse.move(*points[0])
    page.mouse.down()
    for (x, y), (next_x, next_y) in zip(points, points[1:], strict=False):
        length = ((next_x - x) ** 2 + (next_y - y) ** 2) ** 0.5
        page.mouse.move(next_x, next_y, steps=max(2, round(length / HAND * 30)))
        time.sleep(length / HAND)
    page.mouse.up()


def visit(page: Page, server: Server) -> None:
    start = time.perf_counter()
    tell = lambda what, limit: show(what, time.perf_counter() - start, limit)  # noqa: E731
    click = lambda name: page.get_by_role("button", name=name).click()  # noqa: E731
    page.goto(server.url)
    expect(canvas(page)).to_be_visible(timeout=60_000)
    time.sleep(READ)
    draw(page, BAG)
    draw(page, HANDLE)
    expect(heading(page, "Bag")).to_be_visible(timeout=60_000)
    tell("has drawn, and is answered", ASKED)
    time.sleep(LOOK)
    click("Next: see what fools it")
    for number, one in enumerate(asked := guess_panel.three(catalogue.default_run(catalogue.list_rows()))):
        expect(heading(page, "What is this?")).to_be_visible()
        time.sleep(LOOK)
        page.get_by_test_id("stMain").get_by_role("button", name=CLASS_NAMES[one.label], exact=True).click()
        expect(heading(page, CLASS_NAMES[one.label])).to_be_visible()
        if not number:
            tell("is surprised: knows what the network takes for another", ASKED)
        time.sleep(LOOK)
        if number + 1 < len(asked):
            click("Next picture")
    click("Next: train one yourself")
    offered = page.get_by_role("heading", name=re.compile("^Train your own")).inner_text()
    time.sleep(READ)
    began = time.perf_counter()
    click("Train it now")
    curve = page.locator("[class*=st-key-start-cnn_1] .curve-chart .batches").first
    expect(curve).to_be_attached(timeout=120_000)
    tell("sees the own curve move", ASKED)
    ended = heading(page, re.compile(r"^Your network has \d+\.\d %$"))
    expect(ended).to_be_visible(timeout=600_000)
    tell("has trained", ASKED)
    print(f"{offered}: it took {time.perf_counter() - began:.0f} s. {ended.inner_text()}.")


def main() -> None:
    print(describe_machine())
    with opened_app(**{warm.MINUTES: "5"}) as (page, server):
        visit(page, server)


if __name__ == "__main__":
    main()
