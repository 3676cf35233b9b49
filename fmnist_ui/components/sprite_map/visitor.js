// What the visitor does with a map: look around, point, choose, step from neighbour to neighbour.
import { MIN_ZOOM, detailOf, sizesAt } from "./camera.js";

const MOUSE_REACH = 10; // CSS pixels from a dot within which the pointer means it
const TOUCH_REACH = 22;
const NEIGHBOURS = 200; // so many steps away from the selected point the keys lead

export class Visitor {
  constructor(map) {
    this.map = map;
    this.pointer = null; // where the mouse is, while it is over the map
    this.isHolding = false; // a drag or a pinch is going on
    this.steps = null; // the neighbours that the keys walk along: around, layout, points, at
  }

  get isStill() {
    return this.map.stillMotion.matches;
  }

  panBy(right, down) {
    this.startMove(true);
    this.map.camera.panBy(right, down, true);
  }

  zoomAt(factor, left, top, isHolding = false) {
    this.startMove(isHolding);
    this.map.camera.zoomAt(factor, left, top, isHolding || this.isStill);
  }

  panByKey(right, down) {
    this.startMove(false);
    this.map.camera.panBy(right, down, this.isStill);
  }

  zoomCentre(factor) {
    const { width, height } = this.map.camera;
    this.zoomAt(factor, width / 2, height / 2);
  }

  resetView() {
    this.startMove(false);
    this.map.camera.aim({ x: 0, y: 0, zoom: 1 }, this.isStill);
  }

  startMove(isHolding) {
    this.isHolding = isHolding;
    this.map.hideHint();
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
    this.map.setPointed(this.pick(...this.pointer, MOUSE_REACH), this.pointer);
  }

  clickAt(left, top, isTouch) {
    const point = this.pick(left, top, isTouch ? TOUCH_REACH : MOUSE_REACH);
    this.steps = null;
    if (isTouch) this.map.setPointed(point);
    if (point !== null) this.map.choose(point);
  }

  // The point that is seen at (left, top): the topmost thumbnail there, else the nearest dot in reach.
  pick(left, top, reach) {
    const { camera, points, sheet } = this.map;
    if (!points.count || points.morph < 1) return null;
    const sizes = sizesAt(camera, points.count);
    const [x, y] = camera.toWorld(left, top);
    let best = null;
    points.layout.grid.near(x, y, Math.max(sizes.thumbnail / 2, reach) / camera.scale, (point) => {
      if (!points.isBright(point)) return;
      const across = Math.abs(points.layout.x[point] - x) * camera.scale;
      const down = Math.abs(points.layout.y[point] - y) * camera.scale;
      const room = points.layout.room[point];
      const isTile = sheet && detailOf(room, camera.scale, sizes) > 0.5;
      const distance = Math.hypot(across, down);
      if (isTile ? Math.max(across, down) > sizes.thumbnail / 2 : distance > reach) return;
      const rank = isTile ? 1 + room : 0;
      const isBetter = !best || rank > best.rank || (rank === best.rank && distance < best.distance);
      if (isBetter) best = { point, rank, distance };
    });
    return best && best.point;
  }

  // Leads to the next (1) or the previous (-1) neighbour of the selected point or, without one, of the middle.
  stepNeighbour(direction) {
    const { map } = this;
    const { points, selected } = map;
    if (!points.count || points.morph < 1) return;
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
    const [x, y] = selected === null ? [camera.now.x, camera.now.y] : [layout.x[selected], layout.y[selected]];
    const keep = (point) => point !== selected && points.isBright(point);
    return { around: selected, layout, points: layout.grid.nearest(x, y, NEIGHBOURS, keep), at: -1 };
  }

  bringIntoView(point) {
    const { camera, points } = this.map;
    const [x, y] = points.placeOf(point);
    const [left, top] = camera.toScreen(x, y);
    const isWithin = (value, size) => value > 0.12 * size && value < 0.88 * size;
    if (isWithin(left, camera.width) && isWithin(top, camera.height)) return;
    camera.aim({ x, y }, this.isStill);
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
}
