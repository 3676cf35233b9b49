// The parts of the map that are plain elements: the card beside the pointer and the legend.
import { tileRectangle } from "./tile.js";

const CARD_PICTURE = 112; // CSS pixels: four times the picture's 28
const MARGIN = 4; // between the card and the edge of the map

export function element(tag, className, ...children) {
  const made = document.createElement(tag);
  made.className = className;
  made.append(...children);
  return made;
}

export class Card {
  constructor(root) {
    this.root = root;
    this.picture = element("canvas", "card-picture");
    this.title = element("div", "card-title");
    this.verdict = element("div", "card-verdict");
    this.bar = element("div", "card-bar", element("div", ""));
    this.percent = element("span", "card-percent");
    this.confidence = element("div", "card-confidence", this.bar, this.percent);
    this.number = element("div", "card-number");
    const words = element("div", "card-words", this.title, this.verdict, this.confidence, this.number);
    root.replaceChildren(this.picture, words);
    this.picture.width = CARD_PICTURE * 2;
    this.picture.height = CARD_PICTURE * 2;
  }

  // about: what Points.about tells, and sheet (null: not loaded).
  show(about) {
    this.root.style.setProperty("--class-colour", `rgb(${about.colour.join(" ")})`);
    this.title.textContent = about.name;
    this.root.classList.toggle("right", about.isRight);
    this.verdict.hidden = about.predictedName === null;
    this.verdict.textContent = this.verdict.hidden ? "" : verdictOf(about);
    this.confidence.hidden = about.confidence === null;
    this.percent.textContent = this.confidence.hidden ? "" : percentOf(about);
    this.bar.firstChild.style.width = `${100 * (about.confidence ?? 0)}%`;
    this.number.textContent = about.number.join(" ");
    this.drawPicture(about);
    this.root.classList.add("shown");
  }

  drawPicture({ sheet, picture, hasTile }) {
    this.picture.hidden = !sheet || !hasTile;
    if (this.picture.hidden) return;
    const context = this.picture.getContext("2d");
    context.imageSmoothingEnabled = false;
    context.drawImage(sheet.image, ...tileRectangle(sheet, picture), 0, 0, 2 * CARD_PICTURE, 2 * CARD_PICTURE);
  }

  // To the right of (left, top) and below it, by `distance`, or on the other side where there is no room.
  place(left, top, bounds, distance) {
    const { offsetWidth: width, offsetHeight: height } = this.root;
    const beside = (at, size, limit) => {
      const wanted = at + distance + size > limit - MARGIN ? at - distance - size : at + distance;
      return Math.max(MARGIN, Math.min(limit - MARGIN - size, wanted));
    };
    const [x, y] = [beside(left, width, bounds.width), beside(top, height, bounds.height)];
    this.root.style.transform = `translate(${x}px, ${y}px)`;
  }

  hide() {
    this.root.classList.remove("shown");
  }
}

const verdictOf = ({ predictedName, isRight }) => (isRight ? "Recognised" : `Called ${predictedName}`);

const percentOf = ({ confidence }) => `${Math.round(100 * confidence)} %`;

// One sentence for a reader who cannot see the card.
export function sentenceOf(about) {
  const verdict = about.predictedName === null ? "" : `. ${verdictOf(about)}`;
  const certain = about.confidence === null ? "" : `, ${percentOf(about)} certain`;
  return `${about.name}${verdict}${certain}.`;
}

export class Legend {
  constructor(root, onToggle) {
    this.root = root;
    this.onToggle = onToggle;
    this.shown = "";
  }

  // Rebuilds the buttons only when the texts or colours are new, so that focus stays where it is.
  show(texts, palette, dimmed) {
    const content = JSON.stringify([texts, palette]);
    if (content !== this.shown) {
      this.shown = content;
      this.root.replaceChildren(...texts.map((text, i) => this.makeButton(text, palette[i], i)));
    }
    [...this.root.children].forEach((button, i) => {
      button.setAttribute("aria-pressed", String(!dimmed.has(i)));
    });
  }

  makeButton(text, colour, index) {
    const swatch = element("span", "swatch");
    swatch.style.background = `rgb(${colour.join(" ")})`;
    const button = element("button", "legend-entry", swatch, element("span", "legend-text", text));
    button.type = "button";
    button.onclick = () => this.onToggle(index);
    return button;
  }
}
