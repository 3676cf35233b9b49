// Takes the toolbar off a canvas of streamlit-drawable-canvas: half of its tools mean nothing here, and they lie over
// the page's words. What can be taken back are buttons of the page, below. The library has no argument for it.

const WAIT = 10_000; // milliseconds until the library has drawn its canvas
const BARE = new CSSStyleSheet();
BARE.replaceSync(".dc-toolbar { display: none !important; }");

export default function bare({ data }) {
  const until = performance.now() + WAIT;
  let again = requestAnimationFrame(strip);
  function strip(now) {
    const root = rootOf(document.querySelector(`.st-key-${CSS.escape(data.canvas)}`));
    if (!root) again = now < until ? requestAnimationFrame(strip) : 0;
    else if (!root.adoptedStyleSheets.includes(BARE)) root.adoptedStyleSheets.push(BARE);
  }
  return () => cancelAnimationFrame(again);
}

// The shadow root that holds the canvas within an element.
function rootOf(element) {
  for (const inner of element?.querySelectorAll("*") ?? []) {
    if (inner.shadowRoot?.querySelector(".dc-toolbar")) return inner.shadowRoot;
  }
  return null;
}
