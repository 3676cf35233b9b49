// The points as Python sent them: what they are, which of them stand out, and where they are at the moment.
import { byRoom } from "./layout.js";
import { Motion } from "./motion.js";
import { DIM_OPACITY, parseColour } from "./tile.js";

const HELD_TABLES = 4; // tables of points
const heldTables = new Map(); // version of layout and marks -> their columns: Python sends them only once
const POINT_COLUMNS = ["x", "y", "z", "picture", "colour", "label", "predicted", "confidence"];
const PARTS = ["layout", "marks", "palette", "highlighted", "emphasised", "frames"];

export class Points {
  constructor() {
    this.versions = {};
    this.count = 0;
    this.motion = new Motion(this);
    this.palette = []; // [red, green, blue] of each colour index
    this.legend = [];
    this.dimmed = new Set(); // colour indices that the visitor has switched off
    this.faint = null; // one byte a point: 1 for those that others stand out from; null: none
    this.brightness = []; // of each class: the part of its points that is bright
    this.highlighted = [];
    this.tiles = 0; // pictures below this number are on the sheet
    this.lacksPoints = false; // whether there are points that never arrived
  }

  get layout() {
    return this.motion.layout;
  }

  // "10,000 pictures, 70 of them chosen", where some stand out.
  get inWords() {
    const chosen = this.faint?.reduce((sum, faint) => sum - faint, this.count);
    const [all, some] = [this.count, chosen].map((number) => number?.toLocaleString("en"));
    return `${all} pictures${some ? `, ${some} of them chosen` : ""}`;
  }

  // Takes over what is new in `sent`; returns the names of what changed: those of PARTS.
  take(sent, isAnimated) {
    const changes = new Set(PARTS.filter((name) => sent.versions[name] !== this.versions[name]));
    const columns = holdTable(sent);
    this.lacksPoints = !columns;
    if (!columns) return new Set(); // all is new when they come
    const column = (name) => columns[name];
    this.versions = sent.versions;
    this.classNames = sent.class_names;
    this.axes = sent.axes;
    this.numbered = sent.numbered;
    this.tiles = sent.sheet?.count ?? 0;
    if (changes.has("frames")) changes.add("layout");
    if (changes.has("marks")) {
      for (const name of ["colour", "label", "predicted", "confidence"]) this[name] = column(name);
      this.named = this[sent.named_by] ?? this.label; // the class whose name a point helps to place
    }
    if (changes.has("palette")) this.takePalette(sent);
    if (changes.has("emphasised")) this.faint = bitsIn(columnIn(sent.emphasis, "faint"), sent.count);
    if (changes.has("highlighted")) this.highlighted = sent.highlighted?.getChild("point")?.toArray() ?? [];
    if (changes.has("layout")) this.takeLayout(sent, column, isAnimated);
    else if (changes.size) this.motion.findPlaces();
    this.weighClasses();
    return changes;
  }

  takeLayout(sent, column, isAnimated) {
    const before = this.picture;
    this.picture = column("picture");
    this.count = this.picture.length;
    const isSame = before?.length === this.count && before.every((value, i) => value === this.picture[i]);
    this.hasTile = (point) => this.picture[point] < this.tiles;
    const axes = ["x", "y", "z"].map(column).filter(Boolean);
    this.motion.take(axes, sent, isSame ? null : before, isAnimated);
    if (this.lacksFrames) this.versions = { ...sent.versions, frames: null }; // they are new when they come
  }

  get lacksFrames() {
    return this.motion.isLacking;
  }

  // What the visitor switched off stays off as long as the colours mean the same.
  takePalette({ palette, legend }) {
    if (legend.join("\n") !== this.legend.join("\n")) this.dimmed.clear();
    this.palette = palette.map(parseColour);
    this.legend = legend;
  }

  toggle(colour) {
    if (!this.dimmed.delete(colour)) this.dimmed.add(colour);
    this.motion.findPlaces();
    this.weighClasses();
  }

  weighClasses() {
    const [all, bright] = [0, 0].map(() => new Float32Array(this.classNames.length));
    this.named.forEach((name, point) => {
      all[name] += 1;
      if (this.isBright(point)) bright[name] += 1;
    });
    this.brightness = bright.map((count, name) => count / Math.max(1, all[name]));
  }

  isBright(point) {
    return !this.dimmed.has(this.colour[point]) && !this.faint?.[point];
  }

  // [red, green, blue, opacity], each 0 to 255, one a colour index.
  shades() {
    return this.palette.map((colour, i) => [...colour, this.dimmed.has(i) ? DIM_OPACITY * 255 : 255]);
  }

  // What stands on top comes last: the faint points, the others and the highlighted, in each of these first those with
  // the least room, which become thumbnails last. A layout is sorted once: each choice only parts it anew.
  drawingOrder() {
    const ordered = byRoom(this.layout);
    const highlighted = new Set(this.highlighted);
    const parts = [[], [], []];
    for (const point of ordered) parts[highlighted.has(point) ? 2 : Number(this.isBright(point))].push(point);
    return Uint32Array.from(parts.flat());
  }

  // Where a point is now, in the world: x, y, z.
  placeOf(point) {
    return this.motion.placeOf(point);
  }

  // The names that are shown: text, place, and how clearly, 0 to 1. A class of which nothing stands out has none.
  names() {
    const clarity = (part) => (part ? 0.35 + 0.65 * Math.min(1, 4 * part) : this.faint ? 0 : 0.2);
    return [...this.motion.namePlaces()].map(([label, place]) => {
      return { text: this.classNames[label], place, opacity: clarity(this.brightness[label]) };
    }).filter(({ opacity }) => opacity);
  }

  // [what the picture is called, its number].
  numberOf(point) {
    const [start, word] = this.numbered.findLast(([from]) => from <= this.picture[point]);
    return [word, this.picture[point] - start];
  }

  // What there is to say about a point; null for what Python did not send.
  about(point) {
    const predicted = this.predicted && this.predicted[point];
    return {
      picture: this.picture[point],
      number: this.numberOf(point),
      called: this.classNames[this.named[point]],
      hasTile: this.hasTile(point),
      colour: this.palette[this.colour[point]],
      name: this.classNames[this.label[point]],
      predictedName: predicted === null ? null : this.classNames[predicted],
      confidence: this.confidence && this.confidence[point] / 255,
      isRight: predicted === this.label[point],
    };
  }
}

// A column of a data frame; null where there is none, or nothing in it.
function columnIn(table, name) {
  const values = table?.getChild(name)?.toArray();
  return values?.length ? values : null;
}

// One byte a point of one bit each, the lowest of a byte first.
function bitsIn(packed, count) {
  return packed && Uint8Array.from({ length: count }, (_, point) => (packed[point >> 3] >> (point & 7)) & 1);
}

// The columns of the points, those that came or those that came before; null where they never did.
function holdTable({ points, count, versions }) {
  const key = `${versions.layout} ${versions.marks}`;
  const columns = Object.fromEntries(POINT_COLUMNS.map((name) => [name, points.getChild(name)?.toArray() ?? null]));
  if (columns.x.length === count) {
    heldTables.delete(key);
    heldTables.set(key, columns);
    if (heldTables.size > HELD_TABLES) heldTables.delete(heldTables.keys().next().value);
  }
  return heldTables.get(key) ?? null;
}
