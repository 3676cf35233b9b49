// What was done to a drawing, back and forth.
import assert from "node:assert/strict";
import { test } from "node:test";
import { History } from "../../fmnist_ui/widgets/components/draw/history.js";

const stroke = (x) => ({ width: 0.1, erase: false, points: [x, x] });
const begun = () => {
  const history = new History([]);
  history.begin(0.1, false, 0.25, 0.5);
  history.begin(0.1, true, 0.5, 0.5);
  return history;
};

test("each stroke and Clear are one step back, and forth again until something new is done", () => {
  const history = begun();
  history.clear();
  assert.deepEqual(history.strokes, []);
  history.undo();
  assert.equal(history.strokes.length, 2);
  history.undo();
  assert.equal(history.strokes.length, 1);
  history.redo();
  assert.equal(history.strokes.length, 2);
  history.undo();
  history.begin(0.1, false, 0, 0);
  history.redo();
  assert.deepEqual(history.strokes.map((one) => one.points), [[0.25, 0.5], [0, 0]]);
});

test("nothing to go back to is no step, and neither is to clear what is empty", () => {
  const history = new History([]);
  history.undo();
  history.redo();
  history.clear();
  assert.deepEqual([history.strokes, history.before], [[], []]);
});

test("a drawing that comes back can be undone stroke by stroke", () => {
  const history = new History([stroke(0.1), stroke(0.2)]);
  history.undo();
  assert.deepEqual(history.strokes, [stroke(0.1)]);
  history.undo();
  assert.deepEqual(history.strokes, []);
});

test("points that tell nothing are left out, and none lies far outside", () => {
  const history = begun();
  assert.ok(!history.extend(0.5001, 0.5));
  assert.ok(history.extend(0.61239, 17));
  assert.deepEqual(history.strokes.at(-1).points, [0.5, 0.5, 0.6124, 2]);
});

test("a stroke that is taken from the finger was never begun", () => {
  const history = begun();
  history.abandon();
  assert.deepEqual(history.strokes.map((one) => one.points), [[0.25, 0.5]]);
});
