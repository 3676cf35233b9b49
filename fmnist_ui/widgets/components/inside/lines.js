// What is drawn over and behind the columns: what a channel takes, shortcuts, and what a pixel sees.

import { rectOf } from "./columns.js";
import { fieldOf, takenBy, windowOf } from "./network.js";
import { shape } from "./parts.js";

const ARC_ROOM = 24; // CSS pixels above the heads
const MOST_LINES = 40;
const CROWDED = 300; // channels that are too many to tell apart

// Redraws all of it for what is selected and what is pointed at.
export function drawLines(view) {
  const width = view.phone ? view.content.clientWidth : view.content.scrollWidth;
  const height = view.content.scrollHeight;
  for (const svg of [view.behind, view.above]) {
    svg.replaceChildren();
    svg.setAttribute("width", width);
    svg.setAttribute("height", height);
  }
  if (!view.phone) view.behind.append(...shortcuts(view));
  const shown = view.pointed ?? view.selected;
  if (shown) drawTaken(view, shown);
  outline(view, view.selected, "selected");
  outline(view, view.pointed, "pointed");
  if (shown?.pixel) drawSeen(view, shown);
}

function drawTaken(view, { layer, channel }) {
  const target = rectOf(view, layer, channel);
  const taker = view.network.byName.get(layer);
  if (!target || channel === null) return;
  const told = brought(view, layer, channel);
  const most = taker.inputs.some((name) => view.network.byName.get(name).channels > CROWDED) ? 12 : MOST_LINES;
  for (const one of takenBy(view.network, view.values, taker, channel, most).reverse()) {
    const from = rectOf(view, one.source.name, one.channel);
    if (!from) continue;
    const part = told?.get(`${one.source.name} ${one.channel}`);
    const tone = part === undefined ? "" : part < 0 ? " minus" : " plus";
    if (view.phone) {
      if (!one.whole || taker.inputs.length > 1) view.above.append(box(from, `taken${tone}`, 0.25 + 0.75 * one.weight));
      continue;
    }
    const [x1, y1] = [from.x + from.width, from.y + from.height / 2];
    const [x2, y2] = [target.x, target.y + target.height / 2];
    const bend = Math.max(14, (x2 - x1) * 0.5);
    const far = isNext(view, one.source.name, layer) ? 0 : Math.min(60, 14 + (x2 - x1) / 6); // past what is between
    const d = `M${x1},${y1}C${x1 + bend},${y1 - far} ${x2 - bend},${y2 - far} ${x2},${y2}`;
    const path = shape("path", { d, class: `line${tone}${far ? " past" : ""}` });
    path.style.strokeWidth = 0.6 + 3.2 * one.weight;
    path.style.opacity = 0.22 + 0.7 * one.weight;
    (far ? view.above : view.behind).append(path);
  }
}

function isNext(view, source, layer) {
  return view.byLayer.get(source).layer.place === view.byLayer.get(layer).layer.place - 1;
}

// What each input channel brought to the pixel that was worked out, where that is the one that is shown.
function brought(view, layer, channel) {
  const { worked } = view;
  if (!worked || worked.layer !== layer || worked.channel !== channel || view.pointed) return null;
  return new Map(worked.parts.map((part) => [`${part.source} ${part.channel}`, part.total]));
}

function box({ x, y, width, height }, className, opacity = 1) {
  const node = shape("rect", { x: x - 1, y: y - 1, width: width + 2, height: height + 2, rx: 2, class: className });
  node.style.opacity = opacity;
  return node;
}

function outline(view, what, className) {
  const found = what && rectOf(view, what.layer, what.channel);
  if (found && what.channel !== null) view.above.append(box(found, className));
}

// The pixel itself, what it sees in the layers before it, and its receptive field in the picture.
function drawSeen(view, { layer: name, channel, pixel: [row, column] }) {
  const layer = view.network.byName.get(name);
  if (layer.like === "picture") cells(view, name, channel, [row, column, row, column], "pixel");
  for (const input of layer.inputs) {
    const source = view.network.byName.get(input);
    if (source.like !== "picture" || source.name === "picture") continue;
    const seen = windowOf(layer, source, row, column);
    const taken = takenBy(view.network, view.values, layer, channel, MOST_LINES).filter((one) => one.source === source);
    for (const one of taken.slice(0, 16)) cells(view, input, one.channel, seen, "window");
  }
  if (name !== "picture") cells(view, "picture", 0, fieldOf(layer, row, column), "field");
}

function cells(view, name, channel, [top, left, bottom, right], className) {
  const layer = view.network.byName.get(name);
  const place = rectOf(view, name, channel);
  if (!place?.thumb) return;
  const [wide, high] = [place.thumb / layer.columns, place.thumb / layer.rows];
  const corner = { x: place.x + left * wide, y: place.y + top * high };
  const size = { width: (right - left + 1) * wide, height: (bottom - top + 1) * high };
  view.above.append(shape("rect", { ...corner, ...size, class: className }));
}

// From a layer to one that is not the next: over the heads, as an arc.
function shortcuts(view) {
  const found = [];
  view.columns.forEach((column, at) => {
    for (const name of column.layer.inputs) {
      const from = view.columns.findIndex((one) => one.layer.name === name);
      if (from >= 0 && from < at - 1) found.push(arc(view, view.columns[from], column));
    }
  });
  return found;
}

function arc(view, from, to) {
  const middle = (column) => column.x + column.canvas.offsetWidth / 2;
  const [x1, x2] = [middle(from), middle(to)];
  const rise = Math.min(ARC_ROOM - 4, 8 + (x2 - x1) / 22);
  const base = ARC_ROOM;
  const top = base - rise;
  const turn = Math.min(14, (x2 - x1) / 3);
  const d =
    `M${x1},${base}C${x1},${top} ${x1},${top} ${x1 + turn},${top}L${x2 - turn},${top}` +
    `C${x2},${top} ${x2},${top} ${x2},${base}m-3.5,-5l3.5,5l3.5,-5`;
  const node = shape("path", { d, class: "arc" });
  node.append(shape("title", {}, `${from.layer.name} also goes to ${to.layer.name}`));
  return node;
}
