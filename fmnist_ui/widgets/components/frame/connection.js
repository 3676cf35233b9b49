// Asks for a run of the page when the connection is back. Streamlit does not by itself: what the page shows would be the
// former session's, with files that the server may no longer have, until the next click.
const STATE = "data-test-connection-state";
let ask = null; // the newest way to ask for a run

export function hearOfConnection(setTriggerValue) {
  ask = () => setTriggerValue("back", performance.now());
}

export function askForRun() {
  ask();
}

export function watchConnection() {
  let connected = true;
  new MutationObserver((records) => {
    const now = records.at(-1).target.getAttribute(STATE) === "CONNECTED";
    if (now && !connected) ask();
    connected = now;
  }).observe(document.body, { subtree: true, attributes: true, attributeFilter: [STATE] });
}
