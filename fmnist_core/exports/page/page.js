// What one does on the page, and what it says. ABOUT is data/about.js.
"use strict";

const at = (id) => document.getElementById(id);
const DRAWN =
  "Prepared as in the app: closed areas are shaded as training pictures of similar outlines, and the answer is the mean " +
  "of this picture and a plain one.";
const SIMPLE =
  "A photo is prepared more simply here than in the app, which refines the outline, lets sleeves hang, lays shoes on " +
  "their side, averages several outlines and calibrates: its answer may be another.";
let latest = 0; // the question that was asked last: answers to earlier ones come to nothing
let network = null;
let outlines = null;

function start() {
  makeBars();
  makeFacts();
  makeExamples();
  network = openNetwork();
  network.then(
    () => say("Ready", "Draw, choose a photo or take a test picture."),
    (error) => say("The network cannot start", `${error.message ?? error}. Reload the page, or copy its whole folder anew.`, true),
  );
  const sheet = new Sheet(at("paper"), beginStroke, () => askDrawing(sheet));
  at("undo").onclick = () => sheet.undo();
  at("clear").onclick = () => sheet.clear();
  at("width").oninput = ({ target }) => (sheet.width = target.value / INK_SIDE);
  for (const button of document.querySelectorAll("[data-tool]")) button.onclick = () => choose(sheet, button);
  window.addEventListener("resize", () => sheet.show());
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") sheet.undo();
  });
  watchPhotos();
}

function choose(sheet, chosen) {
  sheet.erase = chosen.dataset.tool === "eraser";
  for (const button of document.querySelectorAll("[data-tool]")) button.setAttribute("aria-pressed", String(button === chosen));
}

function beginStroke() {
  latest++; // what was asked before would cover the stroke
  lookAt(null);
}

function askDrawing(sheet) {
  lookAt(null);
  at("hint").hidden = sheet.strokes.length > 0;
  at("undo").disabled = !sheet.before.length;
  at("clear").disabled = !sheet.strokes.length;
  if (!sheet.strokes.length) return reset();
  return ask(async () => {
    if (!outlines) say("A moment", "The training pictures, which drawings are compared with, are being unpacked …");
    return { views: prepareDrawing(sheet.ink(), await openOutlines()), words: DRAWN };
  });
}

function openOutlines() {
  outlines ??= network
    .then(() => bytesOf("outlines"))
    .then(unpacked)
    .then((packed) => unpackOutlines(packed, ABOUT.outlines))
    .catch((error) => {
      outlines = null; // the next drawing tries again
      throw error;
    });
  return outlines;
}

async function askPhoto(file) {
  await ask(async () => {
    const image = await createImageBitmap(file).catch(() => {
      throw new Error("This file is no photo that the browser can read. Choose a JPEG, PNG or WebP.");
    });
    const scale = Math.min(1, KEPT_SIDE / Math.max(image.width, image.height));
    const [width, height] = [image.width, image.height].map((side) => Math.max(1, Math.round(side * scale)));
    const pen = new OffscreenCanvas(width, height).getContext("2d");
    pen.fillStyle = "#fff"; // behind what is see-through
    pen.fillRect(0, 0, width, height);
    pen.imageSmoothingQuality = "high";
    pen.drawImage(image, 0, 0, width, height);
    const { picture, words } = preparePhoto(pen.getImageData(0, 0, width, height));
    const look = () => lookAt(URL.createObjectURL(file), "The photo that you chose");
    return { views: [{ picture, weight: 1 }], words: `${words} ${SIMPLE}`, look };
  });
}

function askExample({ name, number, picture }) {
  return ask(async () => {
    const levels = bytesOfText(picture);
    const look = () => lookAt(drawPicture(levels).toDataURL(), `Test picture ${number}: ${name}`);
    return { views: [{ picture: levels, weight: 1 }], words: `Test picture ${number}, labelled ${name}; it needs no preparation.`, look };
  });
}

// A photo or a test picture over the canvas, until one draws or clears; null: the canvas itself.
function lookAt(address, words = "") {
  URL.revokeObjectURL(at("photo").src);
  at("photo").hidden = address === null;
  at("photo").src = address ?? "";
  at("photo").alt = words;
  at("photo").classList.toggle("pixels", address?.startsWith("data:") ?? false);
  at("hint").hidden = true;
  at("clear").disabled = false;
}

