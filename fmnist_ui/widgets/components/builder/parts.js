// Pieces of the page that the builder is made of.

const SVG = "http://www.w3.org/2000/svg";
// Lines in a square of 24.
const ICONS = {
  up: "M12 19V5M6 11l6-6 6 6",
  down: "M12 5v14M6 13l6 6 6-6",
  copy: "M9 9h11v11H9zM15 9V4H4v11h5",
  remove: "M6 6l12 12M18 6L6 18",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  undo: "M9 7L4 12l5 5M4 12h10a6 6 0 0 1 0 12",
  redo: "M15 7l5 5-5 5M20 12H10a6 6 0 0 0 0 12",
  save: "M12 4v11M7 10l5 5 5-5M5 20h14",
  open: "M12 15V4M7 9l5-5 5 5M5 20h14",
  link: "M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1",
  plus: "M12 5v14M5 12h14",
  warn: "M12 4L2.5 20h19zM12 10v4M12 17h.01",
};

export function element(tag, className = "", ...children) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  node.append(...children);
  return node;
}

export function drawn(tag, attributes, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

export function icon(name) {
  return drawn("svg", { viewBox: "0 0 24 24", class: "icon", "aria-hidden": "true" }, drawn("path", { d: ICONS[name] }));
}

// word: what it is called; shown: whether that is seen beside the icon, else it is said and is the tooltip.
export function iconButton(name, word, onClick, shown = false) {
  const button = element("button", `button ${shown ? "worded" : "bare"}`, icon(name));
  button.type = "button";
  if (shown) button.append(element("span", "", word));
  else setAttributes(button, { "aria-label": word, title: word });
  button.onclick = onClick;
  return button;
}

export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export function setAttributes(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null) node.removeAttribute(name);
    else if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value);
  }
}

export function capital(word) {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

// 225792 -> "226 k"
export function short(count) {
  const [size, unit] = count >= 999_500 ? [1e6, "M"] : count >= 10_000 ? [1e3, "k"] : [1, ""];
  if (!unit) return count.toLocaleString("en");
  const value = count / size;
  return `${value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)}\u202f${unit}`;
}

export function counted(count, word) {
  return `${count.toLocaleString("en")} ${word}${count === 1 ? "" : "s"}`;
}

// [28, 28, 32] -> "28 × 28 × 32", [128] -> "128 units"
export function shapeWords(shape) {
  return shape.length > 1 ? shape.join("\u2009×\u2009") : counted(shape[0], "unit");
}

// As a screen reader says it well.
export function shapeSaid(shape) {
  return shape.length > 1 ? shape.join(" x ") : counted(shape[0], "unit");
}
