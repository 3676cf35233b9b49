// What part of the world is seen: a middle, a zoom and, where the world has depth, from which side. Eased towards
// where the visitor wants them. A flat map is the same camera without perspective, which looks straight ahead.

export const MIN_ZOOM = 0.8;
const MAX_ZOOM = { flat: 120, solid: 40 };
const EASING_MS = 70; // time in which the distance to the target shrinks to 1/e
const TURNING_MS = 160; // the same while the camera flies to another view by itself
const EYE = 3.2; // how far in front of the middle the eye stands at zoom 1, in world units; it walks in to zoom
export const NEAREST_DEPTH = 0.3; // nearer to the eye, in parts of the way to the middle, nothing is drawn
const FLAT_HOME = { x: 0, y: 0, z: 0, zoom: 1, yaw: 0, pitch: 0, solid: 0 };
const SOLID_HOME = { ...FLAT_HOME, yaw: 0.55, pitch: 0.35, solid: 1 };

const clamp = (value, low, high) => Math.max(low, Math.min(high, value));

export class Camera {
  constructor(view) {
    this.width = 1; // CSS pixels, like every length on the screen below
    this.height = 1;
    this.fitScale = 1; // pixels a world unit at zoom 1
    this.fitTarget = 1; // where fitScale goes when the layout changes
    this.now = { ...FLAT_HOME, ...view };
    this.target = { ...this.now };
    this.easing = EASING_MS;
    this.screen = new Float64Array(3);
  }

  get scale() {
    return this.fitScale * this.now.zoom;
  }

  get isSolid() {
    return this.target.solid === 1;
  }

  // Without any perspective left: what is under a place of the screen can be looked up in the world.
  get isFlat() {
    return this.now.solid === 0 && this.target.solid === 0;
  }

  // Zoom 1 shows the whole layout with a margin; the zoom itself stays as it is.
  fit(width, height, layout, immediately) {
    this.width = width;
    this.height = height;
    const margin = Math.min(48, 0.08 * Math.min(width, height));
    const [halfWidth, halfHeight] = layout.isSolid ? [layout.radius, layout.radius] : layout.halfSides;
    const across = (width - 2 * margin) / 2 / Math.max(halfWidth, 1e-6);
    const down = (height - 2 * margin) / 2 / Math.max(halfHeight, 1e-6);
    // A layout without extent (one point) would give an endless scale.
    this.fitTarget = Math.min(across, down, Math.max(width, height));
    if (immediately) this.fitScale = this.fitTarget;
    else this.easing = TURNING_MS;
  }

  // Begins or ends to see depth, as the layout has it or not.
  setSolid(isSolid, immediately) {
    if (isSolid !== this.isSolid) this.goHome(isSolid, immediately);
  }

  goHome(isSolid = this.isSolid, immediately = false) {
    this.aim(isSolid ? SOLID_HOME : FLAT_HOME, immediately);
    this.easing = TURNING_MS;
  }

  // Whether the view that the camera goes to shows any point.
  sees(layout) {
    if (this.isSolid) return true;
    const [left, top] = this.toWorld(0, 0, this.target);
    const [right, bottom] = this.toWorld(this.width, this.height, this.target);
    return layout.x.some((x, i) => x > left && x < right && layout.y[i] > bottom && layout.y[i] < top);
  }

  // Where a place of the world is on the screen: left, top, and how far from the eye (1: as the middle is). The
  // array is the same at every call.
  project(x, y, z) {
    const { now, screen } = this;
    const { right, up, toward } = this.axes;
    const [dx, dy, dz] = [x - now.x, y - now.y, z - now.z];
    const depth = 1 - (now.solid * now.zoom * (toward[0] * dx + toward[1] * dy + toward[2] * dz)) / EYE;
    const scale = this.scale / depth;
    screen[0] = this.width / 2 + (right[0] * dx + right[2] * dz) * scale;
    screen[1] = this.height / 2 - (up[0] * dx + up[1] * dy + up[2] * dz) * scale;
    screen[2] = depth;
    return screen;
  }

  toScreen([x, y, z]) {
    return [...this.project(x, y, z)];
  }

  // Of a flat map only.
  toWorld(left, top, view = this.now) {
    const scale = this.fitScale * view.zoom;
    return [view.x + (left - this.width / 2) / scale, view.y - (top - this.height / 2) / scale];
  }

  get axes() {
    const { yaw, pitch } = this.now;
    if (this.knownAxes?.yaw !== yaw || this.knownAxes.pitch !== pitch) this.knownAxes = axesAt(yaw, pitch);
    return this.knownAxes;
  }

  // Rows (x, y, w) of the matrix from the world to homogeneous places on a viewport that is `pad` pixels larger on
  // each side and goes from -1 to 1.
  rows(pad = 0) {
    const { now } = this;
    const { right, up, toward } = this.axes;
    const row = (axis, factor, constant) => {
      const along = axis[0] * now.x + axis[1] * now.y + axis[2] * now.z;
      return [...axis.map((part) => part * factor), constant - along * factor];
    };
    return [
      row(right, (2 * this.scale) / (this.width + 2 * pad), 0),
      row(up, (2 * this.scale) / (this.height + 2 * pad), 0),
      row(toward, (-now.solid * now.zoom) / EYE, 1),
    ];
  }

