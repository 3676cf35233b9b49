// One chart: what it shows, what the visitor did to it, and drawing it again when either changes.
import { Card, tableAt } from "./card.js";
import { connect } from "./interaction.js";
import { Legend, isShown } from "./legend.js";
import { element, setAttributes } from "./parts.js";
import { Plot } from "./plot.js";
import { valueAt } from "./scale.js";
import { View, domainsOf } from "./view.js";

const MOVE = 240; // milliseconds from one fit of the axes to the next
const EMPTY = { x: [0, 1], y: [0, 1] };

const saved = new Map(); // the chart's key -> {zoomed, hidden}, for a chart that Streamlit mounts again

export class CurveChart {
  constructor(parent, key) {
    this.key = key;
    this.hidden = new Set(saved.get(key)?.hidden); // ids of legend entries
    this.view = new View(saved.get(key)?.zoomed);
    this.plot = new Plot();
    this.card = new Card();
    this.legend = new Legend((id) => this.toggle(id));
    this.resetButton = element("button", "reset", "Reset zoom");
    Object.assign(this.resetButton, { type: "button", onclick: () => this.reset() });
    this.stage = element("div", "stage", this.plot.root, this.card.root);
    setAttributes(this.stage, { tabindex: "0", role: "application", "aria-roledescription": "chart" });
    const frame = element("div", "frame", this.stage, this.resetButton);
    this.root = element("section", "curve-chart", this.legend.root, frame, this.card.spoken);
    this.data = null;
    this.drawn = null; // the domain that stands on the axes
    this.moving = null; // {from, to, since}: the domains between which the axes move
    this.pointed = null; // the epoch under the crosshair
    this.motion = matchMedia("(prefers-reduced-motion: reduce)");
    parent.append(this.root);
    this.disconnect = connect(this, this.stage);
    this.observer = new ResizeObserver(() => this.data && this.draw());
    this.observer.observe(frame);
  }

  destroy() {
    this.disconnect();
    this.observer.disconnect();
    this.root.remove();
  }

  update(data) {
    this.data = data;
    data.series.forEach((one, place) => (one.place = place));
    setAttributes(this.stage, { "aria-label": data.label });
    this.legend.show(data, this.hidden);
    this.refit();
  }

  get series() {
    return this.data.series.filter((one) => isShown(one, this.data.several, this.hidden));
  }

  get isZoomed() {
    return this.view.zoomed !== null;
  }

  // --- what the visitor does ---

  toggle(id) {
    if (!this.hidden.delete(id)) this.hidden.add(id);
    this.legend.show(this.data, this.hidden);
    this.refit();
  }

  zoomAt(factor, left, top) {
    if (!this.view.fit) return;
    this.view.zoomAt(factor, this.plot.x.value(left), this.plot.y.value(top));
    this.jump();
  }

  // By key: around the curves at the crosshair, or in the middle of the axis; in the middle of both there may be none.
  zoomCurves(factor) {
    const { x, y, inner } = this.plot;
    const left = this.pointed === null ? inner.width / 2 : x.pixel(this.pointed);
    const found = this.series.map(({ epochs, batches }) => valueAt(epochs.length ? epochs : batches, x.value(left)));
    const tops = found.filter((value) => value !== null).map((value) => y.pixel(value));
    const seen = tops.filter((top) => top >= 0 && top <= inner.height);
    const middle = seen.reduce((sum, top) => sum + top / seen.length, 0);
    this.zoomAt(factor, left, seen.length ? middle : inner.height / 2);
  }

  // By pixels: the drawing follows the pointer.
  panBy(across, down) {
    if (!this.isZoomed) return;
    const { x, y } = this.plot;
    this.view.panBy(x.value(0) - x.value(across), y.value(0) - y.value(down));
    this.jump();
  }

  reset() {
    if (!this.isZoomed) return;
    if (this.resetButton.getRootNode().activeElement === this.resetButton) this.stage.focus();
    this.view.reset();
    this.move();
  }

  pointAt(left) {
    const wanted = this.plot.x.value(left);
    const distance = (x) => Math.abs(x - wanted);
    const places = this.places();
    const nearest = places.reduce((a, b) => (distance(b) < distance(a) ? b : a), places[0] ?? null);
    if (nearest === this.pointed) return;
    this.pointed = nearest;
    this.draw();
  }

