// Where the points lie, scaled to [-1, 1], how much room each has, and where each class has its middle.
import { makeGrid, roomAround } from "./cells.js";

const QUANTUM = 1 / 32767; // a frame's coordinates arrive as 16-bit parts of the world
const GATHERING = 0.2; // world units around the middle of a class, to whose dense part its name goes
const ordersByRoom = new WeakMap(); // room -> the order of the points
const placesOfAll = new WeakMap(); // labels -> layout -> class -> place of its name

// axes: two or three arrays in any range. The longest side of their box becomes [-1, 1] and its centre the origin.
// hasTile(point): whether the point can ever be drawn as a picture.
export function makeLayout(axes, hasTile) {
  const spans = axes.map(extent);
  const half = Math.max(...spans.map(([low, high]) => high - low)) / 2 || 1;
  const centre = spans.map(([low, high]) => (low + high) / 2);
  const scaled = axes.map((values, axis) => Float32Array.from(values, (value) => (value - centre[axis]) / half));
  return finishLayout(scaled, centre, half, hasTile);
}

// The frame of an animation, whose coordinates were scaled in Python. It has no room of its own: see restingFrame.
export function makeFrame(columns, frame, count, { centre, half }, room) {
  const cut = (values) => Float32Array.from(values.subarray(frame * count, (frame + 1) * count), (v) => v * QUANTUM);
  const [x, y, z] = columns.map(cut);
  return { x, y, z: z ?? new Float32Array(count), isSolid: Boolean(z), centre, half, room };
}

// A frame that can be pointed at and shows thumbnails where there is room in this very frame.
export function restingFrame({ x, y, z, isSolid, centre, half }, hasTile) {
  return finishLayout(isSolid ? [x, y, z] : [x, y], centre, half, hasTile);
}

function finishLayout([x, y, z], centre, half, hasTile) {
  let grid = null;
  const layout = {
    x,
    y,
    z: z ?? new Float32Array(x.length),
    isSolid: Boolean(z),
    centre,
    half,
    room: roomAround(x, y, z ?? null, hasTile),
    halfSides: [x, y].map((values) => Math.max(...extent(values).map(Math.abs))),
    isWhole: true,
    get grid() {
      return (grid ??= makeGrid(layout));
    },
  };
  // A few points far out may leave the screen as the cloud turns.
  const distances = layout.x.map((at, i) => Math.hypot(at, layout.y[i], layout.z[i])).sort();
  layout.radius = distances[Math.floor(0.98 * (distances.length - 1))] ?? 0;
  return layout;
}

function extent(values) {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low <= high ? [low, high] : [0, 0];
}

// The points, those with the least room first: sorted once for all layouts that share their room.
export function byRoom({ room }) {
  if (!ordersByRoom.has(room)) ordersByRoom.set(room, Uint32Array.from(room.keys()).sort((a, b) => room[a] - room[b]));
  return ordersByRoom.get(room);
}

// Each point at the place of its class, from where the first layout unfolds.
export function gatheredLayout(layout, places, labels) {
  const gather = (axis) => layout.x.map((_, point) => places.get(labels[point])[axis]);
  return { x: gather(0), y: gather(1), z: gather(2), room: layout.room };
}

// The layout between two others, as the animation stands at `part` of its way; only what is drawn from.
export function blendLayouts(from, to, part) {
  const blend = (a, b) => b.map((value, i) => a[i] + (value - a[i]) * part);
  return { x: blend(from.x, to.x), y: blend(from.y, to.y), z: blend(from.z, to.z), room: blend(from.room, to.room) };
}

// Where a new set of points comes from: those that were there come from their places, others grow where they are.
export function carriedLayout(before, pictures, layout, newPictures) {
  const known = new Map(Array.from(pictures, (picture, point) => [picture, point]));
  const source = Array.from(newPictures, (picture) => known.get(picture));
  if (!source.some((point) => point !== undefined)) return null;
  const carry = (name, other) => layout[name].map((at, i) => (source[i] === undefined ? other(at) : before[name][source[i]]));
  const stay = (at) => at;
  return { x: carry("x", stay), y: carry("y", stay), z: carry("z", stay), room: carry("room", () => 0) };
}

// For each class the place of its name: the median of its members that are bright, of all where none is, drawn into the
// nearest dense part of them. The median alone can put the name of a class of two islands into the sea between them.
// That of all is found once: each choice of points asks for it again.
export function classPlaces(layout, labels, classes, isBright) {
  const members = Array.from({ length: classes }, () => ({ all: [], bright: [] }));
  for (let point = 0; point < labels.length; point += 1) {
    const { all, bright } = members[labels[point]];
    all.push(point);
    if (isBright(point)) bright.push(point);
  }
  const whole = wholeClasses(labels, layout);
  const places = new Map();
  members.forEach(({ all, bright }, label) => {
    if (!all.length) return;
    if (bright.length && bright.length < all.length) return places.set(label, middleOf(layout, bright));
    if (!whole.has(label)) whole.set(label, middleOf(layout, all));
    places.set(label, whole.get(label));
  });
  return places;
}

// class -> place of its name, of these labels in this layout.
function wholeClasses(labels, layout) {
  if (!placesOfAll.has(labels)) placesOfAll.set(labels, new WeakMap());
  const known = placesOfAll.get(labels);
  if (!known.has(layout)) known.set(layout, new Map());
  return known.get(layout);
}

function middleOf({ x, y, z }, members) {
  const [lefts, tops, fronts] = [x, y, z].map((values) => valuesAt(values, members));
  let [left, top, front] = [lefts, tops, fronts].map(median);
  const distances = new Float32Array(members.length);
  // A second look from the new place settles on the dense part; more change nothing that can be seen.
  for (let look = 0; look < 2; look += 1) {
    for (let i = 0; i < distances.length; i += 1) {
      distances[i] = Math.sqrt((lefts[i] - left) ** 2 + (tops[i] - top) ** 2 + (fronts[i] - front) ** 2);
    }
    const reach = Math.max(GATHERING, 1.2 * extent(distances)[0]);
    let [near, sumLeft, sumTop, sumFront] = [0, 0, 0, 0];
    for (let i = 0; i < distances.length; i += 1) {
      if (distances[i] > reach) continue;
      near += 1;
      sumLeft += lefts[i];
      sumTop += tops[i];
      sumFront += fronts[i];
    }
    [left, top, front] = [sumLeft / near, sumTop / near, sumFront / near];
  }
  return [left, top, front];
}

function valuesAt(values, members) {
  const picked = new Float32Array(members.length);
  for (let i = 0; i < picked.length; i += 1) picked[i] = values[members[i]];
  return picked;
}

function median(values) {
  return values.slice().sort()[values.length >> 1];
}
