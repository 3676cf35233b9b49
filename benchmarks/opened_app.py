"""The app on a server of its own, with nothing in it but what ships, and a browser's page on it."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.browser.serving import CHROMIUM_OPTIONS, Server, find_chromium, start_server


@contextmanager
def opened_app(height: int = 900, **environment: str) -> Iterator[tuple[Page, Server]]:
    """Both end with it, and what the app has stored is gone.

    Args:
        height: of the page, in CSS pixels; it is 1440 wide.
        environment: of the server, beside that of the browser tests.

    Raises SystemExit where there is no Chromium.
    """
    chromium = find_chromium()
    if chromium is None:
        raise SystemExit("This benchmark needs a Chromium: install one, or set FMNIST_CHROMIUM to its path.")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = start_server(Path("app.py"), Path(folder) / "runs", Path(folder) / "log.txt", environment)
        try:
            browser = playwright.chromium.launch(executable_path=chromium, args=list(CHROMIUM_OPTIONS))
            yield browser.new_page(viewport={"width": 1440, "height": height}), server
            browser.close()
        finally:
            server.stop()
