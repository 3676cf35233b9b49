"""A real Streamlit server and a real Chromium for the tests of this folder.

Chromium is FMNIST_CHROMIUM, or the first that is found. Without one these tests are skipped, with a line that
says so; with CI=true they fail.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.map.driving import COUNT_UPLOADS, WITHOUT_WEBGL
from tests.browser.serving import CHROMIUM_OPTIONS, Server, find_chromium, start_server

NO_CHROMIUM = "Browser tests need a Chromium: install one, or set FMNIST_CHROMIUM to its path."


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Puts the browser tests last, and skips them where there is no Chromium.

    Last, because Playwright leaves an event loop running in this thread, and no other test expects one.
    """
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)
    if find_chromium() is None and os.environ.get("CI") != "true":
        for item in items:
            if item.get_closest_marker("browser"):
                item.add_marker(pytest.mark.skip(reason=NO_CHROMIUM))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = [report for report in terminalreporter.stats.get("skipped", []) if NO_CHROMIUM in str(report.longrepr)]
    if skipped:
        terminalreporter.write_line(f"{len(skipped)} skipped. {NO_CHROMIUM}", yellow=True)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Server]]:
    """Starts servers: server(FILE, NAME="value", …) runs FILE in a fresh one with these environment variables."""
    running: list[Server] = []

    def start(file: str | Path, **environment: str) -> Server:
        folder = tmp_path_factory.mktemp("server")
        runs = Path(environment.get("FMNIST_RUNS", folder / "runs"))
        running.append(start_server(Path(file), runs, folder / "log.txt", environment))
        return running[-1]

    yield start
    for one in running:
        one.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = find_chromium()
    if path is None:
        pytest.fail(NO_CHROMIUM)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=list(CHROMIUM_OPTIONS))
        yield running
        running.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of 1440x900 with the light theme and no motion; an uncaught JavaScript error fails the test."""
    context = browser.new_context(
        viewport={"width": 1440, "height": 900}, color_scheme="light", reduced_motion="reduce"
    )
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    if errors:
        pytest.fail("JavaScript errors in the page:\n" + "\n".join(errors))


@pytest.fixture(scope="module")
def map_features(server: Callable[..., Server]) -> str:
    """The address of an app with a map that can be told to have depth, frames or a second one beside it."""
    return server("tests/browser/apps/map_features_app.py").url


@pytest.fixture(params=["webgl", "canvas"])
def renderer(request: pytest.FixtureRequest, page: Page) -> Iterator[str]:
    """What draws the map of this page; at the end the browser must have complained of nothing."""
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.add_init_script(WITHOUT_WEBGL if request.param == "canvas" else COUNT_UPLOADS)
    yield request.param
    # The fonts of the app lie beside app.py, not beside those of the tests.
    assert not [error for error in errors if "Failed to load resource" not in error]
