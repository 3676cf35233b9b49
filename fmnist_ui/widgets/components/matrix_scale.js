// Under the matrix: what the colours of its cells mean, a bar from palest to strongest for each hue.

import { element, textElement } from "./matrix_parts.js";

const STOPS = [0, 0.25, 0.5, 0.75, 1];

// scales: of {kind, words, low, high}; palette: as matrix_colours.js reads it.
export function showScales(node, scales, palette) {
  node.replaceChildren(...scales.map((scale) => scaleOf(scale, palette)));
}

function scaleOf({ kind, words, low, high }, palette) {
  const node = element("span", "scale");
  const bar = element("span", "bar");
  bar.style.backgroundImage = `linear-gradient(to right, ${STOPS.map((level) => palette(kind, level)).join(", ")})`;
  bar.setAttribute("aria-hidden", "true");
  node.append(textElement(low), bar, textElement(high), textElement(words));
  return node;
}
