// Which point is seen at a place of the screen.
import { NEAREST_DEPTH, detailOf, sizesAt } from "./camera.js";

// left, top, reach: CSS pixels; reach is how far from a dot the pointer still means it. null: no point.
export function pick(map, left, top, reach) {
  const { camera, points } = map;
  if (!points.count || !points.motion.isAtRest) return null;
  const hits = new Hits(map, left, top, reach);
  if (camera.isFlat) {
    const [x, y] = camera.toWorld(left, top);
    const radius = Math.max(hits.sizes.thumbnail / 2, reach) / camera.scale;
    points.layout.grid.near(x, y, 0, radius, (point) => hits.tryPoint(point));
  } else {
    for (let point = 0; point < points.count; point += 1) hits.tryPoint(point);
  }
  return hits.best && hits.best.point;
}

class Hits {
  constructor(map, left, top, reach) {
    this.map = map;
    this.place = [left, top];
    this.reach = reach;
    this.sizes = sizesAt(map.camera, map.points.count);
    this.hasTiles = map.shownTiles > 0;
    this.best = null;
  }

  // Keeps the point if it is hit and lies over the best one so far.
  tryPoint(point) {
    const { camera, points } = this.map;
    if (!points.isBright(point)) return;
    const { x, y, z, room } = points.layout;
    const [left, top, depth] = camera.project(x[point], y[point], z[point]);
    const [across, down] = [Math.abs(left - this.place[0]), Math.abs(top - this.place[1])];
    const isTile = this.hasTiles && detailOf(room[point], camera.scale, this.sizes) > 0.5;
    const distance = Math.hypot(across, down);
    const half = (isTile ? this.sizes.thumbnail : this.sizes.dot) / depth / 2;
    const isWithin = isTile ? Math.max(across, down) <= half : distance <= half;
    if (depth < NEAREST_DEPTH || !(isWithin || (!isTile && distance <= this.reach))) return;
    const hit = { point, distance, rank: this.rankOf(isTile, isWithin, room[point], depth) };
    const { best } = this;
    if (!best || hit.rank > best.rank || (hit.rank === best.rank && distance < best.distance)) this.best = hit;
  }

  // Flat: thumbnails over dots, elders over younger. Solid: what is under the pointer itself, the nearest to the eye.
  rankOf(isTile, isWithin, room, depth) {
    if (this.map.camera.isFlat) return isTile ? 1 + room : 0;
    return isWithin ? 1 / depth : 0;
  }
}
