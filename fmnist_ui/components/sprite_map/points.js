// The points as Python sent them, on their way from one layout to another, and what the legend has switched off.
import { blendLayouts, gatheredLayout, gatheringPlaces, makeLayout } from "./layout.js";
import { DIM_OPACITY, parseColour } from "./tile.js";

const MORPH_MS = 450;

export class Points {
  constructor() {
    this.versions = {};
    this.count = 0;
    this.layout = null; // where the points are or go
    this.from = null; // where they come from
    this.morph = 1; // 0: at `from`, 1: at `layout`
    this.morphStart = null; // when the move began; null: with the next frame
    this.palette = []; // [red, green, blue] of each colour index
    this.legend = [];
    this.dimmed = new Set(); // colour indices that the visitor has switched off
    this.places = []; // where the names of the classes go: label, x, y, from (x, y), opacity
    this.highlighted = [];
  }

  // Takes over what is new in `sent`; returns the names of what changed: layout, marks, palette, highlighted.
  take(sent, isAnimated) {
    const names = ["layout", "marks", "palette", "highlighted"];
    const changes = new Set(names.filter((name) => sent.versions[name] !== this.versions[name]));
    const column = (name) => sent.points.getChild(name)?.toArray() ?? null;
    this.versions = sent.versions;
    this.classNames = sent.class_names;
    if (changes.has("marks")) {
      for (const name of ["colour", "label", "predicted", "confidence"]) this[name] = column(name);
    }
    const before = this.layout;
    if (changes.has("layout")) this.takeLayout(column);
    if (changes.has("layout") || changes.has("marks")) this.takePlaces();
    if (changes.has("layout")) this.startMorph(!before, isAnimated);
    if (changes.has("palette")) this.takePalette(sent);
    if (changes.has("highlighted")) this.highlighted = sent.highlighted?.getChild("point")?.toArray() ?? [];
    this.weighPlaces();
    return changes;
  }

  takeLayout(column) {
    const picture = column("picture");
    const isSame = this.count === picture.length && picture.every((value, i) => value === this.picture[i]);
    this.from = this.layout && isSame ? blendLayouts(this.from, this.layout, this.morph) : null;
    this.picture = picture;
    this.count = picture.length;
    this.layout = makeLayout(column("x"), column("y"));
  }

  takePlaces() {
    const before = new Map(this.places.map((place) => [place.label, place]));
    this.places = gatheringPlaces(this.layout, this.label, this.classNames.length);
    for (const place of this.places) place.from = before.get(place.label) ?? place;
  }

  // Points move from where they are; the very first come from the places of their classes; other ones just appear.
  startMorph(isFirst, isAnimated) {
    if (isFirst) this.from = gatheredLayout(this.layout, this.places, this.label);
    if (!isAnimated || !this.from) this.from = this.layout;
    this.morph = this.from === this.layout ? 1 : 0;
    this.morphStart = null;
  }

  // What the visitor switched off stays off as long as the colours mean the same.
  takePalette({ palette, legend }) {
    if (legend.join("\n") !== this.legend.join("\n")) this.dimmed.clear();
    this.palette = palette.map(parseColour);
    this.legend = legend;
  }

  toggle(colour) {
    if (!this.dimmed.delete(colour)) this.dimmed.add(colour);
    this.weighPlaces();
  }

  // A class is named as brightly as its points are drawn.
  weighPlaces() {
    const [all, bright] = [0, 0].map(() => new Float32Array(this.classNames.length));
    this.label.forEach((label, point) => {
      all[label] += 1;
      if (this.isBright(point)) bright[label] += 1;
    });
    for (const place of this.places) place.opacity = 0.2 + (0.8 * bright[place.label]) / all[place.label];
  }

  isBright(point) {
    return !this.dimmed.has(this.colour[point]);
  }

  // [red, green, blue, opacity], each 0 to 255, one a colour index.
  shades() {
    return this.palette.map((colour, i) => [...colour, this.dimmed.has(i) ? DIM_OPACITY * 255 : 255]);
  }

  // What stands on top comes last: the points with the most room, which become thumbnails first, then the highlighted.
  drawingOrder() {
    const rank = Float32Array.from(this.layout.room);
    for (const point of this.highlighted) rank[point] += 10;
    return Uint32Array.from(rank.keys()).sort((a, b) => rank[a] - rank[b]);
  }

  // Moves on to the time `now`; true while there is some way to go.
  step(now) {
    if (this.morph === 1) return false;
    this.morphStart ??= now;
    const part = Math.max(0, Math.min(1, (now - this.morphStart) / MORPH_MS));
    this.morph = part < 0.5 ? 4 * part ** 3 : 1 - (2 - 2 * part) ** 3 / 2;
    return part < 1;
  }

  // Where a point is now, in the world.
  placeOf(point) {
    const between = (axis) => this.from[axis][point] + (this.layout[axis][point] - this.from[axis][point]) * this.morph;
    return [between("x"), between("y")];
  }

  // Where the name of a class stands now, in the world.
  placeOfName({ from, x, y }) {
    return [from.x + (x - from.x) * this.morph, from.y + (y - from.y) * this.morph];
  }

  // What there is to say about a point; null for what Python did not send.
  about(point) {
    const predicted = this.predicted && this.predicted[point];
    return {
      picture: this.picture[point],
      colour: this.palette[this.colour[point]],
      name: this.classNames[this.label[point]],
      predictedName: predicted === null ? null : this.classNames[predicted],
      confidence: this.confidence && this.confidence[point] / 255,
      isRight: predicted === this.label[point],
    };
  }
}
