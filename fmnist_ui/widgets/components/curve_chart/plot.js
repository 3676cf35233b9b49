// The drawing: axes, grid, curves, crosshair. Its nodes stay; an update only changes their attributes.
import { scaleOf, ticksOf, valueAt, writeTick } from "./scale.js";
import { pool, setAttributes, setStyle, setText, shape } from "./parts.js";

const MARGIN = { top: 28, right: 8, bottom: 38, left: 54 };
const INSET = 10; // room inside the axes, so that the points on their ends are whole
const POINT_ROOM = 7; // pixels from epoch to epoch, below which points would be a caterpillar
const TICK_ROOM = { x: 58, y: 46 }; // pixels
const LETTER = 6.3; // pixels, about, of the label of the best epoch

export class Plot {
  constructor() {
    this.grid = shape("g", "grid");
    this.numbers = shape("g", "numbers");
    this.titles = [shape("text", "axis-title"), shape("text", "axis-title")];
    this.cross = shape("line", "cross");
    this.curves = shape("g", "curves");
    this.boundaries = shape("g", "boundaries");
    this.marks = shape("g", "marks");
    this.labels = shape("g", "labels");
    // A drawing within the drawing cuts off what lies outside it, without an id that has to be unique.
    this.area = shape("svg", "area", this.boundaries, this.cross, this.curves, this.marks, this.labels);
    this.empty = shape("text", "empty");
    this.root = shape("svg", "plot", this.grid, this.numbers, ...this.titles, this.area, this.empty);
    this.root.setAttribute("aria-hidden", "true");
    this.nodes = { lines: [], numbers: [], curves: [], marks: [], labels: [], boundaries: [] };
    setText(this.titles[0], "epoch");
    setText(this.empty, "Waiting for the first values");
  }

  resize(width, height) {
    this.width = width;
    this.inner = {
      width: Math.max(60, width - MARGIN.left - MARGIN.right),
      height: height - MARGIN.top - MARGIN.bottom,
    };
    const { inner } = this;
    setAttributes(this.root, { width, height, viewBox: `0 0 ${width} ${height}` });
    setAttributes(this.area, { x: MARGIN.left, y: MARGIN.top, width: inner.width, height: inner.height });
    setAttributes(this.titles[0], { x: MARGIN.left + inner.width / 2, y: height - 4, "text-anchor": "middle" });
    setAttributes(this.titles[1], { x: 0, y: 13 });
    setAttributes(this.empty, {
      x: MARGIN.left + inner.width / 2,
      y: MARGIN.top + inner.height / 2 + 4,
      "text-anchor": "middle",
    });
  }

  // Where on the drawing a place of the page is, in pixels of the area inside the axes.
  placeOf({ clientX, clientY }) {
    const bounds = this.root.getBoundingClientRect();
    return [clientX - bounds.left - MARGIN.left, clientY - bounds.top - MARGIN.top];
  }

  get left() {
    return MARGIN.left;
  }

  get top() {
    return MARGIN.top;
  }

  // frame: {domain: {x, y}, series: the visible ones, all: every one, title, percent, several, pointed: x or null,
  // boundaries: [epoch, name] of each stage after the first}
  draw(frame) {
    const { inner } = this;
    this.x = scaleOf(frame.domain.x, inner.width, INSET, false);
    this.y = scaleOf(frame.domain.y, inner.height, INSET, true);
    setText(this.titles[1], frame.title);
    setAttributes(this.empty, { visibility: frame.all.length ? "hidden" : "visible" });
    this.drawAxes(frame);
    pool(this.curves, this.nodes.curves, frame.all, newCurve, (node, one) => {
      setAttributes(node, { visibility: frame.series.includes(one) ? "visible" : "hidden" });
      if (frame.series.includes(one)) this.drawCurve(node, one);
    });
    this.drawBoundaries(frame);
    this.drawBest(frame);
    this.drawCross(frame);
  }

  drawAxes({ domain, percent, all }) {
    const { inner, x, y } = this;
    const across = ticksOf(domain.x, inner.width / TICK_ROOM.x, true);
    const up = ticksOf(domain.y, inner.height / TICK_ROOM.y, false);
    const rows = up.ticks.map((value) => {
      return { at: MARGIN.top + y.pixel(value), text: writeTick(value, up.step, percent) };
    });
    const columns = across.ticks.map((value) => ({ at: MARGIN.left + x.pixel(value), text: String(value) }));
    const right = MARGIN.left + inner.width;
    const foot = MARGIN.top + inner.height;
    const lines = [
      ...rows.map(({ at }) => ({ x1: MARGIN.left, x2: right, y1: at, y2: at })),
      ...columns.map(({ at }) => ({ x1: at, x2: at, y1: foot, y2: foot + 5 })),
      { x1: MARGIN.left, x2: right, y1: foot, y2: foot },
    ];
    pool(this.grid, this.nodes.lines, lines, () => shape("line", ""), (node, line, place) => {
      setAttributes(node, { ...rounded(line), class: place < rows.length ? "rule" : "axis" });
    });
    const numbers = [
      ...(all.length ? rows : []).map(({ at, text }) => [MARGIN.left - 8, at + 4, "end", text]),
      ...columns.map(({ at, text }) => [at, foot + 18, "middle", text]),
    ];
    pool(this.numbers, this.nodes.numbers, numbers, () => shape("text", ""), (node, [left, top, anchor, text]) => {
      setAttributes(node, { ...rounded({ x: left, y: top }), "text-anchor": anchor });
      setText(node, text);
    });
  }

