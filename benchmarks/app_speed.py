"""How fast the app answers, in a real browser on a real server; alone, and while a training runs beside it.

    python -m benchmarks.app_speed [--without-training | --first-point]

Needs a Chromium, whose own clock times the clicks. The server answers first; then: the first page painted, a switch
to each page, ten clicks on the matrix until their pictures stand there, and the web process' memory after every page
was visited.
"""

import argparse
import re
import shutil
import statistics
import time
from collections.abc import Callable

import psutil
from playwright.sync_api import Page, expect

from benchmarks import stopwatch
from benchmarks.opened_app import opened_app
from fmnist_core.data import CLASS_NAMES
from fmnist_core.jobs import warm
from fmnist_core.jobs.status import ACTIVE
from fmnist_core.machine import describe_machine
from fmnist_core.metrics import evaluation
from fmnist_core.runs import catalogue, predictions, runs
from fmnist_ui.frame import PAGES
from fmnist_ui.inspect.picture_list import ON_A_PAGE
from tests.browser.serving import Server

CLICKS = 10
FIRST_POINTS, LOOKING = 5, 15  # trainings, and seconds before each in which Train stands there
ALL_RUNS = 50  # on Models: as many as 20 shipped and 30 own ones
MEGABYTE = 2**20
PICTURES_STAND = """([name, count], inside) =>
  [...document.querySelectorAll("h3")].some((heading) => heading.innerText.trim() === name) &&
  inside(document.querySelector(".st-key-cell"), "button").length === count
"""
OPENED = '() => document.querySelector("[data-testid=stMain]").innerText.match(/test picture [\\d,]+/)?.[0]'
NEIGHBOURS_STAND = f"""(before) => {{
  const main = document.querySelector("[data-testid=stMain]"), opened = ({OPENED})();
  return opened && opened !== before && main.innerText.includes("Nearest 12") && ({stopwatch.SCRIPT_ENDED})();
}}"""


def show(name: str, value: float, limit: float, unit: str = "s") -> None:
    verdict = "ok" if value <= limit else "falls short"
    print(f"{name:<52}{value:8.2f} {unit}  (at most {limit:g}: {verdict})", flush=True)


def timed(act: Callable[[], object]) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def open_first(page: Page, server: Server) -> None:
    page.goto(server.url)
    expect(page.locator(".st-key-canvas canvas")).to_be_visible(timeout=60_000)
    expect(page.get_by_role("heading", name="Where to go")).to_be_visible(timeout=60_000)


def switch(page: Page, title: str) -> None:
    """Until the new page's title stands and its script has ended."""
    page.get_by_role("navigation").get_by_role("link", name=title).first.click()
    expect(page.get_by_role("heading", name=title, exact=True, level=1)).to_be_visible(timeout=60_000)
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]", timeout=60_000)


def page_switches(page: Page) -> list[float]:
    """Seconds to each page, the second time round: the first loads the browser's chart libraries."""
    titles = [row.title for row in PAGES[1:]]
    for title in titles:
        switch(page, title)
        page.wait_for_timeout(1_500)
    seconds = []
    for title in titles:
        seconds.append(timed(lambda title=title: switch(page, title)))
        page.wait_for_timeout(1_000)
    return seconds


def evaluate_pages(page: Page) -> list[float]:
    """Seconds from the click on Evaluate until its matrix stands there and its script has ended."""
    seconds = []
    for _ in range(5):
        switch(page, "Data")
        page.wait_for_timeout(1_500)
        seconds.append(timed(lambda: (switch(page, "Evaluate"), page.locator(".st-key-matrix").wait_for())))
    return seconds


