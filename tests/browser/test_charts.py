"""Charts in a real browser: a click on a bar opens its pictures, and what each chart offers.

Run: python -m pytest tests/browser/test_charts.py
"""

import re

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from fmnist_core.inference import calibrated
from fmnist_core.metrics import calibration
from fmnist_core.runs import predictions
from tests.browser.waiting import PATIENCE, settle, until
from tests.tiny import shipped_run

pytestmark = pytest.mark.browser

RUN, OTHER = shipped_run("simple_nn"), shipped_run("cnn_2")


@pytest.fixture
def view(app, page: Page):
    def open_view(key: str, address: str) -> Locator:
        page.goto(f"{app.url}/{address}")
        chart = page.locator(f".st-key-{key} .stPlotlyChart")
        expect(chart.locator(".plotly .cartesianlayer")).to_be_visible(timeout=PATIENCE)
        settle(page)
        chart.evaluate("chart => chart.scrollIntoView({block: 'center'})")
        return chart

    return open_view


def bars(chart: Locator) -> Locator:
    return chart.locator(".bars .point path")


def click_end(page: Page, bar: Locator, end: str = "middle") -> None:
    """By the mouse, as Plotly's own layer lies above its bars. end: the top, of one that goes on below the chart."""
    expect(bar).to_be_attached(timeout=PATIENCE)
    box = bar.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + (6 if end == "top" else box["height"] / 2)
    page.mouse.move(x, y)
    page.mouse.click(x, y)


def opacities(chart: Locator) -> list[float]:
    return bars(chart).evaluate_all("bars => bars.map(bar => Number(getComputedStyle(bar).opacity))")


@pytest.mark.long
def test_a_bar_of_a_class_opens_the_pictures_of_the_class(view, page: Page):
    chart = view("class-bars", f"evaluate?run={RUN.id}&view=classes")
    for place, name in ((6, "Shirt"), (3, "Dress")):
        click_end(page, bars(chart).nth(place))
        expect(page).to_have_url(re.compile(f"focus={place}"), timeout=PATIENCE)
        expect(page.get_by_text(f"{name} pictures it finds")).to_be_visible(timeout=PATIENCE)
        expect(page.locator(".st-key-class-worst").get_by_role("button")).to_have_count(12, timeout=PATIENCE)

    def only_that_bar_is_bright() -> bool:
        chosen = opacities(chart)
        return chosen[3] == 1 and max(chosen[:3] + chosen[4:]) < 1

    until(page, only_that_bar_is_bright, "only the chosen bar is bright")  # it fades
    for place in (6, 3):  # at once, the second before the first is answered
        click_end(page, bars(chart).nth(place))
    expect(page.get_by_text("Dress pictures it finds")).to_be_visible(timeout=PATIENCE)
    settle(page)
    expect(page).to_have_url(re.compile("focus=3"), timeout=PATIENCE)
    until(page, only_that_bar_is_bright, "only the chosen bar is bright")


@pytest.mark.slow  # quick: test_a_bar_of_a_class_opens_the_pictures_of_the_class
def test_a_bar_of_the_diagram_opens_the_pictures_of_its_bin(view, page: Page):
    chart = view("reliability", f"evaluate?run={RUN.id}&view=calibration")
    stored = predictions.load(RUN, "test")
    confidence = calibrated.calibrator_of(RUN).probabilities(stored.logits).max(axis=1)
    rows = calibration.bin_of(confidence) == 4
    wrong = int((stored.predicted[rows] != stored.labels[rows]).sum())
    click_end(page, bars(chart).nth(4))
    expect(page).to_have_url(re.compile("bin=4"), timeout=PATIENCE)
    expect(page.get_by_text(f"{wrong} of {int(rows.sum())} are errors")).to_be_visible(timeout=PATIENCE)
    shown = min(60, int(rows.sum()))  # of its first page
    expect(page.locator(".st-key-of-bin").get_by_role("button")).to_have_count(shown, timeout=PATIENCE)


@pytest.mark.slow  # quick: test_a_bar_of_a_class_opens_the_pictures_of_the_class
def test_a_bar_of_agreement_opens_its_pictures_and_its_mark_goes_with_the_slider(view, page: Page):
    chart = view("right-networks", f"evaluate?run={RUN.id}&view=agreement")
    slider = page.get_by_role("slider", name="Pictures that so many networks have right")
    for _ in range(2):
        bar = bars(chart).nth(4).bounding_box()
        page.mouse.click(bar["x"] + 200, bar["y"] + bar["height"] / 2)  # beside a short bar, in its row
        expect(page).to_have_url(re.compile("votes=4"), timeout=PATIENCE)
        expect(slider).to_have_value("4", timeout=PATIENCE)
        settle(page)
        assert np.allclose(opacities(chart)[4], 1) and opacities(chart)[5] < 1
        slider.focus()
        page.keyboard.press("ArrowRight")
        expect(page).to_have_url(re.compile("votes=5"), timeout=PATIENCE)
        settle(page)
        expect(bars(chart).first).to_be_attached(timeout=PATIENCE)
        page.wait_for_function(
            "() => [...document.querySelectorAll('.st-key-right-networks .bars .point path')]"
            ".every(bar => Number(getComputedStyle(bar).opacity) === 1)",
            timeout=PATIENCE,
        )


@pytest.mark.slow  # quick: test_a_bar_of_a_class_opens_the_pictures_of_the_class
def test_a_point_of_a_comparison_opens_the_class_of_that_run(view, page: Page):
    chart = view("by-class", f"models?compare={RUN.id},{OTHER.id}")
    click_end(page, chart.locator(".scatterlayer .trace").nth(2).locator(".point").nth(6))
    expect(page).to_have_url(re.compile(f"evaluate.*run={OTHER.id}.*focus=6"), timeout=PATIENCE)
    expect(page.get_by_text("Shirt pictures it finds")).to_be_visible(timeout=PATIENCE)


@pytest.mark.long
def test_a_chart_has_its_buttons_its_words_and_a_legend_that_hides(view, page: Page):
    chart = view("loss", f"report?run={OTHER.id}")
    expect(chart).to_have_attribute("role", "figure")
    expect(chart).to_have_attribute("aria-label", re.compile("^loss by epoch"))
    buttons = chart.locator(".modebar-btn").evaluate_all("buttons => buttons.map(button => button.dataset.title)")
    assert {"Zoom", "Reset axes", "Fullscreen"} <= set(buttons) and len(buttons) == len(set(buttons))
    chart.hover()
    with page.expect_download(timeout=PATIENCE) as png:
        chart.locator(".modebar-btn[data-title*='PNG']").click(force=True)
    assert png.value.suggested_filename == f"{OTHER.id}-loss.png"
    assert png.value.path().read_bytes().startswith(b"\x89PNG")
    lines = chart.locator(".scatterlayer .trace")
    before = lines.count()
    chart.locator(".legendtoggle").first.click()
    expect(lines).to_have_count(before - 1, timeout=PATIENCE)


@pytest.mark.long
def test_start_and_data_load_no_chart_library(app, page: Page):
    loaded: list[str] = []
    page.on("request", lambda request: loaded.append(request.url))
    for address in ("", "data"):
        page.goto(f"{app.url}/{address}")
        settle(page)
    assert not [url for url in loaded if "Plotly" in url]
    page.goto(f"{app.url}/report?run={OTHER.id}")
    expect(page.locator(".st-key-loss .cartesianlayer")).to_be_visible(timeout=PATIENCE)
    assert [url for url in loaded if "Plotly" in url]
