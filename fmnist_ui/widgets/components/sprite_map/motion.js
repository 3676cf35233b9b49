// Where the points are: at rest in a layout, on the way from one to another, or between two frames of an animation.
import { blendLayouts, carriedLayout, classPlaces, gatheredLayout, makeFrame, makeLayout, restingFrame } from "./layout.js";

const MORPH_MS = 450;
const HELD = 4; // animations
const held = new Map(); // version of the frames -> their columns: Python sends them only once

export class Motion {
  constructor(points) {
    this.points = points;
    this.last = null; // the layout that Python sent, which is also the last frame
    this.layout = null; // where the points are or go
    this.from = null; // where they come from
    this.morph = 1; // 0: at `from`, 1: at `layout`
    this.morphStart = null; // when the move began; null: with the next frame
    this.frames = null; // columns, spans and made layouts of all frames but the last
    this.isLacking = false; // whether there are frames that never arrived
    this.frame = null; // the frame that is shown at rest; null: the last
    this.pair = null; // the earlier of the two frames that the points are between; null: not in the animation
    this.places = new Map(); // class -> where its name goes
    this.fromPlaces = new Map();
    this.knownPlaces = new WeakMap();
  }

  get lastFrame() {
    return this.frames ? this.frames.spans.length : 0;
  }

  // Whether points can be found by where they are.
  get isAtRest() {
    return this.morph === 1 && this.pair === null;
  }

  // picturesBefore: null while the points are the same as before.
  take(axes, sent, picturesBefore, isAnimated) {
    const { points } = this;
    const before = this.layout && blendLayouts(this.from, this.layout, this.morph);
    const placesBefore = this.namePlaces();
    this.knownPlaces = new WeakMap();
    this.last = makeLayout(axes, points.hasTile);
    this.takeFrames(sent);
    this.layout = this.wholeFrame(this.frame ?? this.lastFrame);
    this.places = this.placesOf(this.layout);
    this.fromPlaces = placesBefore;
    if (!before) this.from = gatheredLayout(this.layout, this.places, points.label);
    else this.from = picturesBefore ? carriedLayout(before, picturesBefore, this.layout, points.picture) : before;
    this.start(isAnimated && this.from !== null);
  }

  // A visitor who looks at an earlier frame goes on looking at it while new ones arrive behind it.
  takeFrames({ frames, frame_spans: spans, versions: { frames: version } }) {
    const columns = spans.length ? hold(version, ["x", "y", "z"].map((name) => frames.getChild(name)?.toArray())) : null;
    this.isLacking = spans.length > 0 && !columns;
    this.frames = columns && { columns, spans, made: [], whole: [] };
    if (this.frame >= this.lastFrame) this.frame = null;
  }

  start(isAnimated) {
    this.pair = null;
    if (!isAnimated) this.from = this.layout;
    this.morph = isAnimated ? 0 : 1;
    this.morphStart = null;
  }

  frameAt(frame) {
    if (frame === this.lastFrame) return this.last;
    const { columns, made, spans } = this.frames;
    return (made[frame] ??= makeFrame(columns, frame, this.points.count, spans[frame], this.last.room));
  }

  wholeFrame(frame) {
    if (frame === this.lastFrame) return this.last;
    return (this.frames.whole[frame] ??= restingFrame(this.frameAt(frame), this.points.hasTile));
  }

  // Puts the points between two frames, at 1.5 halfway from the second to the third; true if it is another pair.
  showBetween(at) {
    const pair = Math.max(0, Math.min(this.lastFrame - 1, Math.floor(at)));
    const isNew = pair !== this.pair;
    this.pair = pair;
    this.morph = at - pair;
    if (!isNew) return false;
    [this.from, this.layout] = [this.frameAt(pair), this.frameAt(pair + 1)];
    [this.fromPlaces, this.places] = [this.placesOf(this.from), this.placesOf(this.layout)];
    return true;
  }

  // From where they are, the points settle in a frame.
  restAt(frame, isAnimated) {
    this.fromPlaces = this.namePlaces();
    this.from = blendLayouts(this.from, this.layout, this.morph);
    this.frame = frame === this.lastFrame ? null : frame;
    this.layout = this.wholeFrame(frame);
    this.places = this.placesOf(this.layout);
    this.start(isAnimated);
  }

  // Moves on to the time `now`; true while there is some way to go.
  step(now) {
    if (this.isAtRest || this.pair !== null) return false;
    this.morphStart ??= now;
    const part = Math.max(0, Math.min(1, (now - this.morphStart) / MORPH_MS));
    this.morph = part < 0.5 ? 4 * part ** 3 : 1 - (2 - 2 * part) ** 3 / 2;
    return part < 1;
  }

  placeOf(point) {
    const { from, layout, morph } = this;
    const between = (axis) => from[axis][point] + (layout[axis][point] - from[axis][point]) * morph;
    return [between("x"), between("y"), between("z")];
  }

  placesOf(layout) {
    const { points } = this;
    if (!this.knownPlaces.has(layout)) {
      const isBright = (point) => points.isBright(point);
      this.knownPlaces.set(layout, classPlaces(layout, points.named, points.classNames.length, isBright));
    }
    return this.knownPlaces.get(layout);
  }

  // Other points are bright than before, so names go elsewhere.
  findPlaces() {
    this.knownPlaces = new WeakMap();
    this.places = this.placesOf(this.layout);
    this.fromPlaces = this.pair === null ? this.places : this.placesOf(this.from);
  }

  namePlaces() {
    const blended = new Map();
    for (const [label, place] of this.places) {
      const from = this.fromPlaces.get(label) ?? place;
      blended.set(label, place.map((at, axis) => from[axis] + (at - from[axis]) * this.morph));
    }
    return blended;
  }
}

// The columns of these frames, now or earlier sent; null where they never arrived.
function hold(version, sent) {
  const columns = sent.filter(Boolean);
  if (columns[0]?.length) held.set(version, columns);
  if (held.size > HELD) held.delete(held.keys().next().value);
  return held.get(version) ?? null;
}
