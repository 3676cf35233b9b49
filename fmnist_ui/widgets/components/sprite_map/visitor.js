// What the visitor does with a map: look around, point, choose, step from neighbour to neighbour.
import { MIN_ZOOM } from "./camera.js";
import { nearestPoints } from "./cells.js";
import { selectionOf } from "./lasso.js";
import { pick } from "./picking.js";

const MOUSE_REACH = 10; // CSS pixels from a dot within which the pointer means it
const TOUCH_REACH = 22;
const TURN = 0.008; // radians a pixel of dragging
const KEY_PAN = 80; // pixels
const KEY_TURN = 0.2; // radians
const AFTERGLOW_MS = 1_000; // so long a finished lasso stays in sight
const NEIGHBOURS = 200; // so many steps away from the selected point the keys lead

export class Visitor {
  constructor(map) {
    this.map = map;
    this.pointer = null; // where the mouse is, while it is over the map
    this.isHolding = false; // a drag or a pinch is going on
    this.leads = false; // linked maps follow this one, since its visitor moved it last
    this.steps = null; // the neighbours that the keys walk along: around, layout, points, at
  }

  get isStill() {
    return this.map.stillMotion.matches;
  }

  panBy(right, down) {
    this.startMove(true);
    this.map.camera.panBy(right, down, true);
  }

  // A drag: flat maps move with it, solid ones turn.
  dragBy(right, down) {
    if (this.map.camera.isSolid) this.turnBy(right * TURN, down * TURN, true);
    else this.panBy(right, down);
  }

  turnBy(yaw, pitch, isHolding) {
    this.startMove(isHolding);
    this.map.camera.turnBy(yaw, pitch, isHolding || this.isStill);
  }

  zoomAt(factor, left, top, isHolding = false) {
    this.startMove(isHolding);
    this.map.camera.zoomAt(factor, left, top, isHolding || this.isStill);
  }

  moveByKey(right, down) {
    if (this.map.camera.isSolid) {
      this.turnBy(-right * KEY_TURN, -down * KEY_TURN, false);
      return;
    }
    this.startMove(false);
    this.map.camera.panBy(right * KEY_PAN, down * KEY_PAN, this.isStill);
  }

  zoomCentre(factor) {
    const { width, height } = this.map.camera;
    this.zoomAt(factor, width / 2, height / 2);
  }

  resetView() {
    this.startMove(false);
    this.map.camera.goHome(undefined, this.isStill);
  }

  startMove(isHolding) {
    this.isHolding = isHolding;
    this.leads = true;
    this.map.hideHint();
    this.map.lasso.clear();
    if (!this.steps) this.map.setPointed(null);
    this.map.requestFrame();
  }

  endMove() {
    this.isHolding = false;
    this.map.requestFrame();
  }

  isWholeShown() {
    return this.map.camera.target.zoom <= MIN_ZOOM;
  }

  pointAt(left, top) {
    this.pointer = [left, top];
    this.steps = null;
    this.pointAgain();
  }

  leave() {
    this.pointer = null;
    if (!this.steps) this.map.setPointed(null);
  }

  // After a move, the resting pointer has another point under it.
  pointAgain() {
    if (this.steps || !this.pointer || this.isHolding) return;
    this.map.setPointed(pick(this.map, ...this.pointer, MOUSE_REACH), this.pointer);
  }

  clickAt(left, top, isTouch) {
    const point = pick(this.map, left, top, isTouch ? TOUCH_REACH : MOUSE_REACH);
    this.steps = null;
    if (isTouch) this.map.setPointed(point);
    if (point !== null) this.map.choose(point);
  }

  // Leads to the next (1) or the previous (-1) neighbour of the selected point or, without one, of the middle.
  stepNeighbour(direction) {
    const { map } = this;
    const { points, selected } = map;
    if (!points.count || !points.motion.isAtRest) return;
    if (this.steps?.around !== selected || this.steps.layout !== points.layout) this.steps = this.neighbours();
    if (!this.steps.points.length) return;
    this.steps.at = Math.max(0, Math.min(this.steps.points.length - 1, this.steps.at + direction));
    const point = this.steps.points[this.steps.at];
    this.bringIntoView(point);
    map.setPointed(point);
    map.announce(point);
  }

  neighbours() {
    const { camera, points, selected } = this.map;
    const { layout } = points;
    const place = selected === null ? [camera.now.x, camera.now.y, camera.now.z] : points.placeOf(selected);
    const keep = (point) => point !== selected && points.isBright(point);
    return { around: selected, layout, points: nearestPoints(layout, place, NEIGHBOURS, keep), at: -1 };
  }

  bringIntoView(point) {
    const { camera, points } = this.map;
    const [x, y, z] = points.placeOf(point);
    const [left, top] = camera.toScreen([x, y, z]);
    const isWithin = (value, size) => value > 0.12 * size && value < 0.88 * size;
    if (isWithin(left, camera.width) && isWithin(top, camera.height)) return;
    camera.aim({ x, y, z }, this.isStill);
  }

  chooseStepped() {
    if (this.map.pointed === null) return;
    this.map.choose(this.map.pointed);
    this.map.announce(this.map.pointed);
  }

  leaveKeyboard() {
    if (!this.steps) return;
    this.steps = null;
    this.map.setPointed(null);
  }

  // Drawing around points: the animation stands still for it, in a whole frame.
  startLasso(place) {
    this.map.player.settle();
    this.map.setPointed(null);
    this.map.hideHint();
    this.isHolding = true;
    this.map.lasso.start(place);
  }

  extendLasso(place) {
    this.map.lasso.extend(place);
    this.map.requestFrame();
  }

  finishLasso() {
    const { lasso } = this.map;
    const path = lasso.finish();
    this.endMove();
    if (!path) return;
    this.map.setTriggerValue("selected", selectionOf(path, this.map));
    setTimeout(() => {
      if (lasso.path === path) this.cancelLasso();
    }, AFTERGLOW_MS);
  }

  cancelLasso() {
    this.map.lasso.clear();
    this.endMove();
  }

  // Escape: first out of what is being drawn, then out of the tool, then out of stepping.
  escape() {
    if (this.map.lasso.isDrawing) this.cancelLasso();
    else if (this.map.lasso.tool) this.map.chooseTool(null);
    else this.leaveKeyboard();
  }
}
