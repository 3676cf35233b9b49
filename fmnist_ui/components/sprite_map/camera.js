// What part of the world is seen: a middle and a zoom, eased towards where the visitor wants them.

export const MAX_ZOOM = 120;
export const MIN_ZOOM = 0.8;
const EASING_MS = 70; // time in which the distance to the target shrinks to 1/e

const clamp = (value, low, high) => Math.max(low, Math.min(high, value));

export class Camera {
  constructor(view) {
    this.width = 1; // CSS pixels, like every length on the screen below
    this.height = 1;
    this.fitScale = 1; // pixels a world unit at zoom 1
    this.fitTarget = 1; // where fitScale goes when the layout changes
    this.now = { x: 0, y: 0, zoom: 1, ...view };
    this.target = { ...this.now };
  }

  get scale() {
    return this.fitScale * this.now.zoom;
  }

  // Zoom 1 shows the whole layout with a margin; the zoom itself stays as it is.
  fit(width, height, layout, immediately) {
    this.width = width;
    this.height = height;
    const margin = Math.min(48, 0.08 * Math.min(width, height));
    const across = (width - 2 * margin) / 2 / Math.max(layout.halfWidth, 1e-6);
    const down = (height - 2 * margin) / 2 / Math.max(layout.halfHeight, 1e-6);
    // A layout without extent (one point) would give an endless scale.
    this.fitTarget = Math.min(across, down, Math.max(width, height));
    if (immediately) this.fitScale = this.fitTarget;
  }

  // Whether the view that the camera goes to shows any point.
  sees(layout) {
    const [left, top] = this.toWorld(0, 0, this.target);
    const [right, bottom] = this.toWorld(this.width, this.height, this.target);
    return layout.x.some((x, i) => x > left && x < right && layout.y[i] > bottom && layout.y[i] < top);
  }

  toScreen(x, y) {
    return [this.width / 2 + (x - this.now.x) * this.scale, this.height / 2 - (y - this.now.y) * this.scale];
  }

  toWorld(left, top, view = this.now) {
    const scale = this.fitScale * view.zoom;
    return [view.x + (left - this.width / 2) / scale, view.y - (top - this.height / 2) / scale];
  }

  // Column-major 4x4 matrix from the world to clip space of a viewport that is `pad` pixels larger on each side.
  matrix(pad) {
    const right = (2 * this.scale) / (this.width + 2 * pad);
    const up = (2 * this.scale) / (this.height + 2 * pad);
    return new Float32Array([
      right, 0, 0, 0,
      0, up, 0, 0,
      0, 0, 1, 0,
      -right * this.now.x, -up * this.now.y, 0, 1,
    ]);
  }

  aim(view, immediately = false) {
    this.target = { ...this.target, ...view };
    this.target.zoom = clamp(this.target.zoom, MIN_ZOOM, MAX_ZOOM);
    this.target.x = clamp(this.target.x, -1.1, 1.1);
    this.target.y = clamp(this.target.y, -1.1, 1.1);
    if (immediately) this.now = { ...this.target };
  }

  panBy(right, down, immediately = false) {
    const scale = this.fitScale * this.target.zoom;
    this.aim({ x: this.target.x - right / scale, y: this.target.y + down / scale }, immediately);
  }

  // The place of the world under (left, top) stays there.
  zoomAt(factor, left, top, immediately = false) {
    const [x, y] = this.toWorld(left, top, this.target);
    const zoom = clamp(this.target.zoom * factor, MIN_ZOOM, MAX_ZOOM);
    const scale = this.fitScale * zoom;
    this.aim(
      { x: x - (left - this.width / 2) / scale, y: y + (top - this.height / 2) / scale, zoom },
      immediately,
    );
  }

  // Moves on by `elapsed` ms; true while there is some way to go. Blending 1/zoom rather than zoom keeps the place
  // under the pointer exactly where it is on the whole way, since the middle depends on it linearly.
  step(elapsed) {
    const { now, target } = this;
    const part = 1 - Math.exp(-elapsed / EASING_MS);
    const inverse = 1 / now.zoom + (1 / target.zoom - 1 / now.zoom) * part;
    now.x += (target.x - now.x) * part;
    now.y += (target.y - now.y) * part;
    now.zoom = 1 / inverse;
    this.fitScale += (this.fitTarget - this.fitScale) * part;
    const pixelsLeft = Math.max(Math.abs(target.x - now.x), Math.abs(target.y - now.y)) * this.scale;
    const zoomLeft = Math.abs(Math.log((target.zoom * this.fitTarget) / this.scale));
    if (pixelsLeft > 0.3 || zoomLeft > 0.002) return true;
    this.now = { ...target };
    this.fitScale = this.fitTarget;
    return false;
  }
}

// How large things are drawn at the camera's zoom, in CSS pixels. A point is a dot until it has room for a thumbnail:
// its distance to the nearest elder, on the screen, must exceed `thumbnail * spread`. Far out thumbnails stand
// apart as landmarks among the dots; near, they close up.
export function sizesAt(camera, count) {
  const zoom = Math.max(camera.now.zoom, 1);
  const spacing = Math.sqrt((camera.width * camera.height) / Math.max(count, 1));
  return {
    dot: clamp(0.55 * spacing, 3.5, 9) * Math.min(zoom ** 0.3, 2.2),
    thumbnail: clamp(30 * zoom ** 0.25, 30, 84),
    spread: clamp(1.5 / zoom ** 0.35, 0.8, 1.5),
  };
}

// 0: a dot, 1: a thumbnail, between: on the way. The vertex shader has the same line.
export function detailOf(room, scale, sizes) {
  const part = clamp(((room * scale) / (sizes.thumbnail * sizes.spread) - 0.92) / 0.08, 0, 1);
  return part * part * (3 - 2 * part);
}
