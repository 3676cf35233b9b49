// How points move and in which order they are drawn; what a drawn line encloses; how much is drawn while things move.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Camera } from "../../fmnist_ui/widgets/components/sprite_map/camera.js";
import { sortByDepth } from "../../fmnist_ui/widgets/components/sprite_map/depth.js";
import { Lasso, selectionOf } from "../../fmnist_ui/widgets/components/sprite_map/lasso.js";
import { byRoom, makeLayout } from "../../fmnist_ui/widgets/components/sprite_map/layout.js";
import { Pace } from "../../fmnist_ui/widgets/components/sprite_map/pace.js";
import { Points } from "../../fmnist_ui/widgets/components/sprite_map/points.js";
import { DIM_OPACITY, parseColour, tileRectangle } from "../../fmnist_ui/widgets/components/sprite_map/tile.js";

const table = (columns) => ({ getChild: (name) => name in columns && { toArray: () => columns[name] } || null });

// What Python sends: four corners of two classes, the last without a picture.
function sent(changed = {}, versions = {}) {
  const columns = {
    x: Float32Array.of(-1, 1, 1, -1), y: Float32Array.of(1, 1, -1, -1), picture: Uint32Array.of(0, 1, 2, 3),
    label: Uint8Array.of(0, 0, 1, 1), colour: Uint8Array.of(0, 0, 1, 1), predicted: Uint8Array.of(0, 1, 1, 1),
    confidence: Uint8Array.of(255, 51, 255, 255), ...changed.columns,
  };
  return {
    class_names: ["Coat", "Bag"], numbered: [[0, "test"], [2, "train"]], sheet: { count: 3 }, named_by: "label",
    palette: ["#3f90da", "#bd1f01"], legend: ["Coat", "Bag"], frames: table({}), frame_spans: [], ...changed,
    points: table(columns), count: columns.x.length, emphasis: table(changed.emphasis ?? {}),
    versions: { layout: 1, marks: 1, palette: 1, highlighted: 1, emphasised: 1, frames: 1, ...versions },
  };
}

function taken() {
  const points = new Points();
  points.take(sent(), false);
  return points;
}

test("what is said of a point is what was sent", () => {
  const points = taken();
  assert.deepEqual(points.about(1), {
    picture: 1, number: ["test", 1], called: "Coat", hasTile: true, colour: [0x3f, 0x90, 0xda], name: "Coat",
    predictedName: "Bag", confidence: 0.2, isRight: false,
  });
  assert.deepEqual([points.about(3).number, points.about(3).hasTile], [["train", 1], false]);
});

test("only what has a new version counts as changed", () => {
  const points = taken();
  assert.deepEqual([...points.take(sent(), false)], []);
  assert.deepEqual([...points.take(sent({}, { palette: 2 }), false)], ["palette"]);
});

test("points that were sent before are not sent again, and those that never came are asked for", () => {
  const left = { ...sent({ emphasis: { faint: Uint8Array.of(0b1000) } }, { emphasised: 2 }), points: table({ x: [] }) };
  const points = taken();
  assert.deepEqual([...points.take(left, false)], ["emphasised"]);
  assert.deepEqual([points.count, points.lacksPoints, points.isBright(3)], [4, false, false]);
  assert.deepEqual([taken().inWords, points.inWords], ["4 pictures", "4 pictures, 3 of them chosen"]);
  const lost = { ...left, versions: { ...left.versions, layout: 9 } };
  assert.deepEqual([...points.take(lost, false)], []);
  assert.ok(points.lacksPoints && points.count === 4);
  assert.ok(points.take(sent({}, { layout: 9 }), false).has("layout"));
  assert.ok(!points.lacksPoints);
});

test("a class that is switched off stays so under new colours, and comes back under new meanings", () => {
  const points = taken();
  points.toggle(0);
  assert.deepEqual([0, 2].map((point) => points.isBright(point)), [false, true]);
  assert.equal(points.shades()[0][3], DIM_OPACITY * 255);
  points.take(sent({ palette: ["#000000", "#ffffff"] }, { palette: 2 }), false);
  assert.ok(!points.isBright(0));
  points.take(sent({ legend: ["right", "wrong"] }, { palette: 3 }), false);
  assert.ok(points.isBright(0));
});

test("highlighted points are drawn last and faint ones first", () => {
  const points = taken();
  const emphasis = { faint: Uint8Array.of(0b0010) };
  const highlighted = table({ point: Uint32Array.of(2) });
  points.take(sent({ emphasis, highlighted }, { emphasised: 2, highlighted: 2 }), false);
  const order = [...points.drawingOrder()];
  assert.deepEqual([order[0], order.at(-1)], [1, 2]);
  assert.deepEqual(order.toSorted(), [0, 1, 2, 3]);
});

test("a new layout is reached slowly at first and last, and exactly", () => {
  const points = taken();
  const columns = { x: Float32Array.of(1, 1, -1, -1) };
  points.take(sent({ columns }, { layout: 2 }), true);
  const { motion } = points;
  assert.ok(!motion.isAtRest);
  assert.ok(motion.step(1_000));
  assert.deepEqual(points.placeOf(0), [-1, 1, 0]);
  assert.ok(motion.step(1_225));
  assert.ok(Math.abs(points.placeOf(0)[0]) < 1e-6); // halfway
  assert.ok(!motion.step(1_450));
  assert.deepEqual(points.placeOf(0), [1, 1, 0]);
  assert.ok(motion.isAtRest);
});

