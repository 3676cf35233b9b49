// What a replay draws in one epoch: lines with a cursor, a matrix, bars of probabilities, points.

export function element(tag, className = "", text = "") {
  const node = document.createElement(tag);
  node.className = className;
  node.textContent = text;
  return node;
}

export function shape(tag, attributes, text = "") {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.textContent = text;
  return node;
}

export const WIDTH = 460;
const HEIGHT = 210;
const LEFT = 34;
const TOP = 8;
const BOTTOM = HEIGHT - 22;
const APART = 13; // between two names beside their lines

// series: [{name, colour, dash, points: [[epoch, value], ...]}]; names stand at the right ends of the lines.
export function lineChart({ series, last, low, high, percent, label, write }) {
  const right = WIDTH - 112;
  const across = (epoch) => LEFT + ((epoch - 1) / Math.max(last - 1, 1)) * (right - LEFT);
  const up = (value) => BOTTOM - ((value - low) / Math.max(high - low, 1e-9)) * (BOTTOM - TOP);
  const svg = shape("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": label });
  for (let step = 0; step <= 4; step += 1) {
    const value = low + ((high - low) * step) / 4;
    svg.append(shape("line", { x1: LEFT, x2: right, y1: up(value), y2: up(value), class: "grid" }));
    const said = percent ? `${Math.round(100 * value)} %` : value.toFixed(2);
    svg.append(shape("text", { x: LEFT - 4, y: up(value) + 3, class: "tick", "text-anchor": "end" }, said));
  }
  svg.append(shape("text", { x: LEFT, y: HEIGHT - 6, class: "tick" }, "epoch 1"));
  svg.append(shape("text", { x: right, y: HEIGHT - 6, class: "tick", "text-anchor": "end" }, String(last)));
  const cursor = shape("line", { y1: TOP, y2: BOTTOM, class: "cursor" });
  const lines = series.map((one) => {
    const points = one.points.map(([epoch, value]) => `${across(epoch)},${up(value)}`).join(" ");
    svg.append(shape("polyline", { points, class: "line", stroke: one.colour, "stroke-dasharray": one.dash ?? "" }));
    const dot = shape("circle", { r: 3.5, fill: one.colour });
    const name = shape("text", { x: right + 6, class: "name" });
    const words = shape("tspan", {});
    name.append(shape("tspan", { fill: one.colour }, "● "), words);
    svg.append(dot, name);
    return { one, dot, name, words };
  });
  svg.append(cursor);
  return {
    node: svg,
    across,
    ends: [TOP, BOTTOM],
    show(epoch) {
      cursor.setAttribute("x1", across(epoch));
      cursor.setAttribute("x2", across(epoch));
      const shown = lines.map((line) => ({ ...line, value: valueAt(line.one.points, epoch) }));
      shown.sort((a, b) => (b.value ?? -Infinity) - (a.value ?? -Infinity));
      let lowest = TOP + 4 - APART;
      const room = BOTTOM - APART * (shown.length - 1);
      shown.forEach(({ one, dot, name, words, value }, place) => {
        const known = value !== null;
        dot.style.display = known ? "" : "none";
        const y = Math.max(lowest + APART, Math.min(known ? up(value) : BOTTOM, room + APART * place));
        lowest = y;
        name.setAttribute("y", y + 4);
        words.textContent = known ? `${one.name} ${write(value)}` : one.name;
        if (!known) return;
        dot.setAttribute("cx", across(epoch));
        dot.setAttribute("cy", up(value));
      });
    },
  };
}

export function valueAt(points, epoch) {
  let found = null;
  for (const [at, value] of points) if (at <= epoch) found = value;
  return found;
}

