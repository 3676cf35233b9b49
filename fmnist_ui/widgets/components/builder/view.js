// All of the builder that is seen: made once, then only what differs is changed.
import { draw } from "./drawing.js";
import { Head } from "./head.js";
import { Palette } from "./palette.js";
import { capital, counted, element, setAttributes, setText, shapeWords, short } from "./parts.js";
import { Row, newFigures, showFigures, showProblem } from "./row.js";

const WIDE = 900; // pixels of the builder from which the palette stands beside the list
const HEADS = [
  ["gives", "shape", "Gives"],
  ["parameters", "", "Parameters"],
  ["macs", "", "MACs"],
  ["receptive_field", "sees", "Receptive field"],
];
const KEYS = "Alt with an arrow moves the chosen layer, Delete takes it out, Ctrl+Z undoes.";
const PICTURE = "28 × 28 pixels, one grey value each";
const LOGITS = "a score for each class, always last";

export class View {
  // does: all that can be done, by name; see builder.js.
  constructor(parent, does) {
    this.does = does;
    this.rows = new Map(); // by the layer's id
    this.head = new Head(does);
    this.palette = new Palette(does);
    this.picture = element("div", "drawing");
    this.svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    this.svg.setAttribute("role", "img");
    this.picture.append(this.svg);
    this.list = element("ol", "list");
    this.list.setAttribute("aria-label", "Layers");
    this.empty = element("div", "empty");
    this.input = fixedRow("input", "Picture", PICTURE);
    this.logits = fixedRow("output", "Logits", LOGITS);
    this.total = element("p", "total");
    this.refused = element("p", "problem refused");
    this.notice = element("p", "problem notice");
    this.notice.setAttribute("role", "alert");
    this.spoken = element("p", "spoken");
    this.spoken.setAttribute("aria-live", "polite");
    this.heads = HEADS.map(([, name, word]) => element("span", `figure ${name}`, word));
    const heads = element("div", "heads", element("span", "name", "Layer"), element("span", "figures", ...this.heads));
    heads.setAttribute("aria-hidden", "true"); // each line says what its figures are
    const table = element("div", "table", heads, this.input.node, this.list, this.empty, this.logits.node);
    const main = element("div", "main", table, this.total, this.refused);
    const body = element("div", "body", this.palette.node, main);
    this.root = element("section", "builder", this.head.node, this.notice, this.picture, body, this.spoken);
    this.root.setAttribute("aria-label", "Your network");
    this.observer = new ResizeObserver(() => this.fit());
    this.observer.observe(this.root);
    this.alert("");
    parent.append(this.root);
  }

  destroy() {
    this.observer.disconnect();
    this.root.remove();
  }

  get focused() {
    return this.root.getRootNode().activeElement;
  }

  fit() {
    const wide = this.root.clientWidth >= WIDE;
    if (wide === this.wide) return;
    this.wide = wide;
    this.palette.node.open = wide; // on a phone it would push the list away
  }

  say(sentence) {
    setText(this.spoken, sentence);
  }

  alert(sentence) {
    showProblem(this.notice, sentence, [], null);
  }

  slow(is) {
    setAttributes(this.root, { "data-slow": is ? "yes" : null });
  }

  // answer: {described (by id), last, totals} of the newest network that Python has answered for, null before.
  show({ state, data, answer, chosen, steps }) {
    const { items, title } = state;
    const full = items.length >= data.most;
    this.palette.show(data.kinds, data.groups, full);
    this.head.show(data, { title, ...steps });
    this.heads.forEach((node, place) => setAttributes(node, { title: data.terms[HEADS[place][0]] }));
    this.showRows(items, data, answer);
    showProblem(this.refused, data.problem, [], null);
    this.empty.hidden = items.length > 0;
    if (!items.length) this.showEmpty(data);
    if (answer) {
      showFigures(this.logits.figures, answer.last, answer.totals);
      showProblem(this.logits.problem, answer.last.problem, answer.last.fixes, this.does.mend);
      this.showTotal(items, answer.totals, data);
    }
    this.mark(state, data, answer, chosen);
  }

