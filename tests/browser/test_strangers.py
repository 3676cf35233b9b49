"""Two strangers in one demo: neither finds, changes or stops what the other has made; each comes back to their own.

Run: python -m pytest tests/browser/test_strangers.py
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from fmnist_core.runs import exchange
from fmnist_core.runs.runs import Run
from tests.browser.serving import Server

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def demo(server: Callable[..., Server]) -> Server:
    return server("app.py", FMNIST_DEMO="1")


@pytest.fixture
def visitor(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """visitor(STATE): another browser, or one that was closed and kept what it had stored."""
    opened: list[BrowserContext] = []

    def come(state: object = None) -> BrowserContext:
        opened.append(browser.new_context(storage_state=state))  # type: ignore[arg-type]
        return opened[-1]

    yield come
    for context in opened:
        context.close()


def import_run(page: Page, demo: Server, file: Path) -> str:
    """The address of the run, as its owner sees it."""
    page.goto(f"{demo.url}/models?table=runs")
    page.get_by_text("Import a run").click()
    page.locator("input[type=file][accept*=zip]").set_input_files(file)
    expect(page.get_by_role("button", name="Name and note")).to_be_visible()
    return page.url


@pytest.mark.long
def test_strangers_have_their_own_things_and_come_back_to_them(demo, visitor, trained_run: Run, tmp_path):
    file = exchange.export_run(trained_run, tmp_path)
    ada = visitor()
    hers = ada.new_page()
    address = import_run(hers, demo, file)

    bob = visitor().new_page()
    bob.goto(address)
    expect(bob.get_by_text("Import a run")).to_be_visible()
    expect(bob.get_by_role("button", name="Name and note")).to_have_count(0)
    for view in ("evaluate", "report", "train", "map"):
        bob.goto(f"{demo.url}/{view}?run={trained_run.id}")
        expect(bob.get_by_text("There is no run")).to_be_visible()
        expect(bob.get_by_role("button", name="Delete this run")).to_have_count(0)

    hers.locator("label").filter(has_text="Others may look at it").click()  # shared: he sees it, and changes nothing
    expect(hers.get_by_role("switch", name="Others may look at it")).to_be_checked()
    bob.goto(address)
    expect(bob.get_by_role("link", name="Evaluate").last).to_be_visible()
    expect(bob.get_by_role("button", name="Whole run")).to_be_visible()
    expect(bob.get_by_role("button", name="Name and note")).to_have_count(0)

    kept = ada.storage_state()
    ada.close()
    back = visitor(kept)
    again = back.new_page()
    again.goto(address)
    expect(again.get_by_role("button", name="Name and note")).to_be_visible()
    back.clear_cookies()  # as within a frame on another site
    again.goto("about:blank")
    again.goto(address)
    expect(again.get_by_role("button", name="Name and note")).to_be_visible()

    again.get_by_text("Take your runs along").click()
    link = again.locator(".stExpander [data-testid=stCode]").inner_text().strip()
    bob.goto("about:blank")
    bob.goto(link)
    bob.get_by_role("button", name="Use them here").click()
    expect(bob.get_by_role("button", name="Use them here")).to_have_count(0)
    assert "#" not in bob.url  # the secret is not left in the address
    secret = link.partition("#visitor=")[2]
    bob.wait_for_function("secret => localStorage.getItem('fmnist_visitor') === secret", arg=secret)
    bob.goto(address)
    expect(bob.get_by_role("button", name="Name and note")).to_be_visible()
