// What each input channel adds to a whole channel of a convolution.

import { mapOf } from "./network.js";
import { readHalves } from "./numbers.js";
import { element } from "./parts.js";
import { grid, sign, textLine } from "./worked.js";

// The lines of the panel, as `lines` of worked.js gives them of a pixel.
export function shareLines(view, shares) {
  const source = view.network.byName.get(shares.source);
  const layer = view.network.byName.get(shares.layer);
  const maps = readHalves(shares.text);
  const mapAt = (place) => rowsOf(maps.subarray(place * layer.area, (place + 1) * layer.area), layer);
  const shown = shares.inputs.slice(0, view.workedOut.count);
  const found = shown.map((channel, place) => {
    const input = rowsOf(mapOf(view.values, source, channel), source);
    const name = source.kind === "picture" ? "picture" : `${source.name}, channel ${channel}`;
    const parts = [
      grid(view, input, view.values.scales[source.place], "input"),
      sign("∗"),
      grid(view, shares.kernels[place], shares.kernelScale, "kernel"),
      sign("="),
      grid(view, mapAt(place), shares.scale, "adds"),
    ];
    return line(name, parts);
  });
  const left = shares.inputs.length - shown.length + shares.others;
  const others = grid(view, sumFrom(shown.length), shares.scale, "add");
  if (left) found.push(line(`and the other ${left} together`, [others]));
  const more = [layer.hasBias ? "the bias" : "", ...layer.steps].filter(Boolean);
  found.push(textLine(more.length ? `their sum; then ${more.join(", ")}` : "their sum is the channel", "", "result"));
  return found;

  function sumFrom(first) {
    const total = new Float32Array(layer.area);
    for (let at = first * layer.area; at < maps.length; at += 1) total[at % layer.area] += maps[at];
    return rowsOf(total, layer);
  }
}

function rowsOf(values, { rows, columns }) {
  return Array.from({ length: rows }, (_, row) => [...values.subarray(row * columns, (row + 1) * columns)]);
}

function line(name, parts) {
  const node = element("div", "line-of part");
  const grids = element("span", "grids");
  grids.append(...parts);
  node.append(element("span", "words", name), grids, element("span", "amount"));
  return { node };
}
