// Pointer, wheel, touch and keys: what the visitor does, told to the chart.

const CLICK_SLOP = 6; // pixels a press may wander and still be a click
const WHEEL_STEP = 0.0016; // zoom by e to so much a pixel of wheel
const PINCH_STEP = 0.01; // a trackpad's pinch arrives as a wheel with ctrl, in smaller amounts
const REST = 250; // milliseconds; before, the wheel goes on scrolling the page
const KEY_ZOOM = 1.5;
const KEY_PAN = 40; // pixels

export function connect(chart, node) {
  const controller = new AbortController();
  const listen = (name, handler, options = {}) =>
    node.addEventListener(name, handler, { signal: controller.signal, ...options });
  const pointers = new Pointers(chart, node);
  listen("pointerenter", () => pointers.enter());
  listen("pointerdown", (event) => pointers.down(event));
  listen("pointermove", (event) => pointers.move(event));
  listen("pointerup", (event) => pointers.up(event));
  listen("pointercancel", (event) => pointers.up(event));
  listen("pointerleave", (event) => pointers.leave(event));
  listen("wheel", (event) => pointers.wheel(event), { passive: false });
  listen("dblclick", () => chart.reset());
  listen("keydown", (event) => pressKey(chart, event));
  listen("blur", () => chart.leave());
  return () => controller.abort();
}

class Pointers {
  constructor(chart, node) {
    this.chart = chart;
    this.node = node;
    this.pressed = new Map(); // pointer id -> its last place
    this.wandered = 0;
    this.isArmed = false; // the wheel is the chart's
    this.enter();
  }

  enter() {
    this.moved = false;
    this.restsSince = performance.now();
  }

  down(event) {
    if (event.button > 0) return;
    this.isArmed = true;
    if (!this.pressed.size) this.wandered = 0;
    this.pressed.set(event.pointerId, this.chart.placeOf(event));
    if (event.pointerType !== "mouse") this.chart.pointAt(...this.chart.placeOf(event));
  }

  move(event) {
    const place = this.chart.placeOf(event);
    const before = this.pressed.get(event.pointerId);
    if (event.movementX || event.movementY) this.moved = true;
    if (!before || !this.chart.isZoomed) this.chart.pointAt(...place);
    if (!before) return;
    this.wandered += Math.hypot(place[0] - before[0], place[1] - before[1]);
    if (this.pressed.size > 1) this.pinch(event.pointerId, before, place);
    else if (this.wandered > CLICK_SLOP) {
      // Held from here on only: a press that stays a click must not lose its double click.
      if (!this.node.hasPointerCapture(event.pointerId)) this.node.setPointerCapture(event.pointerId);
      this.chart.panBy(place[0] - before[0], place[1] - before[1]);
    }
    this.pressed.set(event.pointerId, place);
  }

  pinch(id, before, place) {
    const [, other] = [...this.pressed].find(([otherId]) => otherId !== id);
    const distance = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1]);
    const factor = distance(place, other) / Math.max(1, distance(before, other));
    this.chart.zoomAt(factor, (place[0] + other[0]) / 2, (place[1] + other[1]) / 2);
    this.chart.panBy((place[0] - before[0]) / 2, (place[1] - before[1]) / 2);
  }

  up(event) {
    this.pressed.delete(event.pointerId);
  }

  leave(event) {
    this.isArmed = false;
    this.pressed.delete(event.pointerId);
    // A finger that was lifted leaves too, and what it pointed at is still to be read.
    if (event.pointerType === "mouse") this.chart.leave();
  }

  // A page that scrolls under a pointer goes on scrolling: the wheel is the chart's after a click, or once the pointer
  // has moved on it and the wheel has rested. Zooming out beyond the whole scrolls the page as well.
  wheel(event) {
    const now = performance.now();
    const pixels = event.deltaY * [1, 16, 400][event.deltaMode];
    if (!this.isArmed && this.moved && now - this.restsSince > REST) this.isArmed = true;
    this.restsSince = now;
    if (!this.isArmed || (pixels > 0 && !this.chart.isZoomed)) return;
    event.preventDefault();
    this.chart.zoomAt(Math.exp(-pixels * (event.ctrlKey ? PINCH_STEP : WHEEL_STEP)), ...this.chart.placeOf(event));
  }
}

function pressKey(chart, event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const actions = {
    ArrowLeft: () => chart.step(-1),
    ArrowRight: () => chart.step(1),
    Home: () => chart.step(-Infinity),
    End: () => chart.step(Infinity),
    ArrowUp: () => chart.panBy(0, KEY_PAN),
    ArrowDown: () => chart.panBy(0, -KEY_PAN),
    "+": () => chart.zoomCurves(KEY_ZOOM),
    "=": () => chart.zoomCurves(KEY_ZOOM),
    "-": () => chart.zoomCurves(1 / KEY_ZOOM),
    0: () => chart.reset(),
    Escape: () => chart.leave(),
  };
  if (!(event.key in actions)) return;
  // Up and down scroll the page as long as there is nothing to pan.
  if (["ArrowUp", "ArrowDown"].includes(event.key) && !chart.isZoomed) return;
  event.preventDefault();
  actions[event.key]();
}
