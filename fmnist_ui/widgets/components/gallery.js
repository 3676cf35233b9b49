// A gallery of small pictures. Streamlit calls the default export again whenever the data or the theme changes,
// so it only changes what differs from what stands there: no tile is rebuilt, no picture blinks.

const MARKS = {
  right: "M2 5.5 4.2 7.7 8.2 2.8",
  wrong: "M2.5 2.5 7.5 7.5 M7.5 2.5 2.5 7.5",
  accent: "M5 5 5 5",
};

const galleries = new WeakMap(); // shadow root -> the gallery that stands in it

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  let gallery = galleries.get(parentElement);
  if (!gallery || !parentElement.contains(gallery.root)) {
    gallery = newGallery(parentElement);
    galleries.set(parentElement, gallery);
  }
  gallery.pick = (value) => setTriggerValue("picked", value);
  show(gallery, data);
  return () => {
    // Streamlit also cleans up after a run that a newer one has overtaken; the gallery is then still on the page.
    setTimeout(() => {
      if (parentElement.isConnected || !galleries.delete(parentElement)) return;
      gallery.wanted = null;
      gallery.root.remove();
      gallery.sheetRule.remove();
    });
  };
}

function newGallery(parentElement) {
  const gallery = {
    root: element("div", "gallery"),
    sheetRule: document.createElement("style"),
    tiles: [], // {node, picture, mark, caption, detail, shown}
    wanted: null, // the newest data
    shown: null, // the data that is drawn
    current: 0, // the tile that the Tab key reaches, at first the selected one
    pick: null,
    picked: null, // the tile that was clicked, until it is the selected one
  };
  gallery.root.setAttribute("role", "group");
  gallery.root.onclick = (event) => onClick(gallery, event);
  gallery.root.onkeydown = (event) => onKey(gallery, event);
  gallery.root.addEventListener("focusin", (event) => setCurrent(gallery, indexOf(event.target)));
  parentElement.append(gallery.sheetRule, gallery.root);
  return gallery;
}

async function show(gallery, data) {
  gallery.wanted = data;
  if (gallery.shown && data.url !== gallery.shown.url) {
    // Decoded before it is used: otherwise every tile would be black for a moment.
    const image = new Image();
    image.src = data.url;
    await image.decode().catch(() => {});
    if (gallery.wanted !== data) return;
  }
  showSheet(gallery, data);
  const { root } = gallery;
  setAttribute(root, "aria-label", data.label);
  root.style.gridTemplateColumns = `repeat(auto-fill, minmax(min(100%, ${data.size + 12}px), 1fr))`;
  if (gallery.shown && gallery.shown.clickable !== data.clickable) shrink(gallery, 0);
  shrink(gallery, data.tiles.length);
  while (gallery.tiles.length < data.tiles.length) grow(gallery, data.clickable);
  gallery.tiles.forEach((tile, index) => showTile(tile, index, data));
  if (!gallery.shown) gallery.current = data.selected ?? 0;
  gallery.shown = data;
  if (gallery.picked !== null && gallery.picked === data.selected) {
    gallery.picked = null;
    requestAnimationFrame(showOpened);
  }
  setCurrent(gallery, Math.max(0, Math.min(gallery.current, data.tiles.length - 1)));
}

function showSheet(gallery, { url, columns, rows, side, pitch }) {
  // One rule for all tiles, so that the long address is read once.
  const size = `${(100 * columns * pitch) / side}% ${(100 * rows * pitch) / side}%`;
  const rule = `.picture { background-image: url("${url}"); background-size: ${size}; }`;
  if (gallery.sheetRule.textContent !== rule) gallery.sheetRule.textContent = rule;
}

function shrink(gallery, count) {
  const removed = gallery.tiles.splice(count);
  const hadFocus = removed.some((tile) => tile.node.matches(":focus"));
  for (const tile of removed) tile.node.remove();
  if (hadFocus && count > 0) gallery.tiles[count - 1].node.focus();
}

function grow(gallery, clickable) {
  const node = element(clickable ? "button" : "div", "tile");
  if (clickable) node.type = "button";
  else node.setAttribute("role", "img");
  const picture = element("span", "picture");
  const mark = element("span", "mark");
  const caption = element("span", "caption");
  const detail = element("span", "detail");
  mark.innerHTML = '<svg viewBox="0 0 10 10" aria-hidden="true"><path /></svg>';
  picture.append(mark);
  node.append(picture, caption, detail);
  node.dataset.index = gallery.tiles.length;
  gallery.root.append(node);
  gallery.tiles.push({ node, picture, mark, caption, detail });
}

function showTile(tile, index, data) {
  const { caption, detail, tone, label } = data.tiles[index];
  setText(tile.caption, caption);
  setText(tile.detail, detail);
  setAttribute(tile.node, "data-tone", tone);
  setAttribute(tile.node, "aria-label", label);
  setAttribute(tile.node, "title", label);
  setAttribute(tile.node, "aria-current", String(index === data.selected));
  tile.mark.hidden = tone === "neutral";
  setAttribute(tile.mark.querySelector("path"), "d", MARKS[tone] ?? "");
  const position = sheetPosition(index, data);
  if (tile.position !== position) tile.picture.style.backgroundPosition = tile.position = position;
}

function sheetPosition(index, { columns, rows, side, pitch }) {
  // CSS counts background positions in percent of (sheet - tile); the picture starts one pixel inside its place.
  const percent = (place, places) => (100 * (place * pitch + 1)) / (places * pitch - side);
  return `${percent(index % columns, columns)}% ${percent(Math.floor(index / columns), rows)}%`;
}

function onClick(gallery, event) {
  const index = indexOf(event.target);
  if (index < 0 || !gallery.shown.clickable) return;
  gallery.picked = index;
  gallery.pick({ index, id: gallery.shown.tiles[index].id });
}

// What is picked opens large elsewhere on the page, on a phone screens away: fmnist_ui calls that container "large" ….
function showOpened() {
  const opened = document.querySelector('[class*="st-key-large"]');
  if (!opened) return;
  const { top } = opened.getBoundingClientRect();
  if (top >= 0 && top < 0.6 * window.innerHeight) return;
  opened.style.scrollMarginTop = "4.5rem"; // the page's bar lies over what scrolls
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  opened.scrollIntoView({ behavior: still ? "auto" : "smooth" });
}

function onKey(gallery, event) {
  const index = indexOf(event.target);
  if (index < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
  const last = gallery.tiles.length - 1;
  const columns = columnCount(gallery);
  const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns, Home: -index, End: last - index };
  if (!(event.key in steps)) return;
  event.preventDefault();
  const next = index + steps[event.key];
  if (next >= 0 && next <= last) gallery.tiles[next].node.focus();
}

function columnCount(gallery) {
  const top = gallery.tiles[0].node.offsetTop;
  const below = gallery.tiles.findIndex((tile) => tile.node.offsetTop > top);
  return below < 0 ? gallery.tiles.length : below;
}

function setCurrent(gallery, index) {
  if (index < 0 || !gallery.tiles.length) return;
  gallery.current = index;
  if (gallery.tiles[0].node.tagName !== "BUTTON") return;
  gallery.tiles.forEach((tile, place) => setAttribute(tile.node, "tabindex", place === index ? "0" : "-1"));
}

function indexOf(target) {
  const node = target.closest(".tile");
  return node ? Number(node.dataset.index) : -1;
}

function element(tag, className) {
  const node = document.createElement(tag);
  node.className = className;
  return node;
}

function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function setAttribute(node, name, value) {
  if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}
