// The filters of the first convolution, framed and numbered, with the scale of their weights.

import { element } from "./drawing.js";

// most: the weight that is drawn in full colour; the few beyond it look the same.
export function filterRow({ count, height, width, most }) {
  const node = element("div");
  const grid = element("div", "filters");
  const filters = Array.from({ length: count }, (_, place) => {
    const figure = element("figure", "filter");
    const canvas = element("canvas");
    [canvas.width, canvas.height] = [width, height];
    figure.append(canvas, element("figcaption", "", String(place + 1)));
    grid.append(figure);
    return { figure, brush: canvas.getContext("2d") };
  });
  node.append(scale(most), grid);
  return {
    node,
    // values: a byte a weight, 128 is 0.
    show(values) {
      const size = width * height;
      filters.forEach(({ figure, brush }, place) => {
        const own = values.subarray(place * size, (place + 1) * size);
        const image = brush.createImageData(width, height);
        own.forEach((value, pixel) => image.data.set([...colour((value - 128) / 127), 255], 4 * pixel));
        brush.putImageData(image, 0, 0);
        const [low, high] = [Math.min(...own), Math.max(...own)].map((value) => (value - 128) / 127);
        const ends = `${written(low * most)}${low === -1 ? " or less" : ""} to ${written(high * most)}`;
        figure.title = `Filter ${place + 1}: weights ${ends}${high === 1 ? " or more" : ""}`;
      });
    },
  };
}

// Red is negative, blue positive, white nothing; strength: -1 to 1.
export function colour(strength) {
  const pale = 255 - 200 * Math.abs(strength);
  const full = 255 - 35 * Math.abs(strength);
  return strength < 0 ? [full, pale, pale] : [pale, pale, full];
}

// A weight with its sign and as many digits as tell it from its neighbours.
export function written(weight) {
  const text = Math.abs(weight).toFixed(2);
  if (Number(text) === 0) return "0";
  return `${weight < 0 ? "\u2212" : "+"}${text}`;
}

function scale(most) {
  const node = element("div", "scale");
  const band = element("span", "band");
  const stops = [-1, 0, 1].map((strength) => `rgb(${colour(strength).join(" ")})`);
  band.style.background = `linear-gradient(to right, ${stops.join(", ")})`;
  const ends = [`${written(-most)} or less`, `${written(most)} or more`];
  node.append(element("span", "", ends[0]), band, element("span", "", ends[1]));
  node.append(element("span", "note", "weights; white is 0, all epochs on one scale"));
  return node;
}
