"""Build on Train in a real browser: a network of six layers by mouse, keyboard and touch, trained, exported, imported.

Run: python -m pytest tests/browser/test_build.py
"""

import json
import re
import shutil

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from fmnist_core.networks import sharing
from fmnist_core.networks.layers import Layer, Network
from tests.browser.test_loop import parameter, wait_for_state
from tests.browser.waiting import at_rest, errors, settle, until

pytestmark = pytest.mark.browser

SECONDS = 1_000  # milliseconds
TALL = {"width": 1440, "height": 1600}  # all of the builder is seen, so that nothing scrolls under what is dragged
SIX = ["Convolution", "Max pooling", "Dropout", "Convolution", "Flatten", "Dense"]
MINE = Network("Mine", (Layer("convolution", filters=8), Layer("max_pooling"), Layer("flatten")))


def open_builder(page: Page, url: str, network: Network | None = None) -> None:
    named = f"&network={sharing.to_text(network)}" if network else ""
    page.goto(f"{url}/train?source=own{named}")
    settle(page)
    expect(page.locator(".builder .drawing .block").first).to_be_visible()


def rows(page: Page) -> Locator:
    return page.locator(".builder .list .layer")


def names(page: Page) -> list[str]:
    return page.locator(".builder .list .name").all_inner_texts()


def shapes(page: Page) -> list[str]:
    found = page.locator(".builder .list .shape").all_inner_texts()
    return [re.sub(r"\s", "", text) for text in found]


def add(page: Page, kind: str) -> None:
    page.locator(f".builder [data-kind={kind}]").click()


