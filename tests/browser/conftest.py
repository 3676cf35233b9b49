"""A real Streamlit server and a real Chromium for the tests of this folder.

Chromium is FMNIST_CHROMIUM, or the first that is found. Without one these tests are skipped, with a line that
says so; with CI=true they fail.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from tests.browser.map.driving import COUNT_UPLOADS, WITHOUT_WEBGL
from tests.browser.serving import CHROMIUM_OPTIONS, Server, find_chromium, start_server

DESK = {"width": 1440, "height": 900}
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
def app(server: Callable[..., Server]) -> Server:
    """The whole app, one for all files: each test opens it as another visitor, whose address says what it is about."""
    return server("app.py")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = find_chromium()
    if path is None:
        pytest.fail(NO_CHROMIUM)
    # Until something holds, however busy the machine is: a test that fails may take long, one that passes does not.
    expect.set_options(timeout=60_000)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=list(CHROMIUM_OPTIONS))
        yield running
        running.close()


@pytest.fixture(scope="session")
def warm_pages(browser: Browser) -> Callable[[str], Page]:
    """warm_pages(SCRIPT): a page that runs SCRIPT before all others, the same one for each SCRIPT.

    Streamlit opens four times as fast in a page that has shown it before: its JavaScript is there, and compiled.
    """
    opened: dict[str, Page] = {}

    def find(script: str) -> Page:
        if script not in opened:
            context = browser.new_context(viewport=DESK, color_scheme="light", reduced_motion="reduce")
            context.add_init_script(script)
            opened[script] = context.new_page()
        return opened[script]

    return find


@pytest.fixture
def page(request: pytest.FixtureRequest, warm_pages: Callable[[str], Page]) -> Iterator[Page]:
    """A page of 1440x900 with the light theme and no motion, as a new visitor has it: it remembers nothing.

    An uncaught JavaScript error fails the test. So does, where a test takes `renderer`, any error in the console.
    """
    without_webgl = "renderer" in request.fixturenames and request.getfixturevalue("renderer") == "canvas"
    page = warm_pages(WITHOUT_WEBGL if without_webgl else COUNT_UPLOADS)
    page.set_viewport_size(DESK)
    page.emulate_media(media="screen", color_scheme="light", reduced_motion="reduce")
    page.mouse.move(0, 0)
    errors: list[str] = []
    complaints: list[str] = []

    def note_error(error: object) -> None:
        errors.append(str(error))

    def note_complaint(message: ConsoleMessage) -> None:
        # The fonts of the app lie beside app.py, not beside those of the tests.
        if message.type == "error" and "Failed to load resource" not in message.text:
            complaints.append(message.text)

    page.on("pageerror", note_error)
    page.on("console", note_complaint)
    yield page
    page.remove_listener("pageerror", note_error)
    page.remove_listener("console", note_complaint)
    if page.url.startswith("http"):
        page.evaluate("() => { localStorage.clear(); sessionStorage.clear(); }")
    page.goto("about:blank")  # ends the visit
    if errors:
        pytest.fail("JavaScript errors in the page:\n" + "\n".join(errors))
    if "renderer" in request.fixturenames:
        assert not complaints


@pytest.fixture(scope="session")
def map_features(server: Callable[..., Server]) -> str:
    """The address of an app with a map that can be told to have depth, frames or a second one beside it."""
    return server("tests/browser/apps/map_features_app.py").url


@pytest.fixture(params=["webgl", "canvas"])
def renderer(request: pytest.FixtureRequest) -> str:
    """What draws the map of this test's page."""
    return request.param
