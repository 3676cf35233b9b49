// What a chart of a replay says where it is pointed at: the epoch and the value of each line.

import { element, shape, valueAt, WIDTH } from "./drawing.js";

// chart: as lineChart makes it; exact: writes a value. Returns what holds the chart and the card.
export function withValues({ node: svg, across, ends }, series, exact) {
  const node = element("div", "plot");
  const epochs = [...new Set(series.flatMap((one) => one.points.map(([epoch]) => epoch)))].sort((a, b) => a - b);
  const guide = shape("line", { y1: ends[0], y2: ends[1], class: "guide", visibility: "hidden" });
  const card = element("div", "values");
  card.hidden = true;
  svg.append(guide);
  node.append(svg, card);
  const leave = () => {
    card.hidden = true;
    guide.setAttribute("visibility", "hidden");
  };
  const point = (event) => {
    if (!epochs.length) return;
    const box = svg.getBoundingClientRect();
    const epoch = nearest(epochs, across, ((event.clientX - box.left) * WIDTH) / box.width);
    const x = across(epoch);
    guide.setAttribute("x1", x);
    guide.setAttribute("x2", x);
    guide.setAttribute("visibility", "visible");
    card.replaceChildren(element("b", "", `epoch ${epoch}`), ...lines(series, epoch, exact));
    card.hidden = false;
    const isLeft = x < WIDTH / 2;
    card.style.left = isLeft ? `calc(${(100 * x) / WIDTH}% + 10px)` : "";
    card.style.right = isLeft ? "" : `calc(${100 - (100 * x) / WIDTH}% + 10px)`;
  };
  svg.addEventListener("pointermove", point);
  svg.addEventListener("pointerdown", point);
  svg.addEventListener("pointerleave", leave);
  return node;
}

export function nearest(epochs, across, x) {
  return epochs.reduce((best, epoch) => (Math.abs(across(epoch) - x) < Math.abs(across(best) - x) ? epoch : best));
}

// The highest value first.
function lines(series, epoch, exact) {
  const found = series.map((one) => ({ one, value: valueAt(one.points, epoch) })).filter(({ value }) => value !== null);
  found.sort((a, b) => b.value - a.value);
  return found.map(({ one, value }) => {
    const line = element("span", "value");
    const dot = element("i");
    dot.style.background = one.colour;
    line.append(dot, element("span", "", one.name), element("span", "figure", exact(value)));
    return line;
  });
}
