// Streamlit runs the whole page anew at the key r, whatever has the focus, and at c asks whether to clear its caches where it
// takes itself for under development. A visitor who meant neither would wait, or be asked what only a developer knows.
// What listens within the page has heard the key when it comes here; Streamlit listens at the document.
const STREAMLITS = ["r", "c"];

export function keepKeys() {
  document.body.addEventListener("keydown", (event) => {
    const alone = !event.ctrlKey && !event.metaKey && !event.altKey;
    if (alone && STREAMLITS.includes(event.key?.toLowerCase())) event.stopPropagation();
  });
}
