"""Files that should do harm, dropped on Predict one after the other in a real browser on a real server.

    python -m benchmarks.photo.hostile_files

Needs a Chromium. The files are those of tests/core/photo/test_photo.py. For each: seconds from the drop until its
sentence
stands there; at the end the web process' memory against that before them, and whether a good photo is still answered.
"""

import re
import time
from pathlib import Path

from playwright.sync_api import Page, expect

from benchmarks.app_speed import memory, show
from benchmarks.opened_app import opened_app
from fmnist_core.machine import describe_machine
from tests.browser.serving import Server
from tests.browser.waiting import errors
from tests.core.photo.test_photo import HOSTILE, noise, saved

MOST_SECONDS = 2.0
MOST_MEGABYTES = 50.0
PATIENCE = 60_000  # milliseconds
GOOD = 3  # photos before the first memory figure, so that what is loaded once is loaded


def drop(page: Page, server: Server, path: Path) -> None:
    """On a page that was opened anew: a file does not pay for those before it."""
    page.goto(f"{server.url}/predict?way=upload")
    expect(page.locator("input[type=file]")).to_be_attached(timeout=PATIENCE)
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]", timeout=PATIENCE)
    page.locator("input[type=file]").set_input_files(path)


def answer(page: Page, server: Server, path: Path) -> None:
    drop(page, server, path)
    expect(page.get_by_alt_text(re.compile("What the network saw")).first).to_be_visible(timeout=PATIENCE)
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]", timeout=PATIENCE)


def measure(page: Page, server: Server, folder: Path) -> None:
    good = folder / "good.png"
    good.write_bytes(saved(noise(300, 400)))
    for _ in range(GOOD):
        answer(page, server, good)
    before = memory(server)
    seconds: dict[str, float] = {}
    for name, (content, words) in HOSTILE.items():
        path = folder / f"{name.replace(' ', '-')}.png"
        path.write_bytes(content)
        drop(page, server, path)
        start = time.perf_counter()
        ours = page.get_by_test_id("stAlert").filter(has_text=words)
        the_uploaders = page.get_by_text(re.compile("File must be .* or smaller"))  # before anything is sent
        expect(ours.or_(the_uploaders).first).to_be_visible(timeout=PATIENCE)
        seconds[name] = time.perf_counter() - start
        if errors(page).count():
            print(f"{name}: an error that nobody foresaw")
    answer(page, server, good)
    slowest = max(seconds, key=lambda name: seconds[name])
    print(f"{len(seconds)} files, each refused in a sentence; a good photo is still answered.")
    show(f"slowest: {slowest}", seconds[slowest], MOST_SECONDS)
    show("memory of the web process, grown by", memory(server) - before, MOST_MEGABYTES, "MB")


def main() -> None:
    print(describe_machine())
    with opened_app() as (page, server):
        measure(page, server, server.runs.parent)


if __name__ == "__main__":
    main()
