// A network from left to right, for one picture: what is pointed at is looked up here, what is chosen goes to Python.

import { buildAnswer, drawAnswer } from "./answer.js";
import { buildColumns, drawColumn, drawColumns } from "./columns.js";
import { buildDistance, drawDistance } from "./distance.js";
import { focusColumn, onColumnKey, onLargeKey } from "./keyboard.js";
import { buildKernels, drawKernels } from "./kernels.js";
import { buildLarge, drawLarge, sentence } from "./large.js";
import { arrange } from "./layout.js";
import { buildLikes, drawLikes } from "./likes.js";
import { drawLines } from "./lines.js";
import { readNetwork, readValues, strongestPixel, switched, withChanges } from "./network.js";
import { greys, ramp, readHalves } from "./numbers.js";
import { button, element, isDark, setText, shape } from "./parts.js";
import { shareLines } from "./shares.js";
import { buildWorked, drawWorked } from "./worked.js";

const PHONE = 640; // CSS pixels: narrower than this, layers stand below each other
const ASK_AGAIN = 250; // milliseconds
const KEPT = 6; // sets of values that are not asked for again

const views = new WeakMap(); // shadow root -> the view that stands in it

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  let view = views.get(parentElement);
  if (!view || !parentElement.contains(view.root)) {
    view = newView(parentElement);
    views.set(parentElement, view);
  }
  view.send = (value) => setTriggerValue("told", value);
  const lacking = take(view, data);
  if (lacking.length) setTriggerValue("lacking", lacking);
  else show(view);
  return () => {
    // Streamlit also cleans up after a run that a newer one has overtaken; the view is then still on the page.
    setTimeout(() => {
      if (parentElement.isConnected || !views.delete(parentElement)) return;
      view.observer.disconnect();
      clearInterval(view.workedOut.timer);
      clearTimeout(view.asking);
      view.root.remove();
    });
  };
}

function newView(parentElement) {
  const root = element("section", "inside");
  const view = { root, known: new Map(), sequence: 0, network: null, columns: [], width: 0 };
  Object.assign(view, { selected: null, pointed: null, cursor: null, softmax: null, cutting: false });
  Object.assign(view, { off: {}, leading: {}, ranked: [], open: new Set() });
  view.readout = element("p", "readout");
  view.readout.setAttribute("aria-live", "polite");
  view.scroller = element("div", "scroller");
  view.content = element("div", "content");
  view.behind = shape("svg", { class: "behind", "aria-hidden": "true" });
  view.above = shape("svg", { class: "above", "aria-hidden": "true" });
  buildAnswer(view);
  buildLarge(view);
  buildWorked(view);
  buildKernels(view);
  buildLikes(view);
  buildDistance(view);
  view.scroller.append(view.content, view.distance.root);
  view.detail = element("div", "detail");
  view.large.root.append(view.kernelPart.root);
  view.detail.append(view.large.root, view.workedOut.root, view.likesPart.root);
  const main = element("div", "main");
  view.cut = button("tool cut", "Click switches off", () => view.toggleCutting());
  view.cut.title = "Each click on a channel switches it off or on; so does a click with Shift";
  const below = element("div", "below");
  below.append(view.readout, view.cut);
  main.append(view.scroller, below, view.detail);
  view.main = main;
  root.append(main, view.answer.root);
  parentElement.append(root);
  Object.assign(view, actions(view));
  view.scroller.onscroll = () => tellMore(view);
  view.content.onkeydown = (event) => onColumnKey(view, event);
  view.content.addEventListener("focusin", (event) => onFocus(view, event));
  view.large.canvas.onkeydown = (event) => onLargeKey(view, event);
  view.observer = new ResizeObserver(() => {
    if (view.network && Math.abs(root.clientWidth - view.width) > 1) show(view);
  });
  view.observer.observe(root);
  return view;
}

