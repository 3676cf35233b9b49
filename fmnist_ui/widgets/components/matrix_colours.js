// The colours of a confusion matrix: as strong as the text on them stays readable, in any theme.

import { element } from "./matrix_parts.js";

// Reads the theme as numbers: the cells may only be as strong as the theme's text stays readable on them.
export function readPalette(root, hues) {
  const probe = element("span", "");
  root.append(probe);
  const read = (name) => {
    probe.style.color = `var(--st-${name})`;
    return getComputedStyle(probe).color.match(/[\d.]+/g).slice(0, 3).map(Number);
  };
  const [page, text, field] = ["background-color", "text-color", "secondary-background-color"].map(read);
  const shade = { right: read("primary-color"), wrong: read(hues === "one" ? "primary-color" : "red-color") };
  probe.remove();
  if (luminance(page) < luminance(text)) for (const kind in shade) shade[kind] = deepen(shade[kind]);
  const strongest = {
    right: strongestShare(page, shade.right, text),
    wrong: strongestShare(page, shade.wrong, text),
  };
  const shades = { none: () => css(field), blank: () => "transparent", margin: () => "transparent" };
  for (const kind in shade) shades[kind] = (level) => css(mix(page, shade[kind], level * strongest[kind]));
  return (kind, level) => shades[kind](level);
}

// More saturated, as bright as before: the light hues of a dark theme turn muddy when they are mixed with a dark
// page, an orange becomes brown.
function deepen(color) {
  return color.map((value) => value ** 2 / Math.max(...color));
}

// How much of the hue the page's colour can take before text on it falls under the contrast of 4.5 to 1
// (WCAG 2.2, 1.4.3), in hundredths.
function strongestShare(page, hue, text) {
  let share = 100;
  while (share > 0 && contrast(mix(page, hue, share / 100), text) < 4.5) share -= 1;
  return share / 100;
}

function contrast(first, second) {
  const [dark, light] = [luminance(first), luminance(second)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(color) {
  const [red, green, blue] = color.map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function mix(from, to, share) {
  return from.map((value, channel) => Math.round(value + (to[channel] - value) * share));
}

function css(color) {
  return `rgb(${color.join(", ")})`;
}