  // To the next epoch; where it lies outside what is seen, that moves along.
  step(by) {
    const places = this.places();
    if (!places.length) return;
    const from = places.indexOf(this.pointed);
    const start = from >= 0 ? from + by : by === 1 ? 0 : by === -1 ? Infinity : by;
    this.pointed = places[Math.max(0, Math.min(start, places.length - 1))];
    const { zoomed } = this.view;
    if (zoomed) {
      const [first, last] = zoomed.x;
      this.view.panBy(Math.min(0, this.pointed - first) + Math.max(0, this.pointed - last), 0);
    }
    this.jump();
    this.card.say(tableAt(this.pointed, this.series, this.data));
  }

  leave() {
    if (this.pointed === null) return;
    this.pointed = null;
    this.draw();
  }

  placeOf(event) {
    return this.plot.placeOf(event);
  }

  // --- drawing ---

  // The epochs that the crosshair can stand on; before the first has ended, the batches.
  places() {
    const epochs = this.series.flatMap((one) => one.epochs.map(([x]) => x));
    const found = epochs.length ? epochs : this.series.flatMap((one) => one.batches.map(([x]) => x));
    return [...new Set(found)].sort((a, b) => a - b);
  }

  refit() {
    this.view.follow(domainsOf(this.series, this.data.height));
    if (this.pointed !== null && !this.places().includes(this.pointed)) this.pointed = null;
    this.move();
  }

  get wanted() {
    return this.view.wanted ?? EMPTY;
  }

  // At once, and it is kept for when Streamlit mounts this chart again.
  jump() {
    saved.set(this.key, { zoomed: this.view.zoomed, hidden: [...this.hidden] });
    this.moving = null;
    this.drawn = this.wanted;
    this.draw();
  }

  // Gently: axes that follow growing data do not jump.
  move() {
    const isSame = JSON.stringify(this.wanted) === JSON.stringify(this.moving?.to ?? this.drawn);
    if (!this.drawn || this.isZoomed || this.motion.matches || (isSame && !this.moving)) {
      this.jump();
      return;
    }
    saved.set(this.key, { zoomed: this.view.zoomed, hidden: [...this.hidden] });
    if (!isSame) {
      const isRunning = this.moving !== null;
      this.moving = { from: this.drawn, to: this.wanted, since: performance.now() };
      if (!isRunning) requestAnimationFrame(() => this.frame());
    }
    this.draw();
  }

  frame() {
    if (!this.moving) return;
    const { from, to, since } = this.moving;
    const share = Math.min(1, (performance.now() - since) / MOVE);
    const eased = 1 - (1 - share) ** 3;
    const between = (a, b) => a.map((end, place) => end + (b[place] - end) * eased);
    this.drawn = share < 1 ? { x: between(from.x, to.x), y: between(from.y, to.y) } : to;
    if (share === 1) this.moving = null;
    this.draw();
    if (this.moving) requestAnimationFrame(() => this.frame());
  }

  draw() {
    const { data, plot } = this;
    const width = this.stage.clientWidth;
    if (!width) return; // not on the page yet; the observer calls again
    plot.resize(width, data.height);
    const { series, pointed } = this;
    plot.draw({ ...data, domain: this.drawn, series, all: data.series, pointed });
    setAttributes(this.root, { "data-zoomed": String(this.isZoomed) });
    this.drawCard();
  }

  drawCard() {
    const { plot, pointed, series } = this;
    const cross = pointed === null ? NaN : plot.x.pixel(pointed);
    const { width, height } = plot.inner;
    if (!(cross >= 0 && cross <= width)) {
      this.card.hide();
      return;
    }
    const bounds = { left: plot.left, right: plot.left + width, top: plot.top, bottom: plot.top + height };
    const inArea = ({ left, right, top, bottom }) => ({
      left: left - plot.left,
      right: right - plot.left,
      top: top - plot.top,
      bottom: bottom - plot.top,
    });
    const cost = (box) => plot.covers(inArea(box), series);
    this.card.show(tableAt(pointed, series, this.data), plot.left + cross, bounds, cost);
  }
}
