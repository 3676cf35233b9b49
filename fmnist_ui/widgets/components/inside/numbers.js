// Numbers as they come (base64 of halves and of bytes), as they are written, and as colours round zero.

export function bytes(text) {
  const letters = atob(text);
  const found = new Uint8Array(letters.length); // a loop: `from` with a function takes several times as long
  for (let at = 0; at < found.length; at += 1) found[at] = letters.charCodeAt(at);
  return found;
}

let halves = null; // what each of the 65,536 halves is

function everyHalf() {
  const found = new Float32Array(65536);
  for (let bits = 0; bits < 65536; bits += 1) {
    const exponent = (bits >> 10) & 31;
    const fraction = bits & 1023;
    const size = exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15);
    found[bits] = bits & 32768 ? -size : size;
  }
  return found;
}

// text: base64 of little-endian halves (float16).
export function readHalves(text) {
  halves ??= everyHalf();
  const raw = bytes(text);
  const found = new Float32Array(raw.length / 2);
  for (let at = 0; at < found.length; at += 1) found[at] = halves[raw[2 * at] | (raw[2 * at + 1] << 8)];
  return found;
}

// As many digits as say something: 128, 12.3, 1.23, 0.012.
export function write(value) {
  const size = Math.abs(value);
  if (!Number.isFinite(value)) return "–";
  let text = size.toFixed(2);
  if (size >= 99.95) text = size.toFixed(0);
  else if (size >= 9.995) text = size.toFixed(1);
  else if (size < 0.00005) text = "0";
  else if (size < 0.0995) text = size.toFixed(size < 0.00995 ? 4 : 3);
  return value < 0 && Number(text) !== 0 ? `−${text}` : text;
}

export function signed(value) {
  return value < 0 || write(value).startsWith("−") ? write(value) : `+${write(value)}`;
}

const INK = {
  light: { zero: [255, 255, 255], plus: [8, 76, 150], minus: [190, 62, 6] },
  dark: { zero: [24, 31, 33], plus: [120, 190, 255], minus: [255, 158, 92] },
};
const STEPS = 255; // on each side of zero

// 2 * STEPS + 1 colours from the most negative to the most positive, each a little-endian RGBA number.
export function ramp(dark) {
  const { zero, plus, minus } = INK[dark ? "dark" : "light"];
  return Uint32Array.from({ length: 2 * STEPS + 1 }, (_, at) => {
    const far = (at - STEPS) / STEPS;
    const end = far < 0 ? minus : plus;
    const part = Math.abs(far) ** 0.8; // what is faint is still told from nothing
    const [red, green, blue] = zero.map((from, one) => Math.round(from + (end[one] - from) * part));
    return (255 << 24) | (blue << 16) | (green << 8) | red;
  });
}

export function greys() {
  return Uint32Array.from({ length: 2 * STEPS + 1 }, (_, at) => {
    const tone = Math.max(0, at - STEPS);
    return (255 << 24) | (tone << 16) | (tone << 8) | tone;
  });
}

export function colourAt(colours, value, scale) {
  const part = Math.max(-1, Math.min(1, value / scale));
  return colours[Math.round(STEPS + STEPS * part)];
}

export function css(colour) {
  return `rgb(${colour & 255} ${(colour >> 8) & 255} ${(colour >> 16) & 255})`;
}

// Black or white, whichever is read on that colour.
export function inkOn(colour) {
  const light = 0.299 * (colour & 255) + 0.587 * ((colour >> 8) & 255) + 0.114 * ((colour >> 16) & 255);
  return light > 140 ? "#16211f" : "#ffffff";
}

// values: (rows x columns); a canvas of one pixel a value.
export function picture(values, rows, columns, scale, colours) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [columns, rows];
  const brush = canvas.getContext("2d");
  const image = brush.createImageData(columns, rows);
  const pixels = new Uint32Array(image.data.buffer);
  for (let at = 0; at < pixels.length; at += 1) pixels[at] = colourAt(colours, values[at], scale);
  brush.putImageData(image, 0, 0);
  return canvas;
}

export function softmax(logits) {
  const most = Math.max(...logits);
  const powers = Array.from(logits, (one) => Math.exp(one - most));
  const total = powers.reduce((sum, one) => sum + one, 0);
  return { powers, total, shares: powers.map((one) => one / total) };
}

export function percent(share) {
  if (share > 0.9995 && share < 1) return "> 99.9 %";
  if (share < 0.0005 && share > 0) return "< 0.1 %";
  return `${(100 * share).toFixed(1)} %`;
}
