// How far two pictures are apart in each layer: a curve under the columns that one clicks.

import { element, shape } from "./parts.js";

const HEIGHT = 74;

export function buildDistance(view) {
  const root = element("div", "distance");
  view.distance = { root };
}

// view.distances: {pair, usual: quartiles of two pictures of one class, said}; a number or null a layer.
export function drawDistance(view) {
  const { root } = view.distance;
  const { distances } = view;
  root.hidden = !distances;
  root.replaceChildren();
  if (!distances) return;
  const { pair, usual } = distances;
  const most = Math.max(0.1, ...pair.map((one) => one ?? 0), ...(usual ?? []).map((one) => one?.[2] ?? 0));
  const width = view.phone ? view.room : view.content.scrollWidth;
  const up = (value) => HEIGHT - 6 - (value / most) * (HEIGHT - 18);
  const middle = (column, at) => {
    if (view.phone) return 8 + ((width - 16) * at) / Math.max(1, view.columns.length - 1);
    return column.x + column.canvas.offsetWidth / 2;
  };
  const label = `Distance of the two pictures, layer by layer. ${distances.said}`;
  const svg = shape("svg", { width, height: HEIGHT, role: "group", "aria-label": label });
  const points = view.columns
    .map((column, at) => ({ column, x: middle(column, at), value: pair[at], band: usual?.[at] }))
    .filter((one) => one.value !== null);
  if (usual) {
    const above = points.map(({ x, band }) => `${x},${up(band[2])}`);
    const below = points.map(({ x, band }) => `${x},${up(band[0])}`).reverse();
    svg.append(shape("polygon", { points: [...above, ...below].join(" "), class: "usual" }));
  }
  const curve = points.map(({ x, value }) => `${x},${up(value)}`).join(" ");
  svg.append(shape("polyline", { points: curve, class: "curve" }));
  for (const one of points) svg.append(dotOf(view, one, up));
  const words = element("p", "distance-words");
  const shaded = usual ? "; shaded: the middle half of pairs of one class" : "";
  const how = element("span", "", ` 1 − cosine, layer by layer${shaded}. Click a point.`);
  words.append(element("strong", "", distances.said), how);
  root.append(words, svg);
}

function dotOf(view, { column, x, value }, up) {
  const { name } = column.layer;
  const isChosen = name === view.selected?.layer;
  const place = { cx: x, cy: up(value), r: isChosen ? 6 : 4.5 };
  const dot = shape("circle", { ...place, class: "dot", tabindex: 0, role: "button" });
  dot.setAttribute("aria-label", `${name}: distance ${value.toFixed(2)}`);
  dot.append(shape("title", {}, `${name}: distance ${value.toFixed(2)}`));
  dot.onclick = () => view.choose(name, null);
  dot.onkeydown = (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    view.choose(name, null);
  };
  return dot;
}