test("between two frames points are between, and a frame that is looked at stays while new ones come", () => {
  const points = new Points();
  const frames = (x) => table({ x: Int16Array.from(x), y: Int16Array.from(x, () => 0) });
  const span = { centre: [0, 0], half: 1 };
  points.take(sent({ frames: frames([0, 0, 0, 0]), frame_spans: [span] }, { frames: 2 }), false);
  const { motion } = points;
  assert.equal(motion.lastFrame, 1);
  motion.showBetween(0.5);
  assert.ok(Math.abs(points.placeOf(1)[0] - 0.5) < 1e-6);
  motion.restAt(0, false);
  assert.equal(points.placeOf(1)[0], 0);
  points.take(sent({ frames: frames([0, 0, 0, 0, 1, 1, 1, 1]), frame_spans: [span, span] }, { frames: 3 }), false);
  assert.deepEqual([motion.lastFrame, motion.frame, points.placeOf(1)[0]], [2, 0, 0]);
});

test("frames that never arrived are asked for again", () => {
  const points = new Points();
  points.take(sent({ frame_spans: [{ centre: [0, 0], half: 1 }] }, { frames: 99 }), false);
  assert.ok(points.lacksFrames);
  assert.equal(points.versions.frames, null);
});

test("in space the far is drawn before the near, and the faint before all", () => {
  const camera = new Camera();
  camera.setSolid(true, true);
  camera.aim({ yaw: 0, pitch: 0 }, true);
  const layout = makeLayout([[0, 0, 0], [0, 0, 0], [1, -1, 0.5]], () => true);
  const points = (isBright) => ({ motion: { from: layout, layout, morph: 1 }, isBright });
  assert.deepEqual([...sortByDepth(Uint32Array.of(0, 1, 2), points(() => true), camera)], [1, 2, 0]);
  assert.deepEqual([...sortByDepth(Uint32Array.of(0, 1, 2), points((point) => point), camera)], [0, 1, 2]);
});

test("a box has its four corners, a slip of the hand none, and a long line not too many", () => {
  const lasso = new Lasso();
  lasso.tool = "box";
  lasso.start([10, 10]);
  lasso.extend([50, 40]);
  assert.deepEqual(lasso.finish(), [[10, 10], [50, 10], [50, 40], [10, 40]]);
  lasso.tool = null;
  lasso.start([10, 10]);
  for (const left of [11, 12, 14, 15]) lasso.extend([left, 10]); // steps of less than three pixels do not count
  assert.equal(lasso.path.length, 2);
  assert.equal(lasso.finish(), null);
  lasso.extend([90, 90]); // it has been given up
  assert.deepEqual(lasso.path, []);
  lasso.start([0, 0]);
  for (let step = 1; step < 5_000; step += 1) lasso.extend([4 * step, step % 50]);
  assert.ok(lasso.finish().length <= 1_000);
});

test("what is drawn around is handed on in the coordinates of the data", () => {
  const camera = new Camera();
  const layout = makeLayout([[100, 300], [0, 200]], () => true);
  camera.fit(800, 600, layout, true);
  const points = { layout, dimmed: new Set([1]), motion: { frame: null }, versions: { layout: 1, frames: 2 } };
  const corner = camera.toScreen([1, 1, 0]).slice(0, 2);
  const { polygon, matrix, hidden, version } = selectionOf([corner, [400, 300]], { camera, points });
  [[300, 200], [200, 100]].flat().forEach((at, i) => assert.ok(Math.abs(polygon.flat()[i] - at) < 1e-9));
  assert.deepEqual([matrix, hidden, version], [null, [1], [1, 2]]);
});

test("in space Python gets the matrix that puts the data where the screen shows it", () => {
  const camera = new Camera();
  const layout = makeLayout([[100, 300, 200], [0, 200, 50], [5, 9, 100]], () => true);
  camera.setSolid(true, true);
  camera.fit(800, 600, layout, true);
  const points = { layout, dimmed: new Set(), motion: { frame: null }, versions: {} };
  const { matrix } = selectionOf([], { camera, points });
  const [x, y, w] = matrix.map((row) => [200, 50, 100, 1].reduce((sum, at, i) => sum + at * row[i], 0));
  const [left, top, depth] = camera.toScreen([layout.x[2], layout.y[2], layout.z[2]]);
  [[(x / w + 1) * 400, left], [(1 - y / w) * 300, top], [w, depth]].forEach(([a, b]) => assert.ok(Math.abs(a - b) < 1e-3));
});

test("slow frames make the next ones draw less, but never too little, and quick ones more again", () => {
  const pace = new Pace();
  const frames = (count, took) => {
    for (let i = 0; i < count; i += 1) {
      pace.ask(0);
      pace.begin(took);
      pace.end(took);
    }
  };
  frames(1, 50);
  assert.ok(Math.abs(pace.share - 0.7) < 1e-9);
  frames(50, 50);
  assert.equal(pace.share, 0.12);
  frames(50, 30);
  assert.equal(pace.share, 0.12);
  frames(50, 10);
  assert.equal(pace.share, 1);
});

test("a picture is found on the sheet, a colour in its name", () => {
  assert.deepEqual(tileRectangle({ side: 28, columns: 100 }, 205), [140, 56, 28, 28]);
  assert.deepEqual(parseColour("#3f90da"), [0x3f, 0x90, 0xda]);
});

test("a layout is put in its order once, and whatever shares its room has the same", () => {
  const points = taken();
  const { layout } = points;
  assert.equal(byRoom(layout), byRoom({ ...layout, x: layout.y }));
  const rooms = [...byRoom(layout)].map((point) => layout.room[point]);
  assert.deepEqual(rooms, rooms.toSorted((a, b) => a - b));
});
