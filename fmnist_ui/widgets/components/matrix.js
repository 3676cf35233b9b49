// The confusion matrix. Streamlit calls the default export again whenever the data or the theme changes, so it
// only changes what differs from what stands there. Which cells are selected is decided in Python.

import { readPalette } from "./matrix_colours.js";
import { cellOf, element, focused, heading, part, placeOf, setAttribute, setText, textElement } from "./matrix_parts.js";
import { showScales } from "./matrix_scale.js";

const SPOKEN = { none: "0", blank: "not shown" }; // cells whose text says nothing to who cannot see them

const FIT_A_PHONE = 10; // classes; more of them scroll sideways there

const MARGINS = ["Missed", "All"]; // a column each, right of the classes
const MARGINS_BELOW = ["Wrongly", "All called so"]; // a row each

const matrices = new WeakMap(); // shadow root -> the matrix that stands in it

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  let matrix = matrices.get(parentElement);
  if (!matrix || !parentElement.contains(matrix.root)) {
    matrix = newMatrix(parentElement);
    matrices.set(parentElement, matrix);
  }
  matrix.pick = (value) => setTriggerValue("picked", value);
  matrix.data = data;
  const shape = `${data.rows.length} ${Boolean(data.margins)}`;
  if (matrix.shape !== shape) build(matrix);
  matrix.shape = shape;
  show(matrix);
  return () => {
    // Streamlit also cleans up after a run that a newer one has overtaken; the matrix is then still on the page.
    setTimeout(() => {
      if (parentElement.isConnected || !matrices.delete(parentElement)) return;
      matrix.root.remove();
    });
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
  const scales = element("p", "scales");
  root.append(frame, scales, readout, summary);
  parentElement.append(root);
  // rows, columns: the head cells; cells: rows of gridcells, the margins among them; current: the cell that the Tab
  // key reaches; pointed: the cell under the pointer or with the focus, null if there is none; anchor: the cell that
  // was chosen last, from which Shift reaches.
  const matrix = { root, table, scales, readout, summary, rows: [], columns: [], cells: [], totals: [], recalls: [] };
  Object.assign(matrix, { precisions: [], current: null, pointed: null, anchor: null, data: null, pick: null });
  table.onclick = (event) => choose(matrix, cellOf(event.target), event);
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
  const beside = data.margins ? MARGINS : [];
  table.replaceChildren();
  table.style.setProperty("--classes", places.length);
  setAttribute(table, "data-many", String(places.length > FIT_A_PHONE));
  setAttribute(table, "data-margins", String(Boolean(data.margins)));
  setAttribute(table, "aria-multiselectable", String(Boolean(data.margins)));
  const head = part("tr", "row", "");
  const corner = part("th", "columnheader", "corner");
  corner.append(textElement("was called\u00a0→"), textElement("is\u00a0↓"));
  matrix.columns = places.map(() => heading("columnheader", "column"));
  const sums = (beside.length ? beside : ["All"]).map((word) => part("th", "columnheader", marginClass(word), word));
  head.append(corner, ...matrix.columns, ...sums, part("th", "columnheader", "margin recall", "Recall\u2009%"));
  const rows = places.map((row) => buildRow(matrix, row, places.length));
  const below = beside.map((_, extra) => buildBelow(places.length + extra, places.length));
  Object.assign(matrix, {
    rows: rows.map((row) => row.name),
    cells: [...rows, ...below].map((row) => row.cells),
    totals: rows.map((row) => row.total),
    recalls: rows.map((row) => row.recall),
    precisions: [],
    current: null,
    pointed: null,
    anchor: null,
  });
  const thead = part("thead", "rowgroup", "");
  const tbody = part("tbody", "rowgroup", "");
  thead.append(head);
  tbody.append(...rows.map((row) => row.node), ...below.map((row) => row.node));
  if (data.margins) tbody.append(buildPrecision(matrix, places));
  table.append(thead, tbody);
}

