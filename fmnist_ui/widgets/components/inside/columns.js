// The layers as columns: a head, and a canvas with the channels as small pictures, or their numbers as bars.

import { isOff, mapOf, versionOf } from "./network.js";
import { GAP, numberAt, openAcross, pixelAt, placeOf, shownChannels } from "./layout.js";
import { colourAt, css, picture } from "./numbers.js";
import { button, colourOf, element, hatch, pointIn, sizeCanvas } from "./parts.js";

const CELL = 14; // CSS pixels of one number of an open column of bars
const MOST_CELLS = 1000; // of an open column of bars
const STRIP = 26; // the least height of a row of bars on a phone

export function buildColumns(view) {
  view.columns = view.network.layers.map((layer) => buildColumn(view, layer));
  view.byLayer = new Map(view.columns.map((column) => [column.layer.name, column]));
  view.content.replaceChildren(view.behind, ...view.columns.map((column) => column.node), view.above);
}

function buildColumn(view, layer) {
  const node = element("div", "column");
  node.dataset.layer = layer.name;
  node.dataset.like = layer.like;
  if (layer.branch) node.dataset.branch = "yes";
  const head = button("head", "", () => view.choose(layer.name, null), layer.explained);
  head.tabIndex = -1;
  const name = element("span", "name", layer.short);
  head.append(name, element("span", "kind", layer.kindSaid), element("span", "shape", layer.shapeSaid));
  const canvas = element("canvas", "channels");
  canvas.setAttribute("role", "slider");
  canvas.setAttribute("aria-orientation", "vertical");
  canvas.tabIndex = -1;
  const all = button("all", "", () => view.toggleOpen(layer.name));
  node.append(head, canvas, all);
  const column = { layer, node, head, canvas, all, shown: [], across: 1, size: [1, 1], x: 0, y: 0 };
  canvas.onpointermove = (event) => view.point(hit(column, event));
  canvas.onpointerleave = () => view.point(null);
  canvas.onclick = (event) => {
    const found = hit(column, event);
    if (found) view.click(found, event);
  };
  return column;
}

// What is under the pointer: {layer, channel, pixel: [row, column]}.
function hit(column, event) {
  const [x, y] = pointIn(column.canvas, event);
  const { layer, size, across, shown } = column;
  const along = column.lying ? x / column.canvas.offsetWidth : y / column.canvas.offsetHeight;
  const number = column.bars
    ? Math.max(0, Math.min(shown.length - 1, Math.floor(along * shown.length)))
    : numberAt(x, y, across, size, shown.length);
  if (number === null || !shown.length) return null;
  const [left, top] = placeOf(number, across, size);
  const square = column.thumb;
  const pixel = column.bars ? [0, 0] : pixelAt((x - left) % (square + 1), y - top, square, layer.rows, layer.columns);
  return { layer: layer.name, channel: shown[number], pixel };
}

// Sizes and draws every column for the room there is.
export function drawColumns(view) {
  view.columns.forEach((column, at) => {
    plan(view, column, at);
    drawColumn(view, column);
  });
  for (const column of view.columns) {
    column.x = column.canvas.offsetLeft;
    column.y = column.canvas.offsetTop;
  }
}

function plan(view, column, at) {
  const { layer } = column;
  const { thumb, rows, apart, bars, across } = view.plan;
  const open = view.open.has(layer.name);
  const pair = view.against ? 2 : 1;
  column.thumb = thumb;
  column.bars = layer.like !== "picture" && !open;
  column.lying = view.phone && column.bars;
  if (layer.like === "picture") {
    column.size = [thumb * pair + (pair - 1), thumb];
    const room = view.phone ? Math.max(1, Math.floor((view.room + GAP) / (column.size[0] + GAP))) : rows * across[at];
    const wide = view.phone ? room : openAcross(layer.channels, rows);
    column.across = open || view.phone ? Math.min(wide, layer.channels) : across[at];
    const chosen = view.selected?.layer === layer.name ? view.selected.channel : null;
    column.shown = open
      ? Array.from({ length: layer.channels }, (_, channel) => channel)
      : shownChannels(layer.channels, Math.min(room, layer.channels), chosen, view.leading[layer.name]?.order);
  } else {
    column.shown = Array.from({ length: layer.channels }, (_, channel) => channel);
    column.thumb = CELL;
    column.size = open ? [CELL, CELL] : [bars, 1];
    const most = Math.floor((view.room + GAP) / (CELL + GAP));
    column.across = open ? (view.phone ? most : openAcross(layer.channels, Math.floor(view.height / (CELL + GAP)))) : 1;
  }
  column.node.style.setProperty("--apart", `${layer.thin ? Math.min(apart, 16) : apart}px`);
  const more = layer.channels > column.shown.length || open || (layer.like !== "picture" && layer.channels > 100);
  const tooMany = layer.like !== "picture" && layer.channels > MOST_CELLS;
  column.all.hidden = !more || tooMany;
  column.all.textContent = open ? "fewer" : `all ${layer.channels}`;
  column.all.setAttribute("aria-expanded", String(open));
  const shows = open ? "show fewer" : `show all ${layer.channels} channels`;
  column.all.setAttribute("aria-label", `${layer.name}: ${shows}`);
}

export function drawColumn(view, column) {
  const { layer, shown, across, size, thumb } = column;
  const { values, against, off, leading, dark, phone, room, height } = view;
  const versions = [versionOf(values, layer), versionOf(against, layer), off[layer.name], leading[layer.name]?.order];
  const key = JSON.stringify([versions, shown, across, size, thumb, dark, phone, room, height]);
  if (column.drawn === key) return; // most clicks change nothing of most columns
  column.drawn = key;
  if (column.bars) drawBars(view, column);
  else drawPictures(view, column);
}

