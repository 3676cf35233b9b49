// What a tab keeps, where the browser stores things and where it does not.
import assert from "node:assert/strict";
import test from "node:test";

import { recall, store } from "../../fmnist_ui/widgets/components/draw/kept.js";
import give from "../../fmnist_ui/widgets/components/tab/index.js";
import { keepInTab, keptInTab } from "../../fmnist_ui/widgets/components/tab_storage.js";

const STROKES = [{ width: 0.1, erase: false, points: [0.1, 0.2] }];
const here = (session, key = "canvas") => ({ place: "canvas", key, session });
let stored = new Map();

// Like a browser's; full: there is no room.
function browserStores(full = false) {
  stored = new Map();
  globalThis.sessionStorage = {
    getItem: (name) => stored.get(name) ?? null,
    removeItem: (name) => stored.delete(name),
    setItem: (name, text) => {
      if (full) throw new Error("QuotaExceededError");
      stored.set(name, text);
    },
  };
}

test("what is kept is found again, also where nothing can be stored or there is no room", () => {
  for (const begin of [browserStores, () => browserStores(true), () => delete globalThis.sessionStorage]) {
    begin();
    keepInTab("a", { b: [1] });
    assert.deepEqual(keptInTab("a"), { b: [1] });
    keepInTab("a", null);
    assert.equal(keptInTab("a"), null);
  }
});

test("what was stored before the page was loaded is found, and what is damaged is nothing", () => {
  browserStores();
  stored.set("fmnist_early", '{"b": 1}');
  stored.set("fmnist_damaged", "{");
  assert.deepEqual(keptInTab("early"), { b: 1 });
  assert.equal(keptInTab("damaged"), null);
});

test("a drawing comes back to its canvas in another session, and to no other canvas", () => {
  browserStores();
  store(here("one"), STROKES);
  assert.equal(recall(here("one")), null); // the server knows it
  assert.deepEqual(recall(here("two")), STROKES);
  assert.equal(recall(here("two", "canvas-1")), null);
  store(here("two"), []);
  assert.equal(recall(here("three")), null);
  for (const strokes of [null, 5, "x", {}, [5], [null], [{}], [{ points: "x" }]]) {
    keepInTab("drawing_canvas", { key: "canvas", session: "one", strokes });
    assert.equal(recall(here("two")), null);
  }
});

test("another session is given what the last one had kept, once, and its own value is kept then", () => {
  browserStores();
  const given = [];
  const run = (session, value) =>
    give({ data: { name: "photos", session, value }, setTriggerValue: (_, said) => given.push(said.value) });
  run("one", 3);
  run("one", 4);
  assert.deepEqual(given, []);
  run("two", null);
  assert.deepEqual(given, [4]);
  assert.equal(stored.size, 0); // Streamlit does not call it again for the same value
  run("three", null);
  assert.deepEqual(given, [4]); // there was nothing any more
});
