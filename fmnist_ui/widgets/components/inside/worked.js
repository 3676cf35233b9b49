// A value worked out: patch times kernel, sums, bias, normalization, activation, at one's own pace.

import { colourAt, css, inkOn, percent, signed, softmax, write } from "./numbers.js";
import { strongestPixel } from "./network.js";
import { button, element, hatch, sizeCanvas } from "./parts.js";

const PARTS = [1, 3, 8, 24]; // how many input channels are shown, to choose from
const A_STEP = 750; // milliseconds while it plays
const NUMBERED = 5; // cells a side: more of them are colours without numbers

export function buildWorked(view) {
  const root = element("section", "worked");
  root.setAttribute("aria-label", "How the value comes about");
  const head = element("div", "worked-head");
  const body = element("div", "worked-body");
  root.append(head, body);
  view.workedOut = { root, head, body, count: 3, at: null, timer: null, key: "", lines: [] };
}

export function drawWorked(view) {
  const { workedOut, worked, shares } = view;
  const isSoftmax = view.softmax !== null;
  const key = isSoftmax ? `softmax ${view.softmax} ${view.values.version}` : ((worked ?? shares)?.key ?? "");
  if (workedOut.key !== key) {
    stop(view);
    workedOut.at = null;
  }
  workedOut.key = key;
  workedOut.root.hidden = !key;
  workedOut.root.dataset.of = key;
  if (!key) return;
  if (isSoftmax) workedOut.lines = softmaxLines(view);
  else workedOut.lines = worked ? lines(view, worked) : view.shareLines(shares);
  workedOut.head.replaceChildren(element("h4", "", titleOf(view)), controls(view));
  workedOut.body.replaceChildren(...workedOut.lines.map((one) => one.node));
  showStep(view);
}

function titleOf(view) {
  const name = view.network.classes[view.softmax];
  if (view.softmax !== null) return `Softmax: where the probability of ${name} comes from`;
  if (view.worked) return view.worked.title;
  return `${view.shares.layer}, channel ${view.shares.channel}: what each input adds`;
}

function controls(view) {
  const { workedOut } = view;
  const bar = element("div", "player");
  const count = workedOut.lines.length;
  const go = (at) => {
    workedOut.at = at === null || at >= count - 1 ? null : Math.max(0, at);
    showStep(view);
  };
  const now = () => workedOut.at ?? count - 1;
  const play = button("step play", "▶ Play", () => {
    if (workedOut.timer) return stop(view);
    if (workedOut.at === null) go(0);
    workedOut.timer = setInterval(() => {
      go(now() + 1);
      if (workedOut.at === null) stop(view);
    }, A_STEP);
    return showStep(view);
  });
  const back = button("step", "‹ Back", () => go(now() - 1));
  const next = button("step", "Next ›", () => go(workedOut.at === null ? 0 : now() + 1));
  const all = button("step", "All", () => go(null));
  bar.append(play, back, next, all);
  if (view.softmax === null && partsOf(view) > 1) bar.append(choice(view));
  const layer = view.network.byName.get(view.selected?.layer);
  const isPicture = layer?.kind === "convolution" && layer.like === "picture";
  if (view.softmax === null && isPicture) bar.append(wholeChannel(view));
  Object.assign(workedOut, { play, back });
  return bar;
}

function partsOf({ worked, shares }) {
  return worked ? worked.parts.length : shares.inputs.length;
}

// Between one pixel and what each input adds to all of them.
function wholeChannel(view) {
  const { layer, channel } = view.selected;
  const one = button("step whole", "Whole channel", () => {
    if (view.worked) return view.choose(layer, channel);
    const { rows, columns } = view.network.byName.get(layer);
    const [row, column] = view.lastPixel ?? [rows, columns];
    const pixel = row < rows && column < columns ? view.lastPixel : null;
    return view.choose(layer, channel, pixel ?? strongestPixel(view.values, view.network.byName.get(layer), channel));
  });
  one.setAttribute("aria-pressed", String(!view.worked));
  return one;
}

function choice(view) {
  const label = element("label", "how-many", "inputs ");
  const select = element("select");
  const most = partsOf(view);
  const offered = [...PARTS.filter((one) => one < most), most];
  for (const one of offered) select.append(new Option(String(one), one));
  select.value = String(offered.find((one) => one >= Math.min(view.workedOut.count, most)));
  select.onchange = () => {
    view.workedOut.count = Number(select.value);
    view.workedOut.at = null;
    drawWorked(view);
  };
  label.append(select);
  return label;
}

function stop(view) {
  clearInterval(view.workedOut.timer);
  view.workedOut.timer = null;
  if (view.workedOut.play) view.workedOut.play.textContent = "▶ Play";
}

function showStep(view) {
  const { workedOut } = view;
  workedOut.play.textContent = workedOut.timer ? "❚❚ Pause" : "▶ Play";
  workedOut.lines.forEach(({ node }, place) => {
    const last = workedOut.at ?? workedOut.lines.length - 1;
    node.dataset.state = place < last ? "done" : place === last ? (workedOut.at === null ? "done" : "now") : "later";
  });
  workedOut.back.disabled = workedOut.at === 0;
}

