// A drawing becomes two pictures with the look of the dataset's: centred, as large as they fit, the inside filled. The
// same as fmnist_core/photo/drawing.py, where its numbers are explained.
"use strict";

const INK = 0.1;
const SMALLEST = 0.16;
const MOST_AREAS = 8;
const PLAIN = 240;
const PLAIN_WEIGHT = 1 / 3;

// ink: raster, 0 where the canvas is empty to 1 where the pen has been. [{picture, weight}], pictures of 784 bytes.
function prepareDrawing(ink, outlines) {
  const drawn = raster(ink.width, ink.height, Uint8Array.from(ink.data, (value) => (value >= INK ? 1 : 0)));
  if (!drawn.data.includes(1)) throw new Error("The canvas is empty; draw the outline of a garment or fill it in.");
  const kept = withoutSpecks(drawn);
  const { left, top, right, bottom } = box(kept);
  if (Math.max(right - left, bottom - top) < SMALLEST * Math.max(ink.width, ink.height)) {
    throw new Error("The drawing is too small to tell what it is; draw it larger.");
  }
  const strokes = readStrokes(kept, raster(ink.width, ink.height, ink.data.map((one, at) => one * kept.data[at])));
  return shaded(strokes, silhouette(strokes, holesOf(strokes, outlines)), outlines);
}

// The closed areas that are no garment: under a handle, and those without which garments are more alike.
function holesOf(strokes, outlines) {
  const distance = (holes) => {
    const shape = silhouette(strokes, holes);
    return nearestOutlines(outlines, cover(shape, shape).map((share) => share >= 0.5)).distance;
  };
  let holes = loops(strokes);
  const standing = new Set(holes);
  let nearest = distance(holes);
  for (let area = 2; area <= Math.min(strokes.count, MOST_AREAS); area++) {
    if (standing.has(area)) continue;
    const more = new Set([...holes, area]);
    const found = distance(more);
    if (found < nearest) [nearest, holes] = [found, more];
  }
  return holes;
}

function shaded(strokes, shape, outlines) {
  const { width, height } = shape;
  const { drawn, count, half } = strokes;
  const lines = shape.data.map((one, at) => (count && one && drawn.data[at] ? 1 : 0));
  const depth = depths(shape).data;
  const within = lines.map((one, at) => (one && depth[at] > half + 1 ? 1 : 0));
  const whole = cover(shape, shape);
  const [garment, plain] = [within, lines].map((dark) => {
    const covered = cover(raster(width, height, dark), shape);
    return whole.map((share, at) => share * (1 - covered[at]));
  });
  const shades = shading(outlines, garment.map((share) => share >= 0.5));
  return [
    { picture: Uint8Array.from(garment, (share, at) => toByte(shades[at] * share)), weight: 1 - PLAIN_WEIGHT },
    { picture: Uint8Array.from(plain, (share) => toByte(share * PLAIN)), weight: PLAIN_WEIGHT },
  ];
}

// 784 shares, 0 to 1: how much of each pixel is of the part, the silhouette fitted into the picture.
function cover(part, shape) {
  const cut = crop(part, box(shape));
  const fitted = resized(raster(cut.width, cut.height, Float32Array.from(cut.data)), SIDE);
  const bytes = fitted.data.map((share) => toByte(Math.fround(share * 255)));
  return Array.from(centred(raster(fitted.width, fitted.height, bytes)), (value) => value / 255);
}

// 784 values around a raster of at most 28x28; an odd pixel goes left and on top.
function centred({ width, height, data }) {
  const found = new Uint8Array(PIXELS);
  const top = (SIDE - height + 1) >> 1;
  const left = (SIDE - width + 1) >> 1;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) found[(top + y) * SIDE + left + x] = data[y * width + x];
  }
  return found;
}
