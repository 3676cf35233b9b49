// The chosen channel, large: its values with their scale, the value under the pointer, what a pixel sees.

import { fieldOf, isOff, mapOf, valueAt } from "./network.js";
import { colourAt, css, percent, picture, signed, write } from "./numbers.js";
import { button, colourOf, element, hatch, pointIn, setText, sizeCanvas } from "./parts.js";

const SIDE_OF_PICTURE = 28; // pixels
const SIDE = 228; // CSS pixels of its picture, about

export function buildLarge(view) {
  const root = element("section", "large");
  const title = element("h4");
  const canvas = element("canvas", "large-channel");
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "slider");
  const beside = element("canvas", "large-channel beside");
  const scale = element("canvas", "scale");
  const ends = element("p", "ends");
  const pictures = element("div", "pictures");
  pictures.append(canvas, beside);
  const tools = element("div", "tools");
  root.append(title, pictures, scale, ends, tools);
  view.large = { root, title, canvas, beside, scale, ends, tools, cell: 1 };
  for (const one of [canvas, beside]) {
    one.onpointermove = (event) => view.point(largeHit(view, one, event));
    one.onpointerleave = () => view.point(null);
    one.onclick = (event) => {
      const found = largeHit(view, one, event);
      if (found) view.choose(found.layer, found.channel, found.pixel);
    };
  }
}

function largeHit(view, canvas, event) {
  const layer = view.network.byName.get(view.selected?.layer);
  if (!layer || view.selected.channel === null) return null;
  const [x, y] = pointIn(canvas, event);
  const at = (where, count) => Math.max(0, Math.min(count - 1, Math.floor(where / view.large.cell)));
  const pixel = [at(y, layer.rows), at(x, layer.columns)];
  return { layer: layer.name, channel: view.selected.channel, pixel, large: true };
}

export function drawLarge(view) {
  const { large, selected, network } = view;
  const layer = network.byName.get(selected?.layer);
  large.root.hidden = !layer;
  if (!layer) return;
  const { channel } = selected;
  setText(large.title, channel === null ? layer.said : nameOf(view, layer, channel));
  const pictured = layer.like === "picture" && channel !== null;
  large.canvas.hidden = large.scale.hidden = large.ends.hidden = channel === null;
  large.beside.hidden = !pictured || !view.against;
  if (channel !== null) {
    if (pictured) drawMaps(view, layer, channel);
    else drawNumber(view, layer, channel);
    drawScale(view, layer, channel);
  }
  drawTools(view, layer, channel);
}

function drawMaps(view, layer, channel) {
  const { large } = view;
  const side = view.against ? SIDE * 0.72 : SIDE;
  large.cell = Math.max(4, Math.floor(side / layer.columns));
  const [width, height] = [large.cell * layer.columns, large.cell * layer.rows];
  const scale = view.values.scales[layer.place];
  const colours = layer.kind === "picture" || layer.kind === "padding" ? view.greys : view.ramp;
  const maps = view.against ? [view.values, view.against] : [view.values];
  maps.forEach((values, which) => {
    const canvas = which ? large.beside : large.canvas;
    const brush = sizeCanvas(canvas, width, height);
    const map = picture(mapOf(values, layer, channel), layer.rows, layer.columns, scale, colours);
    brush.drawImage(map, 0, 0, width, height);
    if (isOff(view.off, layer.name, channel)) hatch(brush, 0, 0, width, height, colourOf(view.root, "red-color"), 8);
    const { pixel } = view.selected;
    if (pixel) frame(brush, pixel, large.cell, colourOf(view.root, "primary-color"), 3);
    const pointed = view.pointed;
    if (!pointed?.pixel || pointed.layer !== layer.name) return;
    frame(brush, pointed.pixel, large.cell, colourOf(view.root, "text-color"), 1.5);
  });
}

function frame(brush, [row, column], cell, colour, width) {
  brush.strokeStyle = colour;
  brush.lineWidth = width;
  brush.strokeRect(column * cell, row * cell, cell, cell);
}

function drawNumber(view, layer, channel) {
  const { large } = view;
  large.cell = SIDE;
  const brush = sizeCanvas(large.canvas, SIDE, 62);
  const value = valueAt(view.values, layer, channel, 0, 0);
  brush.fillStyle = css(colourAt(view.ramp, value, view.values.scales[layer.place]));
  brush.fillRect(0, 0, 8, 62);
  brush.fillStyle = colourOf(view.root, "text-color");
  brush.font = "600 26px Inter, sans-serif";
  brush.fillText(write(value), 18, 40);
  if (view.against) {
    brush.font = "13px Inter, sans-serif";
    brush.fillText(`the other: ${write(valueAt(view.against, layer, channel, 0, 0))}`, 110, 38);
  }
}

