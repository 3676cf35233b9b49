// What lies over the points, on a 2D canvas of its own: rings, the point that is meant, names, the line of a lasso.
import { drawAxes } from "./axes.js";
import { NEAREST_DEPTH, detailOf, fogAt } from "./camera.js";
import { CORNER_PART, drawTile } from "./tile.js";

const LABEL_HEIGHT = 20; // CSS pixels
const LABEL_GAP = 6;
const TEXT_ROOM = { thumbnail: 64, spread: 1 }; // CSS pixels around a point that is shown as text
const MOST_TEXTS = 400;

// The side at which the selected and the pointed picture are drawn.
export const enlargedSize = (sizes) => Math.max(1.35 * sizes.thumbnail, 48);

export class Overlay {
  constructor(canvas) {
    this.context = canvas.getContext("2d");
  }

  // frame: what the renderer draws, and theme, points, sheet, selected, pointed, linked, lasso, labelsShown, asText.
  draw(frame) {
    const { context } = this;
    const { camera, points, ratio, theme } = frame;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, camera.width, camera.height);
    if (!points.layout) return;
    drawAxes(this, frame);
    if (frame.asText) this.drawTexts(frame);
    for (const point of points.highlighted) this.drawRing(frame, point, this.drawnSize(frame, point), theme.text, 1.5);
    if (frame.labelsShown && !frame.asText) this.drawLabels(frame);
    for (const point of new Set([frame.selected, frame.linked, frame.pointed])) {
      if (point === null) continue;
      const size = this.drawEnlarged(frame, point);
      const isSelected = point === frame.selected;
      this.drawRing(frame, point, size, isSelected ? theme.accent : theme.text, isSelected ? 3 : 2);
    }
    frame.lasso.draw(context, theme);
  }

  // The side of a point as the renderer draws it, before perspective, and how far it is from disc (0) to tile (1).
  drawnSize({ points, camera, sizes, shown }, point) {
    const detail = shown && points.isBright(point) ? detailOf(points.layout.room[point], camera.scale, sizes) : 0;
    return [sizes.dot + (sizes.thumbnail - sizes.dot) * detail, detail];
  }

  // The size is that of the point's own depth, so that the ring around it need not know.
  drawEnlarged(frame, point) {
    const { camera, points, sheet, sizes } = frame;
    const { picture, colour, hasTile } = points.about(point);
    if (!sheet || !hasTile || frame.asText || !points.motion.isAtRest) return this.drawnSize(frame, point);
    const { context } = this;
    const [left, top, depth] = camera.toScreen(points.placeOf(point));
    const size = enlargedSize(sizes);
    if (depth < NEAREST_DEPTH) return [size, 1];
    const side = size / depth;
    context.save();
    context.shadowColor = "rgb(0 0 0 / 0.45)";
    context.shadowBlur = 14;
    context.beginPath();
    context.roundRect(left - side / 2, top - side / 2, side, side, side * CORNER_PART);
    context.fill();
    context.restore();
    drawTile(context, sheet, picture, colour, left, top, side);
    return [size, 1];
  }

  drawRing({ camera, points, theme }, point, [size, detail], colour, width) {
    const [left, top, depth] = camera.toScreen(points.placeOf(point));
    if (depth < NEAREST_DEPTH) return;
    const side = Math.max(size / depth, 5) + 2 * width + 2;
    if (left < -side || top < -side || left > camera.width + side || top > camera.height + side) return;
    const corner = side * (0.5 + (CORNER_PART + 0.03 - 0.5) * detail);
    const { context } = this;
    context.beginPath();
    context.roundRect(left - side / 2, top - side / 2, side, side, corner);
    for (const [lineWidth, style] of [[width + 2, theme.background], [width, colour]]) {
      context.lineWidth = lineWidth;
      context.strokeStyle = style;
      context.stroke();
    }
  }

  startText(theme, font) {
    const { context } = this;
    context.font = `${font} ${theme.font}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.lineJoin = "round";
    context.strokeStyle = theme.background;
  }

  drawText(text, left, top, opacity) {
    const { context } = this;
    context.globalAlpha = opacity;
    context.strokeText(text, left, top);
    context.fillText(text, left, top);
    context.globalAlpha = 1;
  }

  // The points with the most room as what they are called, instead of how they look: the farthest first.
  drawTexts(frame) {
    const { camera, points, theme } = frame;
    const texts = [];
    points.layout.room.forEach((room, point) => {
      if (!points.isBright(point) || detailOf(room, camera.scale, TEXT_ROOM) < 0.5) return;
      const [left, top, depth] = camera.project(...points.placeOf(point));
      const isWithin = left > 0 && top > 0 && left < camera.width && top < camera.height;
      if (isWithin && depth > NEAREST_DEPTH) texts.push({ point, left, top, depth });
    });
    this.startText(theme, "600 12px");
    this.context.lineWidth = 4;
    texts.sort((a, b) => b.depth - a.depth);
    for (const { point, left, top, depth } of texts.slice(-MOST_TEXTS)) {
      const { called, colour, number } = points.about(point);
      this.context.fillStyle = `color-mix(in srgb, rgb(${colour.join(" ")}) 70%, ${theme.text})`;
      this.drawText(`${called} ${number[1]}`, left, top - 11, 1 - fogAt(depth, camera.now.solid));
    }
  }

  drawLabels(frame) {
    this.startText(frame.theme, "650 14px");
    this.context.lineWidth = 5;
    this.context.fillStyle = frame.theme.text;
    for (const { text, left, top, opacity } of this.spreadLabels(frame)) this.drawText(text, left, top, opacity);
  }

  // Names that would cover each other move apart, the upper one upwards; a few rounds settle ten names.
  spreadLabels({ camera, points }) {
    const boxes = points.names().map(({ text, place, opacity }) => {
      const [left, top, depth] = camera.toScreen(place);
      const clear = depth < NEAREST_DEPTH ? 0 : 1 - 0.8 * fogAt(depth, camera.now.solid);
      return { text, left, top, opacity: opacity * clear, width: this.context.measureText(text).width };
    });
    boxes.sort((a, b) => a.top - b.top);
    const pairs = boxes.flatMap((upper, i) => boxes.slice(i + 1).map((lower) => [upper, lower]));
    for (let round = 0; round < 12; round += 1) {
      for (const [upper, lower] of pairs) {
        const gap = Math.abs(upper.left - lower.left) - (upper.width + lower.width) / 2;
        const overlap = LABEL_HEIGHT - (lower.top - upper.top);
        if (gap >= LABEL_GAP || overlap <= 0) continue;
        upper.top -= overlap / 2;
        lower.top += overlap / 2;
      }
    }
    return boxes;
  }
}
