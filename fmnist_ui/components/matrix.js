// The confusion matrix. Streamlit calls the default export again whenever the data or the theme changes, so it
// only changes what differs from what stands there. Which cell is selected is decided in Python.

const SPOKEN = { none: "0", blank: "not shown" }; // cells whose text says nothing to who cannot see them

const FIT_A_PHONE = 10; // classes; more of them scroll sideways there

const matrices = new WeakMap(); // shadow root -> the matrix that stands in it

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  if (!matrices.has(parentElement)) matrices.set(parentElement, newMatrix(parentElement));
  const matrix = matrices.get(parentElement);
  matrix.pick = (cell) => setTriggerValue("picked", cell);
  matrix.data = data;
  if (matrix.cells.length !== data.rows.length) build(matrix);
  show(matrix);
  return () => {
    matrix.root.remove();
    matrices.delete(parentElement);
  };
}

function newMatrix(parentElement) {
  const root = element("section", "matrix");
  const table = element("table", "table");
  const readout = element("p", "readout");
  const summary = element("p", "summary");
  readout.setAttribute("aria-live", "polite");
  summary.id = "summary";
  table.setAttribute("role", "grid");
  table.setAttribute("aria-describedby", "summary");
  const frame = element("div", "frame");
  frame.append(table);
  root.append(frame, readout, summary);
  parentElement.append(root);
  // rows, columns: the head cells; cells: rows of gridcells; current: the cell that the Tab key reaches;
  // pointed: the cell under the pointer or with the focus, null if there is none.
  const matrix = { root, table, readout, summary, rows: [], columns: [], cells: [], totals: [], recalls: [] };
  Object.assign(matrix, { current: null, pointed: null, data: null, pick: null });
  table.onclick = (event) => choose(matrix, cellOf(event.target));
  table.onkeydown = (event) => onKey(matrix, event);
  table.onpointerover = (event) => point(matrix, cellOf(event.target));
  table.onpointerleave = () => point(matrix, focused(matrix));
  table.addEventListener("focusin", (event) => onFocus(matrix, cellOf(event.target)));
  table.addEventListener("focusout", () => point(matrix, null));
  return matrix;
}

function build(matrix) {
  const { table, data } = matrix;
  const places = data.rows.map((_, place) => place);
  table.replaceChildren();
  table.style.setProperty("--classes", data.rows.length);
  setAttribute(table, "data-many", String(data.rows.length > FIT_A_PHONE));
  const head = part("tr", "row", "");
  const corner = part("th", "columnheader", "corner");
  corner.append(textElement("was called\u00a0→"), textElement("is\u00a0↓"));
  matrix.columns = places.map(() => heading("columnheader", "column"));
  const all = part("th", "columnheader", "margin total", "All");
  const recall = part("th", "columnheader", "margin recall", "Recall\u2009%");
  head.append(corner, ...matrix.columns, all, recall);
  const rows = places.map((row) => buildRow(matrix, row, places));
  Object.assign(matrix, {
    rows: rows.map((row) => row.name),
    cells: rows.map((row) => row.cells),
    totals: rows.map((row) => row.total),
    recalls: rows.map((row) => row.recall),
    current: null,
    pointed: null,
  });
  const thead = part("thead", "rowgroup", "");
  const tbody = part("tbody", "rowgroup", "");
  thead.append(head);
  tbody.append(...rows.map((row) => row.node));
  table.append(thead, tbody);
}

function buildRow(matrix, row, places) {
  const node = part("tr", "row", "");
  const name = heading("rowheader", "name");
  const cells = places.map((column) => {
    const cell = part("td", "gridcell", "cell");
    cell.tabIndex = -1;
    cell.dataset.row = row;
    cell.dataset.column = column;
    return cell;
  });
  const total = part("td", "gridcell", "margin total");
  const recall = part("td", "gridcell", "margin recall");
  node.append(name, ...cells, total, recall);
  return { node, name, cells, total, recall };
}

function show(matrix) {
  matrix.root.dataset.show = matrix.data.show;
  const { data, table } = matrix;
  const longest = Math.max(...data.rows.map((row) => row.name.length));
  table.style.setProperty("--longest", longest);
  setAttribute(table, "aria-label", data.label);
  setText(matrix.summary, data.summary);
  const palette = readPalette(matrix.root);
  data.rows.forEach((row, place) => {
    for (const head of [matrix.rows[place], matrix.columns[place]]) {
      setText(head.firstChild, row.name);
      setAttribute(head, "title", row.name);
    }
    setText(matrix.totals[place], row.total);
    setText(matrix.recalls[place], row.recall);
    row.cells.forEach((cell, column) => showCell(matrix.cells[place][column], cell, palette));
  });
  showSelection(matrix);
  tell(matrix);
}

