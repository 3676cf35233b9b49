"""How the browser tests look at a map and touch it."""

import io
from collections.abc import Callable

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

GROUND_LIGHT = 0.44  # of tile.js
WITHOUT_WEBGL = """
    const getContext = HTMLCanvasElement.prototype.getContext;
    HTMLCanvasElement.prototype.getContext = function (kind, ...more) {
        return kind === "webgl2" ? null : getContext.call(this, kind, ...more);
    };
"""
COUNT_UPLOADS = """
    window.uploads = 0;
    for (const name of ["bufferData", "texImage2D"]) {
        const upload = WebGL2RenderingContext.prototype[name];
        WebGL2RenderingContext.prototype[name] = function (...values) {
            window.uploads += 1;
            return upload.apply(this, values);
        };
    }
"""


# What draws is no part of these tests; the canvas is tried by the others, and by these with the slow ones.
mostly_webgl = pytest.mark.parametrize("renderer", ["webgl", pytest.param("canvas", marks=pytest.mark.slow)])


def open_map(page: Page, renderer: str = "webgl") -> None:
    expect(page.locator(".sprite-map")).to_have_attribute("data-renderer", renderer, timeout=30_000)
    expect(page.locator(".sprite-map")).to_have_attribute("data-pictures", "shown")
    page.locator(".stage").scroll_into_view_if_needed()


def status(page: Page, words: str) -> None:
    """Waits until the script has run with this outcome."""
    expect(page.get_by_text(words)).to_be_visible()


def place(page: Page, x: float, y: float) -> tuple[float, float]:
    """Where the point (x, y) of the whole map is on the page."""
    box = page.locator(".stage").first.bounding_box()
    width, height = box["width"] - 2, box["height"] - 2  # without the border
    margin = min(48, 0.08 * min(width, height))
    scale = min(width, height) / 2 - margin
    return box["x"] + 1 + width / 2 + scale * x, box["y"] + 1 + height / 2 - scale * y


def point_at(page: Page, left: float, top: float) -> None:
    page.mouse.move(left - 3, top)
    page.mouse.move(left, top)


def card(page: Page) -> Locator:
    return page.locator(".card.shown")


def zoom(page: Page) -> float:
    return float(page.locator(".sprite-map").get_attribute("data-zoom"))


def zoom_in(page: Page) -> None:
    point_at(page, *place(page, 0, 0))
    page.mouse.wheel(0, -500)
    expect(page.locator(".sprite-map")).to_have_attribute("data-zoom", "2.23")


def colour_at(page: Page, left: float, top: float) -> tuple[int, ...]:
    clip = {"x": left, "y": top, "width": 1, "height": 1}
    return Image.open(io.BytesIO(page.screenshot(clip=clip))).convert("RGB").getpixel((0, 0))


def picture_colour(colour: tuple[int, ...], light: int) -> pytest.approx:
    """A flat picture laid over the darkened class colour by "screen"."""
    expected = (255 - (255 - GROUND_LIGHT * part) * (255 - light) / 255 for part in colour)
    return pytest.approx(tuple(expected), abs=2)


def fingers(page: Page) -> Callable[..., None]:
    """touch("touchStart", (left, top), …) puts so many fingers there; "touchMove" and "touchEnd" as well."""
    session = page.context.new_cdp_session(page)

    def touch(kind: str, *places: tuple[float, float]) -> None:
        points = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(places)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    return touch


def drag(page: Page, start: tuple[float, float], *stops: tuple[float, float], button: str = "left") -> None:
    page.mouse.move(*start)
    page.mouse.down(button=button)
    for stop in stops:
        page.mouse.move(*stop, steps=4)
    page.mouse.up(button=button)


def map_root(page: Page) -> Locator:
    return page.locator(".sprite-map").first


def around(page: Page, x: float, y: float, size: float = 0.3) -> list[tuple[float, float]]:
    corners = [(-size, -size), (size, -size), (size, size), (-size, size), (-size, -size)]
    return [place(page, x + across, y + up) for across, up in corners]


def lasso(page: Page, *corners: tuple[float, float]) -> None:
    page.keyboard.down("Shift")
    drag(page, corners[0], *corners[1:])
    page.keyboard.up("Shift")


def toggle(page: Page, words: str, outcome: str) -> None:
    page.get_by_text(words, exact=True).click()
    status(page, outcome)
