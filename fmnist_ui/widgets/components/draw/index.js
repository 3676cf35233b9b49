// A canvas to draw on, white on black as the data is. What is drawn is told at the end of each stroke, and a few times
// a second while one is under way: the server keeps the strokes and answers beside the canvas.
import { History } from "./history.js";
import { recall, store } from "./kept.js";

const TELL_EVERY = 300; // milliseconds, while a stroke is under way
const ICONS = {
  undo: "M9 14 4 9l5-5M4 9h9a6 6 0 0 1 0 12h-3",
  redo: "M15 14l5-5-5-5M20 9h-9a6 6 0 0 0 0 12h3",
  clear: "M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5",
};

const sheets = new WeakMap(); // Streamlit's element -> the sheet in it

export default function show({ data, parentElement, setStateValue }) {
  let sheet = sheets.get(parentElement);
  if (!sheet || !parentElement.contains(sheet.root)) {
    sheet?.destroy();
    sheet = new Sheet(parentElement, data);
    sheets.set(parentElement, sheet);
  }
  sheet.tell = (strokes) => {
    store(data, strokes);
    setStateValue("strokes", strokes);
  };
  sheet.takeBack(data);
  return () => {
    // Streamlit also cleans up after a run that a newer one has overtaken; the canvas is then still on the page.
    setTimeout(() => {
      if (parentElement.isConnected || !sheets.delete(parentElement)) return;
      sheet.destroy();
    });
  };
}

class Sheet {
  constructor(parent, data) {
    this.history = new History(data.strokes);
    this.tool = "ink";
    this.pointer = null; // that draws
    this.told = 0; // when
    this.root = element("div", "draw panel");
    this.canvas = element("canvas", "paper");
    this.canvas.setAttribute("role", "img");
    this.hint = element("div", "hint", data.hint);
    const paper = element("div", "sheet");
    paper.append(this.canvas, this.hint);
    this.root.append(this.makeTools(data), paper);
    this.root.onkeydown = (event) => this.press(event);
    this.watchPointer();
    parent.append(this.root);
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(this.canvas);
    this.show();
  }

  makeTools(data) {
    const bar = element("div", "tools");
    const choice = element("div", "choice");
    choice.setAttribute("role", "group");
    choice.setAttribute("aria-label", "Tool");
    this.tools = [["ink", "Ink"], ["eraser", "Eraser"]].map(([name, words]) => {
      const button = element("button", "", words);
      button.dataset.tool = name;
      button.onclick = () => this.choose(name);
      return button;
    });
    choice.append(...this.tools);
    const label = element("label", "thickness");
    this.width = element("input", "");
    const [thinnest, thickest, usual] = data.widths;
    Object.assign(this.width, { type: "range", min: thinnest, max: thickest, step: 1, value: usual });
    this.width.oninput = () => this.showWidth();
    this.dot = element("span", "dot");
    label.append(element("span", "words", "Thickness"), this.width, this.dot);
    const steps = element("div", "steps");
    this.undo = this.makeStep("undo", "Undo", () => this.history.undo());
    this.redo = this.makeStep("redo", "Redo", () => this.history.redo());
    this.clear = this.makeStep("clear", "Clear", () => this.history.clear());
    steps.append(this.undo, this.redo, this.clear);
    bar.append(choice, label, steps);
    this.reach = data.reach;
    this.showWidth();
    this.choose("ink");
    return bar;
  }

  makeStep(icon, words, act) {
    const button = element("button", "step");
    button.innerHTML = `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${ICONS[icon]}" /></svg>`;
    button.append(element("span", "", words));
    button.title = words;
    button.onclick = () => {
      act();
      this.finish();
    };
    return button;
  }

  choose(name) {
    this.tool = name;
    for (const button of this.tools) button.setAttribute("aria-pressed", String(button.dataset.tool === name));
  }