function showCell(node, { text, kind, level }, palette) {
  setText(node, text);
  setAttribute(node, "data-kind", kind);
  if (kind in SPOKEN) setAttribute(node, "aria-label", SPOKEN[kind]);
  else node.removeAttribute("aria-label");
  const color = palette(kind, level);
  if (node.style.backgroundColor !== color) node.style.backgroundColor = color;
}

function showSelection(matrix) {
  const { cells, data } = matrix;
  const selected = data.selected && cells[data.selected[0]][data.selected[1]];
  for (const cell of cells.flat()) setAttribute(cell, "aria-selected", String(cell === selected));
  if (!matrix.current) setCurrent(matrix, selected || cells[0][0]);
  else if (selected && !focused(matrix)) setCurrent(matrix, selected);
}

function onFocus(matrix, cell) {
  if (!cell) return;
  setCurrent(matrix, cell);
  point(matrix, cell);
}

function onKey(matrix, event) {
  const cell = cellOf(event.target);
  if (!cell || event.ctrlKey || event.metaKey || event.altKey) return;
  const last = matrix.cells.length - 1;
  const [row, column] = placeOf(cell);
  const moves = {
    ArrowLeft: [row, column - 1],
    ArrowRight: [row, column + 1],
    ArrowUp: [row - 1, column],
    ArrowDown: [row + 1, column],
    Home: [row, 0],
    End: [row, last],
  };
  if (event.key === "Enter" || event.key === " ") choose(matrix, cell);
  else if (event.key in moves) matrix.cells[moves[event.key][0]]?.[moves[event.key][1]]?.focus();
  else return;
  event.preventDefault();
}

function choose(matrix, cell) {
  if (!cell) return;
  setCurrent(matrix, cell);
  matrix.pick(placeOf(cell));
}

function setCurrent(matrix, cell) {
  if (matrix.current) matrix.current.tabIndex = -1;
  matrix.current = cell;
  cell.tabIndex = 0;
}

function point(matrix, cell) {
  if (matrix.pointed === cell) return;
  matrix.pointed = cell;
  tell(matrix);
}

// The line under the matrix: the cell that is pointed at, else the selected one, else what one can do here.
function tell(matrix) {
  const { data, pointed, readout } = matrix;
  const place = pointed ? placeOf(pointed) : data.selected;
  setText(readout, place ? data.rows[place[0]].cells[place[1]].sentence : data.hint);
  setAttribute(readout, "data-idle", String(!place));
  matrix.rows.forEach((head, row) => head.classList.toggle("lit", Boolean(place) && row === place[0]));
  matrix.columns.forEach((head, column) => head.classList.toggle("lit", Boolean(place) && column === place[1]));
}

// --- colours ---

// Reads the theme as numbers: the cells may only be as strong as the theme's text stays readable on them.
function readPalette(root) {
  const probe = element("span", "");
  root.append(probe);
  const read = (name) => {
    probe.style.color = `var(--st-${name})`;
    return getComputedStyle(probe).color.match(/[\d.]+/g).slice(0, 3).map(Number);
  };
  const [page, text, field] = ["background-color", "text-color", "secondary-background-color"].map(read);
  const hues = { right: read("primary-color"), wrong: read("red-color") };
  probe.remove();
  if (luminance(page) < luminance(text)) for (const kind in hues) hues[kind] = deepen(hues[kind]);
  const strongest = {
    right: strongestShare(page, hues.right, text),
    wrong: strongestShare(page, hues.wrong, text),
  };
  const shades = { none: () => css(field), blank: () => "transparent" };
  for (const kind in hues) shades[kind] = (level) => css(mix(page, hues[kind], level * strongest[kind]));
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

// --- parts ---

function cellOf(target) {
  return target.closest(".cell");
}

function placeOf(cell) {
  return [Number(cell.dataset.row), Number(cell.dataset.column)];
}

function focused(matrix) {
  return matrix.table.querySelector(".cell:focus");
}

function heading(role, className) {
  const node = part("th", role, className);
  node.append(textElement(""));
  return node;
}

function part(tag, role, className, text = "") {
  const node = element(tag, className);
  node.setAttribute("role", role);
  if (role === "columnheader") node.scope = "col";
  if (role === "rowheader") node.scope = "row";
  node.textContent = text;
  return node;
}

function textElement(text) {
  const node = document.createElement("span");
  node.textContent = text;
  return node;
}

function element(tag, className) {
  const node = document.createElement(tag);
  node.className = className;
  return node;
}

function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function setAttribute(node, name, value) {
  if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}
