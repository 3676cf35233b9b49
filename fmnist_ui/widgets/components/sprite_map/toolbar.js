// The buttons over the map.
import { saveView } from "./snapshot.js";

export function connectToolbar(map) {
  const actions = {
    "zoom-in": () => map.visitor.zoomCentre(2),
    "zoom-out": () => map.visitor.zoomCentre(0.5),
    whole: () => map.visitor.resetView(),
    names: () => map.switchView("labelsShown"),
    texts: () => map.switchView("asText"),
    lasso: () => map.chooseTool(map.lasso.tool === "lasso" ? null : "lasso"),
    box: () => map.chooseTool(map.lasso.tool === "box" ? null : "box"),
    save: () => saveView(map),
  };
  for (const [name, action] of Object.entries(actions)) map.part(name).onclick = action;
  map.part("toolbar").onkeydown = (event) => {
    if (event.key === "Escape") map.visitor.escape();
  };
}

// Which switches are on, and what a drag does now.
export function showToolbar(map) {
  const pressed = { names: map.labelsShown, texts: map.asText, lasso: map.lasso.tool === "lasso", box: map.lasso.tool === "box" };
  for (const [name, isOn] of Object.entries(pressed)) map.part(name).setAttribute("aria-pressed", String(isOn));
  map.part("selecting").hidden = !map.canSelect;
  map.canvas.classList.toggle("drawing", map.lasso.tool !== null);
  map.part("hint").replaceChildren(...hints(map).map(([device, text]) => {
    const words = document.createElement("span");
    words.className = device;
    words.textContent = text;
    return words;
  }));
}

function hints({ camera, canSelect, lasso }) {
  if (lasso.tool) return [["for-mouse", "Draw around pictures; Escape ends"], ["for-touch", "Draw around pictures"]];
  const select = canSelect ? ", shift-drag to select" : "";
  const drag = camera.isSolid ? "drag to turn" : "drag to move";
  return [["for-mouse", `Scroll to zoom, ${drag}${select}`], ["for-touch", `Pinch to zoom, ${drag}, tap a picture`]];
}

export function helpOf({ camera, canSelect, player }) {
  const parts = [
    camera.isSolid ? "Arrow keys turn" : "Arrow keys move",
    "plus and minus zoom",
    "0 shows all",
    "N and P step through the neighbours",
    "Enter selects",
    player.root.hidden ? "" : "space plays",
    canSelect ? "shift and drag selects many" : "",
  ];
  return `${parts.filter(Boolean).join(", ")}.`;
}