def drag(page: Page, grip: Locator, to: Locator, below: float) -> None:
    """below: pixels under the upper edge of `to`."""
    start = at_rest(grip)
    end = to.bounding_box()
    assert end
    x, y = start["x"] + start["width"] / 2, start["y"] + start["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 3, y + 12, steps=3)
    page.mouse.move(x + 6, end["y"] + below, steps=6)


def build_six(page: Page) -> None:
    """Two layers by mouse, the others by keyboard; one is dragged to its place, one moved there by key."""
    page.set_viewport_size(TALL)
    for kind in ("convolution", "flatten"):
        add(page, kind)
    for kind in ("dense", "max_pooling", "convolution", "dropout"):
        page.locator(f".builder [data-kind={kind}]").focus()
        page.keyboard.press("Enter")
    expect(rows(page)).to_have_count(6)
    assert names(page) == ["Convolution", "Flatten", "Dense", "Max pooling", "Convolution", "Dropout"]
    expect(page.locator(".list .problem").filter(has_text="needs a picture")).to_have_count(2)
    rows(page).nth(3).focus()  # max pooling
    for place in (3, 2):
        page.keyboard.press("Alt+ArrowUp")
        expect(page.locator(".builder .spoken")).to_contain_text(f"Max pooling moved to place {place} of 6")
    expect(rows(page).nth(1)).to_be_focused()
    expect(page.locator(".list .problem").filter(has_text="needs a picture")).to_have_count(1)
    drag(page, rows(page).nth(4).locator(".grip"), rows(page).nth(2), 18)
    page.mouse.up()
    expect(page.locator(".builder .spoken")).to_have_text("Convolution moved to place 3 of 6; shape 14 x 14 x 32")
    rows(page).nth(5).locator("[aria-label^='Move up']").focus()
    for _ in range(3):
        page.keyboard.press("Enter")
    expect(page.locator(".builder .spoken")).to_contain_text("Dropout moved to place 3 of 6")
    assert names(page) == SIX
    for place in (0, 1):
        page.get_by_role("spinbutton", name="Filters of convolution").nth(place).fill("8")
    page.get_by_role("textbox", name="Name of the network").fill("Six layers")
    page.keyboard.press("Enter")
    expected = ["28×28×8", "14×14×8", "14×14×8", "14×14×8", "1,568units", "128units"]
    until(page, lambda: shapes(page) == expected, "every layer has its shape")


@pytest.mark.long
def test_a_network_is_built_by_mouse_and_keyboard_and_the_address_holds_it(app, page):
    open_builder(page, app.url)
    expect(page.get_by_role("button", name="Start training")).to_be_disabled()
    build_six(page)
    expect(page.get_by_role("button", name="Start training")).to_be_enabled()
    until(page, lambda: "network=" in page.url, "the address names the network")
    until(page, lambda: built(page) == ("Six layers", SIX), "the address names this network")
    page.reload()
    settle(page)
    expect(rows(page)).to_have_count(6)
    assert names(page) == SIX
    expect(page.get_by_role("textbox", name="Name of the network")).to_have_value("Six layers")


def built(page: Page) -> tuple[str, list[str]]:
    network = sharing.from_text(parameter(page, "network"))
    return network.title, [layer.kind.replace("_", " ").capitalize() for layer in network.layers]


@pytest.mark.long
def test_what_is_taken_out_doubled_and_undone(app, page):
    open_builder(page, app.url, MINE)
    rows(page).nth(1).focus()
    page.keyboard.press("Delete")
    expect(rows(page)).to_have_count(2)
    expect(rows(page).nth(1)).to_be_focused()
    rows(page).nth(0).locator("[aria-label^=Duplicate]").click()
    said = page.locator(".builder .spoken")
    expect(said).to_contain_text("Convolution duplicated at place 2 of 3; shape 28 x 28 x 8")
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    expect(page.locator(".builder .spoken")).to_contain_text("Undone: 3 layers")
    assert names(page) == ["Convolution", "Max pooling", "Flatten"]
    page.keyboard.press("Control+Shift+z")
    expect(rows(page)).to_have_count(2)
    until(page, lambda: len(built(page)[1]) == 2, "the address has heard of it")
    page.go_back()  # a step back in the browser is one here, too
    until(page, lambda: names(page) == ["Convolution", "Max pooling", "Flatten"], "the network of before is back")


@pytest.mark.long
def test_what_does_not_fit_says_so_as_one_types_and_a_button_mends_it(app, page):
    open_builder(page, app.url, MINE)
    filters = page.get_by_role("spinbutton", name="Filters of convolution")
    for text in ("", "0", "9999", "x"):
        filters.fill(text)
        expect(rows(page).nth(0)).to_contain_text("Filters: give a whole number from 1 to 1,024.")
        expect(filters).to_have_value(text)
    filters.fill("16")
    expect(rows(page).nth(0).locator(".problem")).to_be_hidden()
    until(page, lambda: shapes(page)[0] == "28×28×16", "the shape follows")
    filters.press("ArrowUp")
    expect(filters).to_have_value("32")
    until(page, lambda: shapes(page)[0] == "28×28×32", "the shape follows an arrow")
    rows(page).nth(2).focus()
    page.keyboard.press("Alt+ArrowUp")
    pool = rows(page).nth(2)
    expect(pool).to_contain_text("A max pooling layer needs a picture, but flatten (layer 2) has made a list of it")
    expect(pool.locator(".shape")).to_have_text("does not fit")
    expect(page.get_by_role("button", name="Start training")).to_be_disabled()
    pool.get_by_role("button", name="Move it before flatten").click()
    expect(page.locator(".list .problem:visible")).to_have_count(0)
    expect(page.get_by_role("button", name="Start training")).to_be_enabled()


@pytest.mark.long
def test_a_drag_is_given_up_with_escape_and_a_kind_is_dragged_in(app, page):
    page.set_viewport_size(TALL)
    open_builder(page, app.url, MINE)
    drag(page, rows(page).nth(0).locator(".grip"), rows(page).nth(2), 30)
    expect(rows(page).nth(0)).to_have_attribute("data-dragged", "yes")
    page.keyboard.press("Escape")
    page.mouse.up()
    assert names(page) == ["Convolution", "Max pooling", "Flatten"]
    drag(page, page.locator(".builder [data-kind=batch_normalization] strong"), rows(page).nth(0), 5)
    box = rows(page).nth(1).bounding_box()
    assert box
    page.mouse.move(box["x"] + 200, box["y"] + 4, steps=5)
    page.mouse.up()
    expect(page.locator(".builder .spoken")).to_have_text(
        "Batch normalization added at place 2 of 4; shape 28 x 28 x 8"
    )
    assert names(page) == ["Convolution", "Batch normalization", "Max pooling", "Flatten"]


@pytest.mark.long
def test_a_finger_drags_a_layer_on_a_phone(app, browser: Browser):
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    open_builder(page, app.url, MINE)
    start, end = at_rest(rows(page).nth(0).locator(".grip")), rows(page).nth(1).bounding_box()
    assert end
    session = context.new_cdp_session(page)

    def touch(kind: str, *points: tuple[float, float]) -> None:
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]})

    x, y = start["x"] + 10, start["y"] + 10
    touch("touchStart", (x, y))
    for step in range(1, 9):
        touch("touchMove", (x, y + step * (end["height"] / 2 + 35) / 8))
    touch("touchEnd")
    expect(page.locator(".builder .spoken")).to_contain_text("Convolution moved to place 2 of 3")
    assert names(page) == ["Max pooling", "Convolution", "Flatten"]
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()


