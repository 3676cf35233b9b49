// ONNX Runtime and what lies packed beside the page. A page that is opened from disk may fetch nothing, so each file is
// a script that gives its bytes as text: given.NAME = "base64".
"use strict";

const given = {};

function loadScript(address) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.onload = resolve;
    script.onerror = () => reject(new Error(`the file ${address} beside this page is missing`));
    script.src = address;
    document.head.append(script);
  });
}

async function bytesOf(name) {
  await loadScript(`data/${name}.js`);
  const found = bytesOfText(given[name]);
  delete given[name]; // megabytes of text
  return found;
}

function bytesOfText(text) {
  const letters = atob(text);
  const found = new Uint8Array(letters.length);
  for (let i = 0; i < letters.length; i++) found[i] = letters.charCodeAt(i);
  return found;
}

async function unpacked(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

async function openNetwork() {
  if (typeof DecompressionStream === "undefined" || typeof WebAssembly === "undefined") {
    throw new Error("this browser is too old; one of 2023 or later is needed");
  }
  const [, module, binary, model] = await Promise.all([
    loadScript("ort.wasm.min.js"),
    bytesOf("runtime_module"),
    bytesOf("runtime_binary").then(unpacked),
    bytesOf("model"),
  ]);
  const { wasm } = ort.env;
  wasm.numThreads = 1; // more want headers that a page from disk cannot have
  wasm.proxy = false;
  wasm.wasmBinary = binary;
  wasm.wasmPaths = { mjs: URL.createObjectURL(new Blob([module], { type: "text/javascript" })) };
  return ort.InferenceSession.create(model);
}

// Views of one thing, [{picture, weight}] -> the mean of their probabilities, Float64Array of sum 1.
async function classify(session, views) {
  const values = new Float32Array(views.length * PIXELS);
  views.forEach(({ picture }, place) => picture.forEach((level, at) => (values[place * PIXELS + at] = level / 255)));
  const tensor = new ort.Tensor("float32", values, [views.length, SIDE, SIDE, 1]);
  const { logits } = await session.run({ [session.inputNames[0]]: tensor }, ["logits"]);
  const classes = logits.data.length / views.length;
  const found = new Float64Array(classes);
  views.forEach(({ weight }, place) => {
    const row = softmax(logits.data.subarray(place * classes, (place + 1) * classes));
    row.forEach((share, at) => (found[at] += weight * share));
  });
  return found;
}

function softmax(logits) {
  const most = Math.max(...logits);
  const powers = Float64Array.from(logits, (value) => Math.exp(value - most));
  const sum = powers.reduce((one, other) => one + other, 0);
  return powers.map((power) => power / sum);
}
