// A training played again: one slider of stored epochs moves everything. All epochs are here, so nothing is asked of
// the server while it plays; where it stops is told, for the address.

import { barCard, element, lineChart, matrixTable, pointMap } from "./drawing.js";
import { filterRow } from "./filters.js";
import { withValues } from "./hover.js";

const A_STEP = 700; // milliseconds an epoch while it plays

const replays = new WeakMap(); // shadow root -> the replay that stands in it

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  let replay = replays.get(parentElement);
  if (!replay || replay.version !== data.version || !parentElement.contains(replay.root)) {
    replay?.remove();
    replay = newReplay(parentElement, data);
    replays.set(parentElement, replay);
  }
  replay.stopped = (epoch) => setTriggerValue("stopped", epoch);
  return () => {
    // Streamlit also cleans up after a run that a newer one has overtaken; the replay is then still on the page.
    setTimeout(() => {
      if (parentElement.isConnected || !replays.delete(parentElement)) return;
      replay.remove();
    });
  };
}

function newReplay(parentElement, data) {
  const root = element("section", "replay");
  parentElement.append(root);
  const place = Math.max(0, data.epochs.indexOf(data.epoch));
  const replay = { root, version: data.version, data, stopped: null, place, timer: null };
  const parts = [...buildCharts(root, data), ...buildViews(root, data)];
  const bar = buildBar(replay, data);
  root.prepend(bar.node);
  replay.show = () => {
    bar.show(replay.place);
    for (const part of parts) part(replay.place);
  };
  replay.remove = () => {
    clearInterval(replay.timer);
    root.remove();
  };
  replay.show();
  return replay;
}

function buildBar(replay, data) {
  const node = element("div", "bar-of-time");
  const play = element("button", "play");
  play.type = "button";
  const slider = element("input", "slider");
  Object.assign(slider, { type: "range", min: 0, max: data.epochs.length - 1, step: 1 });
  slider.setAttribute("aria-label", "Epoch");
  const said = element("output", "said");
  node.append(play, slider, said);
  const write = () => {
    play.textContent = replay.timer ? "❚❚ Pause" : "▶ Play";
  };
  const stop = () => {
    clearInterval(replay.timer);
    replay.timer = null;
    write();
    replay.stopped(data.epochs[replay.place]);
  };
  play.onclick = () => {
    if (replay.timer) return stop();
    if (replay.place === data.epochs.length - 1) replay.place = 0;
    replay.timer = setInterval(() => {
      replay.place += 1;
      replay.show();
      if (replay.place >= data.epochs.length - 1) stop();
    }, A_STEP);
    write();
    return replay.show();
  };
  slider.oninput = () => {
    replay.place = Number(slider.value);
    replay.show();
  };
  slider.onchange = stop;
  write();
  return {
    node,
    show(place) {
      slider.value = place;
      const epoch = data.epochs[place];
      const kept = epoch === data.kept ? ", the one it kept" : "";
      said.textContent = `after epoch ${epoch} of ${data.last}${kept}: ${data.said[place]}`;
      slider.setAttribute("aria-valuetext", said.textContent);
    },
  };
}

function section(root, className, title) {
  const node = element("div", `part ${className}`);
  node.append(element("h4", "", title));
  root.append(node);
  return node;
}

function buildCharts(root, data) {
  const percent = (digits) => (value) => `${(100 * value).toFixed(digits)} %`;
  return data.charts.map(({ title, series, low, high, isPercent }) => {
    const write = isPercent ? percent(0) : (value) => value.toFixed(2);
    const exact = isPercent ? percent(1) : (value) => value.toFixed(3);
    const chart = lineChart({ series, low, high, percent: isPercent, last: data.last, label: title, write });
    section(root, "chart", title).append(withValues(chart, series, exact));
    return (place) => chart.show(data.epochs[place]);
  });
}

function buildViews(root, data) {
  const { names, colours } = data;
  const matrix = matrixTable(names, "Confusion matrix of the replayed pictures");
  section(root, "of-matrix", "What is taken for what").append(matrix.node);
  const map = pointMap(bytes(data.labels), names, colours, "Map of the replayed pictures, a colour a class");
  section(root, "of-map", "Where it puts them").append(map.node);
  const places = bytes(data.places);
  const cards = data.cards.map((label, place) => barCard(place, data.sheet, names, colours, label));
  const grid = element("div", "cards");
  grid.append(...cards.map((card) => card.node));
  section(root, "of-cards", `The same ${cards.length} pictures, a bar a class: its label, then the answer`).append(grid);
  const bars = bytes(data.bars);
  const shows = [
    (place) => matrix.show(data.matrices[place]),
    (place) => map.show(part(places, place, data.epochs.length)),
    (place) => {
      const now = part(bars, place, data.epochs.length);
      cards.forEach((card, index) => card.show([...part(now, index, cards.length)]));
    },
  ];
  if (data.filters.count) {
    const filters = filterRow(data.filters);
    const values = bytes(data.filters.values);
    section(root, "of-filters", `The ${data.filters.count} filters of its first convolution`).append(filters.node);
    shows.push((place) => filters.show(part(values, place, data.epochs.length)));
  }
  return shows;
}

function bytes(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

function part(values, place, count) {
  const size = values.length / count;
  return values.subarray(place * size, (place + 1) * size);
}
