// The colours and the font of the app, by day and by night.

export function readTheme(root) {
  const style = getComputedStyle(root);
  const read = (name) => style.getPropertyValue(`--st-${name}`).trim();
  const background = read("background-color");
  return {
    background,
    backgroundColour: partsOf(background),
    text: read("text-color"),
    accent: read("primary-color"),
    font: read("font") || "sans-serif",
  };
}

// [red, green, blue] of any colour that the browser knows.
function partsOf(colour) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.fillStyle = colour;
  context.fillRect(0, 0, 1, 1);
  return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
}
