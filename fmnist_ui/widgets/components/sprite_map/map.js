// One map on the page: puts together what Python sent and what the visitor does, and draws when either changes.
import { axesOf } from "./axes.js";
import { Camera, sizesAt } from "./camera.js";
import { connect } from "./interaction.js";
import { Lasso } from "./lasso.js";
import { joinLink, leaveLink, tellCamera, tellPointed } from "./links.js";
import { enlargedSize } from "./overlay.js";
import { Pace } from "./pace.js";
import { Card, Legend, sentenceOf } from "./panels.js";
import { Player } from "./player.js";
import { Points } from "./points.js";
import { Screen } from "./screen.js";
import { loadSheet } from "./sheet.js";
import { readTheme } from "./theme.js";
import { connectToolbar, helpOf, showToolbar } from "./toolbar.js";
import { Visitor } from "./visitor.js";

const FADE_MS = 250; // of the pictures, once their sheet is there
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
    this.lasso = new Lasso();
    this.pace = new Pace();
    this.player = new Player(this.part("player"), {
      show: (at) => this.showBetween(at),
      rest: (frame) => this.restAt(frame),
    });
    this.card = new Card(this.part("card"));
    this.legend = new Legend(this.part("legend"), (colour) => this.toggle(colour));
    this.stillMotion = window.matchMedia("(prefers-reduced-motion: reduce)");
    this.selected = null;
    this.pointed = null; // the point under the pointer, or where the keys have led
    this.pointedFrom = null; // where the mouse was then; null: the card stands by the point itself
    this.linked = null; // the point with the picture that a linked map points at
    this.link = null;
    this.labelsShown = true;
    this.asText = false; // points are shown as what they are called
    this.sheet = null;
    this.frameRequest = 0;
    this.lastFrame = -Infinity;
    this.build();
  }

  part(name) {
    return this.parent.querySelector(`.${name}`);
  }

  build() {
    this.screen = new Screen(this.root, this.stage, this.points, () => this.resize());
    this.canvas = this.screen.overlayCanvas; // the upper one, which the visitor touches
    this.disconnect = connect(this.visitor, this.canvas);
    connectToolbar(this);
    this.resize();
    this.resizeObserver = new ResizeObserver(() => this.resize());
    this.resizeObserver.observe(this.stage);
  }

  // Takes over what Python sent with this run of the script; what has not changed is left alone.
  update(data, setTriggerValue) {
    this.setTriggerValue = setTriggerValue;
    this.root.style.setProperty("--map-height", data.height);
    this.root.classList.toggle("bare", !data.legend_shown);
    this.theme = readTheme(this.root);
    this.canSelect = data.can_select;
    this.followsLink = data.link_camera;
    joinLink(this, data.linked);
    const isFirst = !this.points.layout;
    const changes = this.points.take(data, !this.stillMotion.matches);
    if (this.points.lacksPoints) return setTriggerValue("lacking", data.versions.layout);
    this.screen.fill(changes);
    if (!this.lasso.isDrawing) this.lasso.clear();
    if (changes.has("layout")) this.meetLayout(isFirst, data.versions.shown);
    else if (changes.size && this.pointed !== null) this.showCard();
    // Only a new wish of the script outranks what the visitor has chosen since.
    if (data.selected !== this.sentSelected) this.selected = this.sentSelected = data.selected;
    if (this.selected >= this.points.count) this.selected = null;
    if (this.points.lacksFrames) setTriggerValue("lacking", data.versions.frames);
    this.player.setFrames(this.points.lacksFrames ? [] : data.frame_labels, this.points.motion.frame ?? this.points.motion.lastFrame);
    this.legend.show(this.points.legend, this.points.palette, this.points.dimmed);
    this.takeSheet(data.sheet);
    this.describe(data);
    this.requestFrame();
  }

  // The view stays where it is, unless nothing would be seen there any more or other points are to be seen.
  meetLayout(isFirst, shown) {
    const { camera, points, stillMotion } = this;
    const isStill = isFirst || stillMotion.matches;
    if (!points.motion.isAtRest) this.setPointed(null);
    camera.setSolid(points.layout.isSolid, isStill);
    camera.fit(camera.width, camera.height, points.layout, isStill);
    const isOther = !isFirst && shown !== this.shownVersion;
    this.shownVersion = shown;
    if (isOther || (!isFirst && !camera.sees(points.layout))) camera.goHome(undefined, stillMotion.matches);
    this.root.dataset.dimensions = points.layout.isSolid ? 3 : 2;
  }

  async takeSheet(described) {
    const url = described?.url ?? null;
    if (url === this.sheetUrl) return;
    this.sheetUrl = url;
    let sheet = null;
    try {
      sheet = url && (await loadSheet(described));
    } catch (error) {
      console.warn(error); // dots are still a map
    }
    // Another sheet is wanted by now, or the map is gone.
    if (this.sheetUrl !== url) return;
    if (!sheet) this.sheetUrl = null; // the next run of the script tries again
    this.sheet = this.screen.sheet = sheet;
    this.sheetTime = performance.now();
    this.screen.fill(new Set(["sheet"]));
    this.requestFrame();
  }

  describe({ dropped }) {
    const { count, inWords } = this.points;
    showToolbar(this);
    this.canvas.setAttribute("aria-label", `Map of ${inWords}. ${axesOf(this.points)}${helpOf(this)}`);
    const nothing = count ? "" : "There is nothing to show here yet. ";
    const left = dropped ? `${dropped.toLocaleString("en")} without a place on the map left out.` : "";
    this.part("note").textContent = nothing + left;
  }

  resize() {
    const { clientWidth: width, clientHeight: height } = this.stage;
    if (!width || !height) return;
    this.screen.resize(width, height);
    this.camera.width = width;
    this.camera.height = height;
    if (!this.points.layout) return;
    this.camera.fit(width, height, this.points.layout, true);
    // A canvas of a new size is empty: waiting for the next frame would flash.
    this.draw(performance.now());
  }

  requestFrame() {
    if (this.frameRequest) return;
    this.pace.ask(performance.now());
    this.frameRequest = requestAnimationFrame((now) => this.frame(now));
  }

  frame(now) {
    const begun = performance.now();
    this.frameRequest = 0;
    this.pace.begin(begun);
    if (this.screen.bestRatio !== this.screen.ratio) this.resize();
    const elapsed = Math.min(100, now - this.lastFrame);
    const { camera, player, points } = this;
    const isGoing = [player.step(elapsed), camera.step(elapsed), points.motion.step(now)].includes(true);
    this.lastFrame = isGoing ? now : -Infinity;
    this.draw(now, isGoing || (this.visitor.isHolding && !this.lasso.isDrawing));
    if (this.visitor.leads) tellCamera(this);
    this.pace.end(performance.now());
    if (isGoing || this.fading(now) < 1) {
      this.requestFrame();
      this.pace.ask(begun);
    } else this.settle();
  }

  // How far the pictures have faded in, 0 to 1.
  fading(now) {
    if (!this.sheet) return 1;
    return this.stillMotion.matches ? 1 : Math.max(0, Math.min(1, (now - this.sheetTime) / FADE_MS));
  }

  get shownTiles() {
    return this.sheet && !this.asText ? this.points.tiles : 0;
  }

  draw(now, isMoving = false) {
    const { asText, camera, labelsShown, lasso, linked, pointed, selected, theme } = this;
    const sizes = sizesAt(camera, this.points.count);
    const shown = this.shownTiles ? this.fading(now) : 0;
    const frame = { asText, camera, labelsShown, lasso, linked, pointed, selected, shown, sizes, theme };
    this.screen.draw(frame, isMoving ? this.pace.share : 1);
    if (pointed !== null && !this.pointedFrom) this.placeCard();
  }

  settle() {
    const { camera } = this;
    savedViews.set(this.key, { ...camera.target });
    if (this.visitor.isHolding) return;
    this.root.dataset.zoom = camera.now.zoom.toFixed(2);
    this.root.dataset.turn = [camera.now.yaw, camera.now.pitch].map((angle) => angle.toFixed(2)).join(" ");
    if (this.sheet) this.root.dataset.pictures = "shown";
    this.visitor.leads = false;
    this.visitor.pointAgain();
  }

  showBetween(at) {
    const { motion } = this.points;
    this.setPointed(null);
    if (motion.showBetween(this.stillMotion.matches ? Math.floor(at) : at)) this.screen.moveLayouts();
    this.requestFrame();
  }

  restAt(frame) {
    this.points.motion.restAt(frame, !this.stillMotion.matches);
    this.screen.moveLayouts();
    this.screen.setOrder();
    this.requestFrame();
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
    this.canvas.classList.toggle("pointing", point !== null);
    if (!isNew) return;
    tellPointed(this, point === null ? null : this.points.picture[point]);
    this.requestFrame();
  }

  // picture: what a linked map points at, null for nothing.
  showLinked(picture) {
    const found = picture === null ? -1 : this.points.picture.indexOf(picture);
    this.linked = found < 0 ? null : found;
    this.root.dataset.linked = this.linked ?? "";
    this.requestFrame();
  }

  followCamera({ now, target }) {
    this.visitor.leads = false;
    this.camera.now = { ...now };
    this.camera.target = { ...target };
    this.requestFrame();
  }

  showCard() {
    this.card.show({ ...this.points.about(this.pointed), sheet: this.sheet });
  }

  placeCard() {
    const { camera, points } = this;
    const [left, top, depth] = camera.toScreen(points.placeOf(this.pointed));
    const distance = this.pointedFrom ? 18 : enlargedSize(sizesAt(camera, points.count)) / depth / 2 + 10;
    this.card.place(...(this.pointedFrom ?? [left, top]), camera, distance);
  }

  choose(point) {
    this.selected = point;
    this.setTriggerValue("clicked", { point, picture: this.points.picture[point] });
    this.requestFrame();
  }

  chooseTool(tool) {
    this.lasso.tool = tool;
    this.root.classList.remove("used");
    showToolbar(this);
  }

  announce(point) {
    this.part("status").textContent = sentenceOf(this.points.about(point));
  }

  toggle(colour) {
    this.points.toggle(colour);
    this.screen.fill(new Set(["palette"]));
    this.screen.setOrder();
    this.legend.show(this.points.legend, this.points.palette, this.points.dimmed);
    this.requestFrame();
  }

  // name: "labelsShown" or "asText".
  switchView(name) {
    this[name] = !this[name];
    showToolbar(this);
    this.requestFrame();
  }

  hideHint() {
    this.root.classList.add("used");
  }

  destroy() {
    this.sheetUrl = undefined;
    cancelAnimationFrame(this.frameRequest);
    leaveLink(this);
    this.resizeObserver.disconnect();
    this.disconnect();
    this.screen.destroy();
  }
}