def matrix_clicks(page: Page, server: Server, split: str = "test") -> list[float]:
    """Seconds from the click on each of the ten largest mistakes until all its pictures, or a page full, are there."""
    best = catalogue.default_run(catalogue.list_rows())
    assert best is not None  # noqa: S101 - runs ship with the app
    stored = predictions.load(best.run, split)
    matrix = evaluation.confusion_matrix(stored.labels, stored.predicted, len(CLASS_NAMES))
    page.goto(f"{server.url}/evaluate?run={best.run.id}&split={split}")
    expect(page.get_by_text("Click a cell")).to_be_visible(timeout=60_000)
    page.wait_for_timeout(2_000)

    seconds = []
    for true, predicted, count in evaluation.most_confused(matrix, CLICKS):
        name = f"{count:,} × {CLASS_NAMES[true]} called {CLASS_NAMES[predicted]}"
        stopwatch.start(page, "click", PICTURES_STAND, [name, min(count, ON_A_PAGE)])
        page.locator(f".st-key-matrix [data-row='{true}'][data-column='{predicted}']").click()
        seconds.append(stopwatch.read(page))
        page.wait_for_timeout(700)
    return seconds


def shipped_maps(page: Page) -> list[float]:
    """Seconds from the click on Map until a shipped map of 10,000 pictures stands there with its figures."""

    def open_map() -> None:
        page.get_by_role("navigation").get_by_role("link", name="Map").first.click()
        page.locator(".sprite-map[data-pictures=shown]").wait_for(timeout=60_000)
        page.get_by_text("Trustworthiness").wait_for(timeout=60_000)

    seconds = []
    for _ in range(5):
        switch(page, "Data")
        page.wait_for_timeout(1_500)
        seconds.append(timed(open_map))
    return seconds


def map_clicks(page: Page, server: Server) -> list[float]:
    """Seconds from the click on a garment of the map until it stands beside it with its neighbours."""
    page.goto(f"{server.url}/map")  # anew: a cell that was opened on Evaluate would be all that can be pointed at
    page.locator(".sprite-map[data-pictures=shown]").wait_for(timeout=60_000)
    page.wait_for_timeout(3_000)  # the map has come to rest
    stage = page.locator(".sprite-map .stage")
    stage.scroll_into_view_if_needed()
    box, seen, seconds = stage.bounding_box(), "", []
    assert box is not None  # noqa: S101 - it stands there
    for number in range(10 * CLICKS):
        page.mouse.move(box["x"] + box["width"] * (0.3 + 0.004 * number), box["y"] + box["height"] * 0.55, steps=3)
        page.wait_for_timeout(100)
        if not page.locator(".sprite-map .card.shown").count():
            continue
        picture = re.search(r"Picture ([\d,]+)", page.locator(".sprite-map .card.shown").inner_text())
        opened = page.evaluate(f"({OPENED})()")
        if picture is None or picture[1] in (seen, (opened or "").replace(",", "").split(" ")[-1]):
            continue
        seen = picture[1]
        stopwatch.start(page, "pointerup", NEIGHBOURS_STAND, opened)
        page.mouse.down()
        page.mouse.up()
        seconds.append(stopwatch.read(page))
        page.wait_for_timeout(500)
        if len(seconds) > CLICKS:
            break
    return seconds[1:]  # the first one moves the page's layout, and loads


def full_models_page(page: Page, server: Server) -> float:
    """Median seconds until Models can be used with 50 runs, own ones beside the shipped, the list of runs read anew."""
    shipped = [row.run for row in catalogue.list_rows() if row.run.shipped]
    source = next(run for run in shipped if run.id.startswith("cnn_1-"))
    own = [server.runs / f"cnn_1-20260101-0000{number:02d}-abcd" for number in range(ALL_RUNS - len(shipped))]
    for folder in own:
        shutil.copytree(source.folder, folder)
    seconds = []
    for _ in range(5):
        switch(page, "Data")
        page.wait_for_timeout(3_000)  # the list of runs is read again after two seconds
        seconds.append(
            timed(lambda: (switch(page, "Models"), page.locator("[data-testid=stDataFrame] canvas").first.wait_for()))
        )
    for folder in own:
        shutil.rmtree(folder)
    return statistics.median(seconds)


