// What charts and tables measured is the screen; paper is narrower and waits for no new measure. So a page is printed
// as it was laid out, only smaller.

const PAPER = 700; // CSS pixels between the margins of a sheet of A4 or Letter

export function fitPrint() {
  window.addEventListener("beforeprint", () => {
    const page = document.querySelector("[data-testid=stMainBlockContainer]");
    if (!page) return;
    const { style } = document.documentElement;
    const width = Math.ceil(page.getBoundingClientRect().width);
    style.setProperty("--printed-width", `${width}px`);
    style.setProperty("--printed-zoom", String(Math.min(1, PAPER / width)));
  });
}
