// Arithmetic on rasters: {width, height, data}, row by row. Masks hold 0 and 1. Rounding is as Python's and NumPy's.
"use strict";

function raster(width, height, data) {
  return { width, height, data: data ?? new Float32Array(width * height) };
}

// To the nearest whole number; halves go to the even one.
function roundEven(value) {
  const low = Math.floor(value);
  const rest = value - low;
  if (rest !== 0.5) return rest < 0.5 ? low : low + 1;
  return low % 2 === 0 ? low : low + 1;
}

function toByte(value) {
  return Math.min(255, Math.max(0, roundEven(value)));
}

// How much each source pixel counts for each target pixel along one axis: Pillow's box filter.
function boxWeights(size, target) {
  const scale = size / target;
  const wide = Math.max(scale, 1);
  return Array.from({ length: target }, (_, at) => {
    const centre = (at + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - 0.5 * wide + 0.5));
    const end = Math.min(size, Math.trunc(centre + 0.5 * wide + 0.5));
    const weights = [];
    for (let place = first; place < end; place++) {
      const away = (place - centre + 0.5) / wide;
      weights.push(away > -0.5 && away <= 0.5 ? 1 : 0);
    }
    const sum = weights.reduce((one, other) => one + other, 0);
    return { first, weights: weights.map((weight) => weight / sum) };
  });
}

// By area, first along rows, then along columns, as Pillow does: values are kept as float32 between the two.
function boxResize(source, width, height) {
  const { data } = source;
  const wide = new Float32Array(width * source.height);
  boxWeights(source.width, width).forEach(({ first, weights }, x) => {
    for (let y = 0; y < source.height; y++) {
      let sum = 0;
      for (let i = 0; i < weights.length; i++) sum += data[y * source.width + first + i] * weights[i];
      wide[y * width + x] = sum;
    }
  });
  const found = raster(width, height);
  boxWeights(source.height, height).forEach(({ first, weights }, y) => {
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (let i = 0; i < weights.length; i++) sum += wide[(first + i) * width + x] * weights[i];
      found.data[y * width + x] = sum;
    }
  });
  return found;
}

// The longest side as told, the other in proportion and at least 1; values stay between 0 and 1.
function resized(source, longest) {
  const scale = longest / Math.max(source.width, source.height);
  const width = Math.max(1, roundEven(source.width * scale));
  const height = Math.max(1, roundEven(source.height * scale));
  const found = boxResize(source, width, height);
  found.data = found.data.map((value) => Math.min(1, Math.max(0, value)));
  return found;
}

// {left, top, right, bottom} of what is not 0, right and bottom beyond it; null where all is.
function box({ width, height, data }) {
  let [left, top, right, bottom] = [width, height, 0, 0];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (!data[y * width + x]) continue;
      left = Math.min(left, x);
      right = Math.max(right, x + 1);
      top = Math.min(top, y);
      bottom = y + 1;
    }
  }
  return right ? { left, top, right, bottom } : null;
}

function crop(source, { left, top, right, bottom }) {
  const [width, height] = [right - left, bottom - top];
  const data = new source.data.constructor(width * height);
  for (let y = 0; y < height; y++) {
    const from = (top + y) * source.width + left;
    data.set(source.data.subarray(from, from + width), y * width);
  }
  return raster(width, height, data);
}

function padded(source, margin) {
  const [width, height] = [source.width + 2 * margin, source.height + 2 * margin];
  const data = new source.data.constructor(width * height);
  for (let y = 0; y < source.height; y++) {
    data.set(source.data.subarray(y * source.width, (y + 1) * source.width), (y + margin) * width + margin);
  }
  return raster(width, height, data);
}

function inner(source, margin) {
  return crop(source, { left: margin, top: margin, right: source.width - margin, bottom: source.height - margin });
}

// One step of four neighbours: what is set spreads (to 1), or what is not, the outside among it (to 0).
function grown({ width, height, data }, to) {
  const found = data.slice();
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * width + x;
      if (data[at] === to) continue;
      const edge = x === 0 || y === 0 || x === width - 1 || y === height - 1;
      const near =
        (x > 0 && data[at - 1] === to) ||
        (x < width - 1 && data[at + 1] === to) ||
        (y > 0 && data[at - width] === to) ||
        (y < height - 1 && data[at + width] === to);
      if (near || (to === 0 && edge)) found[at] = to;
    }
  }
  return raster(width, height, found);
}

function repeated(source, to, times) {
  let found = source;
  for (let i = 0; i < times; i++) found = grown(found, to);
  return found;
}

const dilated = (source, times) => repeated(source, 1, times);
const eroded = (source, times) => repeated(source, 0, times);

// Pieces of what is set, numbered from 1 in the order of their first pixels; diagonal: whether corners join.
function labelled({ width, height, data }, diagonal = false) {
  const pieces = new Int32Array(width * height);
  const sizes = [0];
  const stack = [];
  for (let start = 0; start < data.length; start++) {
    if (!data[start] || pieces[start]) continue;
    const number = sizes.length;
    sizes.push(0);
    pieces[start] = number;
    stack.push(start);
    while (stack.length) {
      const at = stack.pop();
      sizes[number]++;
      const x = at % width;
      const y = (at - x) / width;
      for (let down = -1; down <= 1; down++) {
        for (let over = -1; over <= 1; over++) {
          if (!diagonal && down && over) continue;
          const [nextX, nextY] = [x + over, y + down];
          if (nextX < 0 || nextY < 0 || nextX >= width || nextY >= height) continue;
          const next = nextY * width + nextX;
          if (!data[next] || pieces[next]) continue;
          pieces[next] = number;
          stack.push(next);
        }
      }
    }
  }
  sizes[0] = data.length - sizes.reduce((one, other) => one + other, 0);
  return { pieces, sizes, count: sizes.length - 1 };
}

// The Euclidean distance of each pixel that is set to the nearest that is not, exact (Felzenszwalb and Huttenlocher
// 2012, doi 10.4086/toc.2012.v008a019); infinite where all are set.
function distances({ width, height, data }) {
  const far = 1e12;
  const squares = Float64Array.from(data, (one) => (one ? far : 0));
  const along = (size, read, write) => {
    const values = new Float64Array(size);
    const places = new Int32Array(size);
    const bounds = new Float64Array(size + 1);
    for (let i = 0; i < size; i++) values[i] = read(i);
    let last = 0;
    bounds[0] = -Infinity;
    bounds[1] = Infinity;
    for (let i = 1; i < size; i++) {
      let meet;
      do {
        const place = places[last];
        meet = (values[i] + i * i - values[place] - place * place) / (2 * i - 2 * place);
      } while (meet <= bounds[last] && last-- > 0);
      last++;
      places[last] = i;
      bounds[last] = meet;
      bounds[last + 1] = Infinity;
    }
    for (let i = 0, at = 0; i < size; i++) {
      while (bounds[at + 1] < i) at++;
      write(i, (i - places[at]) ** 2 + values[places[at]]);
    }
  };
  for (let x = 0; x < width; x++) {
    along(height, (y) => squares[y * width + x], (y, value) => (squares[y * width + x] = value));
  }
  for (let y = 0; y < height; y++) {
    along(width, (x) => squares[y * width + x], (x, value) => (squares[y * width + x] = value));
  }
  return raster(width, height, squares.map((square) => (square >= far / 2 ? Infinity : Math.sqrt(square))));
}

// The same where the outside is not set either.
function depths(source) {
  return inner(distances(padded(source, 1)), 1);
}

function median(values) {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