def train_quickly(page: Page, server: Server) -> tuple[float, str]:
    """Starts CNN 2 by its published recipe through the page, which has stood for LOOKING seconds, as for who chooses.

    Seconds from the click on Start to the first point of the curve on the page, and the run.
    """
    page.goto(f"{server.url}/train?model=cnn_2")
    page.get_by_text("As published").click()
    page.get_by_text("20 epochs").wait_for()
    page.wait_for_timeout(1_000 * LOOKING)
    start = time.perf_counter()
    page.get_by_role("button", name="Start training").click()
    page.wait_for_url(re.compile("run=cnn_2"), timeout=60_000)
    run_id = re.search(r"run=([^&]+)", page.url).group(1)
    metrics = server.runs / run_id / "metrics.jsonl"
    while not (metrics.exists() and metrics.read_text().strip()):
        time.sleep(0.02)
    page.get_by_text(re.compile(r"Epoch 1 of 20")).wait_for(timeout=60_000)
    return time.perf_counter() - start, run_id


def first_points(page: Page, server: Server) -> str:
    """Shows the median of some trainings; the last of them goes on, and is returned."""
    took, run_id = train_quickly(page, server)
    seconds = [took]
    while len(seconds) < FIRST_POINTS:
        stop(server, run_id)
        took, run_id = train_quickly(page, server)
        seconds.append(took)
    show(f"first point of the curve, median of {FIRST_POINTS}", statistics.median(seconds), 3)
    return run_id


def stop(server: Server, run_id: str) -> None:
    (server.runs / run_id / "cancel").touch()
    while runs.read_status(runs.Run(server.runs / run_id)).state in ACTIVE:
        time.sleep(0.5)


def memory(server: Server) -> float:
    return psutil.Process(server.process.pid).memory_info().rss / MEGABYTE


def measure(page: Page, server: Server, beside: str, switch_limit: float, click_limit: float) -> None:
    page.goto(server.url)
    page.wait_for_timeout(2_000)
    show(f"switch of page, median of {len(PAGES) - 1}{beside}", statistics.median(page_switches(page)), switch_limit)
    show(
        f"matrix click to pictures, median of {CLICKS}{beside}",
        statistics.median(matrix_clicks(page, server)),
        click_limit,
    )


def pages(page: Page, server: Server) -> None:
    show("first page painted, after the server answers", timed(lambda: open_first(page, server)), 1.5)
    measure(page, server, "", 1, 0.5)
    show("web process, after every page", memory(server), 400, "MB")
    show("Evaluate, median of 5", statistics.median(evaluate_pages(page)), 1.5)
    many = matrix_clicks(page, server, "train")
    show(f"matrix click to pictures of 55,000, median of {CLICKS}", statistics.median(many), 0.3)
    show("web process, after that", memory(server), 500, "MB")
    show("a shipped map, median of 5", statistics.median(shipped_maps(page)), 1.5)
    clicks = map_clicks(page, server)
    show(f"map click to neighbours, median of {len(clicks)}", statistics.median(clicks), 0.3)
    shipped = sum(row.run.shipped for row in catalogue.list_rows())
    name = f"Models with {shipped} shipped and {ALL_RUNS - shipped} own runs, median of 5"
    show(name, full_models_page(page, server), 1.5)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--without-training", action="store_true")
    parser.add_argument("--first-point", action="store_true", help="only how soon a training shows its first point")
    options = parser.parse_args()
    print(describe_machine())
    with opened_app(**{warm.MINUTES: "5"}) as (page, server):
        if not options.first_point:
            pages(page, server)
        if not options.without_training:
            run_id = first_points(page, server)
            if not options.first_point:
                measure(page, server, ", beside a training", 1, 1)
            stop(server, run_id)


if __name__ == "__main__":
    main()
