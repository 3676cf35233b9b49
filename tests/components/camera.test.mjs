// What part of the map is seen: projecting, fitting, panning, zooming and turning.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Camera, detailOf, fogAt, MIN_ZOOM, sizesAt } from "../../fmnist_ui/widgets/components/sprite_map/camera.js";
import { makeLayout } from "../../fmnist_ui/widgets/components/sprite_map/layout.js";

const SQUARE = [[-1, 1, 1, -1], [1, 1, -1, -1]];
const near = (found, wanted, most = 1e-9) =>
  wanted.forEach((value, i) => assert.ok(Math.abs(found[i] - value) < most, `${found} is not ${wanted}`));

function looking(axes = SQUARE) {
  const camera = new Camera();
  const layout = makeLayout(axes, () => true);
  camera.setSolid(layout.isSolid, true);
  camera.fit(800, 600, layout, true);
  return { camera, layout };
}

test("zoom 1 shows the whole flat map with a margin, its middle in the middle", () => {
  const { camera } = looking();
  near(camera.project(0, 0, 0), [400, 300, 1]);
  near(camera.project(1, 1, 0), [400 + 252, 300 - 252, 1]); // half of 600, less the margin of 48
});

test("what is under a place of the screen is found again, wherever the visitor has gone", () => {
  const { camera } = looking();
  camera.zoomAt(5, 700, 100, true);
  camera.panBy(33, -20, true);
  const [x, y] = camera.toWorld(123, 456);
  near(camera.project(x, y, 0), [123, 456, 1]);
});

test("zooming keeps the place under the pointer, at the end and on the whole way", () => {
  const { camera } = looking();
  const place = camera.toWorld(520, 240);
  camera.zoomAt(8, 520, 240);
  while (camera.step(16)) near(camera.project(...place, 0), [520, 240], 1e-6);
  near(camera.project(...place, 0), [520, 240], 1e-6);
  assert.equal(camera.now.zoom, 8);
});

test("the zoom and the middle stay within bounds", () => {
  const { camera } = looking();
  camera.zoomAt(1e9, 400, 300, true);
  assert.equal(camera.now.zoom, camera.maxZoom);
  camera.zoomAt(1e-9, 400, 300, true);
  assert.equal(camera.now.zoom, MIN_ZOOM);
  camera.panBy(1e6, 1e6, true);
  assert.deepEqual([camera.now.x, camera.now.y], [-1.1, 1.1]);
});

test("panning by pixels moves the map by as many", () => {
  const { camera } = looking();
  camera.zoomAt(2, 400, 300, true);
  camera.panBy(40, 20, true);
  near(camera.project(0, 0, 0), [440, 320, 1]);
});

test("a view that shows no point says so", () => {
  const { camera, layout } = looking();
  assert.ok(camera.sees(layout));
  camera.zoomAt(20, 400, 300, true); // into the empty middle of four corners
  assert.ok(!camera.sees(layout));
});

test("what is nearer to the eye is larger, and turning by half brings the far side there", () => {
  const { camera } = looking([[0, 0, 1, -1], [0, 0, 1, -1], [0.5, -0.5, 0, 0]]);
  camera.aim({ yaw: 0, pitch: 0 }, true);
  const front = camera.project(0, 0, 0.5)[2];
  const back = camera.project(0, 0, -0.5)[2];
  assert.ok(front < 1 && back > 1);
  camera.turnBy(Math.PI, 0, true);
  near([camera.project(0, 0, 0.5)[2], camera.project(0, 0, -0.5)[2]], [back, front]);
  camera.turnBy(0, 9, true);
  assert.equal(camera.now.pitch, 1.5);
});

test("WebGL's matrix and the projection put a point at the same place", () => {
  const { camera } = looking([[0, 1, -1], [0.3, 1, -1], [0.2, -1, 1]]);
  camera.turnBy(0.4, -0.2, true);
  camera.zoomAt(1.7, 300, 350, true);
  const [left, top, depth] = camera.project(0.3, -0.4, 0.25);
  const matrix = camera.matrix(0);
  const row = (place) => [0.3, -0.4, 0.25, 1].reduce((sum, at, column) => sum + at * matrix[4 * column + place], 0);
  const w = row(3);
  near([(row(0) / w + 1) * 400, (1 - row(1) / w) * 300, w], [left, top, depth], 1e-3);
});

test("from flat to solid and back the camera arrives exactly", () => {
  const { camera } = looking();
  camera.setSolid(true, false);
  for (let frames = 0; camera.step(16); frames += 1) assert.ok(frames < 1000);
  assert.deepEqual([camera.now.yaw, camera.now.pitch, camera.now.solid], [0.55, 0.35, 1]);
  camera.setSolid(false, false);
  while (camera.step(16));
  assert.ok(camera.isFlat);
  assert.deepEqual([camera.now.yaw, camera.now.pitch], [0, 0]);
});

test("a dot becomes a thumbnail where it has room, and fog only lies over what is far", () => {
  const { camera } = looking();
  const sizes = sizesAt(camera, 10_000);
  assert.equal(detailOf(0, camera.scale, sizes), 0);
  assert.equal(detailOf(1, camera.scale, sizes), 1);
  const edge = (sizes.thumbnail * sizes.spread * 0.96) / camera.scale;
  assert.ok(Math.abs(detailOf(edge, camera.scale, sizes) - 0.5) < 1e-6);
  assert.deepEqual([fogAt(0.5, 1), fogAt(2, 1), fogAt(2, 0)], [0, 0.8, 0]);
  assert.ok(sizesAt(camera, 10).dot > sizesAt(camera, 100_000).dot);
});