  // Where one stage of a training ends and the next begins: a line, and the next one's name at its foot.
  drawBoundaries({ boundaries }) {
    const { inner, x } = this;
    const draw = (node, [epoch, name]) => {
      const left = x.pixel(epoch);
      setAttributes(node.firstChild, rounded({ x1: left, x2: left, y1: 0, y2: inner.height }));
      setAttributes(node.lastChild, rounded({ x: left + 5, y: inner.height - 6 }));
      setText(node.lastChild, name);
    };
    const make = () => shape("g", "boundary", shape("line", ""), shape("text", ""));
    pool(this.boundaries, this.nodes.boundaries, boundaries, make, draw);
  }

  drawCurve(node, { colour, dash, batches, epochs }) {
    const [faint, line, points] = node.children;
    setStyle(node, "--colour", colour);
    setAttributes(faint, { d: this.pathOf(batches) });
    setAttributes(line, { d: this.pathOf(epochs), "stroke-dasharray": dash || "none" });
    const room = epochs.length > 1 ? this.x.pixel(1) - this.x.pixel(0) : Infinity;
    // A stroke of no length with round ends is a point: all of them are one node.
    const seen = epochs.length || batches.length > 1 ? epochs : batches; // one value alone makes no line
    setAttributes(points, { d: room < POINT_ROOM ? "" : seen.map((point) => `M${this.textOf(point)}h0`).join("") });
  }

  pathOf(points) {
    return points.map((point, place) => `${place ? "L" : "M"}${this.textOf(point)}`).join("");
  }

  textOf([x, y]) {
    return `${this.x.pixel(x).toFixed(1)},${this.y.pixel(y).toFixed(1)}`;
  }

  // The open diamonds, and beside them the epoch. Among several runs only where it covers nothing: there are many.
  drawBest({ series, several, percent }) {
    const best = series.filter((one) => one.best);
    const labels = [];
    for (const { best: point } of best) {
      // The better half of a chart is the emptier one: below the curves of a loss, above those of an accuracy.
      const places = percent ? [-14, 25] : [25, -14];
      const boxes = places
        .map((down) => this.labelAt(point, down))
        .filter((box) => this.holds(box) && !labels.some((other) => overlap(box, other)));
      const costs = boxes.map((box) => this.covers(box, series));
      const least = Math.min(...costs);
      const chosen = several && least > 0 ? undefined : boxes[costs.indexOf(least)];
      if (chosen) labels.push(chosen);
    }
    pool(this.marks, this.nodes.marks, best, () => shape("path", "best"), (node, { best: point, colour }) => {
      setStyle(node, "--colour", colour);
      setAttributes(node, { d: `M${this.textOf(point)}m0,-7.5l7.5,7.5l-7.5,7.5l-7.5,-7.5z` });
    });
    pool(this.labels, this.nodes.labels, labels, () => shape("text", "best-label"), (node, { x, baseline, text }) => {
      setAttributes(node, rounded({ x, y: baseline }));
      setText(node, text);
    });
  }

  labelAt(point, down) {
    const text = `best: epoch ${point[0]}`;
    const half = (text.length * LETTER) / 2;
    const [left, top] = [this.x.pixel(point[0]), this.y.pixel(point[1])];
    const x = Math.min(Math.max(left, half + 3), this.inner.width - half - 3);
    const baseline = top + down;
    const isSeen = left >= 0 && left <= this.inner.width && top >= 0 && top <= this.inner.height;
    return { text, x, baseline, isSeen, left: x - half, right: x + half, top: baseline - 12, bottom: baseline + 4 };
  }

  holds({ isSeen, top, bottom }) {
    return isSeen && top >= 0 && bottom <= this.inner.height;
  }

  // How much of the curves lies under a box of the area, in crossings of its columns.
  covers(box, series) {
    let count = 0;
    for (const { epochs, batches } of series) {
      const points = epochs.length ? epochs : batches;
      for (let left = box.left; left <= box.right; left += 12) {
        const value = valueAt(points, this.x.value(left));
        const top = value === null ? NaN : this.y.pixel(value);
        if (top > box.top - 2 && top < box.bottom + 2) count += 1;
      }
    }
    return count;
  }

  drawCross({ pointed, series }) {
    const shown = pointed !== null;
    const left = shown ? this.x.pixel(pointed).toFixed(1) : 0;
    setAttributes(this.cross, { x1: left, x2: left, y1: 0, y2: this.inner.height });
    setAttributes(this.cross, { visibility: shown ? "visible" : "hidden" });
    this.nodes.curves.forEach((node) => setAttributes(node.lastChild, { visibility: "hidden" }));
    if (!shown) return;
    for (const one of series) {
      const point = one.epochs.find(([x]) => x === pointed) ?? one.batches.find(([x]) => x === pointed);
      if (!point) continue;
      const node = this.nodes.curves[one.place].lastChild;
      setAttributes(node, { cx: this.x.pixel(point[0]).toFixed(1), cy: this.y.pixel(point[1]).toFixed(1) });
      node.removeAttribute("visibility");
    }
  }
}

function overlap(one, other) {
  return one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;
}

function newCurve() {
  const ring = shape("circle", "ring");
  setAttributes(ring, { r: 5, visibility: "hidden" });
  return shape("g", "curve", shape("path", "batches"), shape("path", "epochs"), shape("path", "points"), ring);
}

function rounded(numbers) {
  return Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, Number(value.toFixed(1))]));
}
