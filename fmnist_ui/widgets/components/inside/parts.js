// Elements, and what is asked of the page they stand in.

export function element(tag, className = "", text = "") {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text) node.textContent = text;
  return node;
}

export function button(className, text, click, title = "") {
  const node = element("button", className, text);
  node.type = "button";
  node.onclick = click;
  if (title) node.title = title;
  return node;
}

export function shape(tag, attributes = {}, text = "") {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  if (text) node.textContent = text;
  return node;
}

export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

// Whether the app is dark now: by the background that Streamlit tells its components.
export function isDark(root) {
  const brush = document.createElement("canvas").getContext("2d");
  brush.fillStyle = getComputedStyle(root).getPropertyValue("--st-background-color").trim() || "#ffffff";
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(brush.fillStyle.slice(at, at + 2), 16));
  return 0.299 * red + 0.587 * green + 0.114 * blue < 110;
}

export function colourOf(root, name) {
  return getComputedStyle(root).getPropertyValue(`--st-${name}`).trim();
}

// A canvas that is sharp on this screen, and its brush in CSS pixels.
export function sizeCanvas(canvas, width, height) {
  const sharp = Math.max(1, Math.min(3, window.devicePixelRatio || 1));
  canvas.width = Math.round(width * sharp);
  canvas.height = Math.round(height * sharp);
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const brush = canvas.getContext("2d");
  brush.setTransform(sharp, 0, 0, sharp, 0, 0);
  brush.imageSmoothingEnabled = false;
  brush.clearRect(0, 0, width, height);
  return brush;
}

// Where in an element the pointer is, in its own CSS pixels: where the app is presented, all is drawn larger.
export function pointIn(node, event) {
  const box = node.getBoundingClientRect();
  const scale = node.offsetWidth / (box.width || 1);
  return [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
}

// Lines from the lower left to the upper right over what is not there.
export function hatch(brush, x, y, width, height, colour, apart = 5) {
  brush.save();
  brush.beginPath();
  brush.rect(x, y, width, height);
  brush.clip();
  brush.strokeStyle = colour;
  brush.lineWidth = 1;
  brush.beginPath();
  for (let at = -height; at < width; at += apart) {
    brush.moveTo(x + at, y + height);
    brush.lineTo(x + at + height, y);
  }
  brush.stroke();
  brush.restore();
}
