// The titles of axes that mean something: along two edges of a flat map, at the ends of three lines in space.
import { NEAREST_DEPTH } from "./camera.js";

const EDGE = 14; // CSS pixels from the middle of a title to the edge
const MOST_LETTERS = 60;
const QUIET = 0.85;
const BEYOND = 1.08; // of half an axis: where its title stands in space

const cut = (title) => (title.length > MOST_LETTERS ? `${title.slice(0, MOST_LETTERS - 1)}…` : title);

// In words, for who does not see them.
export const axesOf = ({ axes }) => (axes.length ? `Axes: ${axes.join(", ")}. ` : "");

// overlay: on which they are written; frame: what it draws.
export function drawAxes(overlay, { camera, points, theme }) {
  const titles = points.axes.map(cut);
  if (!titles.length) return;
  const { context } = overlay;
  overlay.startText(theme, "500 12px");
  context.fillStyle = theme.text;
  if (points.layout.isSolid) drawInSpace(overlay, camera, points.layout.radius, titles, theme);
  else drawAtEdges(overlay, camera, titles);
}

// Each ends where its axis does: at the right, and at the top.
function drawAtEdges(overlay, camera, [across, up]) {
  const { context } = overlay;
  context.lineWidth = 4;
  context.textAlign = "right";
  overlay.drawText(`${across} →`, camera.width - EDGE, camera.height - EDGE, QUIET);
  context.save();
  context.translate(EDGE, EDGE);
  context.rotate(-Math.PI / 2);
  overlay.drawText(`${up} →`, 0, 0, QUIET);
  context.restore();
}

function drawInSpace(overlay, camera, radius, titles, theme) {
  const { context } = overlay;
  titles.forEach((title, axis) => {
    const at = (part) => camera.toScreen([0, 1, 2].map((other) => (other === axis ? part * radius : 0)));
    const [start, end, place] = [at(-1), at(1), at(BEYOND)];
    if ([start, end, place].some(([, , depth]) => depth < NEAREST_DEPTH)) return;
    context.globalAlpha = 0.35;
    context.lineWidth = 1;
    context.strokeStyle = theme.text;
    context.beginPath();
    context.moveTo(start[0], start[1]);
    context.lineTo(end[0], end[1]);
    context.stroke();
    context.lineWidth = 4;
    context.strokeStyle = theme.background;
    const half = context.measureText(title).width / 2 + EDGE;
    const left = Math.max(half, Math.min(camera.width - half, place[0])); // within the map
    overlay.drawText(title, left, Math.max(EDGE, Math.min(camera.height - EDGE, place[1])), QUIET);
  });
}
