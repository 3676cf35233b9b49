"""Components whose former run is cleaned up once a newer one has drawn them: as Streamlit does after a quick click.

Run: python -m pytest tests/browser/test_overtaken.py
"""

import numpy as np
import pytest
from playwright.sync_api import Browser

from fmnist_core import data
from fmnist_ui.evaluate import replay_panel
from fmnist_ui.javascript import one_module
from fmnist_ui.widgets import gallery, matrix
from fmnist_ui.widgets.gallery import Tile
from tests.tiny import shipped_run

pytestmark = pytest.mark.browser

# What stands in the component's place after each of four steps.
STEPS = """async ([source, data]) => {
    const module = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    const show = (await import(module)).default;
    const host = document.body.appendChild(document.createElement("div"));
    const parentElement = host.attachShadow({ mode: "open" });
    const told = () => new Promise((done) => setTimeout(() => done(parentElement.querySelectorAll("*").length), 50));
    const draw = () => show({ data, parentElement, setTriggerValue: () => {} });
    const first = draw(), drawn = [await told()];
    draw();
    first(); // late: the second run has drawn
    drawn.push(await told());
    parentElement.replaceChildren(); // as where Streamlit mounts it anew
    const third = draw();
    drawn.push(await told());
    host.remove();
    third();
    return [...drawn, await told()];
}"""


def drawn_by(name: str) -> tuple[str, dict]:
    """The source of a component, and something for it to draw."""
    if name == "replay":
        run = shipped_run("simple_nn")
        payload = replay_panel.replay_payload.__wrapped__(run, replay_panel._stamp(run))
        return one_module(replay_panel.SOURCES, replay_panel.MODULES), payload | {"epoch": payload["epochs"][-1]}
    if name == "matrix":
        return one_module(matrix._COMPONENTS, matrix._MODULES), matrix.matrix_payload(
            np.eye(3, dtype=int), ["a", "b", "c"]
        )
    tiles = [Tile(picture, "Shirt") for picture in data.load_split("test").images[:3]]
    source = (gallery._COMPONENTS / "gallery.js").read_text(encoding="utf-8")
    return source, gallery.gallery_payload(tiles, size=72, selected=None, label="Three", clickable=True)


@pytest.mark.some(2)
@pytest.mark.parametrize("name", ["gallery", "matrix", "replay"])
def test_what_a_newer_run_has_drawn_stays_when_the_former_is_cleaned_up(browser: Browser, name):
    page = browser.new_page()
    drawn, overtaken, anew, gone = page.evaluate(STEPS, list(drawn_by(name)))
    assert drawn > 3 and overtaken == anew == drawn and gone == 0
    page.close()
