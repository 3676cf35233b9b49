// The training pictures whose outlines are most like a given one, and how garments with such outlines are shaded. The
// same as fmnist_core/photo/alike.py; fmnist_core/exports/outline_data.py packs them.
"use strict";

const SIDE = 28;
const PIXELS = SIDE * SIDE;
const NEIGHBOURS = 8;
const WORDS = 25; // of 32 bits for one outline

// packed: bytes; first the outlines, 98 a picture, then what is left of each garment's pixels after their prediction.
function unpackOutlines(packed, count) {
  const bits = new Uint32Array(count * WORDS);
  const bytes = new Uint8Array(bits.buffer);
  const starts = new Uint32Array(count + 1);
  let at = count * 98;
  for (let picture = 0; picture < count; picture++) {
    starts[picture] = at;
    const from = picture * 98;
    bytes.set(packed.subarray(from, from + 98), picture * WORDS * 4);
    for (let word = 0; word < WORDS; word++) at += ones(bits[picture * WORDS + word]);
  }
  starts[count] = at;
  if (at !== packed.length) throw new Error("the pictures beside this page are cut short");
  return { packed, bits, starts, count };
}

function ones(word) {
  word -= (word >>> 1) & 0x55555555;
  word = (word & 0x33333333) + ((word >>> 2) & 0x33333333);
  return Math.imul((word + (word >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

function packedMask(data) {
  const bytes = new Uint8Array(WORDS * 4);
  for (let at = 0; at < PIXELS; at++) if (data[at]) bytes[at >> 3] |= 128 >> (at & 7);
  return new Uint32Array(bytes.buffer);
}

// Of a 28x28 mask: the places of the pictures most like it, and the mean of the pixels that are garment in only one.
function nearestOutlines({ bits, count }, data) {
  const own = packedMask(data);
  const apart = new Uint16Array(count);
  const histogram = new Uint32Array(PIXELS + 1);
  for (let picture = 0, at = 0; picture < count; picture++) {
    let sum = 0;
    for (let word = 0; word < WORDS; word++, at++) sum += ones(bits[at] ^ own[word]);
    apart[picture] = sum;
    histogram[sum]++;
  }
  let limit = 0;
  for (let total = histogram[0]; total < NEIGHBOURS; total += histogram[limit]) limit++;
  const within = [];
  const ties = [];
  for (let picture = 0; picture < count; picture++) {
    if (apart[picture] < limit) within.push(picture);
    else if (apart[picture] === limit && ties.length < NEIGHBOURS) ties.push(picture);
  }
  const chosen = [...within, ...ties].slice(0, NEIGHBOURS);
  const distance = chosen.reduce((sum, picture) => sum + apart[picture], 0) / chosen.length;
  return { chosen, distance };
}

// A training picture: what its predecessors predict of each pixel of the garment, and what is left.
function pictureOf({ packed, starts }, picture) {
  const found = new Uint8Array(PIXELS);
  let at = starts[picture];
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      const place = y * SIDE + x;
      if (!(packed[picture * 98 + (place >> 3)] & (128 >> (place & 7)))) continue;
      const beside = x ? found[place - 1] : 0;
      const above = y ? found[place - SIDE] : 0;
      const [left, up] = [beside || above, above || beside];
      const corner = (x && y ? found[place - SIDE - 1] : 0) || Math.min(left, up);
      const guess = Math.min(Math.max(left + up - corner, Math.min(left, up)), Math.max(left, up));
      found[place] = guess + packed[at++];
    }
  }
  return found;
}

// The picture, its background as bright as the garment's nearest pixel; of equally near ones the left, then upper one.
function spread(picture) {
  const nearest = new Int16Array(PIXELS).fill(-1); // rows of the garment's nearest pixels in the same column
  if (!picture.some(Boolean)) return picture.fill(255);
  for (let x = 0; x < SIDE; x++) {
    for (let y = 0; y < SIDE; y++) {
      for (let away = 0; away < SIDE && nearest[y * SIDE + x] < 0; away++) {
        if (y >= away && picture[(y - away) * SIDE + x]) nearest[y * SIDE + x] = y - away;
        else if (y + away < SIDE && picture[(y + away) * SIDE + x]) nearest[y * SIDE + x] = y + away;
      }
    }
  }
  const found = new Uint8Array(PIXELS);
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      let [least, place] = [Infinity, 0];
      for (let column = 0; column < SIDE; column++) {
        const row = nearest[y * SIDE + column];
        const distance = (row - y) ** 2 + (column - x) ** 2;
        if (row >= 0 && distance < least) [least, place] = [distance, row * SIDE + column];
      }
      found[y * SIDE + x] = picture[place];
    }
  }
  return found;
}

// The mean of the pictures most like a 28x28 mask, 0 to 255.
function shading(outlines, data) {
  const sums = new Float32Array(PIXELS);
  const { chosen } = nearestOutlines(outlines, data);
  for (const picture of chosen) spread(pictureOf(outlines, picture)).forEach((value, at) => (sums[at] += value));
  return sums.map((sum) => sum / chosen.length);
}