  // Which layer is chosen: it stands out in list and drawing, and others are added after it.
  mark(state, data, answer, chosen) {
    const { items } = state;
    const place = items.findIndex(({ id }) => id === chosen);
    for (const [id, row] of this.rows) {
      setAttributes(row.node, { "data-chosen": id === chosen ? "yes" : null, tabindex: id === chosen ? "0" : "-1" });
    }
    const last = items.length >= data.most ? `${data.most} are the most` : items.length ? "at the end" : "";
    const after = place >= 0 && place < items.length - 1;
    this.palette.aim(after ? `after ${place + 1}, ${data.kinds[items[place].kind].word}` : last);
    this.showPicture(items, data, answer, chosen);
  }

  showRows(items, data, answer) {
    const { focused } = this;
    const kinds = new Map(items.map(({ id, kind }) => [id, kind]));
    for (const [id, row] of this.rows) {
      if (kinds.get(id) === row.name) continue;
      row.node.remove();
      this.rows.delete(id);
    }
    items.forEach((item, place) => {
      if (!this.rows.has(item.id)) this.rows.set(item.id, new Row(item, data, this.does));
      const row = this.rows.get(item.id);
      const there = this.list.children[place];
      if (there !== row.node) this.list.insertBefore(row.node, there ?? null);
      row.show(item, place, items.length);
      const found = answer?.described.get(item.id);
      if (found) row.describe(found, answer.totals);
    });
    if (focused?.isConnected && focused !== this.focused && this.root.contains(focused)) focused.focus();
  }

  showEmpty(data) {
    if (this.empty.childElementCount) return;
    const sentence = "No layers yet. Add the first one, or start from a network that works:";
    const buttons = data.examples.map(({ value, word }) => {
      const button = element("button", "button example", word);
      button.type = "button";
      button.onclick = () => this.does.start(value);
      return button;
    });
    this.empty.append(element("p", "", sentence), element("div", "examples", ...buttons));
  }

  showTotal(items, totals, data) {
    const parts = [
      [counted(items.length, "layer"), ""],
      [counted(totals.parameters, "parameter"), data.terms.parameters],
      [`${short(totals.macs)} MACs a picture`, data.terms.macs],
    ];
    this.total.replaceChildren(
      ...parts.map(([words, help]) => {
        const node = element("span", "", words);
        node.title = help;
        return node;
      }),
      element("span", "keys", items.length ? KEYS : ""),
    );
  }

  showPicture(items, data, answer, chosen) {
    if (!answer) return;
    let shape = [28, 28, 1];
    const blocks = [{ id: null, family: "input", name: "Picture", shape, problem: false }];
    for (const { id, kind } of items) {
      const found = answer.described.get(id);
      shape = found?.shape ?? shape;
      const { word, family } = data.kinds[kind];
      blocks.push({ id, family, name: capital(word), shape, problem: Boolean(found?.problem) });
    }
    const { last } = answer;
    blocks.push({ id: null, family: "output", name: "Logits", shape: last.shape, problem: Boolean(last.problem) });
    draw(this.svg, blocks, chosen, (id) => this.does.open(id));
    const said = blocks.filter((block, place) => place === 0 || block.shape.join() !== blocks[place - 1].shape.join());
    const words = said.map((block) => `${block.name} ${shapeWords(block.shape)}`).join(", then ");
    this.svg.setAttribute("aria-label", `The network from left to right: ${words}`);
  }
}

// A line of the table that is always there.
function fixedRow(family, word, sentence) {
  const figures = newFigures();
  const problem = element("p", "problem");
  problem.hidden = true;
  const node = element("div", "layer fixed", element("span", "name", word));
  node.append(element("span", "settings quiet", sentence), figures.node, problem);
  node.dataset.family = family;
  if (family === "input") showFigures(figures, { shape: [28, 28, 1], parameters: 0, macs: 0, sees: "1\u2009×\u20091" }, {});
  return { node, figures, problem };
}
