// What the visitor draws around points: a line by hand or a box. Python finds the points within; here is only the way.

const LEAST_STEP = 3; // CSS pixels between two corners of the line
const MOST_CORNERS = 1000; // Python takes 2,000
const LEAST_SIDE = 6; // CSS pixels: what is smaller was a slip of the hand

export class Lasso {
  constructor() {
    this.tool = null; // "lasso" or "box" while a plain drag draws, too
    this.kind = null; // what is being drawn
    this.path = []; // [left, top] of its corners, in CSS pixels
  }

  get isDrawing() {
    return this.kind !== null;
  }

  start(place) {
    this.kind = this.tool ?? "lasso";
    this.path = [place];
  }

  // Without effect once it has been given up.
  extend(place) {
    if (!this.isDrawing) return;
    if (this.kind === "box") this.path = boxOf(this.path[0], place);
    else if (distance(place, this.path.at(-1)) >= LEAST_STEP) this.path.push(place);
    if (this.path.length > MOST_CORNERS) this.path = this.path.filter((_, i) => i % 2 === 0);
  }

  // The finished line, or null if there is hardly any. It stays in sight until `clear`.
  finish() {
    this.kind = null;
    const sides = [0, 1].map((axis) => {
      const values = this.path.map((place) => place[axis]);
      return Math.max(...values) - Math.min(...values);
    });
    const isTooSmall = this.path.length < 3 || Math.min(...sides) < LEAST_SIDE;
    if (isTooSmall) this.clear();
    return isTooSmall ? null : this.path;
  }

  clear() {
    this.kind = null;
    this.path = [];
  }

  draw(context, theme) {
    if (this.path.length < 2) return;
    context.beginPath();
    this.path.forEach((place) => context.lineTo(...place));
    context.closePath();
    context.globalAlpha = 0.12;
    context.fillStyle = theme.text;
    context.fill();
    context.globalAlpha = 1;
    context.lineJoin = "round";
    for (const [width, style] of [[4, theme.background], [2, theme.text]]) {
      context.lineWidth = width;
      context.strokeStyle = style;
      context.stroke();
    }
  }
}

const distance = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1]);

const boxOf = ([left, top], [right, bottom]) => [[left, top], [right, top], [right, bottom], [left, bottom]];

// What Python gets. A flat map: the corners in the coordinates of the data. A solid one: the corners on a screen from
// -1 to 1, and the rows (x, y, w) of the matrix that takes the coordinates of the data there.
export function selectionOf(path, { camera, points }) {
  const { centre, half, isSolid } = points.layout;
  const toData = (place) => camera.toWorld(...place).map((at, axis) => at * half + centre[axis]);
  const toUnit = ([left, top]) => [(2 * left) / camera.width - 1, 1 - (2 * top) / camera.height];
  return {
    polygon: path.map(isSolid ? toUnit : toData),
    matrix: isSolid ? camera.rows().map((row) => fromData(row, centre, half)) : null,
    hidden: [...points.dimmed],
    frame: points.motion.frame,
    version: [points.versions.layout, points.versions.frames],
  };
}

// A row for places (value - centre) / half, made one for the values themselves.
function fromData([x, y, z, constant], centre, half) {
  const row = [x / half, y / half, z / half];
  return [...row, constant - row.reduce((sum, part, axis) => sum + part * centre[axis], 0)];
}
