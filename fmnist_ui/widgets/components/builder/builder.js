// The builder: the list of layers lives here, in the browser, and changes at once. Each change is sent to Python, which
// answers with what each layer gives and costs; what is typed meanwhile stays.
import { carry, dragRow } from "./drag.js";
import { fileName } from "./head.js";
import { History } from "./history.js";
import { onKey } from "./keys.js";
import { changed, duplicated, inserted, itemOf, layersOf, mended, moved, removed } from "./layers.js";
import { capital, counted, element, shapeSaid } from "./parts.js";
import { View } from "./view.js";

const TYPING = 40; // milliseconds from a key to the question what the layers are now
const SETTLED = 1_000; // without a key: typing is over
const SLOW = 400; // until an answer: then the old figures say that they are old

let latest = null; // the newest builder of this browser's page: Streamlit may take it away and put another one there

export class Builder {
  constructor(parent) {
    this.former = latest;
    latest = this;
    this.history = null;
    this.chosen = null; // the id of the layer after which others are added
    this.sent = { revision: 0, ids: [] };
    this.answer = null;
    this.pending = null; // {words, id}: said once Python has answered
    const names = ["settle", "start", "opened", "undo", "redo", "say", "isLinked", "file", "title", "add", "carry", "drag"];
    names.push("choose", "change", "move", "duplicate", "remove", "mend", "open");
    this.view = new View(parent, Object.fromEntries(names.map((name) => [name, this[name].bind(this)])));
    this.view.root.addEventListener("keydown", (event) => onKey(this, event));
  }

  destroy() {
    for (const timer of [this.sending, this.settling, this.slow]) clearTimeout(timer);
    this.view.destroy();
  }

  // --- what Python says ---

  update(data, send, trigger) {
    const before = this.data;
    Object.assign(this, { data, setState: send, trigger });
    if (!before) this.begin(data);
    else if (data.session !== before.session) this.send(); // the server has forgotten; what stands here is newer
    else if (data.token !== before.token && (this.isAsking || !this.isWaiting)) this.load(data);
    if (!this.isWaiting) this.take(data);
    this.show();
  }

  // With what the former one had, where Python has not heard of it; else with its way back, where it leads from here.
  begin(data) {
    const { former } = this;
    this.former = null;
    this.load(data);
    if (!former?.history) return;
    const isHeard = former.data.session === data.session && data.revision >= former.sent.revision && !former.isTyped;
    const isSame = JSON.stringify(former.plain()) === JSON.stringify(this.plain());
    if (isHeard && !isSame) return;
    Object.assign(this, { history: former.history, chosen: former.chosen });
    this.sent = { revision: Math.max(former.sent.revision, data.revision), ids: this.ids };
    if (!isSame) this.send();
    else this.sent.revision = data.revision;
  }

  load({ network, revision, notice, refusal }) {
    this.isAsking = false;
    const items = network.layers.map((layer) => itemOf(layer, this.data.kinds));
    const state = { title: network.title, items };
    const same = this.history !== null && JSON.stringify(this.plain()) === JSON.stringify(network);
    if (!this.history) this.history = new History(state);
    else if (!same) this.history.become(state);
    this.sent = { revision: Math.max(revision, this.sent.revision), ids: this.ids };
    if (!same) this.chosen = this.state.items.at(-1)?.id ?? null;
    this.view.alert(refusal);
    if (notice) this.say(notice);
  }

  take({ described, totals }) {
    if (described.length !== this.sent.ids.length + 1) return; // of a network that something else has overtaken
    clearTimeout(this.slow);
    this.view.slow(false);
    const byId = new Map(this.sent.ids.map((id, place) => [id, described[place]]));
    this.answer = { described: byId, last: described.at(-1), totals };
    if (!this.pending) return;
    const found = byId.get(this.pending.id);
    const fits = found && !found.problem;
    const after = !found ? "" : fits ? `; shape ${shapeSaid(found.shape)}` : `. It does not fit: ${found.problem}`;
    this.say(`${this.pending.words}${after}`);
    this.pending = null;
  }

  get state() {
    return this.history.state;
  }

  get ids() {
    return this.state.items.map(({ id }) => id);
  }

  get isWaiting() {
    return this.sent.revision !== this.data.revision;
  }

  get isFull() {
    return this.state.items.length >= this.data.most;
  }

  isLinked() {
    return this.data.linked && !this.isWaiting && !this.isTyped;
  }

  plain() {
    return { title: this.state.title, layers: layersOf(this.state.items, this.data.kinds) };
  }

  file() {
    return { name: fileName(this.state.title), text: `${JSON.stringify(this.plain(), null, 2)}\n` };
  }

  placeOf(id) {
    return this.state.items.findIndex((item) => item.id === id);
  }

  wordOf(kind) {
    return capital(this.data.kinds[kind].word);
  }

  row(id) {
    return this.view.rows.get(id)?.node;
  }

  show() {
    const steps = { before: this.history.before.length, after: this.history.after.length };
    const { state, data, answer, chosen } = this;
    this.view.show({ state, data, answer, chosen, steps });
  }

  say(sentence) {
    this.view.say(sentence);
  }

