// One map on the page: puts together what Python sent and what the visitor does, and draws when either changes.
import { Camera, sizesAt } from "./camera.js";
import { connect } from "./interaction.js";
import { Overlay, enlargedSize } from "./overlay.js";
import { Card, Legend, element, sentenceOf } from "./panels.js";
import { Points } from "./points.js";
import { CanvasRenderer } from "./renderer_canvas.js";
import { WebglRenderer } from "./renderer_webgl.js";
import { loadSheet } from "./sheet.js";
import { Visitor } from "./visitor.js";

const FADE_MS = 250; // of the pictures, once their sheet is there
const MAX_RATIO = 2; // device pixels a CSS pixel: more costs time and shows nothing
const HELP = "Arrow keys move, plus and minus zoom, 0 shows all, N and P step through the neighbours, Enter selects.";
const savedViews = new Map(); // the map's key -> camera view, for a visitor who comes back from another page

export class SpriteMap {
  constructor(parent, key) {
    this.parent = parent;
    this.key = key;
    this.root = this.part("sprite-map");
    this.stage = this.part("stage");
    this.points = new Points();
    this.camera = new Camera(savedViews.get(key));
    this.visitor = new Visitor(this);
    this.card = new Card(this.part("card"));
    this.legend = new Legend(this.part("legend"), (colour) => this.toggle(colour));
    this.stillMotion = window.matchMedia("(prefers-reduced-motion: reduce)");
    this.selected = null;
    this.pointed = null; // the point under the pointer, or where the keys have led
    this.pointedFrom = null; // where the mouse was then; null: the card stands by the point itself
    this.labelsShown = true;
    this.sheet = null;
    this.frameRequest = 0;
    this.lastFrame = -Infinity;
    this.build();
  }

  part(name) {
    return this.parent.querySelector(`.${name}`);
  }

  build() {
    this.overlayCanvas = element("canvas", "overlay");
    this.overlayCanvas.tabIndex = 0;
    this.overlayCanvas.setAttribute("role", "application");
    this.stage.prepend(this.overlayCanvas);
    this.overlay = new Overlay(this.overlayCanvas);
    this.makeRenderer();
    this.disconnect = connect(this.visitor, this.overlayCanvas);
    this.part("zoom-in").onclick = () => this.visitor.zoomCentre(2);
    this.part("zoom-out").onclick = () => this.visitor.zoomCentre(0.5);
    this.part("whole").onclick = () => this.visitor.resetView();
    this.part("names").onclick = () => this.toggleLabels();
    this.resize();
    this.resizeObserver = new ResizeObserver(() => this.resize());
    this.resizeObserver.observe(this.stage);
  }

  makeRenderer() {
    this.pointsCanvas?.remove();
    this.pointsCanvas = element("canvas", "points");
    this.stage.prepend(this.pointsCanvas);
    this.renderer = WebglRenderer.create(this.pointsCanvas) ?? new CanvasRenderer(this.pointsCanvas);
    this.root.dataset.renderer = this.renderer.kind;
    // Without this the browser never gives a lost context back.
    this.pointsCanvas.addEventListener("webglcontextlost", (event) => event.preventDefault());
    this.pointsCanvas.addEventListener("webglcontextrestored", () => {
      this.makeRenderer();
      this.fillRenderer(new Set(["layout", "marks", "palette", "highlighted", "sheet"]));
      this.resize();
    });
  }

  // Takes over what Python sent with this run of the script; what has not changed is left alone.
  update(data, setTriggerValue) {
    this.setTriggerValue = setTriggerValue;
    this.root.style.setProperty("--map-height", `${data.height}px`);
    this.readTheme();
    const isFirst = !this.points.layout;
    const changes = this.points.take(data, !this.stillMotion.matches);
    this.fillRenderer(changes);
    if (changes.has("layout")) this.meetLayout(isFirst);
    else if (changes.size && this.pointed !== null) this.showCard();
    // Only a new wish of the script outranks what the visitor has chosen since.
    if (data.selected !== this.sentSelected) this.selected = this.sentSelected = data.selected;
    if (this.selected >= this.points.count) this.selected = null;
    this.legend.show(this.points.legend, this.points.palette, this.points.dimmed);
    this.takeSheet(data.sheet);
    this.describe(data);
    this.requestFrame();
  }

  fillRenderer(changes) {
    const { points, renderer } = this;
    const has = (name) => changes.has(name);
    if (has("layout")) {
      renderer.setLayouts(points.from, points.layout);
      renderer.setPictures(points.picture);
    }
    if (has("marks")) renderer.setColours(points.colour);
    if (has("palette")) renderer.setShades(points.shades());
    if (has("layout") || has("highlighted")) renderer.setOrder(points.drawingOrder());
    if (has("sheet") && this.sheet) renderer.setSheet(this.sheet);
  }

  // The view stays where it is, unless nothing would be seen there any more.
  meetLayout(isFirst) {
    const { camera, points, stillMotion } = this;
    this.setPointed(null);
    camera.fit(camera.width, camera.height, points.layout, isFirst || stillMotion.matches);
    if (!isFirst && !camera.sees(points.layout)) camera.aim({ x: 0, y: 0, zoom: 1 }, stillMotion.matches);
  }

