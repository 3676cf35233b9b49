// What can be added: each kind with its sentence, in groups.
import { capital, element, setAttributes, setText } from "./parts.js";

const FAR = 6; // pixels that a mouse moves before it drags

export class Palette {
  // does: {add(kind), carry(kind, event)}: a click, and a drag with a mouse or a pen.
  constructor(does) {
    this.does = does;
    this.where = element("span", "where");
    this.summary = element("summary", "palette-head", element("span", "palette-title", "Add a layer"), this.where);
    this.groups = element("div", "groups");
    this.node = element("details", "palette", this.summary, this.groups);
    this.told = "";
  }

  show(kinds, groups, full) {
    const told = JSON.stringify([groups, full]);
    if (told === this.told) return;
    this.told = told;
    this.groups.replaceChildren(
      ...groups.map(({ word, kinds: names }) =>
        element("div", "group", element("h4", "", word), ...names.map((name) => this.newKind(name, kinds[name], full))),
      ),
    );
  }

  newKind(name, { word, does, family }, full) {
    const button = element("button", "kind", element("strong", "", capital(word)), element("span", "does", does));
    setAttributes(button, { type: "button", "data-family": family, "data-kind": name });
    button.disabled = full;
    let dragged = false;
    button.onclick = () => {
      if (!dragged) this.does.add(name);
    };
    button.onpointerdown = (event) => {
      dragged = false;
      if (event.pointerType === "touch" || event.button !== 0 || full) return; // a finger there scrolls the page
      const far = (other) => Math.hypot(other.clientX - event.clientX, other.clientY - event.clientY) > FAR;
      const watch = (other) => {
        if (!far(other)) return;
        stop();
        dragged = true;
        this.does.carry(name, other);
      };
      const stop = () => {
        window.removeEventListener("pointermove", watch);
        window.removeEventListener("pointerup", stop);
      };
      window.addEventListener("pointermove", watch);
      window.addEventListener("pointerup", stop);
    };
    return button;
  }

  // Where what is added comes.
  aim(words) {
    setText(this.where, words);
  }
}
