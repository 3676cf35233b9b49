// One layer of the list: what it is called, its fields, what it gives and costs, what can be done with it.
import { newField } from "./fields.js";
import { capital, counted, element, icon, iconButton, setAttributes, setText, shapeSaid, shapeWords, short } from "./parts.js";

export class Row {
  // told: {kinds, fields} as Python describes them; does: what the list can be asked to do, by the item's id.
  constructor(item, { kinds, fields }, does) {
    this.id = item.id;
    this.name = item.kind;
    this.kind = kinds[item.kind];
    this.word = this.kind.word;
    this.wrong = new Map(); // what is typed and is no value: a sentence, by field
    this.described = null;
    this.grip = element("button", "grip", element("span", "dots"));
    setAttributes(this.grip, { type: "button", title: "Drag to another place" });
    this.grip.onpointerdown = (event) => does.drag(this.id, event);
    this.place = element("span", "place");
    const called = element("span", "name", capital(this.word));
    called.title = this.kind.does;
    this.more = iconButton("more", "More settings", () => this.unfold());
    this.fields = this.kind.fields.map((own) => this.newField(own, fields[own], does));
    const rare = this.kind.fields.filter((own) => fields[own].rare && this.kind.fields.length > 1);
    this.usual = element("span", "fields", ...this.nodes(this.kind.fields.filter((own) => !rare.includes(own))));
    this.rare = element("span", "fields rare", ...this.nodes(rare));
    this.rare.hidden = true;
    if (this.rare.childElementCount) this.usual.append(this.more);
    setAttributes(this.more, { "aria-expanded": "false" });
    this.figures = newFigures();
    const settings = element("span", "settings", this.usual, this.rare);
    this.problem = element("p", "problem");
    this.node = element("li", "layer", this.grip, this.place, called, settings, this.figures.node);
    this.node.append(this.newActions(does), this.problem);
    this.node.dataset.family = this.kind.family;
    this.node.addEventListener("focusin", () => does.choose(this.id));
    this.node.addEventListener("pointerdown", () => does.choose(this.id));
    this.does = does;
  }

  nodes(names) {
    return this.kind.fields.flatMap((own, place) => (names.includes(own) ? [this.fields[place].node] : []));
  }

  newField(own, spec, does) {
    const told = {
      onValue: (value, typed) => does.change(this.id, own, value, typed),
      onSettle: () => does.settle(),
      onWrong: (wrong) => this.mark(own, wrong ? `${capital(spec.word)}: give ${spec.may}.` : ""),
    };
    const optional = this.kind.optional.includes(own);
    return { own, ...newField({ ...spec, optional }, `${capital(spec.word)} of ${this.word}`, told) };
  }

  newActions(does) {
    const all = [
      ["up", "Move up", () => does.move(this.id, this.at[0] - 2)],
      ["down", "Move down", () => does.move(this.id, this.at[0])],
      ["copy", "Duplicate", () => does.duplicate(this.id)],
      ["remove", "Remove", () => does.remove(this.id)],
    ];
    this.actions = Object.fromEntries(all.map(([name, word, act]) => [name, iconButton(name, word, act)]));
    return element("span", "actions", ...Object.values(this.actions));
  }

  unfold() {
    this.rare.hidden = !this.rare.hidden;
    setAttributes(this.more, { "aria-expanded": String(!this.rare.hidden) });
  }

  show(item, place, count) {
    this.at = [place + 1, count];
    setText(this.place, String(place + 1));
    for (const field of this.fields) field.set(item.values[field.own]);
    for (const field of this.fields.filter(({ own }) => this.kind.optional.includes(own))) {
      setAttributes(field.input, { placeholder: item.values.size }); // which it is as long as it is empty
    }
    this.actions.up.disabled = place === 0;
    this.actions.down.disabled = place === count - 1;
    const where = `${this.word}, layer ${place + 1} of ${count}`;
    setAttributes(this.grip, { "aria-label": `Move ${where}: arrow up or down, or drag` });
    for (const button of [this.actions.copy, this.actions.remove, this.actions.up, this.actions.down]) {
      setAttributes(button, { "aria-label": `${button.title} ${where}` });
    }
    this.announce();
  }

  // described: as Python found it; null: not yet, and what stood there before stays.
  describe(described, totals) {
    this.described = described;
    showFigures(this.figures, described, totals);
    this.tell();
  }

  mark(own, sentence) {
    if (sentence) this.wrong.set(own, sentence);
    else this.wrong.delete(own);
    this.tell();
  }

  tell() {
    const [first] = this.wrong.values();
    showProblem(this.problem, first ?? this.described?.problem ?? "", first ? [] : (this.described?.fixes ?? []), this.does.mend);
    setAttributes(this.node, { "data-problem": this.described?.problem ? "yes" : null });
    this.announce();
  }

  announce() {
    if (!this.at) return;
    const found = this.described ? `. ${this.said()}` : "";
    setAttributes(this.node, { "aria-label": `Layer ${this.at[0]} of ${this.at[1]}: ${this.word}${found}` });
  }

  said() {
    const { shape, parameters, macs, sees, problem } = this.described;
    if (problem) return `It does not fit. ${problem}`;
    const costs = [counted(parameters, "parameter"), counted(macs, "MAC")].join(", ");
    return `Gives ${shapeSaid(shape)}; ${costs}; receptive field ${sees ?? "the whole picture"}`;
  }
}

export function newFigures() {
  const shape = element("span", "figure shape");
  const parameters = element("span", "figure bar");
  const macs = element("span", "figure bar");
  const sees = element("span", "figure sees");
  for (const [node, word] of [[parameters, "parameters"], [macs, "MACs"], [sees, "receptive field"]]) node.dataset.word = word;
  return { node: element("span", "figures", shape, parameters, macs, sees), shape, parameters, macs, sees };
}

export function showFigures(figures, described, totals) {
  const { shape, parameters, macs, sees } = figures;
  setAttributes(figures.node, { "data-off": described.problem ? "yes" : null });
  setText(shape, described.problem ? "does not fit" : shapeWords(described.shape));
  for (const [node, name] of [[parameters, "parameters"], [macs, "macs"]]) {
    const count = described.problem ? 0 : described[name];
    setText(node, count ? short(count) : "–");
    setAttributes(node, { title: count ? count.toLocaleString("en") : null, "data-none": count ? null : "yes" });
    const share = totals[name] ? count / totals[name] : 0;
    node.style.setProperty("--share", share < 0.03 ? 0 : share); // less would be a dot
  }
  setText(sees, described.problem ? "–" : (described.sees ?? "all"));
}

// fixes: [{label, …}] as Python proposes them, a button each.
export function showProblem(node, sentence, fixes, mend) {
  const told = JSON.stringify([sentence, fixes]);
  if (node.dataset.told === told) return;
  node.dataset.told = told;
  node.hidden = !sentence;
  node.replaceChildren();
  if (!sentence) return;
  node.append(icon("warn"), element("span", "sentence", sentence));
  for (const fix of fixes) {
    const button = element("button", "button fix", fix.label);
    button.type = "button";
    button.onclick = () => mend(fix);
    node.append(button);
  }
}
