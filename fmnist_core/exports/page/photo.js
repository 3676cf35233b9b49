// A photo becomes a picture by a simple way that this page alone can go; the app does more. If the photo's border is of
// one colour, what differs from it is the garment: it is cut out and trimmed; else all of the photo is taken. Where
// the border is bright, light and dark change places, and a nearly white garment is darkened. Then it is fitted.
"use strict";

const KEPT_SIDE = 384; // pixels of a photo's longest side that are looked at
const PLAIN_BORDER = 40; // how far from the border's typical colour nine tenths of it may lie, of 255
const UNLIKE = 32; // from which difference a pixel is garment
const LEAST_GARMENT = 0.01; // of the photo
const LIGHTEST = 60; // of a garment's typical pixel, light on black

// pixels: ImageData. {picture, words}: 784 bytes, and what was done.
function preparePhoto({ width, height, data }) {
  const gray = raster(width, height);
  for (let at = 0; at < gray.data.length; at++) {
    gray.data[at] = (data[4 * at] * 19595 + data[4 * at + 1] * 38470 + data[4 * at + 2] * 7471 + 32768) >> 16;
  }
  const border = borderOf(width, height);
  const colour = [0, 1, 2].map((channel) => median(border.map((at) => data[4 * at + channel])));
  const unlike = (at) => Math.max(...colour.map((level, channel) => Math.abs(data[4 * at + channel] - level)));
  const bright = median(border.map((at) => gray.data[at])) > 127;
  if (width === SIDE && height === SIDE) {
    const picture = Uint8Array.from(gray.data, (value) => (bright ? 255 - value : value));
    return { picture, words: "It is 28x28 already and taken as it is." + (bright ? " Light and dark changed places." : "") };
  }
  const differences = border.map(unlike).sort((one, other) => one - other);
  const plain = differences[Math.floor(0.9 * (differences.length - 1))] <= PLAIN_BORDER;
  const garment = plain ? largest(raster(width, height, Uint8Array.from(gray.data, (_, at) => (unlike(at) > UNLIKE ? 1 : 0)))) : null;
  const turned = gray.data.map((value) => (bright ? 255 - value : value));
  if (!garment) {
    const words = "No garment stood out from a plain background, so the whole photo was taken.";
    return { picture: fitted(raster(width, height, turned)), words: words + (bright ? " Light and dark changed places." : "") };
  }
  return cutOut(raster(width, height, turned), garment, bright);
}

function cutOut(gray, garment, bright) {
  const typical = median(Array.from(gray.data).filter((_, at) => garment.data[at]));
  // As a photo on white would be darkened before it is negated.
  const scale = bright && typical < LIGHTEST ? (255 - LIGHTEST) / Math.max(1, 255 - typical) : 1;
  const levels = gray.data.map((value, at) => (garment.data[at] ? 255 - (255 - value) * scale : 0));
  const words = ["Cut out from its plain background"];
  if (bright) words.push("light and dark changed places");
  if (scale < 1) words.push("a nearly white garment was darkened, or it would vanish");
  const picture = fitted(crop(raster(gray.width, gray.height, levels), box(garment)));
  return { picture, words: `${words.join("; ")}.` };
}

function fitted(gray) {
  const small = resized(raster(gray.width, gray.height, gray.data.map((value) => value / 255)), SIDE);
  return centred(raster(small.width, small.height, small.data.map((share) => toByte(share * 255))));
}

// The largest piece of a mask, its holes filled; null where it is no garment.
function largest(found) {
  const { width, height } = found;
  const { pieces, sizes } = labelled(found, true);
  if (sizes.length < 2) return null;
  const most = sizes.slice(1).reduce((best, size, place) => (size > sizes[best] ? place + 1 : best), 1);
  if (sizes[most] < LEAST_GARMENT * width * height) return null;
  const rest = padded(raster(width, height, Uint8Array.from(pieces, (piece) => (piece === most ? 1 : 0))), 1);
  const outside = labelled(raster(rest.width, rest.height, rest.data.map((one) => 1 - one))).pieces;
  return inner(raster(rest.width, rest.height, Uint8Array.from(outside, (piece) => (piece === 1 ? 0 : 1))), 1);
}

function borderOf(width, height) {
  const found = [];
  for (let x = 0; x < width; x++) found.push(x, (height - 1) * width + x);
  for (let y = 1; y < height - 1; y++) found.push(y * width, y * width + width - 1);
  return found;
}
