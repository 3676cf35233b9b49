// Which part of the data is seen: all of it, following the data as it grows, or what the visitor zoomed to.
import { niceRange, percentile } from "./scale.js";

const CLIPPED_BATCHES = 0.02; // the first batches of a training are far off and would flatten all that follows
const LEAST_EPOCHS = 1; // the axis counts whole epochs
const LEAST_PART = 1 / 200; // of the values' range
const Y_STEPS = 5;

// What is drawn while nothing is zoomed, and the limits of panning: {fit: {x, y}, limits: {x, y}}; null: no points.
export function domainsOf(series, height) {
  const epochs = series.flatMap((one) => (one.best ? [...one.epochs, one.best] : one.epochs));
  const batches = series.flatMap((one) => one.batches);
  const all = [...epochs, ...batches];
  if (!all.length) return null;
  const places = all.map(([x]) => x);
  const [first, last] = [Math.min(...places), Math.max(...places)];
  const x = [batches.length ? 0 : Math.floor(first), Math.max(1, Math.ceil(last))];
  if (x[0] === x[1]) x[0] -= 1;
  const sorted = batches.map(([, y]) => y).sort((a, b) => a - b);
  const values = epochs.map(([, y]) => y);
  if (sorted.length) values.push(percentile(sorted, CLIPPED_BATCHES), percentile(sorted, 1 - CLIPPED_BATCHES));
  const y = niceRange(Math.min(...values), Math.max(...values), Y_STEPS * (height / 320));
  const ys = all.map(([, value]) => value);
  return { fit: { x, y }, limits: { x, y: [Math.min(y[0], ...ys), Math.max(y[1], ...ys)] } };
}

export class View {
  constructor(zoomed) {
    this.zoomed = zoomed ?? null; // {x, y} in the data's units: new data does not move it
    this.fit = null;
    this.limits = null;
  }

  follow(domains) {
    if (!domains) return;
    Object.assign(this, domains);
  }

  get wanted() {
    return this.zoomed ?? this.fit;
  }

  // Zooms by the factor and keeps the point (x, y) where it is; beyond the whole the view follows the data again.
  zoomAt(factor, x, y) {
    const wide = (domain) => domain[1] - domain[0];
    const { wanted, fit } = this;
    const sizes = {
      x: Math.max(wide(wanted.x) / factor, Math.min(LEAST_EPOCHS, wide(fit.x))),
      y: Math.max(wide(wanted.y) / factor, wide(fit.y) * LEAST_PART),
    };
    if (sizes.x >= wide(fit.x) && sizes.y >= wide(fit.y)) {
      this.zoomed = null;
      return;
    }
    const around = (domain, size, centre) => {
      const from = centre - ((centre - domain[0]) / wide(domain)) * size;
      return [from, from + size];
    };
    this.show({
      x: around(wanted.x, Math.min(sizes.x, wide(fit.x)), x),
      y: around(wanted.y, Math.min(sizes.y, wide(fit.y)), y),
    });
  }

  panBy(x, y) {
    if (!this.zoomed) return;
    const moved = (domain, by) => domain.map((end) => end + by);
    this.show({ x: moved(this.zoomed.x, x), y: moved(this.zoomed.y, y) });
  }

  show({ x, y }) {
    this.zoomed = { x: within(x, this.limits.x), y: within(y, this.limits.y) };
  }

  reset() {
    this.zoomed = null;
  }
}

// The domain, moved inside the limits as far as it fits there.
function within([from, to], [least, most]) {
  const size = Math.min(to - from, most - least);
  const start = Math.min(Math.max(from, least), most - size);
  return [start, start + size];
}