function drawPictures(view, column) {
  const { layer, shown, across, size, thumb } = column;
  const lines = Math.ceil(shown.length / across);
  const [width, height] = [across * (size[0] + GAP) - GAP, lines * (size[1] + GAP) - GAP];
  const brush = sizeCanvas(column.canvas, width, height);
  const scale = view.values.scales[layer.place];
  const colours = layer.kind === "picture" || layer.kind === "padding" ? view.greys : view.ramp;
  const edge = colourOf(view.root, "border-color");
  shown.forEach((channel, number) => {
    const [x, y] = placeOf(number, across, size);
    [view.values, view.against].forEach((values, which) => {
      if (!values) return;
      const left = x + which * (thumb + 1);
      const map = picture(mapOf(values, layer, channel), layer.rows, layer.columns, scale, colours);
      brush.drawImage(map, left, y, thumb, thumb);
      brush.strokeStyle = edge;
      brush.lineWidth = 1;
      brush.strokeRect(left + 0.5, y + 0.5, thumb - 1, thumb - 1);
    });
    if (isOff(view.off, layer.name, channel)) crossOut(view, brush, x, y, size);
    const rank = view.leading[layer.name]?.order.indexOf(channel) ?? -1;
    if (rank >= 0 && thumb > CELL) writeRank(view, brush, rank + 1, x, y);
  });
}

function crossOut(view, brush, x, y, [width, height]) {
  brush.fillStyle = colourOf(view.root, "background-color");
  brush.globalAlpha = 0.6;
  brush.fillRect(x, y, width, height);
  brush.globalAlpha = 1;
  hatch(brush, x, y, width, height, colourOf(view.root, "red-color"));
}

function writeRank(view, brush, rank, x, y) {
  brush.fillStyle = colourOf(view.root, "primary-color");
  brush.fillRect(x, y, rank > 9 ? 15 : 11, 12);
  brush.fillStyle = "#ffffff";
  brush.font = "600 9px Inter, sans-serif";
  brush.textBaseline = "top";
  brush.fillText(String(rank), x + 2.5, y + 2);
}

function drawBars(view, column) {
  const { layer } = column;
  const [width, height] = column.lying
    ? [view.room, Math.max(STRIP, 34)]
    : [layer.thin ? Math.min(12, view.plan.bars) : view.plan.bars, barsHeight(view, layer)];
  const brush = sizeCanvas(column.canvas, width, height);
  brush.fillStyle = colourOf(view.root, "secondary-background-color");
  brush.fillRect(0, 0, width, height);
  if (column.lying) {
    brush.transform(0, -1, 1, 0, 0, height); // lying bars stand: what went right goes up, what went down goes right
    bars(view, column, brush, height, width);
  } else bars(view, column, brush, width, height);
}

function barsHeight(view, layer) {
  const room = layer.branch ? view.height - 34 : view.height;
  return Math.min(room, Math.max(layer.channels * 22, Math.min(room, layer.channels * 6)));
}

function bars(view, column, brush, width, height) {
  const { layer, shown } = column;
  const scale = view.values.scales[layer.place];
  const step = height / shown.length;
  const values = view.values.all.subarray(layer.offset, layer.offset + layer.channels);
  const other = view.against?.all.subarray(layer.offset, layer.offset + layer.channels);
  const mixed = values.some((one) => one < 0);
  const [zero, reach] = mixed ? [width / 2, width / 2] : [0, width];
  const length = (value) => Math.max(-1, Math.min(1, value / scale)) * reach;
  shown.forEach((channel, number) => {
    const y = number * step;
    const thick = step > 3 ? step - 1 : step;
    const long = length(values[channel]);
    const shade = layer.thin ? values[channel] : Math.sign(values[channel]) * scale * 0.8; // a bar says its size itself
    brush.fillStyle = css(colourAt(view.ramp, shade, scale));
    if (layer.thin) brush.fillRect(0, y, width, Math.max(step, 0.5));
    else brush.fillRect(Math.min(zero, zero + long), y, Math.abs(long), thick);
    if (other && !layer.thin) {
      brush.fillStyle = colourOf(view.root, "text-color");
      brush.fillRect(zero + length(other[channel]) - 1, y, 2, thick);
    }
    if (!isOff(view.off, layer.name, channel)) return;
    hatch(brush, 0, y, width, Math.max(thick, 2), colourOf(view.root, "red-color"), 4);
  });
}

// Where a channel stands in the drawing, {x, y, width, height} in CSS pixels; null where it is not shown.
export function rectOf(view, name, channel) {
  const column = view.byLayer.get(name);
  if (!column) return null;
  const number = channel === null ? 0 : column.shown.indexOf(channel);
  if (number < 0) return null;
  const [wide, high] = [column.canvas.offsetWidth, column.canvas.offsetHeight];
  if (column.bars) {
    if (channel === null) return { x: column.x, y: column.y, width: wide, height: high };
    const step = (column.lying ? wide : high) / column.shown.length;
    const along = number * step;
    return column.lying
      ? { x: column.x + along, y: column.y, width: Math.max(step, 2), height: high }
      : { x: column.x, y: column.y + along, width: wide, height: Math.max(step, 2) };
  }
  const [x, y] = placeOf(number, column.across, column.size);
  return { x: column.x + x, y: column.y + y, width: column.size[0], height: column.size[1], thumb: column.thumb };
}
