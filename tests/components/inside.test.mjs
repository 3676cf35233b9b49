// Numbers as they come, where channels stand, what a pixel sees, and who takes what.
import assert from "node:assert/strict";
import { test } from "node:test";
import { arrange, numberAt, pixelAt, placeOf, shownChannels } from "../../fmnist_ui/widgets/components/inside/layout.js";
import {
  fieldOf, readNetwork, readValues, strongestPixel, switched, takenBy, valueAt, versionOf, windowOf, withChanges,
} from "../../fmnist_ui/widgets/components/inside/network.js";
import { percent, readHalves, signed, softmax, write } from "../../fmnist_ui/widgets/components/inside/numbers.js";

const text = (numbers) => btoa(String.fromCharCode(...new Uint8Array(new Uint16Array(numbers).buffer)));

test("halves are read as IEEE 754 says", () => {
  const halves = [0x0000, 0x3c00, 0xc000, 0x3555, 0x0001, 0x7bff, 0x8400];
  const wanted = [0, 1, -2, 0.333251953125, 2 ** -24, 65504, -(2 ** -14)];
  assert.deepEqual([...readHalves(text(halves))], wanted);
});

test("numbers are written with as many digits as say something", () => {
  assert.deepEqual([128.4, 12.34, 1.234, 0.0456, 0.00123, 0, -0.5].map(write), ["128", "12.3", "1.23", "0.046", "0.0012", "0", "−0.50"]);
  assert.equal(signed(0.31), "+0.31");
  assert.equal(signed(-0.31), "−0.31");
  assert.equal(write(NaN), "–");
});

test("shares add up, however large the logits are", () => {
  const { shares } = softmax([1000, 999, -1000]);
  assert.ok(Math.abs(shares[0] + shares[1] - 1) < 1e-12);
  assert.ok(Math.abs(shares[0] / shares[1] - Math.E) < 1e-9);
  assert.equal(percent(0.99999), "> 99.9 %");
  assert.equal(percent(0.0001), "< 0.1 %");
});

test("columns of a network of few layers fill the width, and none is wider than it may be", () => {
  const picture = (channels) => ({ like: "picture", channels });
  const few = [picture(1), picture(32), picture(64), { like: "bars", channels: 10 }];
  const width = (plan, columns) =>
    columns.reduce((sum, one, at) => {
      const own = one.like === "picture" ? plan.across[at] * (plan.thumb + 3) - 3 : plan.bars;
      return sum + own + plan.apart;
    }, 0);
  for (const room of [700, 1000, 1300]) {
    const plan = arrange(few, room, 400);
    assert.ok(width(plan, few) <= room, `${width(plan, few)} in ${room}`);
    assert.ok(plan.rows >= 4 && plan.rows <= 16);
  }
  const deep = Array.from({ length: 30 }, () => picture(64));
  assert.equal(arrange(deep, 900, 400).thumb, 30);
});

test("the selected channel and the leading ones are among those that are shown", () => {
  assert.deepEqual(shownChannels(64, 4), [0, 1, 2, 3]);
  assert.deepEqual(shownChannels(64, 4, 40), [0, 1, 2, 40]);
  assert.deepEqual(shownChannels(64, 4, 2, [9, 7]), [9, 7, 0, 2]);
  assert.deepEqual(shownChannels(2, 4), [0, 1]);
});

test("a point belongs to the channel that is drawn there, a gap to none beside the last", () => {
  for (const number of [0, 4, 7]) {
    const [x, y] = placeOf(number, 3, [30, 20]);
    assert.equal(numberAt(x + 29, y + 19, 3, [30, 20], 8), number);
  }
  assert.equal(numberAt(100, 5, 3, [30, 20], 8), null);
  assert.equal(numberAt(70, 50, 3, [30, 20], 8), null);
  assert.deepEqual(pixelAt(29.9, 0, 30, 14, 7), [0, 6]);
});

