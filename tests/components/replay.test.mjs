// The arithmetic of a replay: the colours and words of weights, and the epoch that is pointed at.

import assert from "node:assert/strict";
import { test } from "node:test";

import { colour, written } from "../../fmnist_ui/widgets/components/replay/filters.js";
import { nearest } from "../../fmnist_ui/widgets/components/replay/hover.js";

test("no weight is white, a negative one red, a positive one blue", () => {
  assert.deepEqual(colour(0), [255, 255, 255]);
  assert.deepEqual(colour(-1), [220, 55, 55]);
  assert.deepEqual(colour(1), [55, 55, 220]);
});

test("a weight is written with its sign, and none as 0", () => {
  assert.deepEqual([-0.416, 0.4, 0.004, -0.004].map(written), ["\u22120.42", "+0.40", "0", "0"]);
});

test("the stored epoch nearest to the pointer is told", () => {
  const across = (epoch) => 34 + 10 * epoch;
  assert.equal(nearest([1, 2, 5, 20], across, 34 + 10 * 3.4), 2);
  assert.equal(nearest([1, 2, 5, 20], across, 34 + 10 * 3.6), 5);
  assert.equal(nearest([1, 2, 5, 20], across, 9_999), 20);
});
