// The keys of a clicker in a lesson: Page Down or arrow right for the next step, Page Up or arrow left for the one
// before; Esc ends presenting, f fills the screen. Where something is typed, chosen or drawn, keys belong to that.
const NEXT = ["PageDown", "ArrowRight"], BACK = ["PageUp", "ArrowLeft"];
const TAKES_KEYS = "input, textarea, select, [contenteditable], [role='slider'], [role='radio'], [role='tab'], canvas, [role='grid']";

function press(key) {
  const button = document.querySelector(`.st-key-${key} button:not([disabled])`);
  button?.click();
  return Boolean(button);
}

export function listenForLessonKeys() {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const inside = event.composedPath()[0];
    if (inside instanceof Element && inside.closest(TAKES_KEYS) && !event.key.startsWith("Page")) return;
    let done = false;
    if (NEXT.includes(event.key)) done = press("lesson-next");
    else if (BACK.includes(event.key)) done = press("lesson-back");
    else if (event.key === "Escape" && !document.fullscreenElement) done = press("present-end");
    else if (event.key === "f" && document.querySelector(".st-key-present-end")) {
      done = true;
      if (document.fullscreenElement) document.exitFullscreen();
      else document.documentElement.requestFullscreen?.().catch(() => {});
    }
    if (done) event.preventDefault();
  });
}
