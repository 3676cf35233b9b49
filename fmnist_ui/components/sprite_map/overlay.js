// What lies over the points, on a 2D canvas of its own: rings, the point that is meant, the names of the classes.
import { detailOf } from "./camera.js";
import { CORNER_PART, drawTile } from "./tile.js";

const LABEL_HEIGHT = 20; // CSS pixels
const LABEL_GAP = 6;

// The side at which the selected and the pointed picture are drawn.
export const enlargedSize = (sizes) => Math.max(1.35 * sizes.thumbnail, 48);

export class Overlay {
  constructor(canvas) {
    this.context = canvas.getContext("2d");
  }

  // frame: what the renderer draws, and theme, points, sheet, selected, pointed, labelsShown.
  draw(frame) {
    const { context } = this;
    const { camera, points, ratio, theme } = frame;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, camera.width, camera.height);
    for (const point of points.highlighted) this.drawRing(frame, point, this.drawnSize(frame, point), theme.text, 1.5);
    if (frame.labelsShown) this.drawLabels(frame);
    for (const point of new Set([frame.selected, frame.pointed])) {
      if (point === null) continue;
      const size = this.drawEnlarged(frame, point);
      const isSelected = point === frame.selected;
      this.drawRing(frame, point, size, isSelected ? theme.accent : theme.text, isSelected ? 3 : 2);
    }
  }

  // The side of a point as the renderer draws it, and how far it is from disc (0) to tile (1).
  drawnSize({ points, camera, sizes, sheet }, point) {
    const detail = sheet && points.isBright(point) ? detailOf(points.layout.room[point], camera.scale, sizes) : 0;
    return [sizes.dot + (sizes.thumbnail - sizes.dot) * detail, detail];
  }

  drawEnlarged(frame, point) {
    const { points, sheet, sizes } = frame;
    if (!sheet || points.morph < 1) return this.drawnSize(frame, point);
    const { context } = this;
    const { picture, colour } = points.about(point);
    const [left, top] = frame.camera.toScreen(...points.placeOf(point));
    const size = enlargedSize(sizes);
    context.save();
    context.shadowColor = "rgb(0 0 0 / 0.45)";
    context.shadowBlur = 14;
    context.beginPath();
    context.roundRect(left - size / 2, top - size / 2, size, size, size * CORNER_PART);
    context.fill();
    context.restore();
    drawTile(context, sheet, picture, colour, left, top, size);
    return [size, 1];
  }

  drawRing({ camera, points, theme }, point, [size, detail], colour, width) {
    const [left, top] = camera.toScreen(...points.placeOf(point));
    const side = size + 2 * width + 2;
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

  drawLabels(frame) {
    const { context } = this;
    context.font = `650 14px ${frame.theme.font}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.lineJoin = "round";
    context.lineWidth = 5;
    context.strokeStyle = frame.theme.background;
    context.fillStyle = frame.theme.text;
    for (const { text, left, top, opacity } of this.spreadLabels(frame)) {
      context.globalAlpha = opacity;
      context.strokeText(text, left, top);
      context.fillText(text, left, top);
    }
    context.globalAlpha = 1;
  }

  // Names that would cover each other move apart, the upper one upwards; a few rounds settle ten names.
  spreadLabels({ camera, points }) {
    const boxes = points.places.map((place) => {
      const text = points.classNames[place.label];
      const [left, top] = camera.toScreen(...points.placeOfName(place));
      return { text, left, top, opacity: place.opacity, width: this.context.measureText(text).width };
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
