// The kernel of a channel of the first convolution, as it was after each stored epoch of the training.

import { colourAt, css, inkOn } from "./numbers.js";
import { element, setText, sizeCanvas } from "./parts.js";

const KERNEL_CELL = 30; // CSS pixels

export function buildKernels(view) {
  const root = element("div", "kernels");
  const title = element("p", "small-title");
  const canvas = element("canvas");
  canvas.setAttribute("role", "img");
  const slider = element("input", "slider");
  slider.type = "range";
  slider.setAttribute("aria-label", "Epoch of the kernel");
  root.append(title, canvas, slider);
  slider.oninput = () => {
    view.epoch = view.kernels.epochs[Number(slider.value)];
    drawKernels(view);
  };
  slider.onchange = () => view.tell();
  view.kernelPart = { root, title, canvas, slider };
}

// view.kernels: {epochs, size: [rows, columns], scale, all: values of every epoch and channel}; null: none are stored.
export function drawKernels(view) {
  const { root, title, canvas, slider } = view.kernelPart;
  const { kernels, selected } = view;
  root.hidden = !kernels || selected?.layer !== kernels.layer || selected.channel === null;
  if (root.hidden) return;
  const found = kernels.epochs.indexOf(view.epoch);
  const at = found < 0 ? kernels.epochs.length - 1 : found;
  const [rows, columns] = kernels.size;
  const area = rows * columns;
  const channels = kernels.all.length / area / kernels.epochs.length;
  const values = kernels.all.subarray((at * channels + selected.channel) * area).subarray(0, area);
  Object.assign(slider, { min: 0, max: kernels.epochs.length - 1, step: 1 });
  slider.value = at;
  slider.setAttribute("aria-valuetext", `epoch ${kernels.epochs[at]}`);
  setText(title, `Its kernel after epoch ${kernels.epochs[at]} of ${kernels.epochs.at(-1)}`);
  canvas.setAttribute("aria-label", `${title.textContent}: ${Array.from(values, (one) => one.toFixed(2)).join(" ")}`);
  const brush = sizeCanvas(canvas, columns * KERNEL_CELL, rows * KERNEL_CELL);
  brush.font = "10px Inter, sans-serif";
  brush.textAlign = "center";
  brush.textBaseline = "middle";
  values.forEach((value, place) => {
    const [x, y] = [(place % columns) * KERNEL_CELL, Math.floor(place / columns) * KERNEL_CELL];
    const colour = colourAt(view.ramp, value, kernels.scale);
    brush.fillStyle = css(colour);
    brush.fillRect(x, y, KERNEL_CELL - 1, KERNEL_CELL - 1);
    brush.fillStyle = inkOn(colour);
    brush.fillText(value.toFixed(2).replace("-", "−"), x + KERNEL_CELL / 2, y + KERNEL_CELL / 2);
  });
}
