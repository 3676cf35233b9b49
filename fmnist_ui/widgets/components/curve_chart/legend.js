// The legend: a button for each curve, and for each run where there are several. A press hides it or shows it again.
import { element, newSwatch, pool, setAttributes, setText, showSwatch } from "./parts.js";

export class Legend {
  constructor(onToggle) {
    this.root = element("div", "legend");
    setAttributes(this.root, { role: "group", "aria-label": "Curves shown" });
    this.buttons = [];
    this.onToggle = onToggle;
  }

  show({ series, several }, hidden) {
    pool(this.root, this.buttons, entriesOf(series, several), () => this.newButton(), (button, entry) => {
      button.dataset.entry = entry.id;
      setAttributes(button, { "aria-pressed": String(!hidden.has(entry.id)), title: entry.name });
      showSwatch(button.firstChild, entry.colour, entry.dash);
      setText(button.lastChild, entry.name);
    });
  }

  newButton() {
    const button = element("button", "entry", newSwatch(), element("span", "entry-name"));
    button.type = "button";
    button.onclick = () => this.onToggle(button.dataset.entry);
    return button;
  }
}

// {id, name, colour, dash}: first the runs, if there are several, then the curves.
function entriesOf(series, several) {
  const entries = new Map();
  if (several) {
    for (const { run, colour } of series) {
      entries.set(idOf("run", run), { id: idOf("run", run), name: run, colour, dash: "" });
    }
  }
  for (const { curve, colour, dash } of series) {
    const id = idOf("curve", curve);
    if (!entries.has(id)) entries.set(id, { id, name: curve, colour: several ? null : colour, dash });
  }
  return [...entries.values()];
}

export function isShown({ run, curve }, several, hidden) {
  return !hidden.has(idOf("curve", curve)) && !(several && hidden.has(idOf("run", run)));
}

function idOf(kind, name) {
  return `${kind}:${name}`;
}
