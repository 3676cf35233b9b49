// What is done to a list of layers, the way back, and where what is dragged comes.
import assert from "node:assert/strict";
import { test } from "node:test";
import { placeAt, scrollAt } from "../../fmnist_ui/widgets/components/builder/drag.js";
import { boxOf, placed } from "../../fmnist_ui/widgets/components/builder/drawing.js";
import { fileName } from "../../fmnist_ui/widgets/components/builder/head.js";
import { History } from "../../fmnist_ui/widgets/components/builder/history.js";
import * as layers from "../../fmnist_ui/widgets/components/builder/layers.js";
import { short } from "../../fmnist_ui/widgets/components/builder/parts.js";

const KINDS = {
  convolution: { defaults: { filters: 32, size: 3 } },
  max_pooling: { defaults: { size: 2, stride: null } },
  flatten: { defaults: {} },
};
const made = (...listed) => listed.map((layer) => layers.itemOf(layer, KINDS));
const three = () => made({ kind: "convolution", filters: 64 }, { kind: "max_pooling" }, { kind: "flatten" });
const kinds = (items) => items.map(({ kind }) => kind);
const COUNT = { low: 1, high: 1024, whole: true, below: false, optional: false, step: 1 };
const RATE = { low: 0, high: 1, whole: false, below: true, optional: false, step: 0.05 };

test("a list is written as it was read, without what is as usual", () => {
  const listed = [{ kind: "convolution", filters: 64 }, { kind: "max_pooling", stride: 1 }, { kind: "flatten" }];
  assert.deepEqual(layers.layersOf(made(...listed), KINDS), listed);
  assert.deepEqual(layers.layersOf(made({ kind: "convolution", filters: 32 }), KINDS), [{ kind: "convolution" }]);
  const items = layers.changed(made(listed[1]), 0, "stride", null);
  assert.deepEqual(layers.layersOf(items, KINDS), [{ kind: "max_pooling" }]);
});

test("layers are moved, put in, taken out and doubled, and the list before stays as it was", () => {
  const items = three();
  assert.deepEqual(kinds(layers.moved(items, 0, 2)), ["max_pooling", "flatten", "convolution"]);
  assert.deepEqual(kinds(layers.moved(items, 2, 0)), ["flatten", "convolution", "max_pooling"]);
  assert.deepEqual(kinds(layers.removed(items, 1)), ["convolution", "flatten"]);
  const [first, second] = layers.duplicated(items, 0);
  assert.notEqual(first.id, second.id);
  assert.deepEqual(first.values, second.values);
  assert.equal(layers.changed(items, 0, "filters", 8)[0].values.filters, 8);
  assert.equal(items[0].values.filters, 64);
  assert.deepEqual(kinds(items), ["convolution", "max_pooling", "flatten"]);
});

test("what is proposed for a misfit is done at its place", () => {
  const items = three();
  const done = (fix) => layers.mended(items, fix, KINDS);
  assert.deepEqual(kinds(done({ do: "insert", place: 0, layer: { kind: "flatten" } })).slice(0, 2), ["flatten", "convolution"]);
  assert.deepEqual(kinds(done({ do: "move", place: 2, to: 0 })), ["flatten", "convolution", "max_pooling"]);
  assert.deepEqual(kinds(done({ do: "remove", place: 0 })), ["max_pooling", "flatten"]);
  const changed = done({ do: "change", place: 1, layer: { kind: "max_pooling", size: 1 } });
  assert.equal(changed[1].values.size, 1);
  assert.equal(changed[1].id, items[1].id);
});

test("a field's text is a number in its limits, or none", () => {
  const read = (spec, ...texts) => texts.map((text) => layers.numberOf(text, spec));
  assert.deepEqual(read(COUNT, "64", " 7 ", "1024"), [64, 7, 1024]);
  assert.deepEqual(read(COUNT, "", "0", "1025", "-3", "1e3", "3.5", "9".repeat(30), "NaN", "0x10").filter(Number.isFinite), []);
  assert.deepEqual(read({ ...COUNT, optional: true }, "", "2"), [null, 2]);
  assert.deepEqual(read(RATE, "0", "0.25", "0,5", ".5"), [0, 0.25, 0.5, 0.5]);
  assert.deepEqual(read(RATE, "1", "1.0", ".", "0.5.5", "Infinity").filter(Number.isFinite), []);
});

test("an arrow goes to the next number that one wants, and stops at the limits", () => {
  const doubles = { ...COUNT, doubles: true };
  assert.deepEqual([32, 33, 1, 1024].map((value) => layers.stepped(value, true, doubles)), [64, 64, 2, 1024]);
  assert.deepEqual([32, 33, 1].map((value) => layers.stepped(value, false, doubles)), [16, 32, 1]);
  assert.deepEqual([layers.stepped(3, true, COUNT), layers.stepped(1, false, COUNT)], [4, 1]);
  assert.equal(layers.stepped(null, true, COUNT), 2);
  assert.deepEqual([layers.stepped(0.95, true, RATE), layers.stepped(0.1, true, RATE)], [0.95, 0.15]);
});

test("what is typed into one field without a pause is one step back", () => {
  let time = 0;
  const history = new History("a", () => time);
  history.become("b", "filters");
  history.become("c", "filters");
  time += 10_000;
  history.become("d", "filters");
  history.become("e", "size");
  history.become("f");
  const back = [];
  while (history.undo()) back.push(history.state);
  assert.deepEqual(back, ["e", "d", "c", "a"]);
  history.redo();
  history.redo();
  assert.equal(history.state, "d");
  history.become("g");
  assert.equal(history.redo(), false);
});

test("what is dragged comes where its middle is, and the page moves along only near an edge", () => {
  const boxes = [{ top: 0, bottom: 40 }, { top: 45, bottom: 125 }, { top: 130, bottom: 170 }];
  assert.deepEqual([-5, 19, 21, 84, 86, 400].map((middle) => placeAt(middle, boxes)), [0, 0, 1, 1, 2, 3]);
  assert.deepEqual([400, 70, 830].map((y) => scrollAt(y, 900)), [0, 0, 0]);
  assert.ok(scrollAt(0, 900) < scrollAt(60, 900) && scrollAt(900, 900) > 0);
});

test("boxes are as high as the picture and as wide as its channels, and no label covers another", () => {
  const [wide, narrow, list] = [boxOf([28, 28, 64]), boxOf([14, 14, 8]), boxOf([128])];
  assert.ok(wide.height > narrow.height && wide.width > narrow.width && list.lean === 0);
  assert.ok(boxOf([4096]).height <= wide.height && boxOf([1, 1, 1024]).height > 0);
  const found = placed([[28, 28, 1], [28, 28, 1], [14, 14, 32], [10], [10]]);
  assert.deepEqual(found.map(({ labelled }) => labelled), [true, false, true, true, false]);
  const middles = found.filter(({ labelled }) => labelled).map(({ left, width }) => left + width / 2);
  assert.ok(middles.every((middle, place) => place === 0 || middle - middles[place - 1] >= 68));
  assert.ok(found.every(({ left }, place) => place === 0 || left > found[place - 1].left + found[place - 1].width));
});

test("counts are short, and a file is called as its network is", () => {
  assert.deepEqual([0, 9_999, 225_792, 5_310_000, 123_400_000].map(short), ["0", "9,999", "226\u202fk", "5.31\u202fM", "123\u202fM"]);
  assert.equal(fileName("My CNN 2"), "my-cnn-2.network.json");
  assert.equal(fileName("Größe / A&B"), "gro-e-a-b.network.json");
  assert.equal(fileName("网络"), "network.network.json");
});