@pytest.mark.long
def test_what_is_typed_while_the_server_is_silent_is_not_lost(app, page):
    open_builder(page, app.url, MINE)
    page.context.set_offline(True)
    page.get_by_role("spinbutton", name="Filters of convolution").fill("64")
    add(page, "dense")
    expect(page.locator(".builder")).to_have_attribute("data-slow", "yes")
    page.context.set_offline(False)
    until(page, lambda: shapes(page)[0] == "28×28×64", "the change arrives")
    assert names(page) == ["Convolution", "Dense", "Max pooling", "Flatten"]


@pytest.mark.long
def test_a_file_is_saved_and_opened_and_a_bad_one_is_refused(app, page, tmp_path):
    open_builder(page, app.url, MINE)
    with page.expect_download() as download:
        page.get_by_role("button", name="Save").click()
    assert download.value.suggested_filename == "mine.network.json"
    saved = json.loads(download.value.path().read_text())
    assert saved["title"] == "Mine" and len(saved["layers"]) == 3
    for name, content in (("bad.json", "{"), ("good.json", json.dumps(saved | {"title": "Opened"}))):
        (tmp_path / name).write_text(content)
        page.locator(".builder input[type=file]").set_input_files(tmp_path / name)
        if name == "bad.json":
            expect(page.locator(".builder .notice")).to_contain_text("The file is not JSON")
    expect(page.get_by_role("textbox", name="Name of the network")).to_have_value("Opened")
    expect(page.locator(".builder .notice")).to_be_hidden()
    page.locator(".builder .start").select_option("zoo:flagship")
    expect(rows(page)).to_have_count(19)
    expect(page.get_by_role("textbox", name="Name of the network")).to_have_value("My Flagship")
    page.keyboard.press("Control+z")
    expect(rows(page)).to_have_count(3)


@pytest.mark.slow  # quick: the tests above, and those of a tiny own network in tests/core/training
def test_a_network_is_built_trained_evaluated_exported_and_imported(app, page, tmp_path):
    open_builder(page, app.url)
    build_six(page)
    page.get_by_text("My own", exact=True).click()
    for label, value in (("Training pictures", "2000"), ("Epochs", "2")):
        field = page.get_by_role("spinbutton", name=label)
        field.fill(value)
        field.press("Enter")
        settle(page)
    page.get_by_role("button", name="Start training").click()
    page.wait_for_url(re.compile("run=own"), timeout=60 * SECONDS)
    run_id = parameter(page, "run")
    wait_for_state(app.runs, run_id, "done", 180)
    expect(page.get_by_role("heading", name="Six layers")).to_be_visible()
    page.goto(f"{app.url}/evaluate?run={run_id}")
    settle(page)
    expect(page.get_by_role("combobox").first).to_have_value(re.compile(r"^Six layers · \d\d\.\d %"))
    page.goto(f"{app.url}/models?table=runs&run={run_id}")
    settle(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Whole run").click()
    packed = tmp_path / f"{run_id}.zip"
    download.value.save_as(packed)
    shutil.rmtree(app.runs / run_id)
    page.goto(f"{app.url}/models?table=runs")
    settle(page)
    page.get_by_text("Import a run").click()
    page.locator("input[type=file][accept*=zip]").set_input_files(packed)
    expect(page.get_by_text(f"The run {run_id} is here.")).to_be_visible(timeout=120 * SECONDS)
    page.get_by_role("button", name="Start from this network").click()
    expect(rows(page)).to_have_count(6)
    assert names(page) == SIX
    expect(errors(page)).to_have_count(0)
