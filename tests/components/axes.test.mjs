// The titles of the map's axes: where they stand, in words, and none where axes mean nothing.
import assert from "node:assert/strict";
import { test } from "node:test";
import { axesOf, drawAxes } from "../../fmnist_ui/widgets/components/sprite_map/axes.js";

function drawn(axes, isSolid, width = 600) {
  const texts = [];
  const context = new Proxy({}, { get: (_, name) => (name === "measureText" ? () => ({ width: 80 }) : () => {}), set: () => true });
  const overlay = { context, startText() {}, drawText: (text, left, top) => texts.push([text, left, top]) };
  const camera = { width, height: 400, toScreen: ([x, y, z]) => [300 + 900 * x, 200 - 900 * y + z, 1] };
  drawAxes(overlay, { camera, points: { axes, layout: { isSolid, radius: 1 } }, theme: {} });
  return texts;
}

test("axes without a meaning have no titles", () => {
  assert.deepEqual(drawn([], false), []);
  assert.equal(axesOf({ axes: [] }), "");
});

test("on a flat map one stands at the lower edge and one, turned, at the left", () => {
  const [[across, left, top], [up, ...turned]] = drawn(["Component 1", "from bag to shoe"], false);
  assert.equal(across, "Component 1 →");
  assert.equal(up, "from bag to shoe →");
  assert.ok(left > 500 && top > 350);
  assert.deepEqual(turned, [0, 0]);
  assert.equal(axesOf({ axes: ["a", "b"] }), "Axes: a, b. ");
});

test("in space each stands at the end of its line, within the map", () => {
  const texts = drawn(["x", "y", "z"], true);
  assert.deepEqual(texts.map(([text]) => text), ["x", "y", "z"]);
  for (const [, left, top] of texts) assert.ok(left > 40 && left < 560 && top >= 14 && top <= 386);
});

test("a long title is cut", () => {
  assert.ok(drawn(["a".repeat(200), "b"], false)[0][0].length < 70);
});
