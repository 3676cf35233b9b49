// Numbers to pixels: round steps, the domain that fits the data, and how values are written.

// The round number (1, 2 or 5 times a power of ten) that divides the span into about so many steps.
export function niceStep(span, count) {
  const raw = span / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(raw));
  const part = raw / power;
  return (part > 5 ? 10 : part > 2 ? 5 : part > 1 ? 2 : 1) * power;
}

// The values that are written beside an axis; whole: only whole numbers.
export function ticksOf([from, to], count, whole) {
  let step = niceStep(to - from, count);
  if (whole) step = Math.max(1, Math.round(step));
  const ticks = [];
  // The small share lets a tick on the very edge survive the rounding of floating point.
  for (let place = Math.ceil(from / step - 1e-6); place <= to / step + 1e-6; place += 1) ticks.push(place * step);
  return { step, ticks };
}

// The values' range, widened to round numbers; equal values get some room around them.
export function niceRange(from, to, count) {
  if (!(to > from)) {
    const room = Math.abs(from) / 10 || 0.1;
    [from, to] = [from - room, to + room];
  }
  // Halves of the steps that are written: enough for a round end, and not half an axis of nothing.
  const step = niceStep(to - from, count) / 2;
  return [Math.floor(from / step + 1e-6) * step, Math.ceil(to / step - 1e-6) * step];
}

// Decimals that tell neighbouring ticks apart.
export function decimalsOf(step) {
  return Math.max(0, Math.min(6, -Math.floor(Math.log10(step) + 1e-6)));
}

export function writeTick(value, step, percent) {
  const text = percent ? (100 * value).toFixed(decimalsOf(100 * step)) : value.toFixed(decimalsOf(step));
  const plain = text.replace(/^-(0(?:\.0*)?)$/, "$1");
  return percent ? `${plain}\u202f%` : plain;
}

export function writeValue(value, percent) {
  if (percent) return `${(100 * value).toFixed(2)}\u202f%`;
  const size = Math.abs(value);
  return value.toFixed(size < 0.01 ? 6 : size < 10 ? 4 : 2);
}

// Value to pixel within so many pixels; the inset keeps points on the edge whole.
export function scaleOf([from, to], size, inset, upwards) {
  const room = size - 2 * inset;
  const pixel = (value) => {
    const share = (value - from) / (to - from);
    return inset + (upwards ? 1 - share : share) * room;
  };
  const value = (place) => {
    const share = (place - inset) / room;
    return from + (upwards ? 1 - share : share) * (to - from);
  };
  return { pixel, value };
}

export function percentile(sorted, share) {
  if (!sorted.length) return NaN;
  const place = share * (sorted.length - 1);
  const below = sorted[Math.floor(place)];
  return below + (sorted[Math.ceil(place)] - below) * (place - Math.floor(place));
}

// The line's value between its points; null beside it.
export function valueAt(points, x) {
  const place = points.findIndex(([found]) => found >= x);
  if (place < 0 || (place === 0 && points[0][0] > x)) return null;
  const [right, high] = points[place];
  if (!place || right === x) return high;
  const [left, low] = points[place - 1];
  return low + ((high - low) * (x - left)) / (right - left);
}