function drawScale(view, layer, channel) {
  const { large } = view;
  const brush = sizeCanvas(large.scale, SIDE, 16);
  const scale = view.values.scales[layer.place];
  const grey = layer.kind === "picture" || layer.kind === "padding";
  const colours = grey ? view.greys : view.ramp;
  const low = grey ? 0 : -scale;
  for (let x = 0; x < SIDE; x += 1) {
    brush.fillStyle = css(colourAt(colours, low + ((scale - low) * x) / SIDE, scale));
    brush.fillRect(x, 0, 1, 10);
  }
  const map = mapOf(view.values, layer, channel);
  const [least, most] = [Math.min(...map), Math.max(...map)];
  brush.fillStyle = colourOf(view.root, "text-color");
  for (const value of [least, most]) {
    const x = Math.max(1, Math.min(SIDE - 1, (SIDE * (value - low)) / (scale - low)));
    brush.fillRect(x - 1, 0, 2, 15);
  }
  const ends = [write(low), "0", signed(scale)].slice(grey ? 1 : 0);
  large.ends.replaceChildren(...ends.map((text) => element("span", "", text)));
  large.scale.title =
    `This channel's values lie between ${write(least)} and ${write(most)}; ` +
    `colours are full at ±${write(scale)}, the layer's scale.`;
  large.ends.append(element("small", "", `here ${write(least)} to ${write(most)}`));
}

function drawTools(view, layer, channel) {
  const { large, network, off } = view;
  large.tools.replaceChildren();
  if (!layer.switchable) return;
  const every = Array.from({ length: layer.channels }, (_, one) => one);
  const add = (text, click, pressed, title) => {
    const one = button("tool", text, click, title);
    if (pressed !== null) one.setAttribute("aria-pressed", String(pressed));
    large.tools.append(one);
  };
  const isAllOff = off[layer.name]?.length === layer.channels;
  if (channel !== null) {
    const on = !isOff(off, layer.name, channel);
    const how = "This channel gives 0 everywhere (key o)";
    add(on ? "Switch off" : "Switch on", () => view.toggleOff(layer.name, [channel]), !on, how);
  }
  const word = isAllOff ? "Layer on" : "Layer off";
  add(word, () => view.toggleOff(layer.name, every), isAllOff, "All channels of this layer give 0");
  const [sum, inner] = Object.entries(network.blocks).find((block) => block.includes(layer.name)) ?? [];
  if (sum) {
    const whole = network.byName.get(inner);
    const out = off[inner]?.length === whole.channels;
    const all = Array.from({ length: whole.channels }, (_, one) => one);
    const how = `The residual block that ends in ${sum}: only the shortcut is left`;
    add(out ? "Block on" : "Block off", () => view.toggleOff(inner, all), out, how);
  }
  const ranked = view.leading[layer.name];
  const rests = "Which of its channels this answer rests on: each is switched off by itself";
  const words = ranked === null ? "Asking each …" : ranked ? "In order" : "Most important";
  add(words, () => view.rank(layer.name), Boolean(ranked), rests);
}

function nameOf(view, layer, channel, more = "") {
  if (layer.kind === "picture") return "picture";
  const ofClass = layer.answers && view.network.classes[channel];
  return `${layer.name}, ${ofClass || `${layer.like === "picture" ? "channel" : "unit"} ${channel}${more}`}`;
}

// The sentence about what is pointed at or chosen.
export function sentence(view, what) {
  if (!what || what.channel === null) return "";
  const layer = view.network.byName.get(what.layer);
  const name = nameOf(view, layer, what.channel, ` of ${layer.channels}`);
  const off = isOff(view.off, layer.name, what.channel) ? ", switched off" : "";
  const ranked = view.leading[what.layer];
  const share = ranked?.left[what.channel];
  const without = share === undefined ? "" : `; without it ${view.network.classes[ranked.named]} has ${percent(share)}`;
  if (!what.pixel) return name + without + off;
  const [row, column] = what.pixel;
  const value = valueAt(view.values, layer, what.channel, row, column);
  if (layer.like !== "picture") return `${name}: ${write(value)}${without}${off}`;
  if (layer.kind === "LSTM") return `${name}: ${write(value)} after row ${row} of the picture${without}${off}`;
  const [top, left, bottom, right] = fieldOf(layer, row, column);
  const all = top === 0 && left === 0 && bottom === SIDE_OF_PICTURE - 1 && right === SIDE_OF_PICTURE - 1;
  const factors = layer.whole ? ", and all of it through the factors" : "";
  const part = `rows ${top} to ${bottom}, columns ${left} to ${right} of the picture${factors}`;
  const sees = layer.kind === "picture" ? "" : `; sees ${all ? "the whole picture" : part}`;
  return `${name}: ${write(value)} at row ${row}, column ${column}${sees}${without}${off}`;
}
