"""The whole loop in a real browser: train, watch, click a mistake, see it on the map, draw and upload a picture."""

import json
import os
import re
import time
from pathlib import Path

import psutil
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from fmnist_core import data
from fmnist_core.metrics import evaluation
from fmnist_core.runs import predictions
from fmnist_core.runs.runs import Run
from fmnist_ui.predict import invitation
from tests.browser.waiting import errors, settle, until
from tests.tiny import shipped_run

pytestmark = pytest.mark.browser

SECONDS = 1_000  # milliseconds
DETECTING = shipped_run("cnn_2").id
ON_A_PAGE = 60  # pictures that Evaluate shows at once
WATCH_FOR_A_SIDEBAR = """
  window.sidebarSeen = false;
  const look = () => { window.sidebarSeen ||= document.querySelector("[data-testid=stSidebarNav]") !== null; };
  new MutationObserver(look).observe(document, {childList: true, subtree: true});
"""


def parameter(page: Page, name: str) -> str:
    found = re.search(rf"[?&]{name}=([^&]+)", page.url)
    assert found, f"no {name} in {page.url}"
    return found.group(1)


def status_of(runs: Path, run_id: str) -> dict:
    return json.loads((runs / run_id / "status.json").read_text())


def wait_for_state(runs: Path, run_id: str, state: str, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while status_of(runs, run_id)["state"] != state:
        assert time.monotonic() < deadline, status_of(runs, run_id)
        time.sleep(0.3)


def test_the_app_answers_this_machine_alone(app):
    listening = [one for one in psutil.net_connections("tcp") if one.status == psutil.CONN_LISTEN]
    port = int(app.url.rpartition(":")[2])
    addresses = {one.laddr.ip for one in listening if one.laddr.port == port}
    assert addresses and addresses <= {"127.0.0.1", "::1"}


@pytest.mark.long
def test_a_whole_number_that_is_typed_is_taken(app, page):
    """A browser sends it as another kind than Streamlit registers."""
    page.goto(f"{app.url}/train?model=simple_nn")
    page.get_by_text("My own", exact=True).click()
    field = page.locator(".st-key-epochs-0 input")
    for epochs, words in (("7", "7 epochs · "), ("0", "epochs of a stage cannot be 0")):
        field.fill(epochs)
        field.press("Enter")
        expect(page.get_by_text(words)).to_be_visible(timeout=30 * SECONDS)


@pytest.fixture(scope="module")
def own_run(app, browser) -> str:
    """A run of few pictures, trained through the page as a visitor does it; its curves were seen to grow."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(f"{app.url}/train?model=simple_nn")
    settle(page)
    page.get_by_text("My own", exact=True).click()
    for label, value in (("Training pictures", "3000"), ("Epochs", "5")):
        field = page.get_by_role("spinbutton", name=label)
        field.fill(value)
        field.press("Enter")
        settle(page)
    page.get_by_role("button", name="Start training").click()
    page.wait_for_url(re.compile("run=simple_nn"), timeout=15 * SECONDS)
    run_id = parameter(page, "run")
    expect(page.locator(".curve-chart .curve .batches").first).to_be_attached(timeout=60 * SECONDS)
    expect(page.get_by_text("The same 24 validation pictures after epoch")).to_be_visible(timeout=90 * SECONDS)
    wait_for_state(app.runs, run_id, "done", 120)
    expect(page.get_by_test_id("stPageLink").filter(has_text="Evaluate")).to_be_visible(timeout=30 * SECONDS)
    expect(errors(page)).to_have_count(0)
    page.context.close()
    return run_id


@pytest.mark.long
def test_a_run_is_trained_and_can_be_evaluated(app, own_run):
    result = json.loads((app.runs / own_run / "result.json").read_text())
    assert result["epochs"] == 5
    assert result["test_accuracy"] > 0.5


@pytest.mark.long
def test_a_reload_and_a_second_window_show_the_same_run(app, own_run, page):
    for _ in range(2):
        page.goto(f"{app.url}/train?run={own_run}")
        settle(page)
        expect(page.get_by_role("heading", name="Simple NN")).to_be_visible()
        expect(page.get_by_text("after epoch 5")).to_be_visible()


@pytest.mark.long
def test_a_click_on_a_cell_shows_exactly_its_pictures(app, own_run, page):
    stored = predictions.load(Run(app.runs / own_run), "test")
    matrix = evaluation.confusion_matrix(stored.labels, stored.predicted, 10)
    cells = [cell for cell in evaluation.most_confused(matrix, 90) if cell[2] <= ON_A_PAGE]
    page.goto(f"{app.url}/evaluate?run={own_run}")
    settle(page)
    for true, predicted, count in cells[:4]:
        page.locator(f".st-key-matrix [data-row='{true}'][data-column='{predicted}']").click()
        heading = f"{count} × {data.CLASS_NAMES[true]} called {data.CLASS_NAMES[predicted]}"
        expect(page.get_by_role("heading", name=heading)).to_be_visible()
        expect(page.locator(".st-key-cell").get_by_role("button")).to_have_count(count)
    page.locator(".st-key-cell").get_by_role("button").first.click()
    expect(page.get_by_text("(its label)")).to_be_visible()
    assert parameter(page, "picture").startswith("test")


@pytest.mark.long
def test_the_map_shows_the_picture_that_was_chosen(app, own_run, page):
    page.goto(f"{app.url}/map?run={own_run}&picture=test/0")
    settle(page)
    expect(page.locator(".st-key-map canvas").first).to_be_visible()
    expect(page.get_by_text("test picture 0")).to_be_visible()
    expect(page.get_by_text("Ankle boot").first).to_be_visible()


def draw_trousers(page: Page) -> None:
    canvas = page.locator(".st-key-canvas canvas").last
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    corners = [(0.35, 0.1), (0.65, 0.1), (0.7, 0.9), (0.55, 0.9), (0.5, 0.4), (0.45, 0.9), (0.3, 0.9), (0.35, 0.1)]
    points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in corners]
    page.mouse.move(*points[0])
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*point, steps=4)
    page.mouse.up()


def inked(page: Page) -> int:
    """How many pixels of the canvas are white."""
    return page.locator(".st-key-canvas canvas").evaluate(
        """canvas => {
          const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
          let count = 0;
          for (let place = 0; place < data.length; place += 4) count += data[place] > 200 && data[place + 3] > 200;
          return count;
        }"""
    )


@pytest.mark.long
def test_a_drawing_is_still_there_when_the_visitor_comes_back(app, page):
    verdict = page.get_by_role("heading", name="Trouser")
    page.goto(f"{app.url}/predict")
    settle(page)
    draw_trousers(page)
    expect(verdict).to_be_visible()
    before = inked(page)
    assert before > 1_000
    for away, back in ((("radio", "Photos"), ("radio", "Draw")), (("link", "Data"), ("link", "Predict"))):
        page.get_by_role(away[0], name=away[1]).first.click()
        expect(verdict).to_have_count(0)
        settle(page)
        page.get_by_role(back[0], name=back[1]).first.click()
        expect(verdict).to_be_visible()
        until(page, lambda: inked(page) == pytest.approx(before, rel=0.02), "the drawing is whole again")
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_text(invitation.TITLE)).to_be_visible()
    assert inked(page) == 0
    page.get_by_role("button", name="Undo").click()
    expect(verdict).to_be_visible()
    assert inked(page) == pytest.approx(before, rel=0.02)


@pytest.mark.long
def test_photos_are_classified_and_a_bad_one_does_not_stop_the_others(app, page, tmp_path):
    boot = data.load_split("test").images[0]
    photo = Image.fromarray(255 - boot).resize((280, 280)).convert("RGB")
    photo.save(tmp_path / "boot.jpg")
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nand no more")
    (tmp_path / "text.png").write_text("I am a text")
    page.goto(f"{app.url}/predict?way=upload&run={DETECTING}")
    settle(page)
    files = [tmp_path / name for name in ("broken.png", "boot.jpg", "text.png")]
    page.locator("input[type=file]").set_input_files(files)
    expect(page.get_by_role("heading", name="Ankle boot")).to_be_visible(timeout=20 * SECONDS)
    expect(page.get_by_test_id("stAlert")).to_have_count(2)
    expect(errors(page)).to_have_count(0)


@pytest.mark.long
def test_a_link_opens_its_view_on_a_fresh_server(server, page):
    """Streamlit runs a page alone, without app.py, when it is the first thing that a new server is asked for.

    Its own list of pages, in a sidebar, must not be seen until the app's frame has come, not even for a moment.
    """
    page.add_init_script(WATCH_FOR_A_SIDEBAR)
    app = server("app.py")
    page.goto(f"{app.url}/evaluate?cells=6-0")
    settle(page)
    expect(page.get_by_role("heading", name="Evaluate", exact=True)).to_be_visible()
    expect(page.get_by_text("Shirt called T-shirt/top").first).to_be_visible(timeout=20 * SECONDS)
    expect(page.get_by_role("link", name="Predict")).to_be_visible()
    assert parameter(page, "cells") == "6-0"
    assert page.evaluate("window.sidebarSeen") is False


@pytest.mark.slow  # quick: test_a_job_has_a_session_of_its_own_and_leaves_no_zombie
def test_a_training_outlives_its_server(server, page):
    first = server("app.py")
    page.goto(f"{first.url}/train?model=simple_nn")
    settle(page)
    page.get_by_test_id("stButtonGroup").get_by_text("As published", exact=True).click()  # many short epochs
    settle(page)
    page.get_by_role("button", name="Start training").click()
    page.wait_for_url(re.compile("run=simple_nn"))
    run_id = parameter(page, "run")
    wait_for_state(first.runs, run_id, "running", 60)
    first.stop()
    second = server("app.py", FMNIST_RUNS=str(first.runs))
    page.goto(f"{second.url}/train?run={run_id}")
    settle(page)
    expect(page.get_by_text(re.compile(r"after epoch \d"))).to_be_visible(timeout=120 * SECONDS)
    page.get_by_role("button", name="Stop, keep what it learned").click()
    wait_for_state(first.runs, run_id, "cancelled", 60)
    expect(page.get_by_role("button", name="Resume")).to_be_visible(timeout=30 * SECONDS)
    os.stat(first.runs / run_id / "model.onnx")


@pytest.mark.long
def test_the_last_stroke_is_kept_however_soon_one_leaves(app, page):
    page.goto(f"{app.url}/predict")
    settle(page)
    draw_trousers(page)
    page.get_by_role("radio", name="Photos").first.click()
    expect(page.locator("input[type=file]")).to_be_attached()
    settle(page)
    page.get_by_role("radio", name="Draw").first.click()
    expect(page.get_by_role("heading", name="Trouser")).to_be_visible()