export function matrixTable(names, label) {
  const table = element("table", "counts");
  table.setAttribute("aria-label", label);
  const head = element("tr");
  head.append(element("td"));
  for (const name of names) {
    const cell = element("th", "above");
    cell.append(element("span", "", name));
    head.append(cell);
  }
  table.append(head);
  const cells = names.map((name) => {
    const row = element("tr");
    const found = names.map(() => element("td", "count"));
    row.append(element("th", "beside", name), ...found);
    table.append(row);
    return found;
  });
  return {
    node: table,
    show(counts) {
      const most = Math.max(1, ...counts.flatMap((row, at) => row.filter((_, to) => to !== at)));
      counts.forEach((row, at) => {
        const total = Math.max(1, row.reduce((sum, count) => sum + count, 0));
        row.forEach((count, to) => {
          const cell = cells[at][to];
          cell.textContent = count || "";
          cell.title = `${names[at]} called ${names[to]}: ${count} of ${total}`;
          const level = at === to ? count / total : Math.log1p(count) / Math.log1p(most);
          cell.style.setProperty("--level", `${Math.round(level * 60)}%`);
          cell.style.setProperty("--hue", at === to ? "var(--st-primary-color)" : "var(--st-red-color)");
        });
      });
    },
  };
}

// One picture with ten bars under it; sheet: {url, columns, rows, side, pitch} as the gallery's.
export function barCard(place, sheet, names, colours, label) {
  const node = element("figure", "card");
  const picture = element("span", "picture");
  const { url, columns, rows, side, pitch } = sheet;
  const size = (count) => `${(100 * count * pitch) / side}%`;
  // CSS counts positions in percent of (sheet - picture); a picture starts one pixel inside its place.
  const at = (number, count) => `${(100 * (number * pitch + 1)) / (count * pitch - side)}%`;
  picture.style.backgroundImage = `url("${url}")`;
  picture.style.backgroundSize = `${size(columns)} ${size(rows)}`;
  picture.style.backgroundPosition = `${at(place % columns, columns)} ${at(Math.floor(place / columns), rows)}`;
  const bars = element("span", "bars");
  const filled = names.map((_, index) => {
    const bar = element("i", index === label ? "bar own" : "bar");
    bar.style.setProperty("--colour", colours[index % colours.length]);
    bars.append(bar);
    return bar;
  });
  const said = element("figcaption", "called");
  node.append(picture, bars, element("span", "label", names[label]), said);
  return {
    node,
    show(values) {
      let best = 0;
      values.forEach((value, index) => {
        filled[index].style.height = `${(100 * value) / 255}%`;
        if (value > values[best]) best = index;
      });
      said.textContent = names[best];
      node.dataset.right = String(best === label);
      const sure = Math.round((100 * values[best]) / 255);
      node.title = `${names[label]}, called ${names[best]}, ${sure} % sure`;
    },
  };
}

export function pointMap(labels, names, colours, label) {
  const canvas = element("canvas", "points");
  canvas.width = canvas.height = 560;
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", label);
  const brush = canvas.getContext("2d");
  const middle = (place) => 8 + place * 2.13;
  let shown = [];
  canvas.onpointermove = (event) => {
    const { left, top, width } = canvas.getBoundingClientRect();
    const [x, y] = [event.clientX - left, event.clientY - top].map((at) => (at * canvas.width) / width);
    let [nearest, found] = [12, ""]; // pixels of the canvas
    for (let point = 0; point < labels.length; point += 1) {
      const away = Math.hypot(middle(shown[2 * point]) - x, middle(shown[2 * point + 1]) - y);
      if (away < nearest) [nearest, found] = [away, names[labels[point]]];
    }
    canvas.title = found;
  };
  return {
    node: canvas,
    show(places) {
      shown = places;
      brush.clearRect(0, 0, canvas.width, canvas.height);
      brush.globalAlpha = 0.75;
      for (let point = 0; point < labels.length; point += 1) {
        brush.fillStyle = colours[labels[point] % colours.length];
        brush.beginPath();
        brush.arc(middle(places[2 * point]), middle(places[2 * point + 1]), 4, 0, 7);
        brush.fill();
      }
    },
  };
}
