// The strokes of a drawing, and the way back and forth through what was done to it. Places are shares of the canvas.

const APART = 0.004; // points nearer to each other tell nothing
const PLACES = 10_000; // numbers are sent with four digits

export class History {
  constructor(strokes) {
    this.strokes = strokes; // [{width, erase, points: [x, y, x, y, …]}]
    this.before = strokes.map((_, count) => strokes.slice(0, count)); // one that comes back can be undone, too
    this.after = [];
  }

  // Takes another list of strokes; the one that is left can be gone back to.
  become(strokes) {
    this.before.push(this.strokes);
    this.after = [];
    this.strokes = strokes;
  }

  begin(width, erase, x, y) {
    this.become([...this.strokes, { width, erase, points: [rounded(x), rounded(y)] }]);
  }

  // Says whether the stroke became longer.
  extend(x, y) {
    const { points } = this.strokes.at(-1);
    if (Math.hypot(x - points.at(-2), y - points.at(-1)) < APART) return false;
    points.push(rounded(x), rounded(y));
    return true;
  }

  // As if the stroke under way had never begun.
  abandon() {
    this.strokes = this.before.pop();
  }

  undo() {
    if (!this.before.length) return;
    this.after.push(this.strokes);
    this.strokes = this.before.pop();
  }

  redo() {
    if (!this.after.length) return;
    this.before.push(this.strokes);
    this.strokes = this.after.pop();
  }

  clear() {
    if (this.strokes.length) this.become([]);
  }
}

function rounded(share) {
  return Math.round(Math.min(2, Math.max(-1, share)) * PLACES) / PLACES;
}