function buildRow(matrix, row, classes) {
  const node = part("tr", "row", "");
  const name = heading("rowheader", "name");
  const cells = Array.from({ length: classes }, (_, column) => gridcell(row, column, "cell"));
  const recall = part("td", "gridcell", "margin recall");
  const total = part("td", "gridcell", "margin total");
  if (matrix.data.margins) {
    cells.push(...MARGINS.map((word, extra) => gridcell(row, classes + extra, `cell sum ${marginClass(word)}`)));
    node.append(name, ...cells, recall);
  } else node.append(name, ...cells, total, recall);
  return { node, name, cells, total, recall };
}

function buildBelow(row, classes) {
  const word = MARGINS[row - classes];
  const size = word === "All" ? "total" : "";
  const node = part("tr", "row", "");
  const name = part("th", "rowheader", `name below ${size}`, MARGINS_BELOW[row - classes]);
  const cells = Array.from({ length: classes }, (_, column) => gridcell(row, column, `cell sum ${size}`));
  // Where the margins cross only two cells say something: all off the diagonal, and all.
  const crossing = (other, extra) =>
    other === word ? gridcell(row, classes + extra, `cell sum ${marginClass(other)}`) : null;
  cells.push(...MARGINS.map(crossing));
  const empty = (column) => part("td", "gridcell", `${marginClass(MARGINS[column - classes])} ${size}`);
  const nodes = cells.map((cell, column) => cell ?? empty(column));
  node.append(name, ...nodes, part("td", "gridcell", `margin recall ${size}`));
  return { node, cells };
}

function buildPrecision(matrix, places) {
  const node = part("tr", "row", "");
  matrix.precisions = places.map(() => part("td", "gridcell", "precision"));
  const rest = [...MARGINS.map(marginClass), "margin recall"].map((name) => part("td", "gridcell", name));
  node.append(part("th", "rowheader", "name below", "Precision\u2009%"), ...matrix.precisions, ...rest);
  return node;
}

function marginClass(word) {
  return word === "All" ? "margin total" : "margin missed";
}

function gridcell(row, column, className) {
  const cell = part("td", "gridcell", className);
  cell.tabIndex = -1;
  cell.dataset.row = row;
  cell.dataset.column = column;
  return cell;
}

function show(matrix) {
  matrix.root.dataset.show = matrix.data.show;
  const { data, table } = matrix;
  const longest = Math.max(...data.rows.map((row) => row.name.length));
  table.style.setProperty("--longest", longest);
  setAttribute(table, "aria-label", data.label);
  setText(matrix.summary, data.summary);
  const palette = readPalette(matrix.root, data.hues);
  data.rows.forEach((row, place) => {
    for (const head of [matrix.rows[place], matrix.columns[place]]) {
      setText(head.firstChild, row.name);
      setAttribute(head, "title", row.name);
    }
    setText(matrix.totals[place], row.total);
    setText(matrix.recalls[place], row.recall);
    row.cells.forEach((cell, column) => showCell(matrix.cells[place][column], cell, palette));
  });
  if (data.margins) showMargins(matrix, palette);
  showScales(matrix.scales, data.scales, palette);
  showSelection(matrix);
  tell(matrix);
}

function showMargins(matrix, palette) {
  const { cells, data } = matrix;
  const classes = data.rows.length;
  for (let extra = 0; extra < MARGINS.length; extra += 1) {
    const last = classes + extra;
    for (let place = 0; place < classes; place += 1) {
      showCell(cells[place][last], { kind: "margin", ...data.margins.rows[place][extra] }, palette);
      showCell(cells[last][place], { kind: "margin", ...data.margins.columns[place][extra] }, palette);
    }
    showCell(cells[last][last], { kind: "margin", ...data.margins.corner[extra] }, palette);
  }
  matrix.precisions.forEach((node, place) => setText(node, data.margins.precision[place]));
}

