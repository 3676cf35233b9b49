// Pointer, wheel, touch and keys: what the visitor does, told to the map's Visitor.

const CLICK_SLOP = { mouse: 4, pen: 6, touch: 10 }; // pixels a press may wander and still be a click
const WHEEL_STEP = 0.0016; // zoom by e to so much a pixel of wheel
const PINCH_STEP = 0.01; // a trackpad's pinch arrives as a wheel with ctrl, in smaller amounts
const KEY_ZOOM = 1.5;

// Connects the canvas to the visitor's actions; returns a function that undoes it.
export function connect(visitor, canvas) {
  const controller = new AbortController();
  const listen = (name, handler, options = {}) =>
    canvas.addEventListener(name, handler, { signal: controller.signal, ...options });
  const pointers = new PointerTracker(visitor, canvas);
  listen("pointerdown", (event) => pointers.down(event));
  listen("pointermove", (event) => pointers.move(event));
  listen("pointerup", (event) => pointers.up(event));
  listen("click", (event) => pointers.click(event));
  listen("pointercancel", (event) => pointers.cancel(event));
  listen("pointerleave", () => pointers.leave());
  listen("contextmenu", (event) => event.preventDefault()); // the right button moves the map
  listen("dblclick", () => visitor.resetView());
  listen("wheel", (event) => pointers.wheel(event), { passive: false });
  listen("keydown", (event) => pressKey(visitor, event));
  listen("blur", () => visitor.leaveKeyboard());
  return () => controller.abort();
}

class PointerTracker {
  constructor(visitor, canvas) {
    this.visitor = visitor;
    this.canvas = canvas;
    this.pressed = new Map(); // pointer id -> its last place
    this.wandered = 0;
    this.moved = false;
    this.gesture = "drag"; // or "pan", "draw", and "drawing" once it has begun
  }

  placeOf(event) {
    const bounds = this.canvas.getBoundingClientRect();
    return [event.clientX - bounds.left, event.clientY - bounds.top];
  }

  down(event) {
    if (event.button === 1) return;
    this.canvas.setPointerCapture(event.pointerId);
    if (!this.pressed.size) this.begin(event);
    this.pressed.set(event.pointerId, this.placeOf(event));
    // A second finger makes it a pinch, which begins at once and never ends as a click.
    if (this.pressed.size > 1) {
      this.wandered = Infinity;
      if (this.gesture === "drawing") this.visitor.cancelLasso();
      this.gesture = "pan";
    }
    this.moved = true;
  }

  begin(event) {
    this.wandered = 0;
    const { lasso, canSelect } = this.visitor.map;
    const isDrawing = canSelect && (event.shiftKey || lasso.tool !== null);
    this.gesture = event.button === 2 ? "pan" : isDrawing ? "draw" : "drag";
    this.start = this.placeOf(event);
  }

  move(event) {
    const place = this.placeOf(event);
    const before = this.pressed.get(event.pointerId);
    if (event.movementX || event.movementY) this.moved = true;
    if (!before) {
      if (event.pointerType !== "touch") this.visitor.pointAt(...place);
      return;
    }
    this.wandered += Math.hypot(place[0] - before[0], place[1] - before[1]);
    if (this.wandered <= (CLICK_SLOP[event.pointerType] ?? 4)) return;
    if (this.pressed.size > 1) this.pinch(event.pointerId, before, place);
    else this.follow(before, place);
    this.pressed.set(event.pointerId, place);
  }

  follow(before, place) {
    const [right, down] = [place[0] - before[0], place[1] - before[1]];
    if (this.gesture === "pan") this.visitor.panBy(right, down);
    else if (this.gesture === "drag") this.visitor.dragBy(right, down);
    else {
      if (this.gesture === "draw") this.visitor.startLasso(this.start);
      this.gesture = "drawing";
      this.visitor.extendLasso(place);
    }
  }

  pinch(id, before, place) {
    const [, other] = [...this.pressed].find(([otherId]) => otherId !== id);
    const distance = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1]);
    const factor = distance(place, other) / Math.max(1, distance(before, other));
    this.visitor.zoomAt(factor, (place[0] + other[0]) / 2, (place[1] + other[1]) / 2, true);
    this.visitor.panBy((place[0] - before[0]) / 2, (place[1] - before[1]) / 2);
  }

  up(event) {
    if (!this.pressed.delete(event.pointerId) || this.pressed.size) return;
    this.isClick = this.wandered <= (CLICK_SLOP[event.pointerType] ?? 4);
    this.isTouch = event.pointerType === "touch";
    if (this.visitor.map.lasso.isDrawing) this.visitor.finishLasso();
    else this.visitor.endMove();
  }

  // The second click of a double click resets the view and chooses nothing anew.
  click(event) {
    if (this.isClick && event.detail < 2) this.visitor.clickAt(...this.placeOf(event), this.isTouch);
  }

  cancel(event) {
    this.pressed.delete(event.pointerId);
    this.visitor.cancelLasso();
  }

  leave() {
    this.moved = false;
    if (!this.pressed.size) this.visitor.leave();
  }

  // A page that scrolls under a resting pointer goes on scrolling: the wheel is the map's once the pointer has moved
  // on it. Zooming out beyond the whole map scrolls the page as well.
  wheel(event) {
    const pixels = event.deltaY * [1, 16, 400][event.deltaMode];
    if (!this.moved || (pixels > 0 && this.visitor.isWholeShown())) return;
    event.preventDefault();
    const step = event.ctrlKey ? PINCH_STEP : WHEEL_STEP;
    this.visitor.zoomAt(Math.exp(-pixels * step), ...this.placeOf(event));
  }
}

function pressKey(visitor, event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const actions = {
    ArrowLeft: () => visitor.moveByKey(1, 0),
    ArrowRight: () => visitor.moveByKey(-1, 0),
    ArrowUp: () => visitor.moveByKey(0, 1),
    ArrowDown: () => visitor.moveByKey(0, -1),
    "+": () => visitor.zoomCentre(KEY_ZOOM),
    "=": () => visitor.zoomCentre(KEY_ZOOM),
    "-": () => visitor.zoomCentre(1 / KEY_ZOOM),
    0: () => visitor.resetView(),
    Home: () => visitor.resetView(),
    " ": () => visitor.map.player.toggle(),
    n: () => visitor.stepNeighbour(1),
    p: () => visitor.stepNeighbour(-1),
    Enter: () => visitor.chooseStepped(),
    Escape: () => visitor.escape(),
  };
  const action = actions[event.key];
  if (!action) return;
  event.preventDefault();
  action();
}