// Takes in what Python says; what this browser was told before stays out of it. Returns what it lacks.
function take(view, data) {
  const lacking = [];
  const find = (told, read) => {
    if (!told) return null;
    const full = Object.keys(told).length > 1;
    if (full && !view.known.has(told.version)) view.known.set(told.version, read(told));
    const found = view.known.get(told.version);
    if (!found) lacking.push(told.version);
    return found;
  };
  const network = find(data.network, readNetwork);
  const whole = find(data.values, readValues);
  const wholeAgainst = find(data.against, readValues);
  const kernels = find(data.kernels, (told) => ({ ...told, all: readHalves(told.text) }));
  if (lacking.length) return lacking;
  const changed = (plain, told) => find(told, (one) => withChanges(network, plain, one)) ?? plain;
  const values = changed(whole, data.valuesChanged);
  const against = changed(wholeAgainst, data.againstChanged);
  if (lacking.length) return lacking;
  const needed = [network, whole, wholeAgainst, values, against, kernels];
  for (const version of [...view.known.keys()].slice(0, -KEPT)) {
    if (!needed.includes(view.known.get(version))) view.known.delete(version);
  }
  const isOther = network !== view.network;
  if (isOther) Object.assign(view, { open: new Set(), pointed: null, cursor: null, sequence: 0, softmax: null });
  const { worked, shares, likes, label, distances } = data;
  Object.assign(view, { network, values, against, kernels, worked, shares, likes, label, distances });
  view.leading = data.leading;
  if (isOther || data.heard >= view.sequence) {
    // else it is what stood here before the last click
    view.lastPixel = data.selected?.pixel ?? view.lastPixel;
    const { selected, off, effect, epoch } = data;
    Object.assign(view, { selected, off, effect, epoch, ranked: Object.keys(data.leading) });
    if (isOther) view.sequence = data.heard;
    view.workedOut.root.dataset.waiting = "false";
  }
  view.rebuild ||= isOther;
  view.bring ||= isOther;
  return lacking;
}

function show(view) {
  const { root } = view;
  view.dark = isDark(root);
  view.ramp = ramp(view.dark);
  view.greys ??= greys();
  view.width = root.clientWidth;
  view.phone = view.width < PHONE;
  root.dataset.phone = String(view.phone);
  root.dataset.against = String(Boolean(view.against));
  if (view.rebuild) buildColumns(view);
  view.rebuild = false;
  const style = getComputedStyle(view.scroller);
  view.room = view.scroller.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
  view.height = heightOf(view);
  view.plan = arrange(view.network.layers, view.room, view.height);
  drawAll(view);
  if (view.bring) bring(view);
  view.bring = false;
  askForMore(view);
}

// The chosen layer, where the address says one that is far to the right.
function bring({ scroller, byLayer, selected }) {
  const column = byLayer.get(selected?.layer);
  if (column && column.x + column.canvas.offsetWidth > scroller.clientWidth) {
    scroller.scrollLeft = column.x - scroller.clientWidth / 2;
  }
}

// Whether there is more to the right, for a fading edge.
function tellMore({ root, scroller }) {
  root.dataset.more = String(scroller.scrollWidth - scroller.clientWidth - scroller.scrollLeft > 8);
}

// Of the channels: so that what is beside them still begins within the first screen.
function heightOf(view) {
  view.top ??= Math.max(150, Math.min(view.root.getBoundingClientRect().top, 320)); // before anybody scrolls
  return Math.max(236, Math.min(620, window.innerHeight - view.top - 250));
}

function drawAll(view) {
  drawColumns(view);
  const chosen = view.byLayer.get(view.selected?.layer);
  if (view.phone && chosen) chosen.node.after(view.detail);
  else view.main.append(view.detail);
  for (const column of view.columns) describe(view, column);
  if (!view.columns.some((one) => one.canvas.tabIndex === 0)) (chosen ?? view.columns[0]).canvas.tabIndex = 0;
  drawAnswer(view);
  drawLarge(view);
  drawKernels(view);
  drawWorked(view);
  drawLikes(view);
  drawDistance(view);
  view.cut.setAttribute("aria-pressed", String(view.cutting));
  drawLines(view);
  setText(view.readout, sentence(view, view.pointed ?? view.selected));
  tellMore(view);
}

function describe(view, { layer, canvas, head }) {
  const channel = [view.cursor, view.selected].find((one) => one?.layer === layer.name)?.channel ?? 0;
  const pixel = strongestPixel(view.values, layer, channel);
  canvas.setAttribute("aria-label", layer.said);
  canvas.setAttribute("aria-valuemin", 0);
  canvas.setAttribute("aria-valuemax", layer.channels - 1);
  canvas.setAttribute("aria-valuenow", channel);
  canvas.setAttribute("aria-valuetext", sentence(view, { layer: layer.name, channel, pixel }));
  head.dataset.chosen = String(view.selected?.layer === layer.name);
}

