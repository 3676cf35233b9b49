// Arrows move between layers, channels and pixels; Enter works out, o switches off, Esc closes.

import { strongestPixel } from "./network.js";

const ARROWS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

// A key on a column: its channels stand below each other, the layers side by side.
export function onColumnKey(view, event) {
  const column = view.columns.find((one) => one.canvas === event.target);
  if (!column || event.ctrlKey || event.metaKey || event.altKey) return;
  const { layer } = column;
  const chosen = view.selected?.layer === layer.name ? view.selected.channel : null;
  const now = view.cursor?.layer === layer.name ? view.cursor.channel : (chosen ?? column.shown[0]);
  const arrow = ARROWS[event.key];
  if (arrow) {
    const [down, across] = view.phone ? [arrow[1], arrow[0]] : arrow;
    if (across) toLayer(view, column, across);
    else toChannel(view, layer, Math.max(0, Math.min(layer.channels - 1, now + down)));
  } else if (event.key === "Home" || event.key === "End") {
    toChannel(view, layer, event.key === "Home" ? 0 : layer.channels - 1);
  } else if (event.key === "Enter" || event.key === " ") {
    view.choose(layer.name, now, strongestPixel(view.values, layer, now));
  } else if (event.key === "o") view.toggleOff(layer.name, [now]);
  else if (event.key === "Escape") view.close();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

function toLayer(view, column, step) {
  const place = view.columns.indexOf(column) + step;
  const next = view.columns[Math.max(0, Math.min(view.columns.length - 1, place))];
  const channel = next.layer.name === view.selected?.layer ? view.selected.channel : next.shown[0];
  toChannel(view, next.layer, channel ?? 0);
  focusColumn(view, next);
}

function toChannel(view, layer, channel) {
  view.cursor = { layer: layer.name, channel };
  const pixel = strongestPixel(view.values, layer, channel);
  view.reveal(layer.name, channel);
  view.point({ layer: layer.name, channel, pixel });
}

export function focusColumn(view, column) {
  for (const one of view.columns) one.canvas.tabIndex = one === column ? 0 : -1;
  column.canvas.focus({ preventScroll: true });
  column.node.scrollIntoView({ block: "nearest", inline: "nearest" });
}

// A key on the large channel: the arrows move its pixel.
export function onLargeKey(view, event) {
  const { selected } = view;
  const layer = view.network.byName.get(selected?.layer);
  if (!layer || selected.channel === null || event.ctrlKey || event.metaKey || event.altKey) return;
  const arrow = ARROWS[event.key];
  const pixel = view.pointed?.large ? view.pointed.pixel : (selected.pixel ?? [0, 0]);
  if (arrow) {
    const row = Math.max(0, Math.min(layer.rows - 1, pixel[0] + arrow[0]));
    const column = Math.max(0, Math.min(layer.columns - 1, pixel[1] + arrow[1]));
    view.point({ layer: layer.name, channel: selected.channel, pixel: [row, column], large: true });
  } else if (event.key === "Enter" || event.key === " ") view.choose(layer.name, selected.channel, pixel);
  else if (event.key === "o" && layer.switchable) view.toggleOff(layer.name, [selected.channel]);
  else if (event.key === "Escape") view.close();
  else return;
  event.preventDefault();
  event.stopPropagation();
}
