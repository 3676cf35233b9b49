// The pieces that the confusion matrix is built of.

export function cellOf(target) {
  return target.closest(".cell");
}

export function placeOf(cell) {
  return [Number(cell.dataset.row), Number(cell.dataset.column)];
}

export function focused(matrix) {
  return matrix.table.querySelector(".cell:focus");
}

export function heading(role, className) {
  const node = part("th", role, className);
  node.append(textElement(""));
  return node;
}

export function part(tag, role, className, text = "") {
  const node = element(tag, className);
  node.setAttribute("role", role);
  if (role === "columnheader") node.scope = "col";
  if (role === "rowheader") node.scope = "row";
  node.textContent = text;
  return node;
}

export function textElement(text) {
  const node = document.createElement("span");
  node.textContent = text;
  return node;
}

export function element(tag, className) {
  const node = document.createElement(tag);
  node.className = className;
  return node;
}

export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export function setAttribute(node, name, value) {
  if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}
