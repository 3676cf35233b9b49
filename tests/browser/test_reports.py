"""A report opened from disk, in a real browser: nothing is fetched, and it fits a phone and a printed page."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from fmnist_core.report.page import comparison_report, run_report
from fmnist_core.runs import catalogue, runs

pytestmark = pytest.mark.browser

SHIPPED = {row.config.recipe.model: row.run.id for row in catalogue.list_rows() if row.run.shipped and row.config}


@pytest.mark.long
@pytest.mark.parametrize(
    "compared", [pytest.param(False, id="one run"), pytest.param(True, id="two runs", marks=pytest.mark.slow)]
)
def test_a_report_opens_from_disk_and_fetches_nothing(page: Page, tmp_path: Path, compared: bool):
    first, second = (runs.find(SHIPPED[model]) for model in ("cnn_1", "cnn_2"))
    target = tmp_path / "a report.html"
    target.write_text(comparison_report(first, second) if compared else run_report(first), encoding="utf-8")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(target.as_uri())
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.evaluate("[...document.images].every((image) => image.complete && image.naturalWidth > 0)")
    assert {address for address in asked if not address.startswith("data:")} == {target.as_uri()}
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.emulate_media(media="print")
    assert page.pdf(format="A4").startswith(b"%PDF")