const bytes = (numbers) => btoa(String.fromCharCode(...numbers));
const span = (count) => Array.from({ length: count }, (_, at) => [at, at + 2]);
const base = { branch: "", slides: false, size: [1, 1], stride: [1, 1], pads: [0, 0, 0, 0] };
const told = {
  layers: [
    { ...base, name: "picture", kind: "picture", inputs: [], shape: [1, 4, 4], field: [span(4), span(4)] },
    {
      ...base, name: "conv", kind: "convolution", inputs: ["picture"], shape: [2, 2, 2], field: [span(2), span(2)],
      slides: true, size: [3, 3], stride: [2, 2], pads: [1, 1, 1, 1],
    },
    { ...base, name: "pool", kind: "global average pooling", inputs: ["conv"], shape: [2], field: [[[0, 3]], [[0, 3]]] },
    { ...base, name: "dense", kind: "dense", inputs: ["pool"], shape: [2], field: [[[0, 3]], [[0, 3]]] },
  ],
  strengths: { conv: { picture: bytes([255, 100]) }, dense: { pool: bytes([255, 60, 0, 255]) } },
};
const network = readNetwork(told);
const values = { all: new Float32Array([...Array(16).keys(), 1, -5, 2, 0, 0, 0, 0, 3, 2, 10, 7, 8]) };
const [, conv, pool, dense] = network.layers;

test("values lie where their layer begins", () => {
  assert.equal(network.count, 28);
  assert.equal(valueAt(values, conv, 0, 0, 1), -5);
  assert.deepEqual(strongestPixel(values, conv, 0), [0, 1]);
  assert.deepEqual(strongestPixel(values, conv, 1), [1, 1]);
  assert.equal(valueAt(values, dense, 1, 0, 0), 8);
});

test("a pixel sees its window, cut at the border, and its field in the picture", () => {
  assert.deepEqual(windowOf(conv, network.layers[0], 0, 1), [0, 1, 1, 3]);
  assert.deepEqual(windowOf(pool, conv, 0, 0), [0, 0, 1, 1]);
  assert.deepEqual(fieldOf(conv, 1, 0), [1, 0, 3, 2]);
});

test("what a channel takes is weighed by its weights and what they meet, the strongest first", () => {
  const taken = takenBy(network, values, dense, 0);
  assert.deepEqual(taken.map((one) => one.channel), [1, 0]);
  assert.equal(taken[0].weight, 1);
  assert.equal(takenBy(network, values, dense, 1).length, 1);
  assert.deepEqual(takenBy(network, values, pool, 1).map((one) => [one.source.name, one.channel]), [["conv", 1]]);
});

test("what is switched the other way comes back when it is switched again", () => {
  const off = switched({}, "conv", [1, 0]);
  assert.deepEqual(off, { conv: [0, 1] });
  assert.deepEqual(switched(off, "conv", [0]), { conv: [1] });
  assert.deepEqual(switched(off, "conv", [0, 1]), {});
  assert.deepEqual(switched({ conv: [1] }, "conv", [0, 1]), { conv: [0, 1] });
});

test("only the layers behind what is off are told anew, and the whole network's values stay what they are", () => {
  const numbers = new Array(28).fill(0x3c00);
  const whole = { version: "a", ...readValues({ text: text(numbers), scales: [1], logits: [3, 4] }) };
  const told = { version: "b", text: text([0x4000, 0xc000]), layers: ["dense"], logits: [5, 6] };
  const changed = withChanges(network, whole, told);
  assert.equal(valueAt(changed, dense, 0, 0, 0), 2);
  assert.equal(valueAt(changed, dense, 1, 0, 0), -2);
  assert.equal(valueAt(changed, conv, 0, 0, 0), 1);
  assert.equal(valueAt(whole, dense, 0, 0, 0), 1);
  assert.deepEqual([conv, dense].map((layer) => versionOf(changed, layer)), ["a", "b"]);
  assert.equal(versionOf(whole, dense), "a");
  assert.deepEqual([changed.version, changed.logits, changed.base, whole.base], ["b", [5, 6], [3, 4], [3, 4]]);
});