function showCell(node, { text, kind, level }, palette) {
  setText(node, text);
  setAttribute(node, "data-kind", kind);
  setAttribute(node, "data-long", String(text.length > 3));
  if (kind in SPOKEN) setAttribute(node, "aria-label", SPOKEN[kind]);
  else node.removeAttribute("aria-label");
  const color = palette(kind, level);
  if (node.style.backgroundColor !== color) node.style.backgroundColor = color;
}

function showSelection(matrix) {
  const { cells, data } = matrix;
  const selected = new Set(data.selected.map(([row, column]) => cells[row][column]));
  const [row, column] = data.marked ?? [];
  for (const cell of cells.flat()) {
    if (!cell) continue;
    setAttribute(cell, "aria-selected", String(selected.has(cell)));
    cell.classList.toggle("marked", cell === cells[row]?.[column]);
  }
  const [first] = selected;
  if (!matrix.current) setCurrent(matrix, first ?? cells[0][0]);
  else if (first && !focused(matrix)) setCurrent(matrix, first);
}

function onFocus(matrix, cell) {
  if (!cell) return;
  setCurrent(matrix, cell);
  point(matrix, cell);
}

function onKey(matrix, event) {
  const cell = cellOf(event.target);
  if (!cell || event.altKey) return;
  const chooses = event.key === "Enter" || event.key === " ";
  if ((event.ctrlKey || event.metaKey) && !chooses) return;
  const last = matrix.cells.length - 1;
  const [row, column] = placeOf(cell);
  const moves = {
    ArrowLeft: [row, column - 1],
    ArrowRight: [row, column + 1],
    ArrowUp: [row - 1, column],
    ArrowDown: [row + 1, column],
    Home: [row, 0],
    End: [row, Math.min(last, matrix.data.rows.length - 1)],
  };
  if (chooses) choose(matrix, cell, event);
  else if (event.key in moves) matrix.cells[moves[event.key][0]]?.[moves[event.key][1]]?.focus();
  else return;
  event.preventDefault();
}

function choose(matrix, cell, { ctrlKey, metaKey, shiftKey }) {
  if (!cell) return;
  setCurrent(matrix, cell);
  const place = placeOf(cell);
  if (!matrix.data.margins) {
    matrix.pick(place);
    return;
  }
  const adds = ctrlKey || metaKey || matrix.data.several;
  const from = shiftKey ? (matrix.anchor ?? matrix.data.selected[0] ?? place) : place;
  if (!shiftKey) matrix.anchor = place;
  matrix.pick({ cells: between(matrix, from, place), add: adds || shiftKey });
}

// All cells of the rectangle; just the one where a margin is a corner of it, for margins count other cells again.
function between(matrix, from, to) {
  const classes = matrix.data.rows.length;
  if (Math.max(...from, ...to) >= classes) return [to];
  const range = (a, b) => Array.from({ length: Math.abs(a - b) + 1 }, (_, step) => Math.min(a, b) + step);
  return range(from[0], to[0]).flatMap((row) => range(from[1], to[1]).map((column) => [row, column]));
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
  const { selected } = data;
  const place = pointed ? placeOf(pointed) : selected.length === 1 ? selected[0] : null;
  setText(readout, place ? sentenceOf(data, place) : data.hint);
  setAttribute(readout, "data-idle", String(!place));
  matrix.rows.forEach((head, row) => head.classList.toggle("lit", Boolean(place) && row === place[0]));
  matrix.columns.forEach((head, column) => head.classList.toggle("lit", Boolean(place) && column === place[1]));
}

function sentenceOf({ rows, margins }, [row, column]) {
  const classes = rows.length;
  if (row < classes && column < classes) return rows[row].cells[column].sentence;
  if (row < classes) return margins.rows[row][column - classes].sentence;
  return (column < classes ? margins.columns[column] : margins.corner)[row - classes].sentence;
}