  readTheme() {
    const style = getComputedStyle(this.root);
    const read = (name) => style.getPropertyValue(`--st-${name}`).trim();
    this.theme = {
      background: read("background-color"),
      text: read("text-color"),
      accent: read("primary-color"),
      font: read("font") || "sans-serif",
    };
  }

  async takeSheet(described) {
    if (described.url === this.sheetUrl) return;
    this.sheetUrl = described.url;
    let sheet = null;
    try {
      sheet = await loadSheet(described);
    } catch (error) {
      console.warn(error); // dots are still a map
    }
    // Another sheet is wanted by now, or the map is gone.
    if (this.sheetUrl !== described.url) return;
    if (!sheet) this.sheetUrl = null; // the next run of the script tries again
    this.sheet = sheet;
    this.sheetTime = performance.now();
    this.fillRenderer(new Set(["sheet"]));
    this.requestFrame();
  }

  describe({ dropped }) {
    const { count } = this.points;
    this.overlayCanvas.setAttribute("aria-label", `Map of ${count.toLocaleString("en")} pictures. ${HELP}`);
    const nothing = count ? "" : "There is nothing to show here yet. ";
    const left = dropped ? `${dropped.toLocaleString("en")} without a place on the map left out.` : "";
    this.part("note").textContent = nothing + left;
  }

  resize() {
    const { clientWidth: width, clientHeight: height } = this.stage;
    if (!width || !height) return;
    this.ratio = Math.min(MAX_RATIO, window.devicePixelRatio || 1);
    for (const canvas of [this.pointsCanvas, this.overlayCanvas]) {
      canvas.width = Math.round(width * this.ratio);
      canvas.height = Math.round(height * this.ratio);
    }
    this.camera.width = width;
    this.camera.height = height;
    if (!this.points.layout) return;
    this.camera.fit(width, height, this.points.layout, true);
    // A canvas of a new size is empty: waiting for the next frame would flash.
    this.draw(performance.now());
  }

  requestFrame() {
    this.frameRequest ||= requestAnimationFrame((now) => this.frame(now));
  }

  frame(now) {
    this.frameRequest = 0;
    if (Math.min(MAX_RATIO, window.devicePixelRatio || 1) !== this.ratio) this.resize();
    const isGoing = [this.camera.step(Math.min(100, now - this.lastFrame)), this.points.step(now)].includes(true);
    this.lastFrame = isGoing ? now : -Infinity;
    this.draw(now, isGoing);
    if (isGoing || this.fading(now) < 1) this.requestFrame();
    else this.settle();
  }

  // How far the pictures have faded in, 0 to 1.
  fading(now) {
    if (!this.sheet) return 1;
    return this.stillMotion.matches ? 1 : Math.max(0, Math.min(1, (now - this.sheetTime) / FADE_MS));
  }

  draw(now, isGoing = false) {
    const { camera, labelsShown, points, pointed, ratio, selected, sheet, theme } = this;
    const frame = { camera, labelsShown, points, pointed, ratio, selected, sheet, theme };
    frame.sizes = sizesAt(camera, points.count);
    frame.shown = sheet ? this.fading(now) : 0;
    frame.isMoving = isGoing || this.visitor.isHolding;
    this.renderer.draw(frame);
    this.overlay.draw(frame);
    if (pointed !== null && !this.pointedFrom) this.placeCard();
  }

  settle() {
    savedViews.set(this.key, { ...this.camera.target });
    this.root.dataset.zoom = this.camera.now.zoom.toFixed(2);
    if (this.sheet) this.root.dataset.pictures = "shown";
    this.visitor.pointAgain();
  }

  // point: null for none. from: where the mouse is; without it the card stands by the point.
  setPointed(point, from = null) {
    if (point === null && this.pointed === null) return;
    const isNew = point !== this.pointed;
    this.pointed = point;
    this.pointedFrom = from;
    if (point === null) this.card.hide();
    else {
      if (isNew) this.showCard();
      this.placeCard();
    }
    this.overlayCanvas.classList.toggle("pointing", point !== null);
    if (isNew) this.requestFrame();
  }

  showCard() {
    this.card.show({ ...this.points.about(this.pointed), sheet: this.sheet });
  }

  placeCard() {
    const { camera, points } = this;
    const [left, top] = this.pointedFrom ?? camera.toScreen(...points.placeOf(this.pointed));
    const distance = this.pointedFrom ? 18 : enlargedSize(sizesAt(camera, points.count)) / 2 + 10;
    this.card.place(left, top, camera, distance);
  }

  choose(point) {
    this.selected = point;
    this.setTriggerValue("clicked", { point, picture: this.points.picture[point] });
    this.requestFrame();
  }

  announce(point) {
    this.part("status").textContent = sentenceOf(this.points.about(point));
  }

  toggle(colour) {
    this.points.toggle(colour);
    this.fillRenderer(new Set(["palette"]));
    this.legend.show(this.points.legend, this.points.palette, this.points.dimmed);
    this.requestFrame();
  }

  toggleLabels() {
    this.labelsShown = !this.labelsShown;
    this.part("names").setAttribute("aria-pressed", String(this.labelsShown));
    this.requestFrame();
  }

  hideHint() {
    this.root.classList.add("used");
  }

  destroy() {
    this.sheetUrl = null;
    cancelAnimationFrame(this.frameRequest);
    this.resizeObserver.disconnect();
    this.disconnect();
    this.renderer.destroy();
    this.pointsCanvas.remove();
    this.overlayCanvas.remove();
  }
}
