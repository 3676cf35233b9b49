"""The curve chart in a real browser: it grows once a second, and what the visitor did to it stays."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.waiting import until

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address(server: Callable) -> str:
    return server("tests/browser/apps/curve_chart_app.py").url


@pytest.fixture
def app(page: Page, address: str) -> Page:
    return opened(page, address)


def opened(page: Page, address: str) -> Page:
    page.goto(address)
    expect(numbers(page, "6")).to_be_visible(timeout=30_000)
    return page


def chart(page: Page) -> Locator:
    return page.locator(".st-key-chart .curve-chart")


def stage(page: Page) -> Locator:
    return chart(page).locator(".stage")


def numbers(page: Page, text: str) -> Locator:
    return chart(page).locator(".numbers text").get_by_text(text, exact=True)


def reset(page: Page) -> Locator:
    return chart(page).get_by_role("button", name="Reset zoom")


def ticks(page: Page) -> list[list[str]]:
    """What the axes say and where: two charts with the same ticks show the same domain."""
    return (
        chart(page)
        .locator(".numbers text")
        .evaluate_all(
            "nodes => nodes.map((node) => [node.textContent, node.getAttribute('x'), node.getAttribute('y')])"
        )
    )


def columns(page: Page) -> list[str]:
    return chart(page).locator(".numbers text[text-anchor='middle']").all_text_contents()


def point(page: Page, across: float, down: float) -> tuple[float, float]:
    """Moves the pointer to a place of the chart, in parts of its size."""
    box = stage(page).bounding_box()
    x, y = box["x"] + across * box["width"], box["y"] + down * box["height"]
    page.mouse.move(x - 5, y)
    page.mouse.move(x, y)
    return x, y


def zoom_by_wheel(page: Page) -> None:
    point(page, 0.6, 0.6)
    page.wait_for_timeout(350)  # the wheel is the page's until the pointer has rested
    page.mouse.wheel(0, -400)
    expect(reset(page)).to_be_visible()


def drawn(page: Page) -> str:
    return chart(page).locator(".curve .epochs").first.get_attribute("d")


def watch_nodes(page: Page) -> None:
    """Counts from here on what is removed from the chart, and remembers its root."""
    chart(page).evaluate(
        """(root) => {
            window.root = root;
            window.removed = 0;
            new MutationObserver((changes) => {
                const nodes = changes.flatMap((change) => [...change.removedNodes]);
                window.removed += nodes.filter((node) => node.nodeType === Node.ELEMENT_NODE).length;
            }).observe(root.getRootNode(), { childList: true, subtree: true });
        }"""
    )


@pytest.mark.long
def test_the_zoom_and_every_node_stay_while_the_data_grows(app: Page):
    zoom_by_wheel(app)
    app.mouse.move(5, 5)
    zoomed = ticks(app)
    assert columns(app) != ["0", "1", "2", "3", "4", "5", "6"]
    watch_nodes(app)
    app.get_by_text("Growing").click()
    seen = {drawn(app)}
    for epochs in range(7, 12):
        expect(stage(app)).to_have_accessible_name(re.compile(f"after epoch {epochs}; best epoch 4$"))
        assert ticks(app) == zoomed
        until(app, lambda: drawn(app) not in seen, "the curve is drawn anew")
        seen.add(drawn(app))
    assert len(seen) == 6  # each of the five was drawn
    app.get_by_text("Growing").click()
    app.emulate_media(color_scheme="dark")
    expect(app.get_by_test_id("stApp")).to_have_css("background-color", "rgb(16, 22, 21)")
    app.get_by_role("button", name="Again").click()
    app.wait_for_timeout(300)
    assert ticks(app) == zoomed
    assert chart(app).evaluate("(root) => root === window.root")
    assert chart(app).evaluate("() => window.removed") == 0


@pytest.mark.slow  # quick: test_the_zoom_and_every_node_stay_while_the_data_grows
def test_axes_follow_growing_data_until_something_is_zoomed_and_after_a_reset(app: Page):
    watch_nodes(app)
    app.get_by_text("Growing").click()
    expect(numbers(app, "8")).to_be_visible()
    assert chart(app).evaluate("(root) => root === window.root")
    app.get_by_text("Growing").click()
    expect(app.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    zoom_by_wheel(app)
    whole_is_gone = columns(app)
    reset(app).click()
    expect(reset(app)).to_be_hidden()
    assert len(columns(app)) > len(whole_is_gone)
    assert columns(app)[0] == "0"
    zoom_by_wheel(app)
    stage(app).dblclick(position={"x": 300, "y": 150})
    expect(reset(app)).to_be_hidden()


def test_the_card_tells_the_values_at_the_nearest_epoch(app: Page):
    card = chart(app).locator(".card")
    expect(card).to_be_hidden()
    last = float(numbers(app, "6").get_attribute("x"))
    four = float(numbers(app, "4").get_attribute("x"))
    point(app, (four + 0.3 * (last - four) / 2) / stage(app).bounding_box()["width"], 0.3)
    expect(card.locator(".when")).to_have_text("Epoch 4")
    expect(card.locator("tbody tr")).to_have_text(["training0.4200", "validation◇\u20090.4000"])
    app.mouse.move(5, 5)
    expect(card).to_be_hidden()


def test_keys_move_the_crosshair_zoom_and_reset(app: Page):
    stage(app).focus()
    for key in ("Home", "ArrowRight", "ArrowRight"):
        app.keyboard.press(key)
    expect(chart(app).locator(".card .when")).to_have_text("Epoch 3")
    expect(chart(app).locator(".spoken")).to_have_text("Epoch 3: training 0.4500; validation 0.4200")
    for _ in range(4):
        app.keyboard.press("+")
    expect(reset(app)).to_be_visible()
    area, ring = chart(app).locator(".area"), chart(app).locator(".curve .ring").first
    # It zoomed to the curves, not beside them.
    assert 0 < float(ring.get_attribute("cy")) < float(area.get_attribute("height"))
    app.keyboard.press("End")
    expect(numbers(app, "6")).to_be_visible()  # what is seen moved along
    app.keyboard.press("0")
    expect(reset(app)).to_be_hidden()
    app.keyboard.press("Escape")
    expect(chart(app).locator(".card")).to_be_hidden()


def test_the_legend_hides_a_curve_and_shows_it_again(app: Page):
    training = chart(app).get_by_role("button", name="training")
    curves = chart(app).locator(".curve")
    expect(curves.nth(0)).to_have_attribute("visibility", "visible")
    training.click()
    expect(training).to_have_attribute("aria-pressed", "false")
    expect(curves.nth(0)).to_have_attribute("visibility", "hidden")
    expect(curves.nth(1)).to_have_attribute("visibility", "visible")
    app.get_by_role("button", name="Again").click()
    point(app, 0.6, 0.5)
    expect(chart(app).locator(".card tbody tr")).to_have_count(1)
    training.click()
    expect(curves.nth(0)).to_have_attribute("visibility", "visible")


@pytest.mark.slow  # quick: tests/components/axes.test.mjs
def test_a_first_value_that_is_far_off_does_not_flatten_the_rest(app: Page):
    values = chart(app).locator(".numbers text[text-anchor='end']").all_text_contents()
    assert max(map(float, values)) < 1  # the first batch has 5.1
    path = chart(app).locator(".curve .batches").first.get_attribute("d")
    assert float(path[1:].split("L")[0].split(",")[1]) < 0  # drawn above the area, which cuts it off
    expect(chart(app).locator(".area")).to_have_css("overflow", "hidden")


def test_without_values_the_chart_waits_and_then_fills(app: Page):
    waiting = chart(app).get_by_text("Waiting for the first values")
    expect(waiting).to_be_hidden()
    app.get_by_text("Empty").click()
    expect(waiting).to_be_visible()
    expect(chart(app).locator(".curve")).to_have_count(0)
    app.get_by_text("Empty").click()
    expect(waiting).to_be_hidden()
    expect(chart(app).locator(".curve")).to_have_count(2)


def test_a_page_that_scrolls_under_the_pointer_goes_on_scrolling(page: Page, address: str):
    app = opened(page, f"{address}/?tall=1")
    main = app.get_by_test_id("stMain")
    point(app, 0.5, 0.5)
    app.mouse.wheel(0, 60)
    app.mouse.wheel(0, -20)  # towards the chart it would zoom in, if the wheel were the chart's
    app.wait_for_function("() => document.querySelector('[data-testid=stMain]').scrollTop === 40")
    expect(reset(app)).to_be_hidden()
    app.mouse.click(*point(app, 0.5, 0.5))
    scrolled = main.evaluate("node => node.scrollTop")
    app.mouse.wheel(0, -300)
    expect(reset(app)).to_be_visible()
    assert main.evaluate("node => node.scrollTop") == scrolled


def test_runs_with_long_names_fit_a_phone(page: Page, address: str):
    page.set_viewport_size({"width": 390, "height": 844})
    app = opened(page, f"{address}/?runs=4&percent=1")
    expect(chart(app).locator(".entry")).to_have_count(6)
    point(app, 0.9, 0.5)
    expect(chart(app).locator(".card tbody tr")).to_have_count(4)
    for part in (".card", ".plot", ".legend"):
        box = chart(app).locator(part).bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= 390
    assert app.get_by_test_id("stMain").evaluate("node => node.scrollWidth - node.clientWidth") == 0
