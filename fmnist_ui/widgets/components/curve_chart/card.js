// The card beside the crosshair: what every visible curve says at that epoch.
import { writeValue } from "./scale.js";
import { element, newSwatch, setText, showSwatch } from "./parts.js";

const GAP = 14; // pixels from the crosshair
const TALLEST = 0.65; // of the area

export class Card {
  constructor() {
    this.root = element("div", "card");
    this.root.hidden = true;
    this.spoken = element("p", "spoken"); // for who cannot see the card; said only when a key moved the crosshair
    this.spoken.setAttribute("aria-live", "polite");
    this.written = "";
  }

  hide() {
    this.root.hidden = true;
    this.written = "";
  }

  // cross: the crosshair, and bounds: {left, right, top, bottom} of the area, in pixels of the stage; cost: how much of
  // the curves a box covers. The card takes the corner beside the crosshair where it covers least.
  show(table, cross, bounds, cost) {
    const written = JSON.stringify(table);
    if (written !== this.written) this.fill(table);
    this.written = written;
    this.root.hidden = false;
    const { offsetWidth: width, offsetHeight: height } = this.root;
    const isLow = height <= TALLEST * (bounds.bottom - bounds.top);
    const fits = (left) => isLow && left >= 0 && left + width <= bounds.right + 4;
    const lefts = [cross + GAP, cross - GAP - width].filter(fits);
    const tops = [bounds.top + 6, bounds.bottom - height - 6];
    const boxOf = (left, top) => ({ left, top, right: left + width, bottom: top + height });
    const corners = lefts.flatMap((left) => tops.map((top) => boxOf(left, top)));
    corners.forEach((corner) => (corner.cost = cost(corner)));
    // A card of many runs would cover what it tells about, so it hangs below.
    const below = { left: Math.max(0, Math.min(cross - width / 2, bounds.right - width)), top: bounds.bottom + 42 };
    const place = corners.sort((a, b) => a.cost - b.cost)[0] ?? below;
    this.root.style.transform = `translate(${Math.round(place.left)}px, ${Math.round(place.top)}px)`;
  }

  fill({ head, columns, rows }) {
    const table = element("table", "values");
    const first = table.createTHead().insertRow();
    first.append(element("th", "when", head), ...columns.map((name) => element("th", "column", name)));
    const body = table.createTBody();
    for (const { name, colour, dash, values } of rows) {
      const swatch = newSwatch();
      showSwatch(swatch, colour, dash);
      const label = element("span", "row-name", name);
      body.insertRow().append(
        element("th", "row", element("span", "row-head", swatch, label)),
        ...values.map(({ text, best }) => element("td", best ? "value chosen" : "value", text)),
      );
    }
    this.root.replaceChildren(table);
  }

  say({ head, columns, rows }) {
    const values = (row) => row.values.map(({ text }, place) => (text ? `${columns[place] ?? ""} ${text}`.trim() : ""));
    const told = rows.map((row) => `${row.name} ${values(row).filter(Boolean).join(", ")}`);
    setText(this.spoken, `${head}: ${told.join("; ")}`);
  }
}

// One row a curve; of several runs one row a run, and one column a curve.
export function tableAt(x, series, { several, percent }) {
  const at = (one) => {
    const point = one.epochs.find((found) => found[0] === x) ?? one.batches.find((found) => found[0] === x);
    if (!point) return { text: "", best: false };
    const best = one.best?.[0] === x;
    return { text: `${best ? "◇\u2009" : ""}${writeValue(point[1], percent)}`, best };
  };
  const head = Number.isInteger(x) ? `Epoch ${x}` : `${x.toFixed(2)} epochs`;
  if (!several) {
    const rows = series.map((one) => ({ name: one.curve, colour: one.colour, dash: one.dash, values: [at(one)] }));
    return { head, columns: [""], rows: rows.filter(({ values: [value] }) => value.text) };
  }
  const columns = [...new Set(series.map((one) => one.curve))];
  const rows = [...new Set(series.map((one) => one.run))].map((run) => {
    const own = series.filter((one) => one.run === run);
    const found = columns.map((curve) => own.find((one) => one.curve === curve));
    const values = found.map((one) => (one ? at(one) : NOTHING));
    return { name: run, colour: own[0].colour, dash: "", values };
  });
  return { head, columns, rows: rows.filter(({ values }) => values.some(({ text }) => text)) };
}

const NOTHING = { text: "", best: false };
