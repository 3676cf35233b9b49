// What the strokes of a drawing say of a garment's shape: specks, pen, closed areas, silhouette. The same as
// fmnist_core/photo/strokes.py, where its numbers are explained.
"use strict";

const FINE_SIDE = 112;
const GAP = 3;
const SPECK = 0.05;
const FAR = 0.1;
const SHOULDER = 0.06;
const COLLAR = 0.12;
const SMALLEST_AREA = 0.004;

// drawn: mask. The mask without stray specks far from the rest.
function withoutSpecks(drawn) {
  const { width, height, data } = drawn;
  const { pieces, sizes, count } = labelled(drawn, true);
  const all = sizes.slice(1).reduce((one, other) => one + other, 0);
  const small = sizes.map((size, number) => number === 0 || size < SPECK * all);
  if (small.every(Boolean) || small.filter(Boolean).length === 1) return drawn;
  const rest = raster(width, height, Uint8Array.from(pieces, (piece) => (small[piece] ? 0 : 1)));
  const { left, top, right, bottom } = box(rest);
  const side = Math.max(right - left, bottom - top);
  const away = distances(raster(width, height, rest.data.map((one) => 1 - one))).data;
  const nearest = new Array(count + 1).fill(Infinity);
  for (let at = 0; at < away.length; at++) nearest[pieces[at]] = Math.min(nearest[pieces[at]], away[at]);
  const specks = small.map((one, number) => number > 0 && one && nearest[number] > FAR * side);
  return raster(width, height, data.map((one, at) => (one && !specks[pieces[at]] ? 1 : 0)));
}

// drawn: mask, not empty. ink: raster in 0..1. {ink, drawn, areas, count, half} with a longest side of 112.
function readStrokes(drawn, ink) {
  const fine = resized(crop(ink, box(drawn)), FINE_SIDE);
  const { width, height } = fine;
  const dark = raster(width, height, Uint8Array.from(fine.data, (value) => (value >= 0.5 ? 1 : 0)));
  const margin = GAP + 1;
  const closed = eroded(dilated(padded(dark, margin), GAP), GAP);
  const open = raster(closed.width, closed.height, closed.data.map((one) => 1 - one));
  const { pieces, sizes } = labelled(open);
  const least = SMALLEST_AREA * width * height;
  const order = sizes
    .map((_, piece) => piece)
    .filter((piece) => piece !== 0 && piece !== pieces[0] && sizes[piece] >= least)
    .sort((one, other) => sizes[other] - sizes[one]);
  const numbers = new Int32Array(sizes.length);
  order.forEach((piece, place) => (numbers[piece] = place + 1));
  const whole = closed.data.map((one, at) => (one || sizes[pieces[at]] < least ? 1 : 0));
  return {
    drawn: inner(raster(closed.width, closed.height, whole), margin),
    areas: inner(raster(closed.width, closed.height, Int32Array.from(pieces, (piece) => numbers[piece])), margin),
    count: order.length,
    half: penHalf(dark),
  };
}

// Half of the width of typical strokes: the median distance of their middles to an edge.
function penHalf(dark) {
  const { width, height, data } = depths(dark);
  const middles = [];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const own = data[y * width + x];
      if (!dark.data[y * width + x]) continue;
      let most = own;
      for (let down = Math.max(0, y - 1); down <= Math.min(height - 1, y + 1); down++) {
        for (let over = Math.max(0, x - 1); over <= Math.min(width - 1, x + 1); over++) {
          most = Math.max(most, data[down * width + over]);
        }
      }
      if (own === most) middles.push(own);
    }
  }
  return middles.length ? median(middles) : 0.5;
}

// The closed areas but the holes (a Set), up to the middle of the line around them; other lines whole.
function silhouette(strokes, holes) {
  const { areas, drawn, half } = strokes;
  const { width, height } = areas;
  const filled = raster(width, height, Uint8Array.from(areas.data, (area) => (area > 0 && !holes.has(area) ? 1 : 0)));
  if (!filled.data.includes(1)) return drawn;
  const around = dilated(filled, roundEven(2 * half) + 1).data.map((one, at) => one & drawn.data[at]);
  const depth = depths(raster(width, height, filled.data.map((one, at) => one | around[at]))).data;
  const by = roundEven(half);
  const found = drawn.data.map((one, at) => (depth[at] > by || (one && !around[at]) ? 1 : 0));
  return found.includes(1) ? raster(width, height, found) : drawn;
}

// The closed areas that stand on the largest one as the opening under a handle does.
function loops(strokes) {
  const found = new Set();
  for (let area = 2; area <= strokes.count; area++) if (isLoop(strokes, area)) found.add(area);
  return found;
}

function isLoop({ areas, half }, area) {
  const { width, height, data } = areas;
  const columns = (row, wanted) => {
    const found = [];
    for (let x = 0; x < width; x++) if (data[row * width + x] === wanted) found.push(x);
    return found;
  };
  const rows = Array.from({ length: height }, (_, y) => y).filter((y) => columns(y, area).length);
  const [first, last] = [rows[0], rows.at(-1)];
  const own = columns(last - Math.floor((last - first) / 8), area);
  const body = columns(Math.min(last + roundEven(2 * half) + 2, height - 1), 1);
  if (rows.length < COLLAR * height || !body.length || own.at(-1) - own[0] >= own.length) return false;
  const shoulder = SHOULDER * width;
  return body[0] + shoulder < own[0] && own.at(-1) + shoulder < body.at(-1);
}