  showWidth() {
    const side = this.canvas?.clientWidth || this.reach;
    this.dot.style.width = this.dot.style.height = `${Math.max(3, (this.width.value / this.reach) * side)}px`;
    this.width.setAttribute("aria-valuetext", `${this.width.value} of ${this.width.max}`);
  }

  watchPointer() {
    const { canvas } = this;
    canvas.onpointerdown = (event) => {
      if (this.pointer !== null || event.button) return;
      event.preventDefault();
      canvas.setPointerCapture(event.pointerId);
      this.pointer = event.pointerId;
      this.history.begin(this.width.value / this.reach, this.tool === "eraser", ...this.placeOf(event));
      this.show();
    };
    canvas.onpointermove = (event) => {
      if (event.pointerId === this.pointer) this.follow(event);
    };
    canvas.onpointerup = (event) => this.lift(event);
    canvas.onpointercancel = (event) => {
      if (event.pointerId === this.pointer) this.history.abandon();
      this.lift(event);
    };
    canvas.ontouchstart = (event) => event.preventDefault(); // no magnifier and no menu under a finger that rests
    canvas.oncontextmenu = (event) => event.preventDefault();
  }

  follow(event) {
    const passed = event.getCoalescedEvents?.() ?? [];
    let longer = false;
    for (const one of passed.length ? passed : [event]) longer = this.history.extend(...this.placeOf(one)) || longer;
    if (!longer) return;
    this.show();
    if (performance.now() - this.told > TELL_EVERY) this.report();
  }

  lift(event) {
    if (event.pointerId !== this.pointer) return;
    this.pointer = null;
    this.finish();
  }

  placeOf(event) {
    const bounds = this.canvas.getBoundingClientRect();
    return [(event.clientX - bounds.left) / bounds.width, (event.clientY - bounds.top) / bounds.height];
  }

  press(event) {
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    const key = event.key.toLowerCase();
    if (key !== "z" && key !== "y") return;
    event.preventDefault();
    if (key === "y" || event.shiftKey) this.history.redo();
    else this.history.undo();
    this.finish();
  }

  finish() {
    this.show();
    this.report();
  }

  // The server has forgotten the drawing together with the session that knew it.
  takeBack(kept) {
    const strokes = recall(kept);
    if (!strokes) return;
    if (!this.history.strokes.length) this.history = new History(strokes);
    this.finish();
  }

  report() {
    this.told = performance.now();
    this.tell(structuredClone(this.history.strokes));
  }

  resize() {
    const side = Math.round(this.canvas.clientWidth * (window.devicePixelRatio || 1));
    if (!side || this.canvas.width === side) return;
    this.canvas.width = this.canvas.height = side;
    this.showWidth();
    this.show();
  }

  show() {
    const { before, after, strokes } = this.history;
    this.undo.disabled = !before.length;
    this.redo.disabled = !after.length;
    this.clear.disabled = !strokes.length;
    this.hint.hidden = strokes.length > 0;
    const count = `${strokes.length} stroke${strokes.length === 1 ? "" : "s"}`;
    this.canvas.setAttribute("aria-label", strokes.length ? `Your drawing of ${count}` : "An empty canvas");
    paint(this.canvas, strokes);
  }

  destroy() {
    this.observer.disconnect();
    this.root.remove();
  }
}

function paint(canvas, strokes) {
  const pen = canvas.getContext("2d");
  const side = canvas.width;
  pen.fillStyle = "#000";
  pen.fillRect(0, 0, side, side);
  pen.lineCap = pen.lineJoin = "round";
  for (const { width, erase, points } of strokes) {
    pen.strokeStyle = erase ? "#000" : "#fff";
    pen.lineWidth = width * side;
    pen.beginPath();
    pen.moveTo(points[0] * side, points[1] * side);
    for (let i = 0; i < points.length; i += 2) pen.lineTo(points[i] * side, points[i + 1] * side);
    pen.stroke();
  }
}

function element(tag, className, text = "") {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (tag === "button") node.type = "button";
  if (text) node.textContent = text;
  return node;
}
