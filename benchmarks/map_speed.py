"""How long the map takes to draw a frame in a real browser without a graphics chip, and how much it is sent.

    python -m benchmarks.map_speed [--frames N]

Needs a Chromium. The map is 1200x800; a frame is timed from the first drawing call until its pixels can be read,
the median of N. "moving" is the same with the part of the points that the map draws itself down to while it moves.
"""

import argparse
import statistics
import tempfile
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, sync_playwright

from fmnist_core.colours import CLASS_COLORS
from fmnist_core.data import CLASS_NAMES, load_split
from fmnist_core.machine import describe_machine
from fmnist_core.release.sprites import sprite_sheet
from fmnist_ui.widgets.map_data import Look, MapPoints, Sheet, drawn_rows, map_data
from fmnist_ui.widgets.map_html import map_html
from tests.browser.serving import CHROMIUM_OPTIONS, find_chromium

WIDTH, HEIGHT = 1200, 800
FRAMES_SENT = 12

# The map's own drawing, with all points as large as asked for. size: CSS pixels of a picture; 0: as the map has it.
TIME_FRAMES = """
async ([count, size, turn]) => {
    const map = window.map;
    const times = [];
    const pixel = new Uint8Array(4);
    const theme = map.theme;
    for (let frame = 0; frame < count; frame += 1) {
        if (turn) map.camera.turnBy(0.05, 0, true);
        await new Promise(requestAnimationFrame);
        const start = performance.now();
        if (size) {
            const sizes = { dot: size, thumbnail: size, spread: 1e-6 };
            const rest = { linked: null, pointed: null, selected: null, labelsShown: true, asText: false };
            map.screen.draw({ ...rest, camera: map.camera, lasso: map.lasso, shown: 1, sizes, theme }, 1);
        } else map.draw(start, window.moving);
        const { gl } = map.screen.renderer;
        gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, pixel);
        times.push(performance.now() - start);
    }
    return times;
}
"""
# Dragging as a visitor does: the map finds by itself how much it can draw.
LEARN_PACE = """
async () => {
    const map = window.map;
    for (let step = 0; step < 40; step += 1) {
        map.visitor.dragBy(step % 2 ? 6 : -6, 0);
        await new Promise(requestAnimationFrame);
    }
    return map.pace.share;
}
"""


def show(name: str, value: float, limit: float, unit: str) -> None:
    verdict = "ok" if value <= limit else "falls short"
    print(f"{name:<58}{value:8.1f} {unit}  (at most {limit:g}: {verdict})", flush=True)


def make_points(count: int, solid: bool) -> MapPoints:
    """Ten round clusters."""
    random = np.random.default_rng(0)
    label = random.integers(0, 10, count).astype(np.uint8)
    middles = random.uniform(-1, 1, (10, 3))
    places = (middles[label] + random.normal(0, 0.15, (count, 3))).astype(np.float32)
    confidence = random.integers(0, 256, count).astype(np.uint8)
    z = places[:, 2] if solid else None
    return MapPoints(places[:, 0], places[:, 1], np.arange(count), label, label, label, confidence, z)


def open_map(page: Page, folder: Path, points: MapPoints, sheet: bytes | None) -> None:
    look = Look(CLASS_COLORS, CLASS_NAMES, CLASS_NAMES)
    text = map_html(points, look, sheet=sheet, sheet_count=0 if sheet is None else 10_000)
    exposed = text.replace("maps.set(parentElement, map);", "maps.set(parentElement, map); window.map = map;")
    if exposed == text:
        raise RuntimeError("The map's index.js has changed: this benchmark no longer finds the map in it.")
    (folder / "map.html").write_text(exposed, encoding="utf-8")
    page.goto((folder / "map.html").as_uri())
    page.add_style_tag(content=f".stage {{ flex: none !important; width: {WIDTH}px; height: {HEIGHT}px; }}")
    page.wait_for_selector(f".sprite-map[data-renderer=webgl]{'[data-pictures]' if sheet else '[data-zoom]'}")
    page.wait_for_timeout(1_500)


def median_frame(page: Page, frames: int, size: float = 0, turn: bool = False, moving: bool = False) -> float:
    page.evaluate("(moving) => { window.moving = moving; }", moving)
    page.evaluate(TIME_FRAMES, [3, size, turn])
    return statistics.median(page.evaluate(TIME_FRAMES, [frames, size, turn]))


def measure_drawing(page: Page, folder: Path, frames: int) -> None:
    sheet = sprite_sheet(load_split("test").images)
    open_map(page, folder, make_points(10_000, solid=False), sheet)
    show("10,000 pictures of 14 px", median_frame(page, frames, size=14), 80, "ms")
    show("10,000 points as the map shows them", median_frame(page, frames), 80, "ms")
    share = page.evaluate(LEARN_PACE)
    show(f"10,000 points, moving ({share:.0%} of them)", median_frame(page, frames, moving=True), 40, "ms")
    open_map(page, folder, make_points(10_000, solid=True), sheet)
    show("10,000 points in space, turning", median_frame(page, frames, turn=True), 80, "ms")
    open_map(page, folder, make_points(70_000, solid=False), None)
    show("70,000 dots", median_frame(page, frames), 130, "ms")
    share = page.evaluate(LEARN_PACE)
    show(f"70,000 dots, moving ({share:.0%} of them)", median_frame(page, frames, moving=True), 40, "ms")
    open_map(page, folder, make_points(70_000, solid=True), None)
    show("70,000 dots in space, turning", median_frame(page, frames, turn=True), 130, "ms")


def sent_megabytes(count: int, solid: bool, frames: int) -> float:
    points = make_points(count, solid)
    animation = np.repeat(points.places[None], frames, axis=0) if frames else None
    look = Look(CLASS_COLORS, CLASS_NAMES, CLASS_NAMES, frames=animation)
    sent = map_data(points, look, drawn_rows(points, look), Sheet("sheet.png", 10_000))
    return sum(int(sent[name].memory_usage(index=False).sum()) for name in ("points", "highlighted", "frames")) / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--frames", type=int, default=15)
    frames = parser.parse_args().frames
    print(describe_machine())
    show("10,000 points in 2D, sent", sent_megabytes(10_000, False, 0), 1, "MB")
    show(f"10,000 points in 2D, {FRAMES_SENT} frames, sent", sent_megabytes(10_000, False, FRAMES_SENT), 1, "MB")
    show(f"10,000 points in 3D, {FRAMES_SENT} frames, sent", sent_megabytes(10_000, True, FRAMES_SENT), 1, "MB")
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(CHROMIUM_OPTIONS))
        page = browser.new_page(viewport={"width": WIDTH + 40, "height": HEIGHT + 160})
        measure_drawing(page, Path(folder), frames)
        browser.close()


if __name__ == "__main__":
    main()