  become(items, words = null, id = null) {
    this.pending = words === null ? null : { words, id };
    this.history.become({ ...this.state, items });
    this.send();
    this.show();
  }

  // What comes key by key: one step back, asked about at once, in the address once it is over.
  type(state, tag) {
    this.history.become(state, tag);
    this.isTyped = true;
    clearTimeout(this.sending);
    clearTimeout(this.settling);
    this.sending = setTimeout(() => this.send(), TYPING);
    this.settling = setTimeout(() => this.settle(), SETTLED);
    this.show();
  }

  settle() {
    if (!this.isTyped) return;
    this.isTyped = false;
    this.send();
  }

  send() {
    this.isAsking = false; // what is done here after it counts more
    clearTimeout(this.sending);
    if (!this.isTyped) clearTimeout(this.settling);
    this.sent = { revision: this.sent.revision + 1, ids: this.ids };
    clearTimeout(this.slow);
    this.slow = setTimeout(() => this.view.slow(true), SLOW);
    this.view.alert("");
    this.setState("network", { revision: this.sent.revision, settled: !this.isTyped, ...this.plain() });
  }

  // For another network in place of this one, to which Undo leads back.
  start(value) {
    this.isAsking = true;
    this.trigger("start", value);
  }

  opened(text) {
    this.isAsking = true;
    this.trigger("opened", text);
  }

  // --- what one does ---

  title(title) {
    this.type({ ...this.state, title }, "title");
  }

  change(id, name, value, typed) {
    const place = this.placeOf(id);
    if (place < 0) return;
    const words = `${capital(this.data.fields[name].word)} ${value === null ? "as the size" : value}`;
    const items = changed(this.state.items, place, name, value);
    if (!typed) {
      this.isTyped = false;
      this.become(items, words, id);
      return;
    }
    this.pending = { words, id };
    this.type({ ...this.state, items }, `${id} ${name}`);
  }

  undo() {
    this.go("undo", "Undone");
  }

  redo() {
    this.go("redo", "Done again");
  }

  go(way, words) {
    if (!this.history[way]()) return;
    this.isTyped = false;
    if (this.placeOf(this.chosen) < 0) this.chosen = this.state.items.at(-1)?.id ?? null;
    this.pending = { words: `${words}: ${counted(this.state.items.length, "layer")}`, id: null };
    this.send();
    this.show();
    if (!this.view.focused) this.focusChosen(); // what had the focus is gone, and the next key is for here, too
  }

  add(kind, place = this.chosen === null ? this.state.items.length : this.placeOf(this.chosen) + 1) {
    if (this.isFull) return;
    const item = itemOf({ kind }, this.data.kinds);
    this.chosen = item.id;
    const items = inserted(this.state.items, place, item);
    this.become(items, `${this.wordOf(kind)} added at place ${place + 1} of ${items.length}`, item.id);
    this.row(item.id).scrollIntoView({ block: "nearest" });
  }

  move(id, to) {
    const from = this.placeOf(id);
    const { items } = this.state;
    if (to < 0 || to >= items.length || to === from) return;
    this.chosen = id;
    this.become(moved(items, from, to), `${this.wordOf(items[from].kind)} moved to place ${to + 1} of ${items.length}`, id);
  }

  duplicate(id) {
    if (this.isFull) return;
    const place = this.placeOf(id);
    const items = duplicated(this.state.items, place);
    const { id: own, kind } = items[place + 1];
    this.chosen = own;
    this.become(items, `${this.wordOf(kind)} duplicated at place ${place + 2} of ${items.length}`, own);
    this.row(own).focus();
  }

  remove(id) {
    const place = this.placeOf(id);
    const { kind } = this.state.items[place];
    const items = removed(this.state.items, place);
    this.chosen = items[Math.min(place, items.length - 1)]?.id ?? null;
    this.become(items, `${this.wordOf(kind)} removed; ${counted(items.length, "layer")} left`);
    this.focusChosen();
  }

  focusChosen() {
    (this.row(this.chosen) ?? this.view.palette.summary).focus();
  }

  mend(fix) {
    const items = mended(this.state.items, fix, this.data.kinds);
    this.chosen = items[fix.do === "move" ? fix.to : Math.min(fix.place, items.length - 1)].id;
    this.become(items, fix.label, this.chosen);
    this.focusChosen();
  }

  choose(id) {
    if (this.chosen === id) return;
    this.chosen = id;
    this.view.mark(this.state, this.data, this.answer, id);
  }

  // From the drawing to the line.
  open(id) {
    this.row(id).focus();
    this.row(id).scrollIntoView({ block: "nearest" });
  }

  drag(id, event) {
    const nodes = this.state.items.map((item) => this.row(item.id));
    dragRow(event, nodes, this.placeOf(id), (to) => this.move(id, to));
  }

  carry(kind, event) {
    const ghost = element("div", "ghost", this.wordOf(kind));
    ghost.dataset.family = this.data.kinds[kind].family;
    const nodes = this.state.items.map((item) => this.row(item.id));
    const onto = nodes.length ? this.view.list : this.view.empty;
    carry(event, ghost, onto, nodes, (place) => this.add(kind, place));
  }
}
