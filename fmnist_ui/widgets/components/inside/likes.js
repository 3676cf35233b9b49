// The training pictures that move a channel most, with the box in each that did it.

import { bytes, greys, picture, write } from "./numbers.js";
import { button, element, sizeCanvas } from "./parts.js";

const SIDE_OF_ONE = 56; // CSS pixels
const PIXELS = 28;

export function buildLikes(view) {
  const root = element("section", "likes");
  const title = element("h4", "", "What does this channel like?");
  const words = element("p", "quiet", "The training pictures that move it most, and where in them. Click one to open it.");
  const grid = element("div", "liked");
  root.append(title, words, grid);
  view.likesPart = { root, grid, known: null };
}

export function drawLikes(view) {
  const { root, grid } = view.likesPart;
  const { likes } = view;
  root.hidden = !likes;
  if (!likes || view.likesPart.known === likes) return;
  view.likesPart.known = likes;
  const all = bytes(likes.pictures);
  const shades = greys();
  grid.replaceChildren(
    ...likes.addresses.map((address, place) => {
      const one = button("like", "", () => view.openPicture(address));
      const canvas = element("canvas");
      const brush = sizeCanvas(canvas, SIDE_OF_ONE, SIDE_OF_ONE);
      const own = all.subarray(place * PIXELS ** 2, (place + 1) * PIXELS ** 2);
      const values = Float32Array.from(own, (byte) => byte / 255);
      brush.drawImage(picture(values, PIXELS, PIXELS, 1, shades), 0, 0, SIDE_OF_ONE, SIDE_OF_ONE);
      const [top, left, bottom, right] = likes.boxes[place];
      const step = SIDE_OF_ONE / PIXELS;
      brush.strokeStyle = "#ff4fa3";
      brush.lineWidth = 1.5;
      const [wide, high] = [(right - left + 1) * step - 1.5, (bottom - top + 1) * step - 1.5];
      brush.strokeRect(left * step + 0.75, top * step + 0.75, wide, high);
      const where = `rows ${top} to ${bottom}, columns ${left} to ${right}`;
      const said = `${address}, ${likes.names[place]}: ${write(likes.values[place])} where it looks at ${where}`;
      one.setAttribute("aria-label", said);
      one.title = said;
      one.append(canvas, element("small", "", write(likes.values[place])));
      return one;
    }),
  );
}
