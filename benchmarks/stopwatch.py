"""Times what a visitor waits for by the browser's own clock: from the click to the frame in which the answer is shown.

A test tool that asks again and again whether something is there yet adds its own pauses of up to 0.1 s, and the time
that it takes to aim. Here the page itself looks before each frame is painted.
"""

from playwright.sync_api import Page

PATIENCE = 60  # seconds
SCRIPT_ENDED = '() => !!document.querySelector("[data-testid=stApp][data-test-script-state=notRunning]")'

# Elements of shadow trees, which components draw in, are found as well.
_WATCH = """
([event, patience, argument]) => {
  const inside = (root, selector) => root ? [
    ...root.querySelectorAll(selector),
    ...[...root.querySelectorAll("*")].flatMap((node) => inside(node.shadowRoot, selector)),
  ] : [];
  const ready = READY;
  window.stopwatch = new Promise((resolve, reject) => {
    const start = (happened) => {
      const look = (now) => {
        const passed = (performance.now() - happened.timeStamp) / 1000;
        if (ready(argument, inside)) resolve(passed);
        else if (passed < patience) requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
    };
    window.addEventListener(event, start, { capture: true, once: true });
    setTimeout(() => reject(new Error(`no ${event}, or no answer to it, in ${patience} s`)), 1000 * patience);
  });
}
"""


def start(page: Page, event: str, ready: str, argument: object = None) -> None:
    """Sets the clock: it runs from the next `event` of the page ("click", "pointerup", "keydown").

    Args:
        ready: JavaScript, a function of the argument and of `inside`, which finds the elements of a selector below an
            element, shadow trees included. It is true once the answer stands there.
    """
    page.evaluate(_WATCH.replace("READY", f"({ready})"), [event, PATIENCE, argument])


def read(page: Page) -> float:
    """Seconds from the event to the frame in which it was ready; waits for it. Raises where it never is."""
    return page.evaluate("() => window.stopwatch")
