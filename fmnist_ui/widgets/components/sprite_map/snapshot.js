// The view as a picture file, as it is seen: points, rings and names on the background of the page.

export function saveView(map) {
  // A WebGL canvas can be read only in the task in which it was drawn.
  map.screen.isStale = true;
  map.draw(performance.now());
  const canvas = document.createElement("canvas");
  canvas.width = map.canvas.width;
  canvas.height = map.canvas.height;
  const context = canvas.getContext("2d");
  context.fillStyle = map.theme.background;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(map.screen.pointsCanvas, 0, 0);
  context.drawImage(map.canvas, 0, 0);
  canvas.toBlob((blob) => offer(blob, "map.png"), "image/png");
}

function offer(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
