"""The connection breaks, the server is started anew, the page is loaded again: what comes back, and what is said.

Run: python -m pytest tests/browser/test_broken_session.py
"""

import os
import re
import signal
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, WebSocketRoute, expect

from tests.browser.serving import Server, start_server
from tests.browser.waiting import at_rest, settle
from tests.tiny import shipped_run

pytestmark = pytest.mark.browser
RUN = shipped_run("cnn_2").id
HEADINGS = {"Draw": "Filling", "Photos": "Photos of one garment each", "Teach": "Teach it a new class"}
FORGETS = {"STREAMLIT_SERVER_DISCONNECTED_SESSION_TTL": "0"}  # at once, what a session had


@dataclass
class Breaking:
    """A server that a test ends and starts anew."""

    folder: Path
    server: Server = field(init=False)

    def __post_init__(self) -> None:
        self.start()

    def start(self, port: int = 0) -> None:
        self.server = start_server(Path("app.py"), self.folder / "runs", self.folder / "log.txt", FORGETS, port)

    def again(self) -> None:
        os.killpg(self.server.process.pid, signal.SIGKILL)
        self.server.process.wait()
        self.start(int(self.server.url.rpartition(":")[2]))


@pytest.fixture(scope="module")
def breaking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Breaking]:
    found = Breaking(tmp_path_factory.mktemp("breaking"))
    yield found
    found.server.stop()


class Line:
    """A page's connection, which can be cut."""

    def __init__(self, page: Page) -> None:
        self.open: list[tuple[WebSocketRoute, WebSocketRoute]] = []
        page.route_web_socket(
            "**/_stcore/stream", lambda socket: self.open.append((socket, socket.connect_to_server()))
        )

    def cut(self) -> None:
        for end in self.open.pop():
            end.close()


@pytest.fixture
def garment(tmp_path: Path) -> list[Path]:
    sheet = Image.new("RGB", (160, 200), "white")
    sheet.paste("navy", (40, 30, 120, 170))
    files = [tmp_path / "one.png", tmp_path / "two.png"]
    for file in files:
        sheet.save(file)
    return files


def choose(page: Page, way: str) -> None:
    page.get_by_role("radio", name=way, exact=True).first.click()
    expect(page.get_by_text(HEADINGS[way])).to_be_visible()
    settle(page)


def draw(page: Page) -> None:
    box = at_rest(page.locator("canvas.paper"))
    x, y, side = box["x"], box["y"], box["width"]
    page.mouse.move(x + 0.3 * side, y + 0.3 * side)
    page.mouse.down()
    for across, down in ((0.7, 0.3), (0.7, 0.8), (0.3, 0.8), (0.3, 0.3)):
        page.mouse.move(x + across * side, y + down * side, steps=4)
    page.mouse.up()
    expect(page.get_by_text("What the network saw")).to_be_visible()


def has_drawing(page: Page) -> None:
    choose(page, "Draw")
    expect(page.locator("canvas.paper")).to_have_attribute("aria-label", "Your drawing of 1 stroke")
    expect(page.get_by_text("What the network saw")).to_be_visible()


def has_examples(page: Page) -> None:
    choose(page, "Teach")
    expect(page.get_by_text("2 examples.")).to_be_visible()
    expect(page.get_by_label("Name of the new class")).to_have_value("Hat")


def misses(page: Page, photos: str) -> None:
    expect(page.get_by_text(f"has forgotten {photos} of yours")).to_be_visible()
    expect(page.get_by_test_id("stFileChip")).to_have_count(0)
    expect(page.get_by_text("What the network saw")).to_have_count(0)


@pytest.mark.long
def test_what_a_visitor_had_comes_back_or_is_missed(breaking: Breaking, page: Page, garment: list[Path]):
    line = Line(page)
    page.goto(f"{breaking.server.url}/predict?run={RUN}&way=teach")
    page.locator("input[type=file]").set_input_files(garment)
    expect(page.get_by_text("2 examples.")).to_be_visible()
    page.get_by_label("Name of the new class").fill("Hat")
    page.keyboard.press("Enter")
    settle(page)
    choose(page, "Draw")
    draw(page)
    choose(page, "Photos")
    page.locator("input[type=file]").set_input_files(garment)
    expect(page.get_by_text("What the network saw")).to_have_count(2)
    settle(page)

    line.cut()
    misses(page, "2 photos")
    has_drawing(page)

    choose(page, "Photos")
    page.locator("input[type=file]").set_input_files(garment[0])
    expect(page.get_by_text("What the network saw")).to_have_count(1)
    expect(page.get_by_text("has forgotten")).to_have_count(0)
    settle(page)
    breaking.again()
    misses(page, "a photo")
    has_examples(page)

    page.reload()
    settle(page)
    has_examples(page)
    has_drawing(page)
    choose(page, "Photos")
    expect(page.get_by_text("Drop a photo")).to_be_visible()  # there was none
    assert "Traceback" not in breaking.server.log.read_text()


@pytest.mark.long
def test_a_network_under_way_comes_back_also_where_no_address_holds_it(breaking: Breaking, page: Page):
    line = Line(page)
    page.goto(f"{breaking.server.url}/train?source=own")
    rows, shape = page.locator(".builder .list .layer"), page.locator(".builder .list .shape").first
    for kind in ("convolution", "dense"):
        page.locator(f".builder [data-kind={kind}]").click()
    expect(rows.nth(1)).to_contain_text("needs a list of values")
    settle(page)
    for forget, filters in ((line.cut, "8"), (breaking.again, "16")):
        forget()
        page.get_by_role("spinbutton", name="Filters of convolution").fill(filters)
        expect(shape).to_have_text(re.compile(rf"{filters}$"))
        expect(rows).to_have_count(2)
        settle(page)
    assert "network=" not in page.url
    page.reload()
    settle(page)
    expect(rows).to_have_count(2)
    expect(shape).to_have_text(re.compile("16$"))
    assert "Traceback" not in breaking.server.log.read_text()
