// Draws all points on a plain 2D canvas, where WebGL2 is missing. While things move it draws the dots of every third
// point only, since ten thousand small drawing calls take tens of milliseconds.
import { DOT_OPACITY, drawTile } from "./tile.js";
import { detailOf } from "./camera.js";

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

  setOrder(order) {
    this.order = order;
  }

  setShades(shades) {
    this.shades = shades;
  }

  setSheet(sheet) {
    this.sheet = sheet;
  }

  draw({ camera, points, ratio, shown, sizes, isMoving }) {
    const { context, order } = this;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, camera.width, camera.height);
    const step = isMoving && order.length > 2_000 ? 3 : 1;
    const reach = sizes.thumbnail / 2;
    const tiles = [];
    for (let i = 0; i < order.length; i += step) {
      const point = order[i];
      const [left, top] = camera.toScreen(...points.placeOf(point));
      if (left < -reach || top < -reach || left > camera.width + reach || top > camera.height + reach) continue;
      const hasRoom = detailOf(points.layout.room[point], camera.scale, sizes) > 0.5;
      if (hasRoom && shown && points.isBright(point)) tiles.push([point, left, top]);
      else this.drawDot(this.shades[points.colour[point]], left, top, sizes.dot * Math.sqrt(step));
    }
    for (const [point, left, top] of tiles) {
      const { picture, colour } = points.about(point);
      drawTile(context, this.sheet, picture, colour, left, top, sizes.thumbnail);
    }
  }

  drawDot([red, green, blue, opacity], left, top, size) {
    const { context } = this;
    context.fillStyle = `rgb(${red} ${green} ${blue} / ${(opacity / 255) * DOT_OPACITY})`;
    context.beginPath();
    context.arc(left, top, size / 2, 0, 2 * Math.PI);
    context.fill();
  }

  destroy() {}
}
