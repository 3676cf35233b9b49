// What every page has, once: see translation.js and print.js.
import { fitPrint } from "./print.js";
import { standTranslation } from "./translation.js";

export default function frame() {
  if (window.fmnistFramed) return;
  window.fmnistFramed = true;
  standTranslation();
  fitPrint();
}