function lines(view, worked) {
  const shown = worked.parts.slice(0, view.workedOut.count);
  const before = worked.recurrent.map(([words, figure]) => textLine(words, figure));
  const found = shown.map((part) => partLine(view, worked, part));
  const others = worked.parts.length - shown.length + worked.rest.count;
  const left = worked.parts.slice(shown.length).reduce((sum, part) => sum + part.total, worked.rest.total);
  if (others > 0) {
    found.push(textLine(`and the other ${others} ${others === 1 ? "input" : "inputs"} together`, signed(left)));
  }
  found.unshift(...before);
  if (worked.joined) found.push(textLine(worked.joined, write(worked.joinedValue), "sum"));
  for (const { words, before, after, kind } of worked.steps) found.push(stepLine(words, before, after, kind));
  const its = view.network.byName.get(worked.layer).like === "picture" ? "the value of this pixel" : "its value";
  found.push(textLine(worked.off ? "switched off: it gives 0" : its, write(worked.value), "result"));
  return found;
}

export function textLine(words, figure, className = "") {
  const node = element("div", `line-of ${className}`);
  node.append(element("span", "words", words), element("span", "amount", figure));
  return { node };
}

function stepLine(words, before, after, kind) {
  const node = element("div", "line-of step-of");
  node.dataset.kind = kind;
  node.append(element("span", "words", words), element("span", "amount", `${write(before)} → ${write(after)}`));
  return { node };
}

function partLine(view, worked, part) {
  const node = element("div", "line-of part");
  const from = part.source === "picture" ? "picture" : `${part.source}, channel ${part.channel}`;
  const name = element("span", "words", from);
  const sums = element("span", "grids");
  sums.append(grid(view, part.values, worked.scales.values, worked.valuesSaid, part.chosen));
  const weights = (words) => grid(view, part.weights, worked.scales.weights, words);
  if (part.weights && !part.multiplied) sums.append(sign("and"), weights("centre"));
  else if (part.weights) {
    const products = part.values.map((row, at) => row.map((value, to) => (value ?? 0) * part.weights[at][to]));
    const most = Math.max(1e-9, ...products.flat().map(Math.abs));
    sums.append(sign("×"), weights(worked.weightsSaid), sign("="), grid(view, products, most, "products"));
  }
  if (part.words) sums.append(element("span", "sign", part.words));
  node.append(name, sums, element("span", "amount", signed(part.total)));
  return { node };
}

export function sign(text) {
  return element("span", "sign", text);
}

// values: rows of numbers, null where the layer is padded with zeros.
export function grid(view, values, scale, words, chosen = null) {
  const [rows, columns] = [values.length, values[0].length];
  const numbered = Math.max(rows, columns) <= NUMBERED;
  const cell = cellWidth(view, rows, columns);
  const high = numbered ? 24 : cell;
  const figure = element("figure", "grid");
  const canvas = element("canvas");
  const brush = sizeCanvas(canvas, columns * cell, rows * high);
  brush.font = `${view.phone ? 9 : 10.5}px Inter, sans-serif`;
  brush.textAlign = "center";
  brush.textBaseline = "middle";
  values.forEach((row, at) =>
    row.forEach((value, to) => {
      const [x, y] = [to * cell, at * high];
      const colour = colourAt(view.ramp, value ?? 0, scale);
      brush.fillStyle = css(colour);
      brush.fillRect(x, y, numbered ? cell - 1 : cell, numbered ? high - 1 : high);
      if (value === null) hatch(brush, x, y, cell - 1, high - 1, view.dark ? "#6b7775" : "#a9b4b1", 6);
      if (!numbered || value === null) return;
      brush.fillStyle = inkOn(colour);
      brush.fillText(cellText(value), x + cell / 2, y + high / 2);
    }),
  );
  if (chosen) {
    brush.strokeStyle = "#e5007e";
    brush.lineWidth = 2;
    brush.strokeRect(chosen[1] * cell + 1, chosen[0] * high + 1, cell - 3, high - 3);
  }
  const padded = values.flat().filter((one) => one === null).length;
  const spoken = values.map((row) => row.map((one) => (one === null ? "padding" : write(one))).join(" ")).join("; ");
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", `${words} ${rows} by ${columns}${numbered ? `: ${spoken}` : ""}`);
  const caption = padded && words === "patch" ? "patch, hatched: zero padding" : words;
  figure.append(canvas, element("figcaption", "", caption));
  return figure;
}

// CSS pixels; cells with numbers are as wide as these, others fill about the same square.
function cellWidth(view, rows, columns) {
  const most = Math.max(rows, columns);
  if (most > NUMBERED) return Math.max(3, Math.floor((view.phone ? 92 : 112) / most));
  if (most === 1) return 46;
  return view.phone ? 29 : 35;
}

// At most six letters.
function cellText(value) {
  const size = Math.abs(value);
  const text = size.toFixed(size >= 99.5 ? 0 : size >= 9.95 ? 1 : size >= 0.0995 ? 2 : 3);
  return size < 0.0005 ? "0" : value < 0 ? `−${text}` : text;
}

function softmaxLines(view) {
  const { powers, total, shares } = softmax(view.values.logits);
  const most = Math.max(...view.values.logits);
  const place = view.softmax;
  const found = view.network.classes.map((name, at) => {
    const power = `e^(${write(view.values.logits[at])} − ${write(most)})`;
    const line = textLine(name, `${power} = ${powers[at].toPrecision(3)}`);
    line.node.dataset.own = String(at === place);
    return line;
  });
  found.push(textLine("the sum of all", total.toPrecision(4), "sum"));
  const share = percent(shares[place]);
  found.push(textLine(`${powers[place].toPrecision(3)} / ${total.toPrecision(4)}`, share, "result"));
  return found;
}
