// What the browser knows of a network: its layers, their values for one picture or two, and who takes what from whom.

import { bytes, readHalves } from "./numbers.js";

// told: {layers, strengths, ...} as inside_view.py says it. Layers get their place and where their values begin.
export function readNetwork(told) {
  let offset = 0;
  const layers = told.layers.map((layer, place) => {
    const [channels, rows = 1, columns = 1] = layer.shape;
    const found = { ...layer, place, offset, channels, rows, columns, area: rows * columns };
    offset += channels * rows * columns;
    return found;
  });
  const byName = new Map(layers.map((layer) => [layer.name, layer]));
  const strengths = new Map();
  for (const [name, sources] of Object.entries(told.strengths)) {
    for (const [source, text] of Object.entries(sources)) strengths.set(`${name} ${source}`, bytes(text));
  }
  return { ...told, layers, byName, strengths, count: offset };
}

// told: {text, scales, logits}; values of all layers, one after another, with nothing switched off.
export function readValues(told) {
  return { ...told, base: told.logits, all: readHalves(told.text) };
}

// told: {version, text, layers, logits}; the values of these layers where something is switched off.
export function withChanges(network, values, told) {
  const all = values.all.slice();
  const changed = readHalves(told.text);
  let from = 0;
  for (const name of told.layers) {
    const layer = network.byName.get(name);
    const size = layer.channels * layer.area;
    all.set(changed.subarray(from, from + size), layer.offset);
    from += size;
  }
  return { ...values, version: told.version, logits: told.logits, all, before: values.version, changed: new Set(told.layers) };
}

// What a layer's values are told apart by: those before what is switched off are still those of the whole network.
export function versionOf(values, layer) {
  return values?.changed && !values.changed.has(layer.name) ? values.before : values?.version;
}

export function mapOf(values, layer, channel) {
  const start = layer.offset + channel * layer.area;
  return values.all.subarray(start, start + layer.area);
}

export function valueAt(values, layer, channel, row, column) {
  return values.all[layer.offset + channel * layer.area + row * layer.columns + column];
}

// The channel's largest value in size: where one looks first.
export function strongestPixel(values, layer, channel) {
  const map = mapOf(values, layer, channel);
  let best = 0;
  for (let at = 1; at < map.length; at += 1) if (Math.abs(map[at]) > Math.abs(map[best])) best = at;
  return [Math.floor(best / layer.columns), best % layer.columns];
}

function strength(values, layer, channel) {
  const map = mapOf(values, layer, channel);
  let total = 0;
  for (const value of map) total += value * value;
  return Math.sqrt(total / map.length);
}

// Where a pixel looks in the picture: [top, left, bottom, right], the last two included.
export function fieldOf(layer, row, column) {
  const [rows, columns] = layer.field;
  const [top, bottom] = rows[Math.min(row, rows.length - 1)];
  const [left, right] = columns[Math.min(column, columns.length - 1)];
  return [top, left, bottom, right];
}

// Where a pixel looks in the layer before, cut to what is there; all of it where the layer takes everything.
export function windowOf(layer, source, row, column) {
  if (source.rows * source.columns === 1) return [0, 0, 0, 0];
  if (layer.slides) {
    const [top, left] = [row * layer.stride[0] - layer.pads[0], column * layer.stride[1] - layer.pads[1]];
    const bottom = Math.min(source.rows - 1, top + layer.size[0] - 1);
    const right = Math.min(source.columns - 1, left + layer.size[1] - 1);
    return [Math.max(0, top), Math.max(0, left), bottom, right];
  }
  if (layer.rows === source.rows && layer.columns === source.columns) return [row, column, row, column];
  return [0, 0, source.rows - 1, source.columns - 1];
}

// What a channel takes: [{source, channel, weight}], weight from 0 to 1 of how much each counts, the strongest first.
// By the size of its weights times that of the values they meet; a layer of which each channel takes its own, wholly.
export function takenBy(network, values, layer, channel, most = 40) {
  const found = [];
  for (const name of layer.inputs) {
    const source = network.byName.get(name);
    const weights = network.strengths.get(`${layer.name} ${name}`);
    if (weights) {
      for (let from = 0; from < source.channels; from += 1) {
        const weight = (weights[channel * source.channels + from] / 255) * strength(values, source, from);
        if (weight > 0) found.push({ source, channel: from, weight });
      }
    } else if (source.channels === layer.channels || source.channels === 1) {
      found.push({ source, channel: Math.min(channel, source.channels - 1), weight: 0, whole: true });
    } else {
      found.push({ source, channel: null, weight: 0, whole: true });
    }
  }
  const largest = Math.max(...found.map((one) => one.weight), 1e-9);
  for (const one of found) one.weight = one.whole ? 1 : one.weight / largest;
  return found.sort((one, other) => other.weight - one.weight).slice(0, most);
}

export function isOff(off, name, channel) {
  return Boolean(off[name]?.includes(channel));
}

// Off with these channels of a layer switched the other way: all off where any of them is on.
export function switched(off, name, channels) {
  const now = new Set(off[name] ?? []);
  const allOff = channels.every((one) => now.has(one));
  for (const one of channels) {
    if (allOff) now.delete(one);
    else now.add(one);
  }
  const changed = { ...off, [name]: [...now].sort((one, other) => one - other) };
  if (!now.size) delete changed[name];
  return changed;
}
