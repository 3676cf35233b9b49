// The exported page: what it loads once, and again where that failed.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import vm from "node:vm";

const SOURCE = readFileSync(new URL("../../fmnist_core/exports/page/page.js", import.meta.url), "utf8").replace(/\nstart\(\);\s*$/, "\n");

// The page's functions without a page: the outlines cannot be read `failures` times.
function page(failures) {
  const asked = [];
  const here = vm.createContext({
    ABOUT: { outlines: 1 },
    document: {},
    unpacked: async (bytes) => bytes,
    unpackOutlines: (packed) => packed,
    bytesOf: async (name) => {
      asked.push(name);
      if (asked.length <= failures) throw new Error("no such file");
      return "outlines";
    },
  });
  vm.runInContext(SOURCE, here);
  vm.runInContext("network = Promise.resolve();", here);
  return { asked, open: () => vm.runInContext("openOutlines()", here) };
}

test("outlines are read once, whoever asks meanwhile", async () => {
  const { asked, open } = page(0);
  assert.deepEqual(await Promise.all([open(), open()]), ["outlines", "outlines"]);
  assert.equal(await open(), "outlines");
  assert.deepEqual(asked, ["outlines"]);
});

test("outlines that could not be read are read again by the next drawing", async () => {
  const { asked, open } = page(1);
  await assert.rejects(open(), /no such file/);
  assert.equal(await open(), "outlines");
  assert.equal(asked.length, 2);
});
