"""A real Streamlit server and a real Chromium for the tests of this folder.

Chromium is FMNIST_CHROMIUM, or the first that is found. Without one these tests are skipped, with a line that
says so; with CI=true they fail.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parents[2]
MACOS_CHROME = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
NO_CHROMIUM = "Browser tests need a Chromium: install one, or set FMNIST_CHROMIUM to its path."
CHROMIUM_OPTIONS = (
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    # Headless Chromium has no WebGL without these two.
    "--enable-unsafe-swiftshader",
    "--use-angle=swiftshader",
)
SECONDS_TO_START = 60


def find_chromium() -> str | None:
    """The browser's path: FMNIST_CHROMIUM, one on the PATH, or macOS' Chrome; None if there is none."""
    named = os.environ.get("FMNIST_CHROMIUM")
    found = (shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))
    installed = str(MACOS_CHROME) if MACOS_CHROME.exists() else None
    return named or next(filter(None, found), installed)


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


@dataclass(frozen=True)
class Server:
    """A Streamlit server that answers. url: http://localhost:port; runs: its FMNIST_RUNS; log: what it prints."""

    url: str
    runs: Path
    log: Path


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Server]]:
    """Starts servers: server(FILE, NAME="value", …) runs FILE in a fresh one with these environment variables."""
    processes: list[subprocess.Popen[bytes]] = []

    def start(file: str | Path, **environment: str) -> Server:
        folder = tmp_path_factory.mktemp("server")
        (folder / "runs").mkdir()
        with socket.socket() as probe:
            probe.bind(("localhost", 0))
            port = probe.getsockname()[1]
        running = Server(f"http://localhost:{port}", folder / "runs", folder / "log.txt")
        process = _start_streamlit(Path(file), port, running, environment)
        processes.append(process)
        _wait_until_healthy(process, running)
        return running

    yield start
    for process in processes:
        _end(process)


def _start_streamlit(file: Path, port: int, running: Server, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / file)]
    command += ["--server.headless", "true", "--server.port", str(port), "--global.e2eTest", "false"]
    variables = {**os.environ, "PYTHONPATH": str(ROOT), "FMNIST_RUNS": str(running.runs), **environment}
    # A file, not a pipe: a full pipe that nobody reads would stop the server.
    with running.log.open("wb") as log:
        return subprocess.Popen(
            command, cwd=ROOT, env=variables, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )


def _wait_until_healthy(process: subprocess.Popen[bytes], running: Server) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{running.url}/_stcore/health", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    pytest.fail(f"No healthy server in {SECONDS_TO_START} seconds. It printed:\n{running.log.read_text()}")


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends the server with the jobs that it started and that stayed in its group."""
    try:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    except ProcessLookupError:
        process.wait()


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