function onFocus(view, event) {
  const column = view.columns.find((one) => one.canvas === event.target);
  if (!column || !event.target.matches(":focus-visible")) return;
  const channel = view.selected?.layer === column.layer.name ? (view.selected.channel ?? 0) : column.shown[0];
  view.cursor = { layer: column.layer.name, channel };
  view.point({ ...view.cursor, pixel: strongestPixel(view.values, column.layer, channel) });
}

// Python is asked for what takes longer once all else stands, again and again until it is there: what switching off
// does to 1,000 pictures, and how far apart two pictures usually are.
function askForMore(view) {
  const ranking = Object.values(view.leading).includes(null);
  const losing = Object.keys(view.off).length && view.effect === null;
  const lacks = ranking || losing || (view.distances && !view.distances.usual);
  clearTimeout(view.asking);
  if (lacks) view.asking = setTimeout(() => tell(view, { measure: true }), ASK_AGAIN);
}

function tell(view, more = {}) {
  clearTimeout(view.asking);
  view.sequence += 1;
  const { sequence, selected, off, ranked, epoch } = view;
  view.send({ sequence, selected, off, ranked, epoch, measure: false, opened: null, ...more });
}

function actions(view) {
  return {
    shareLines: (shares) => shareLines(view, shares),
    tell: () => tell(view),
    openPicture: (address) => tell(view, { opened: address }),
    toggleCutting() {
      view.cutting = !view.cutting;
      drawAll(view);
    },
    point(what) {
      if (what === null && view.pointed === null) return;
      view.pointed = what;
      drawLines(view);
      drawLarge(view);
      setText(view.readout, sentence(view, view.pointed ?? view.selected));
    },
    click(what, event) {
      const layer = view.network.byName.get(what.layer);
      focusColumn(view, view.byLayer.get(what.layer));
      if ((event.shiftKey || view.cutting) && layer.switchable) view.toggleOff(what.layer, [what.channel]);
      else view.choose(what.layer, what.channel, what.pixel);
    },
    choose(layer, channel, pixel = null) {
      Object.assign(view, { selected: { layer, channel, pixel }, pointed: null, softmax: null, cursor: null });
      view.workedOut.root.dataset.waiting = String(pixel !== null && !isWorked(view));
      if (pixel) view.lastPixel = pixel;
      if (pixel === null) view.worked = null;
      if (pixel !== null || view.shares?.layer !== layer || view.shares?.channel !== channel) view.shares = null;
      view.likes = null;
      drawAll(view);
      tell(view);
    },
    chooseAnswer(place) {
      view.softmax = view.softmax === place ? null : place;
      drawAll(view);
      view.workedOut.root.scrollIntoView({ block: "nearest" });
    },
    close() {
      const { selected } = view;
      if (view.softmax !== null) view.softmax = null;
      else if (selected?.pixel) view.choose(selected.layer, selected.channel);
      else if (selected) view.choose(selected.layer, null);
      drawAll(view);
    },
    toggleOpen(name) {
      if (!view.open.delete(name)) view.open.add(name);
      drawAll(view);
    },
    reveal(name, channel) {
      const column = view.byLayer.get(name);
      if (column.shown.includes(channel)) return;
      column.shown[column.shown.length - 1] = channel;
      drawColumn(view, column);
    },
    toggleOff(name, channels) {
      if (!view.network.byName.get(name).switchable) return;
      view.switchTo(switched(view.off, name, channels));
    },
    switchTo(off) {
      view.off = Object.fromEntries(Object.entries(off).filter(([, channels]) => channels.length));
      view.effect = null;
      drawAll(view);
      tell(view);
    },
    rank(name) {
      view.ranked = view.ranked.includes(name) ? view.ranked.filter((one) => one !== name) : [...view.ranked, name];
      tell(view);
    },
  };
}

function isWorked({ worked, selected }) {
  return ["layer", "channel", "pixel"].every((name) => String(worked?.[name]) === String(selected[name]));
}
