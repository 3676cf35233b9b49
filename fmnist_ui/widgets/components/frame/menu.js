// On a phone the list of pages is behind a button that Streamlit draws as two arrows and gives no name: frame.css writes
// "Menu" beside them, and who hears the page is told the same.

const BUTTON = "[data-testid=stExpandSidebarButton]";

export function nameMenu() {
  const name = () => document.querySelectorAll(BUTTON).forEach((button) => {
    if (button.getAttribute("aria-label") !== "Menu") button.setAttribute("aria-label", "Menu");
  });
  new MutationObserver(name).observe(document.body, { childList: true, subtree: true });
  name();
}
