// How far two pictures are apart in each layer: a curve under the columns that one clicks.

import { element, shape } from "./parts.js";

const HEIGHT = 74;

export function buildDistance(view) {
  const root = element("div", "distance");
  view.distance = { root };
}

export function drawDistance(view) {
  const { root } = view.distance;
  const { distances } = view;
  root.hidden = !distances;
  root.replaceChildren();
  if (!distances) return;
  const most = Math.max(0.1, ...distances.map((one) => one ?? 0));
  const width = view.phone ? view.room : view.content.scrollWidth;
  const up = (value) => HEIGHT - 16 - (value / most) * (HEIGHT - 30);
  const middle = (column, at) => {
    if (view.phone) return 8 + ((width - 16) * at) / Math.max(1, view.columns.length - 1);
    return column.x + column.canvas.offsetWidth / 2;
  };
  const svg = shape("svg", { width, height: HEIGHT, role: "group", "aria-label": "Distance of the two pictures, layer by layer" });
  const points = view.columns.map((column, at) => ({ column, x: middle(column, at), value: distances[at] })).filter((one) => one.value !== null);
  svg.append(shape("polyline", { points: points.map(({ x, value }) => `${x},${up(value)}`).join(" "), class: "curve" }));
  for (const { column, x, value } of points) {
    const { name } = column.layer;
    const dot = shape("circle", { cx: x, cy: up(value), r: name === view.selected?.layer ? 6 : 4.5, class: "dot", tabindex: 0, role: "button" });
    dot.setAttribute("aria-label", `${name}: distance ${value.toFixed(2)}`);
    dot.append(shape("title", {}, `${name}: distance ${value.toFixed(2)}`));
    dot.onclick = () => view.choose(name, null);
    dot.onkeydown = (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      view.choose(name, null);
    };
    svg.append(dot);
  }
  svg.append(shape("text", { x: 0, y: HEIGHT - 2, class: "axis" }, `how far apart the two pictures are (1 − cosine), 0 to ${most.toFixed(2)}`));
  root.append(svg);
}
