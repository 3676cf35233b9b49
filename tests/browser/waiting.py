"""Waits that browser tests have in common."""

from playwright.sync_api import Page, expect

PATIENCE = 90_000  # milliseconds


def settle(page: Page) -> None:
    """Waits until the page's script has run, and fails where it raised."""
    expect(page.locator("h1").first).to_be_visible(timeout=PATIENCE)
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]", timeout=PATIENCE)
    expect(page.get_by_test_id("stException")).to_have_count(0)
