// The two canvases of a map: the points by WebGL2 or without it, and over them what belongs to the pointer.
import { sortByDepth } from "./depth.js";
import { Overlay } from "./overlay.js";
import { element } from "./panels.js";
import { CanvasRenderer } from "./renderer_canvas.js";
import { WebglRenderer } from "./renderer_webgl.js";

const MAX_RATIO = 2; // device pixels a CSS pixel: more costs time and shows nothing
const LOST_FOR_GOOD = 1500; // milliseconds without WebGL after which the map is drawn without it
const EVERYTHING = new Set(["layout", "marks", "palette", "sheet"]);

export class Screen {
  // onRestored: called when something else draws: a lost WebGL context came back, or the plain canvas stands in for it.
  constructor(root, stage, points, onRestored) {
    this.root = root;
    this.stage = stage;
    this.points = points;
    this.onRestored = onRestored;
    this.order = new Uint32Array(0);
    this.sheet = null;
    this.ratio = 1;
    this.isPlain = false; // drawn without WebGL
    this.isStale = true; // something other than the view has changed since the points were drawn
    this.drawn = ""; // the view in which they were
    this.lost = 0; // the timer of a lost context
    this.overlayCanvas = element("canvas", "overlay");
    this.overlayCanvas.tabIndex = 0;
    this.overlayCanvas.setAttribute("role", "application");
    this.stage.prepend(this.overlayCanvas);
    this.overlay = new Overlay(this.overlayCanvas);
    this.makeRenderer();
  }

  makeRenderer() {
    this.renderer = this.makeWebgl() ?? this.makePlain();
    this.root.dataset.renderer = this.renderer.kind;
  }

  // Null where the browser refuses WebGL2, or cannot use our shaders.
  makeWebgl() {
    if (this.isPlain) return null;
    const canvas = this.makeCanvas();
    // Without this the browser never gives a lost context back.
    canvas.addEventListener("webglcontextlost", (event) => {
      if (!canvas.isConnected) return; // the map is gone, or has another canvas
      event.preventDefault();
      clearTimeout(this.lost);
      this.lost = setTimeout(() => this.startAgain(true), LOST_FOR_GOOD);
    });
    canvas.addEventListener("webglcontextrestored", () => canvas.isConnected && this.startAgain(false));
    try {
      return WebglRenderer.create(canvas);
    } catch (error) {
      console.warn(error);
      return null;
    }
  }

  makePlain() {
    this.isPlain = true;
    return new CanvasRenderer(this.makeCanvas());
  }

  makeCanvas() {
    this.pointsCanvas?.remove(); // one that has tried WebGL can do nothing else
    this.pointsCanvas = element("canvas", "points");
    this.stage.prepend(this.pointsCanvas);
    return this.pointsCanvas;
  }

  startAgain(isPlain) {
    clearTimeout(this.lost);
    this.isPlain = isPlain;
    this.makeRenderer();
    this.fill(EVERYTHING);
    this.onRestored();
  }

  // Hands on what has changed: see Points.take, and "sheet".
  fill(changes) {
    const { points, renderer } = this;
    this.isStale ||= changes.size > 0;
    const has = (...names) => names.some((name) => changes.has(name));
    if (has("layout")) {
      this.moveLayouts();
      renderer.setPictures(points.picture);
    }
    if (has("layout", "emphasised")) renderer.setFaint(points.faint, points.count);
    if (has("marks")) renderer.setColours(points.colour);
    if (has("palette")) renderer.setShades(points.shades());
    if (has("layout", "marks", "emphasised", "highlighted")) this.setOrder();
    if (has("sheet") && this.sheet) renderer.setSheet(this.sheet);
  }

  moveLayouts() {
    this.isStale = true;
    const { from, layout } = this.points.motion;
    this.renderer.setLayouts(from, layout);
  }

  setOrder() {
    this.isStale = true;
    this.order = this.points.drawingOrder();
    this.renderer.setOrder(this.order);
  }

  get bestRatio() {
    return Math.min(MAX_RATIO, window.devicePixelRatio || 1);
  }

  resize(width, height) {
    this.isStale = true; // a canvas of a new size is empty
    this.ratio = this.bestRatio;
    for (const canvas of [this.pointsCanvas, this.overlayCanvas]) {
      canvas.width = Math.round(width * this.ratio);
      canvas.height = Math.round(height * this.ratio);
    }
  }

  // share: how much of the points, 0 to 1. While only what lies over them changes (the line of a lasso, the pointer),
  // their canvas is left as it is: without a graphics chip each drawing of 60,000 takes longer than a frame.
  draw(frame, share) {
    const whole = { ...frame, points: this.points, ratio: this.ratio, sheet: this.sheet };
    const view = viewOf(whole, share);
    if (this.isStale || view !== this.drawn) {
      const skipped = this.arrange(frame.camera, Math.floor(this.order.length * (1 - share)));
      this.renderer.draw({ ...whole, skipped });
      this.isStale = false;
      this.drawn = view;
    }
    this.overlay.draw(whole);
  }

  // Puts the points in their order without the first ones; says how many are still to be skipped.
  arrange(camera, skipped) {
    const { order, points, renderer } = this;
    if (!camera.isFlat) renderer.setOrder(sortByDepth(order.subarray(skipped), points, camera));
    else if (this.isByDepth) renderer.setOrder(order);
    this.isByDepth = !camera.isFlat;
    return camera.isFlat ? skipped : 0;
  }

  destroy() {
    clearTimeout(this.lost);
    this.renderer.destroy();
    this.pointsCanvas.remove();
    this.overlayCanvas.remove();
  }
}

// All that the drawing of the points depends on and that changes without `fill`.
function viewOf({ camera, points, shown, sizes, theme }, share) {
  return JSON.stringify([[...camera.matrix(0)], camera.scale, points.motion.morph, share, shown, sizes, theme]);
}
