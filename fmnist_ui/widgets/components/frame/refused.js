// Says in words why an upload did not arrive. Streamlit shows what its request met, "AxiosError: Request failed with status
// code 413", and that only to a pointer that rests on the file.
const REPORT = /AxiosError: .*?(?:status code (\d+)|$)/;
const ALERT = "[data-testid=stFileChip] [role=alert]";
const TOOLTIPS = "[data-testid=stTooltipErrorContent], [role=tooltip]";
const ANYTHING_ELSE = "The file did not arrive. Check the connection, then remove the file here and send it again.";
const SENTENCES = {
  400: "The server no longer knows this page: it was started anew. Reload the page, then send the file again.",
  403: "The browser lets nothing be sent from inside another site. Open this app in a tab of its own, then send the file there.",
  413: "The file is larger than the way to this app lets through. Remove it here and send a smaller one: of a photo, 1,000 pixels are plenty.",
};

export function explainRefused() {
  new MutationObserver(look).observe(document.body, { childList: true, subtree: true, characterData: true });
}

function look() {
  for (const element of document.querySelectorAll(`${ALERT}, ${TOOLTIPS}`)) say(element);
  for (const uploader of document.querySelectorAll("[data-testid=stFileUploader]")) {
    const told = [...uploader.querySelectorAll(ALERT)].map((alert) => alert.textContent).join();
    const refused = [...Object.values(SENTENCES), ANYTHING_ELSE].find((sentence) => told.includes(sentence)) ?? "";
    if ((uploader.dataset.refused ?? "") !== refused) uploader.dataset.refused = refused; // frame.css shows it
  }
}

// Only the text is changed, which React leaves alone; elements of our own among its children it would stumble over.
function say(element) {
  const texts = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  for (let text = texts.nextNode(); text; text = texts.nextNode()) {
    const found = REPORT.exec(text.data);
    if (found) text.data = SENTENCES[found[1]] ?? ANYTHING_ELSE;
  }
}
