// What stands above the list: the network's name, what to start from, the way back, the file and the link.
import { element, iconButton, setAttributes } from "./parts.js";

const LARGEST_FILE = 100_000; // characters; a network of sixty layers has some 8,000

export class Head {
  // does: what these tools do, by name; see builder.js.
  constructor(does) {
    this.title = element("input", "title");
    setAttributes(this.title, { type: "text", autocomplete: "off", spellcheck: "false", "aria-label": "Name of the network" });
    this.title.placeholder = "Name of the network";
    this.title.oninput = () => does.title(this.title.value);
    this.title.onchange = () => does.settle();
    this.wrong = element("p", "title-problem");
    this.start = element("select", "choice start");
    this.start.setAttribute("aria-label", "Start from");
    this.start.onchange = () => {
      if (this.start.value) does.start(this.start.value);
      this.start.value = "";
    };
    this.undo = iconButton("undo", "Undo", () => does.undo());
    this.redo = iconButton("redo", "Redo", () => does.redo());
    this.undo.title = "Undo (Ctrl+Z)";
    this.redo.title = "Redo (Ctrl+Shift+Z)";
    this.save = iconButton("save", "Save", () => save(does), true);
    this.save.title = "Save as a file";
    this.file = element("input");
    setAttributes(this.file, { type: "file", accept: ".json,application/json", hidden: "", "aria-label": "File of a network" });
    this.file.onchange = () => this.read(does);
    this.open = iconButton("open", "Open", () => this.file.click(), true);
    this.open.title = "Open a file";
    this.link = iconButton("link", "Copy link", () => copyLink(does), true);
    const named = element("span", "named", this.title, this.wrong);
    const tools = element("span", "tools", this.undo, this.redo, this.save, this.open, this.file, this.link);
    this.node = element("div", "head", named, this.start, tools);
    this.told = "";
  }

  async read(does) {
    const [file] = this.file.files;
    this.file.value = "";
    if (!file) return;
    // A file that is too large to be a network is not read: Python says so of one that is nearly as large.
    does.opened((await file.slice(0, LARGEST_FILE + 1).text()).slice(0, LARGEST_FILE + 1));
  }

  show(data, { title, before, after }) {
    setAttributes(this.title, { maxlength: data.longest, "aria-invalid": data.title_problem ? "true" : null });
    if (this.title.value !== title) this.title.value = title;
    this.wrong.textContent = data.title_problem;
    this.wrong.hidden = !data.title_problem;
    this.undo.disabled = !before;
    this.redo.disabled = !after;
    const told = JSON.stringify(data.starts);
    if (told === this.told) return;
    this.told = told;
    const groups = data.starts.map(({ word, options }) => {
      const group = element("optgroup");
      group.label = word;
      group.append(...options.map(({ value, word: name }) => new Option(name, value)));
      return group;
    });
    this.start.replaceChildren(new Option("Start from …", ""), ...groups);
  }
}

function save(does) {
  const { name, text } = does.file();
  const link = element("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  does.say(`Saved as ${name}`);
}

// Only pages that came over a safe line may write to the clipboard.
async function copyLink(does) {
  if (!does.isLinked()) {
    does.say("The address does not hold this network yet: it needs a name and a layer, or it is too long. Save it as a file.");
    return;
  }
  try {
    await navigator.clipboard.writeText(location.href);
    does.say("The link is copied: whoever opens it sees this network");
  } catch {
    does.say("Copy the link from the browser's address bar: it holds this network");
  }
}

// "My CNN 2" -> "my-cnn-2.network.json"
export function fileName(title) {
  const plain = title.toLowerCase().normalize("NFKD").replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "");
  return `${plain || "network"}.network.json`;
}