  // The same for WebGL: column-major 4x4. All points are drawn at one depth, in the order that they are given.
  matrix(pad) {
    const [x, y, w] = this.rows(pad);
    return new Float32Array([0, 1, 2, 3].flatMap((column) => [x[column], y[column], 0, w[column]]));
  }

  aim(view, immediately = false) {
    const { target } = this;
    this.easing = EASING_MS;
    Object.assign(target, view);
    target.zoom = clamp(target.zoom, MIN_ZOOM, this.maxZoom);
    target.pitch = clamp(target.pitch, -1.5, 1.5);
    for (const axis of ["x", "y", "z"]) target[axis] = clamp(target[axis], -1.1, 1.1);
    if (immediately) this.now = { ...target };
  }

  get maxZoom() {
    return this.isSolid ? MAX_ZOOM.solid : MAX_ZOOM.flat;
  }

  panBy(right, down, immediately = false) {
    const scale = this.fitScale * this.target.zoom;
    this.moveBy(-right / scale, down / scale, {}, immediately);
  }

  // Moves the middle within the plane of the screen, in world units.
  moveBy(across, upwards, view, immediately) {
    const { target } = this;
    const { right, up } = axesAt(target.yaw, target.pitch);
    const [x, y, z] = [target.x, target.y, target.z].map((at, i) => at + across * right[i] + upwards * up[i]);
    this.aim({ ...view, x, y, z }, immediately);
  }

  turnBy(yaw, pitch, immediately = false) {
    this.aim({ yaw: this.target.yaw + yaw, pitch: this.target.pitch + pitch }, immediately);
  }

  // The place of the world under (left, top), at the depth of the middle, stays there.
  zoomAt(factor, left, top, immediately = false) {
    const zoom = clamp(this.target.zoom * factor, MIN_ZOOM, this.maxZoom);
    const nearer = (1 / this.target.zoom - 1 / zoom) / this.fitScale;
    this.moveBy((left - this.width / 2) * nearer, (this.height / 2 - top) * nearer, { zoom }, immediately);
  }

  // Moves on by `elapsed` ms; true while there is some way to go. Blending 1/zoom rather than zoom keeps the place
  // under the pointer exactly where it is on the whole way, since the middle depends on it linearly.
  step(elapsed) {
    const { now, target } = this;
    const part = 1 - Math.exp(-elapsed / this.easing);
    const inverse = 1 / now.zoom + (1 / target.zoom - 1 / now.zoom) * part;
    for (const name of ["x", "y", "z", "yaw", "pitch", "solid"]) now[name] += (target[name] - now[name]) * part;
    now.zoom = 1 / inverse;
    this.fitScale += (this.fitTarget - this.fitScale) * part;
    const left = (...names) => Math.max(...names.map((name) => Math.abs(target[name] - now[name])));
    const zoomLeft = Math.abs(Math.log((target.zoom * this.fitTarget) / this.scale));
    if (left("x", "y", "z") * this.scale > 0.3 || left("yaw", "pitch", "solid") > 0.002 || zoomLeft > 0.002) return true;
    this.now = { ...target };
    this.fitScale = this.fitTarget;
    return false;
  }
}

// The directions of the world that go right, up and towards the eye on a screen that was turned by yaw, then pitch.
function axesAt(yaw, pitch) {
  const [across, along, level, tilt] = [Math.sin(yaw), Math.cos(yaw), Math.cos(pitch), Math.sin(pitch)];
  return {
    yaw,
    pitch,
    right: [along, 0, across],
    up: [tilt * across, level, -tilt * along],
    toward: [-level * across, tilt, level * along],
  };
}

// How large things are drawn at the camera's zoom and the depth of its middle, in CSS pixels. A point is a dot until
// it has room for a thumbnail: its distance to the nearest elder, on the screen, must exceed `thumbnail * spread`.
// Far out thumbnails stand apart as landmarks among the dots; near, they close up. In a cloud that is looked through
// they must stand farther apart, since others lie before and behind them.
export function sizesAt(camera, count) {
  const { solid } = camera.now;
  const zoom = Math.max(camera.now.zoom, 1);
  const spacing = Math.sqrt((camera.width * camera.height) / Math.max(count, 1));
  return {
    dot: clamp(0.55 * spacing, 3.5, 9) * Math.min(zoom ** 0.3, 2.2) * (1 - 0.15 * solid),
    thumbnail: clamp(30 * zoom ** 0.25, 30, 84),
    spread: clamp(1.5 / zoom ** 0.35, 0.8, 1.5) * (1 + 0.5 * solid),
  };
}

// 0: a dot, 1: a thumbnail, between: on the way. The vertex shader has the same line.
export function detailOf(room, scale, sizes) {
  const part = clamp(((room * scale) / (sizes.thumbnail * sizes.spread) - 0.92) / 0.08, 0, 1);
  return part * part * (3 - 2 * part);
}

// How much of the background lies over what is so far away, 0 to 1. The vertex shader has the same line.
export function fogAt(depth, solid) {
  const part = clamp((depth - FOG_START) / (FOG_END - FOG_START), 0, 1);
  return solid * FOG_MOST * part * part * (3 - 2 * part);
}

export const FOG_START = 0.7;
export const FOG_END = 1.5;
export const FOG_MOST = 0.8;
