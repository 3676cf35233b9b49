// The curve chart's arithmetic: round steps, domains, how values are written, values to pixels.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  decimalsOf, niceRange, niceStep, percentile, scaleOf, ticksOf, valueAt, writeTick, writeValue,
} from "../../fmnist_ui/widgets/components/curve_chart/scale.js";

const near = (found, wanted) => assert.ok(Math.abs(found - wanted) < 1e-9, `${found} is not ${wanted}`);

test("steps are 1, 2 or 5 times a power of ten, and at most as many as asked for", () => {
  for (const [span, count, step] of [[10, 5, 2], [1, 4, 0.5], [6, 10, 1], [0.07, 7, 0.01], [61, 6, 20], [1e6, 3, 5e5]]) {
    near(niceStep(span, count), step);
    assert.ok(span / niceStep(span, count) <= count + 1e-9);
  }
});

test("ticks are the multiples of their step within the domain, ends and rounding included", () => {
  const whole = (to) => ticksOf([0, to], 8, true).ticks.map((tick) => tick + 0); // -0 becomes 0, as writeTick has it
  assert.deepEqual(whole(6), [0, 1, 2, 3, 4, 5, 6]);
  assert.deepEqual(whole(2), [0, 1, 2]); // though halves would fit
  const { ticks } = ticksOf([0.1, 0.3], 2, false);
  assert.equal(ticks.length, 3);
  [0.1, 0.2, 0.3].forEach((wanted, place) => near(ticks[place], wanted));
});

test("a domain holds its values and ends on round numbers; one value alone gets room around it", () => {
  const [low, high] = niceRange(0.213, 0.587, 5);
  assert.ok(low <= 0.213 && high >= 0.587 && high - low < 0.5);
  near(low, 0.2);
  near(high, 0.6);
  for (const value of [0, 3, -2]) {
    const [from, to] = niceRange(value, value, 5);
    assert.ok(from < value && value < to);
  }
});

test("decimals tell neighbouring ticks apart, and no zero is negative", () => {
  assert.deepEqual([1, 20, 0.5, 0.02, 0.001].map(decimalsOf), [0, 0, 1, 2, 3]);
  assert.equal(writeTick(-1e-17, 0.1, false), "0.0");
  assert.equal(writeTick(0.925, 0.005, true), "92.5\u202f%");
  assert.equal(writeTick(12, 2, false), "12");
});

test("a value has four digits that matter", () => {
  assert.deepEqual([0.00123, 0.42, 12.3456].map((value) => writeValue(value, false)), ["0.001230", "0.4200", "12.35"]);
  assert.equal(writeValue(0.91234, true), "91.23\u202f%");
});

test("a scale is undone by its inverse, and points on the edge stay whole", () => {
  for (const upwards of [false, true]) {
    const { pixel, value } = scaleOf([2, 10], 300, 6, upwards);
    assert.deepEqual([pixel(2), pixel(10)], upwards ? [294, 6] : [6, 294]);
    for (const at of [2, 3.7, 10]) near(value(pixel(at)), at);
  }
});

test("a percentile lies between its neighbours", () => {
  assert.ok(Number.isNaN(percentile([], 0.5)));
  near(percentile([1, 2, 3, 4], 0.5), 2.5);
  near(percentile([1, 2, 3, 4], 1), 4);
});

test("between its points a line is straight, and beside it there is none", () => {
  const line = [[1, 10], [3, 20], [4, 0]];
  assert.deepEqual([0.5, 1, 2, 3, 3.5, 4, 4.1].map((x) => valueAt(line, x)), [null, 10, 15, 20, 10, 0, null]);
});
