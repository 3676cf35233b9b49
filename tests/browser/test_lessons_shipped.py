"""Every lesson that ships, step by step before a class: nothing fails, all is read from the last row, on one screen.

Run: python -m pytest tests/browser/test_lessons_shipped.py
"""

import time

import pytest
from playwright.sync_api import Page, expect

from fmnist_core.lessons import library
from fmnist_core.lessons.lesson import Step
from tests.browser.serving import Server
from tests.browser.waiting import NEXT_FRAME, errors

pytestmark = pytest.mark.browser
BOARD = {"width": 1280, "height": 720}
REST_SECONDS = 3.0
SMALLEST = 28  # pixels: what is read from the last row
# Slow: the others, whose answers and pictures tests/core/lessons/test_shipped.py finds without a browser.
QUICK = ("pixels-and-classes", "why-it-fails-on-my-photo")
NAMES = [entry.name for entry in library.list_lessons() if entry.shipped]
# What is looked at of a step: texts that are too small, what lies below the first screen, pictures that did not come,
# and what says that something is wrong.
LOOK = """(smallest) => {
    const main = document.querySelector("[data-testid=stMain]");
    const seen = (element) => {
        const { width, height } = element.getBoundingClientRect(), style = getComputedStyle(element);
        return width > 1 && height > 1 && style.visibility !== "hidden" && style.opacity > 0;
    };
    const ours = (element) => !element.closest("script, style, [data-testid=stIconMaterial], .st-key-present-end");
    const size = (element) => {
        const drawn = element.getScreenCTM?.();  // of a chart, which may be scaled
        return parseFloat(getComputedStyle(element).fontSize) * (drawn ? Math.hypot(drawn.b, drawn.d) : 1);
    };
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), small = new Set();
    while (walker.nextNode()) {
        const said = walker.currentNode.data.trim(), holder = walker.currentNode.parentElement;
        if (!said || !seen(holder) || !ours(holder) || size(holder) > smallest - 0.01) continue;
        small.add(`${Math.round(size(holder))} px: ${said.slice(0, 40)}`);
    }
    const ways = document.querySelector(".st-key-lesson-ways");
    const needed = [...main.querySelectorAll("p, li, img, button, svg, canvas, h3, figure, .lesson-bar, .lesson-key")];
    const ends = needed.filter((one) => !ways.contains(one) && seen(one) && ours(one))
        .map((one) => one.getBoundingClientRect().bottom + main.scrollTop);
    return {
        small: [...small],
        tall: main.scrollHeight,
        last: Math.round(Math.max(...ends)),
        ways: Math.round(ways.getBoundingClientRect().top),
        wide: Math.max(document.documentElement.scrollWidth, main.scrollWidth),
        missing: [...document.images].filter((one) => !one.naturalWidth).map((one) => one.alt),
        wrong: [...main.querySelectorAll("[data-testid=stAlert]")].map((one) => one.textContent),
    };
}"""


def rest(page: Page, step: Step) -> None:
    """Waits until the step is there and the script has run."""
    expect(page.get_by_role("heading", name=step.title, exact=True)).to_be_visible()
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    expect(page.locator("[data-stale=true]")).to_have_count(0)
    page.evaluate("() => Promise.all([...document.images].map((one) => one.decode().catch(() => null)))")


def look(page: Page, where: str, owns: bool) -> list[str]:
    """What stays wrong with the step as it is shown, in words, once it has had time to come to rest.

    owns: it asks of a run of one's own, which is not there.
    """
    deadline = time.monotonic() + REST_SECONDS
    while (wrong := look_once(page, where, owns)) and time.monotonic() < deadline:
        page.evaluate(NEXT_FRAME)
    return wrong


def look_once(page: Page, where: str, owns: bool) -> list[str]:
    found = page.evaluate(LOOK, SMALLEST)
    wrong = [f"{where}: {text}" for text in [*found["small"], *(f"picture {one}" for one in found["missing"])]]
    wrong += [f"{where}: {text}" for text in found["wrong"] if not (owns and "of your own" in text)]
    if found["tall"] > BOARD["height"] or found["last"] > found["ways"]:
        wrong.append(
            f"{where}: {found['tall']} pixels high, its last line at {found['last']}, the ways at {found['ways']}"
        )
    if found["wide"] > BOARD["width"]:
        wrong.append(f"{where}: {found['wide']} pixels wide")
    return wrong


def asks_of_own(step: Step) -> bool:
    """Whether its answer, or its view, waits for a training of who asks."""
    said = list(step.question.answer.of.values()) if step.question else []
    return any("own" in one.split() for one in [*said, *(step.view.fields.values() if step.view else ())])


def go_through(page: Page, step: Step, where: str) -> list[str]:
    """Looks at a step before and after its answer."""
    rest(page, step)
    own = asks_of_own(step)
    wrong = look(page, f"{where} before", own)
    link = page.get_by_role("link", name="Look closer in the app")
    if step.question and not (own and page.locator(".st-key-skip").count() == 0):
        if link.count():
            wrong.append(f"{where}: its view is not covered")
        page.get_by_role("button", name="Show the answer").click()
        expect(page.get_by_text("It is", exact=True)).to_be_visible()
        rest(page, step)
        wrong += look(page, f"{where} after", own)
    if step.view and not own and link.count() != 1:
        wrong.append(f"{where}: no link to its view")
    expect(errors(page)).to_have_count(0)
    return wrong


@pytest.mark.long
@pytest.mark.parametrize(
    "name", [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in NAMES]
)
def test_each_step_is_whole_and_read_from_the_last_row(app: Server, page: Page, name: str):
    lesson = library.find(name)
    page.set_viewport_size(BOARD)
    page.goto(f"{app.url}/lessons?lesson={name}&present=yes")
    expect(page.get_by_test_id("stHeader")).to_be_hidden()
    wrong = []
    for number, step in enumerate(lesson.steps):
        if number:
            page.keyboard.press("PageDown")
        wrong += go_through(page, step, f"{number + 1} {step.title}")
    assert not wrong, "\n".join(wrong)
