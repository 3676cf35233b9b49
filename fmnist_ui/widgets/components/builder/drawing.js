// The network as boxes from left to right: as high as the picture has rows, as wide as it has channels.
import { drawn, shapeWords } from "./parts.js";

const HEIGHT = 118; // of the drawing, in pixels
const FLOOR = 92; // where the boxes stand
const TALLEST = 62;
const LEAN = 0.32; // how far the far side of a box is moved, of its height
const GAP = 11;
const LABEL = 68; // pixels that a shape's words take
const WIDEST_LIST = 4096;

// shape: [rows, columns, channels] or [units]. Returns the front's width and height and how far it leans, in pixels.
export function boxOf(shape) {
  if (shape.length === 1) {
    const height = 12 + (TALLEST - 12) * Math.min(1, Math.log2(shape[0] + 1) / Math.log2(WIDEST_LIST));
    return { width: 7, height, lean: 0 };
  }
  const [rows, , channels] = shape;
  const height = 8 + (TALLEST - 8) * Math.min(1.25, rows / 28);
  return { width: 3 + 4 * Math.log2(channels + 1), height, lean: LEAN * height };
}

// Where each box begins, and whether its shape is written under it: where it is another than that before.
export function placed(shapes) {
  let left = 2;
  let free = 0; // from where on a label has room
  return shapes.map((shape, place) => {
    const box = boxOf(shape);
    const differs = place === 0 || shape.join() !== shapes[place - 1].join();
    if (differs) left = Math.max(left, free - box.width / 2 + LABEL / 2);
    const found = { ...box, left, labelled: differs };
    if (differs) free = left + box.width / 2 + LABEL / 2;
    left += box.width + box.lean + GAP;
    return found;
  });
}

// blocks: [{shape, family, name, problem, id}]; onPick(id).
export function draw(svg, blocks, chosen, onPick) {
  const boxes = placed(blocks.map((block) => block.shape));
  const last = boxes.at(-1);
  const width = Math.ceil(Math.max(last.left + last.width + last.lean, last.left + last.width / 2 + LABEL / 2) + 4);
  svg.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
  svg.style.width = `${width}px`;
  svg.style.height = `${HEIGHT}px`;
  svg.replaceChildren(
    ...blocks.map((block, place) => {
      const group = drawn("g", { class: "block", "data-family": block.family });
      if (block.problem) group.dataset.problem = "yes";
      if (block.id !== null && block.id === chosen) group.dataset.chosen = "yes";
      group.append(drawn("title", {}, `${block.name}: ${block.problem ? "does not fit" : shapeWords(block.shape)}`));
      group.append(...faces(boxes[place]));
      if (boxes[place].labelled) group.append(label(boxes[place], block.shape));
      if (block.id !== null) group.onclick = () => onPick(block.id);
      return group;
    }),
  );
}

function faces({ left, width, height, lean }) {
  const top = FLOOR - height;
  const right = left + width;
  const up = lean * 0.55;
  const points = (...places) => places.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");
  const front = points([left, top], [right, top], [right, FLOOR], [left, FLOOR]);
  if (!lean) return [drawn("polygon", { class: "front", points: front })];
  const roof = points([left, top], [left + lean, top - up], [right + lean, top - up], [right, top]);
  const side = points([right, top], [right + lean, top - up], [right + lean, FLOOR - up], [right, FLOOR]);
  return [
    drawn("polygon", { class: "roof", points: roof }),
    drawn("polygon", { class: "side", points: side }),
    drawn("polygon", { class: "front", points: front }),
  ];
}

function label({ left, width }, shape) {
  const words = shape.length > 1 ? shape.join("×") : String(shape[0]);
  return drawn("text", { x: (left + width / 2).toFixed(1), y: FLOOR + 18, "text-anchor": "middle" }, words);
}
