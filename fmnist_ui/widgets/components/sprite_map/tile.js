// What a thumbnail looks like, the same for every way of drawing it: a rounded tile in the darkened class colour with
// the garment laid over it by "screen" and an edge in the class colour.

export const PICTURE_PART = 28 / 32; // of the tile's side: 28 pixels in a tile of 32 are drawn one to one
export const CORNER_PART = 0.16; // radius, of the tile's side
export const EDGE_PART = 0.045; // width, of the tile's side
export const GROUND_LIGHT = 0.44; // of the class colour, so that a white garment stands out from every colour
export const DOT_OPACITY = 0.85;
export const DIM_OPACITY = 0.3; // of a class that the legend has switched off, and of what others stand out from
export const DIM_COLOUR = 0.35; // how much of its colour such a point keeps: a thousand over each other stay pale

export function parseColour(hex) {
  const number = Number.parseInt(hex.slice(1), 16);
  return [number >> 16, (number >> 8) & 255, number & 255];
}

export const groundOf = (colour) => `rgb(${colour.map((part) => Math.round(part * GROUND_LIGHT)).join(" ")})`;

// The rectangle of one picture within the sheet: left, top, width, height.
export function tileRectangle(sheet, picture) {
  const { side, columns } = sheet;
  return [(picture % columns) * side, Math.floor(picture / columns) * side, side, side];
}

// Draws one thumbnail around (left, top) on a 2D canvas.
export function drawTile(context, sheet, picture, colour, left, top, size) {
  const edge = Math.max(1, size * EDGE_PART);
  const inner = size * PICTURE_PART;
  context.fillStyle = groundOf(colour);
  context.beginPath();
  context.roundRect(left - size / 2, top - size / 2, size, size, size * CORNER_PART);
  context.fill();
  context.globalCompositeOperation = "screen";
  context.imageSmoothingEnabled = inner < sheet.side;
  context.drawImage(sheet.image, ...tileRectangle(sheet, picture), left - inner / 2, top - inner / 2, inner, inner);
  context.globalCompositeOperation = "source-over";
  context.strokeStyle = `rgb(${colour.join(" ")})`;
  context.lineWidth = edge;
  context.beginPath();
  context.roundRect(left - (size - edge) / 2, top - (size - edge) / 2, size - edge, size - edge, size * CORNER_PART);
  context.stroke();
}