// prepare: gives {views, words, look}, or throws an Error with a sentence. look: shows what is asked about, if it is no
// drawing.
async function ask(prepare) {
  const mine = ++latest;
  try {
    const session = await network;
    const { views, words, look } = await prepare();
    if (mine !== latest) return;
    look?.();
    const shares = await classify(session, views);
    if (mine === latest) show(views, shares, words);
  } catch (error) {
    if (mine === latest) {
      reset();
      say("No answer", error.message ?? String(error), true);
    }
  }
}

function show(views, shares, words) {
  const best = shares.indexOf(Math.max(...shares));
  say(ABOUT.classes[best], `${percent(shares[best])} sure`);
  at("how").textContent = words;
  at("seen").replaceChildren(
    ...views.map(({ picture, weight }) => {
      const canvas = drawPicture(picture);
      canvas.setAttribute("role", "img");
      const counts = views.length > 1 ? `, which counts ${percent(weight)}` : "";
      canvas.setAttribute("aria-label", `28x28 pixels that the network saw${counts}`);
      return canvas;
    }),
  );
  document.querySelectorAll("#bars li").forEach((row, place) => {
    row.classList.toggle("best", place === best);
    row.querySelector(".bar").style.width = `${100 * shares[place]}%`;
    row.querySelector(".share").textContent = percent(shares[place]);
  });
}

function reset() {
  latest++;
  say("Ready", "Draw, choose a photo or take a test picture.");
  at("how").textContent = "";
  at("seen").replaceChildren();
  for (const row of document.querySelectorAll("#bars li")) {
    row.classList.remove("best");
    row.querySelector(".bar").style.width = "0";
    row.querySelector(".share").textContent = "";
  }
}

function say(name, sure, problem = false) {
  document.querySelector(".said").classList.toggle("problem", problem);
  at("name").textContent = name;
  at("sure").textContent = sure;
}

function percent(share) {
  return `${(100 * share).toFixed(1)} %`;
}

function element(tag, className, text = "") {
  const node = document.createElement(tag);
  if (className) node.className = className;
  node.textContent = text;
  return node;
}

function drawPicture(picture) {
  const canvas = element("canvas", "");
  canvas.width = canvas.height = SIDE;
  const pen = canvas.getContext("2d");
  const image = pen.createImageData(SIDE, SIDE);
  picture.forEach((level, place) => image.data.set([level, level, level, 255], 4 * place));
  pen.putImageData(image, 0, 0);
  return canvas;
}

function makeBars() {
  at("bars").append(
    ...ABOUT.classes.map((name, place) => {
      const row = element("li", "");
      const rail = element("span", "rail");
      const bar = element("div", "bar");
      rail.setAttribute("aria-hidden", "true");
      bar.style.background = ABOUT.colours[place];
      rail.append(bar);
      row.append(element("span", "class", name), rail, element("span", "share"));
      return row;
    }),
  );
}

function makeFacts() {
  document.title = `${ABOUT.model}: which garment is it?`;
  for (const [name, words] of ABOUT.facts) {
    const pair = element("div", "");
    pair.append(element("dt", "", name), element("dd", "", words));
    at("facts").append(pair);
  }
}

function makeExamples() {
  at("examples").append(
    ...ABOUT.examples.map((example) => {
      const button = element("button", "");
      button.type = "button";
      button.title = example.name;
      button.setAttribute("aria-label", `Test picture ${example.number}: ${example.name}`);
      button.append(drawPicture(bytesOfText(example.picture)));
      button.onclick = () => askExample(example);
      return button;
    }),
  );
}

function watchPhotos() {
  at("file").onchange = ({ target }) => {
    if (target.files.length) askPhoto(target.files[0]);
    target.value = ""; // or the same file could not be chosen twice
  };
  window.addEventListener("paste", ({ clipboardData }) => {
    if (clipboardData?.files.length) askPhoto(clipboardData.files[0]);
  });
  window.addEventListener("dragover", (event) => {
    event.preventDefault();
    at("drop").hidden = false;
  });
  window.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) at("drop").hidden = true;
  });
  window.addEventListener("drop", (event) => {
    event.preventDefault();
    at("drop").hidden = true;
    if (event.dataTransfer.files.length) askPhoto(event.dataTransfer.files[0]);
  });
}

start();
