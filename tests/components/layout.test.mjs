// Where points lie, how much room they have, and which of them a pointer means.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Camera } from "../../fmnist_ui/widgets/components/sprite_map/camera.js";
import { CellLists, nearestPoints, roomAround } from "../../fmnist_ui/widgets/components/sprite_map/cells.js";
import {
  blendLayouts, carriedLayout, classPlaces, gatheredLayout, makeFrame, makeLayout,
} from "../../fmnist_ui/widgets/components/sprite_map/layout.js";
import { pick } from "../../fmnist_ui/widgets/components/sprite_map/picking.js";

const always = () => true;
const close = (found, wanted) =>
  assert.ok(wanted.every((value, i) => Math.abs(found[i] - value) < 1e-6), `${[...found]} is not ${wanted}`);

// The same places at each run.
function scattered(count) {
  let state = 7;
  const next = () => ((state = (state * 16807) % 2147483647) / 2147483647) * 2 - 1;
  return [0, 1, 2].map(() => Float32Array.from({ length: count }, next));
}

test("the longest side of any data becomes -1 to 1, the centre the origin, and shapes stay", () => {
  const layout = makeLayout([[100, 300, 200], [7, 57, 32]], always);
  close(layout.x, [-1, 1, 0]);
  close(layout.y, [-0.25, 0.25, 0]);
  assert.deepEqual([layout.centre, layout.half, layout.isSolid], [[200, 32], 100, false]);
  close(layout.halfSides, [1, 0.25]);
});

test("one point lies in the middle, and none is no error", () => {
  close(makeLayout([[5], [9]], always).x, [0]);
  assert.equal(makeLayout([[], []], always).radius, 0);
});

test("a frame's 16-bit numbers are parts of the same world", () => {
  const columns = [Int16Array.of(0, 0, 32767, -32767), Int16Array.of(0, 0, 0, 16384)];
  const frame = makeFrame(columns, 1, 2, { centre: [0, 0], half: 1 }, new Float32Array(2));
  close(frame.x, [1, -1]);
  close(frame.y, [0, 16384 / 32767]);
});

test("room is the distance to the nearest elder: as wide for each as thumbnails need", () => {
  for (const solid of [false, true]) {
    const [x, y, z] = scattered(400);
    const room = roomAround(x, y, solid ? z : null, always);
    for (const least of [0.5, 0.2, 0.1]) {
      const shown = [...room.keys()].filter((point) => room[point] >= least);
      assert.ok(shown.length > 1);
      for (const [place, a] of shown.entries()) {
        for (const b of shown.slice(place + 1)) {
          const far = Math.max(Math.abs(x[a] - x[b]), Math.abs(y[a] - y[b]), solid ? Math.abs(z[a] - z[b]) : 0);
          assert.ok(far >= least - 1e-6, `${a} and ${b} overlap at ${least}`);
        }
      }
    }
  }
});

test("what has no picture has no room and takes none", () => {
  assert.deepEqual([...roomAround([0, 0], [0, 0.001], null, (point) => point === 1)], [0, Math.fround(Math.SQRT2)]);
});

test("the cells know all points that a search through everything finds", () => {
  const [x, y] = scattered(300);
  const cells = new CellLists(x, y, null, 16);
  for (const point of x.keys()) cells.add(point);
  const found = new Set();
  cells.near(0.2, -0.3, 0, 0.25, (point) => { found.add(point); });
  for (const point of x.keys()) {
    if (Math.max(Math.abs(x[point] - 0.2), Math.abs(y[point] + 0.3)) <= 0.25) assert.ok(found.has(point));
  }
});

test("the nearest come first, without those left out", () => {
  const layout = { x: Float32Array.of(0, 1, 2, 3), y: new Float32Array(4), z: new Float32Array(4) };
  assert.deepEqual(nearestPoints(layout, [2.2, 0, 0], 2, (point) => point !== 2), [3, 1]);
});

test("the name of a class of two islands stands on one of them, not in the sea between", () => {
  const x = [-1, -0.98, -0.96, -0.97, 0.96, 0.98, 1];
  const layout = makeLayout([x, x.map(() => 0)], always);
  const [place] = classPlaces(layout, x.map(() => 0), 2, always).values();
  assert.ok(Math.abs(place[0]) > 0.9);
});

test("halfway between two layouts a point is halfway", () => {
  const [from, to] = [makeLayout([[0, 2], [0, 2]], always), makeLayout([[2, 0], [0, 2]], always)];
  close(blendLayouts(from, to, 0.5).x, [0, 0]);
  close(blendLayouts(from, to, 0).x, from.x);
  const places = new Map([[0, [0.5, 0.25, 0]], [1, [-0.5, 0, 0]]]);
  close(gatheredLayout(to, places, [1, 0]).x, [-0.5, 0.5]);
});

test("pictures that stay come from where they were, new ones grow where they are", () => {
  const [before, after] = [makeLayout([[0, 2], [0, 2]], always), makeLayout([[0, 2, 1], [2, 0, 0]], always)];
  const carried = carriedLayout(before, [10, 11], after, [11, 12, 10]);
  close(carried.x, [before.x[1], after.x[1], before.x[0]]);
  assert.equal(carried.room[1], 0);
  assert.equal(carriedLayout(before, [10, 11], after, [1, 2, 3]), null);
});

function mapOf(axes, bright = always) {
  const camera = new Camera();
  const layout = makeLayout(axes, always);
  camera.setSolid(layout.isSolid, true);
  camera.fit(800, 600, layout, true);
  const points = { count: layout.x.length, layout, motion: { isAtRest: true }, isBright: bright };
  return { camera, points, shownTiles: layout.x.length };
}

test("the pointer means the point under it, none beside it, and none that is switched off", () => {
  const map = mapOf([[-1, 1, 0], [1, -1, 0]]);
  const at = (point) => map.camera.toScreen([map.points.layout.x[point], map.points.layout.y[point], 0]);
  for (const point of [0, 1, 2]) assert.equal(pick(map, ...at(point).slice(0, 2), 4), point);
  assert.equal(pick(map, 600, 300, 4), null);
  const [left, top] = at(2);
  assert.equal(pick(mapOf([[-1, 1, 0], [1, -1, 0]], (point) => point !== 2), left, top, 4), null);
  map.points.motion.isAtRest = false;
  assert.equal(pick(map, left, top, 4), null);
});

test("in space the nearest to the eye is meant", () => {
  const map = mapOf([[-1, 1, 0, 0], [1, -1, 0, 0], [0, 0, -0.5, 0.5]]);
  map.camera.aim({ yaw: 0, pitch: 0 }, true);
  assert.equal(pick(map, 400, 300, 4), 3);
  map.camera.turnBy(Math.PI, 0, true);
  assert.equal(pick(map, 400, 300, 4), 2);
});
