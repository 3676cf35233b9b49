// A canvas to draw on with mouse, finger or pen: white on black, as the data is. Lengths are shares of its side.
"use strict";

const INK_SIDE = 320; // pixels of the ink that is made of the strokes
const FINER = 4; // times: edges of the ink are soft, as on screen
const APART = 0.004; // points nearer to each other tell nothing

class Sheet {
  // begun: called when a stroke begins; changed: when it has ended, or something was taken back.
  constructor(canvas, begun, changed) {
    this.canvas = canvas;
    this.begun = begun;
    this.changed = changed;
    this.strokes = [];
    this.before = []; // what Undo goes back to
    this.width = 18 / INK_SIDE;
    this.erase = false;
    this.pointer = null;
    canvas.onpointerdown = (event) => this.begin(event);
    canvas.onpointermove = (event) => this.follow(event);
    canvas.onpointerup = (event) => this.lift(event);
    canvas.onpointercancel = (event) => this.lift(event);
    canvas.ontouchstart = (event) => event.preventDefault();
    canvas.oncontextmenu = (event) => event.preventDefault();
    this.show();
  }

  begin(event) {
    if (this.pointer !== null || event.button) return;
    event.preventDefault();
    this.canvas.setPointerCapture(event.pointerId);
    this.pointer = event.pointerId;
    const stroke = { width: this.width, erase: this.erase, points: this.placeOf(event) };
    this.become([...this.strokes, stroke]);
    this.begun();
    this.show();
  }

  follow(event) {
    if (event.pointerId !== this.pointer) return;
    const { points } = this.strokes.at(-1);
    const passed = event.getCoalescedEvents?.() ?? [];
    for (const one of passed.length ? passed : [event]) {
      const [x, y] = this.placeOf(one);
      if (Math.hypot(x - points.at(-2), y - points.at(-1)) >= APART) points.push(x, y);
    }
    this.show();
  }

  lift(event) {
    if (event.pointerId !== this.pointer) return;
    this.pointer = null;
    this.changed();
  }

  placeOf({ clientX, clientY }) {
    const { left, top, width, height } = this.canvas.getBoundingClientRect();
    return [(clientX - left) / width, (clientY - top) / height];
  }

  become(strokes) {
    this.before.push(this.strokes);
    this.strokes = strokes;
  }

  undo() {
    if (!this.before.length || this.pointer !== null) return;
    this.strokes = this.before.pop();
    this.show();
    this.changed();
  }

  clear() {
    if (this.pointer !== null) return;
    if (this.strokes.length) this.become([]);
    this.show();
    this.changed();
  }

  show() {
    const side = Math.round(this.canvas.clientWidth * (window.devicePixelRatio || 1)) || 640;
    if (this.canvas.width !== side) this.canvas.width = this.canvas.height = side;
    const count = this.strokes.length;
    this.canvas.setAttribute("aria-label", count ? `Your drawing of ${count} stroke${count > 1 ? "s" : ""}` : "An empty canvas");
    paint(this.canvas.getContext("2d"), side, this.strokes);
  }

  // A raster of 320x320 in 0..1.
  ink() {
    const side = INK_SIDE * FINER;
    const sheet = document.createElement("canvas");
    sheet.width = sheet.height = side;
    const pen = sheet.getContext("2d", { willReadFrequently: true });
    paint(pen, side, this.strokes);
    const { data } = pen.getImageData(0, 0, side, side);
    const fine = raster(side, side, Float32Array.from({ length: side * side }, (_, at) => data[4 * at] / 255));
    return boxResize(fine, INK_SIDE, INK_SIDE);
  }
}

function paint(pen, side, strokes) {
  pen.fillStyle = "#000";
  pen.fillRect(0, 0, side, side);
  pen.lineCap = pen.lineJoin = "round";
  for (const { width, erase, points } of strokes) {
    pen.strokeStyle = pen.fillStyle = erase ? "#000" : "#fff";
    if (points.length === 2) {
      pen.beginPath(); // a line of no length would leave nothing
      pen.arc(points[0] * side, points[1] * side, (width * side) / 2, 0, 2 * Math.PI);
      pen.fill();
      continue;
    }
    pen.lineWidth = width * side;
    pen.beginPath();
    pen.moveTo(points[0] * side, points[1] * side);
    for (let i = 0; i < points.length; i += 2) pen.lineTo(points[i] * side, points[i + 1] * side);
    pen.stroke();
  }
}
