// Elements of the page, and changing them only where something differs.

export function element(tag, className, ...children) {
  const node = document.createElement(tag);
  node.className = className;
  node.append(...children);
  return node;
}

export function shape(tag, className, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  node.setAttribute("class", className);
  node.append(...children);
  return node;
}

export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export function setAttributes(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value);
  }
}

export function setStyle(node, name, value) {
  if (node.style.getPropertyValue(name) !== value) node.style.setProperty(name, value);
}

// As many children as there are items: those that stand there are used again, the last ones go.
export function pool(parent, nodes, items, make, show) {
  while (nodes.length > items.length) nodes.pop().remove();
  while (nodes.length < items.length) {
    nodes.push(make());
    parent.append(nodes.at(-1));
  }
  items.forEach((item, place) => show(nodes[place], item, place));
}

// A short stroke in a series' colour and dash, for legend and card.
export function newSwatch() {
  const line = shape("line", "stroke");
  setAttributes(line, { x1: 1, x2: 21, y1: 5, y2: 5 });
  const node = shape("svg", "swatch", line);
  setAttributes(node, { viewBox: "0 0 22 10", "aria-hidden": "true" });
  return node;
}

export function showSwatch(node, colour, dash) {
  setStyle(node, "--colour", colour ?? "currentColor");
  setAttributes(node.firstChild, { "stroke-dasharray": dash || "none" });
}
