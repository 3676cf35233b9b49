// Draws all points on a plain 2D canvas, where WebGL2 is missing.
import { DIM_COLOUR, DIM_OPACITY, DOT_OPACITY, drawTile } from "./tile.js";
import { NEAREST_DEPTH, detailOf, fogAt } from "./camera.js";

export class CanvasRenderer {
  constructor(canvas) {
    this.kind = "canvas";
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
    this.sheet = null;
    this.order = [];
  }

  // Places, pictures and colours are read from the frame's points: nothing is uploaded anywhere.
  setLayouts() {}

  setPictures() {}

  setColours() {}

  setFaint() {}

  setOrder(order) {
    this.order = order;
  }

  setShades(shades) {
    this.shades = shades;
  }

  setSheet(sheet) {
    this.sheet = sheet;
  }

  draw(frame) {
    const { camera, points, ratio, shown, sizes, skipped } = frame;
    const { context, order } = this;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, camera.width, camera.height);
    const tiles = []; // in a flat world all thumbnails lie over all dots
    for (let i = skipped; i < order.length; i += 1) {
      const point = order[i];
      const [left, top, depth] = camera.project(...points.placeOf(point));
      const reach = sizes.thumbnail / depth / 2;
      if (depth < NEAREST_DEPTH || left < -reach || top < -reach) continue;
      if (left > camera.width + reach || top > camera.height + reach) continue;
      const hasRoom = detailOf(points.layout.room[point], camera.scale, sizes) > 0.5;
      if (!hasRoom || !shown || !points.isBright(point)) this.drawDot(frame, point, left, top, depth);
      else if (camera.isFlat) tiles.push([point, left, top]);
      else this.drawTile(frame, point, left, top, depth);
    }
    for (const [point, left, top] of tiles) this.drawTile(frame, point, left, top, 1);
  }

  drawDot({ camera, points, sizes, theme }, point, left, top, depth) {
    const { context } = this;
    const [red, green, blue, opacity] = this.shades[points.colour[point]];
    const part = Math.min(opacity / 255, points.faint?.[point] ? DIM_OPACITY : 1) * DOT_OPACITY;
    const kept = (part < 0.5 ? DIM_COLOUR : 1) * (1 - fogAt(depth, camera.now.solid));
    const [r, g, b] = [red, green, blue].map((value, i) => theme.backgroundColour[i] + (value - theme.backgroundColour[i]) * kept);
    context.fillStyle = `rgb(${r} ${g} ${b} / ${part})`;
    context.beginPath();
    context.arc(left, top, sizes.dot / depth / 2, 0, 2 * Math.PI);
    context.fill();
  }

  drawTile({ camera, points, sizes }, point, left, top, depth) {
    const { picture, colour } = points.about(point);
    this.context.globalAlpha = 1 - fogAt(depth, camera.now.solid);
    drawTile(this.context, this.sheet, picture, colour, left, top, sizes.thumbnail / depth);
    this.context.globalAlpha = 1;
  }

  destroy() {}
}
