// The answer: a bar a class that follows whatever is changed, beside what the network said with nothing switched off.

import { percent, softmax } from "./numbers.js";
import { button, element, setText } from "./parts.js";

export function buildAnswer(view) {
  const root = element("aside", "answer");
  root.setAttribute("aria-label", "The network's answer");
  const title = element("p", "verdict");
  const list = element("div", "shares");
  const off = element("div", "off-list");
  const note = element("p", "note");
  const how = element("p", "note", "softmax, not calibrated");
  root.append(title, list, note, how, off);
  view.answer = { root, title, list, note, how, off, rows: [], known: "" };
}

function buildRows(view) {
  const { answer, network } = view;
  answer.rows = network.classes.map((name, place) => {
    const row = button("share", "", () => view.chooseAnswer(place));
    const label = element("span", "class-name", name);
    const track = element("span", "track");
    const bar = element("i", "bar");
    const ghost = element("i", "ghost");
    bar.style.setProperty("--colour", network.colours[place % network.colours.length]);
    track.append(bar, ghost);
    const figure = element("span", "figure");
    row.append(label, track, figure);
    return { row, bar, ghost, figure };
  });
  answer.list.replaceChildren(...answer.rows.map((one) => one.row));
}

export function drawAnswer(view) {
  const { answer, network, values, label } = view;
  const known = `${network.version} ${network.classes.join()}`;
  if (answer.known !== known) buildRows(view);
  answer.known = known;
  answer.how.title = network.softmax;
  answer.root.dataset.of = values.version;
  const now = softmax(values.logits).shares;
  const before = softmax(values.base).shares;
  const changed = Object.keys(view.off).length > 0;
  const other = view.against ? softmax(view.against.logits).shares : null;
  const best = now.indexOf(Math.max(...now));
  const order = [...now.keys()].sort((one, two) => now[two] - now[one]);
  answer.rows.forEach(({ row, bar, ghost, figure }, place) => {
    bar.style.width = `${100 * now[place]}%`;
    const beside = other ?? (changed ? before : null);
    ghost.hidden = !beside;
    if (beside) ghost.style.left = `${100 * beside[place]}%`;
    setText(figure, percent(now[place]));
    row.dataset.best = String(place === best);
    row.dataset.label = String(place === label);
    row.dataset.rank = order.indexOf(place);
    row.dataset.chosen = String(view.softmax === place);
    const was = beside ? `, ${other ? "of the other picture" : "before"} ${percent(beside[place])}` : "";
    const own = place === label ? ", its label" : "";
    row.setAttribute("aria-label", `${network.classes[place]} ${percent(now[place])}${was}${own}`);
    row.title = "Work out this probability";
  });
  drawVerdict(view, best, now, before, changed);
  const note = view.against ? "the other picture" : "with nothing switched off";
  answer.note.hidden = !view.against && !changed;
  setText(answer.note, `▏ ${note}`);
  drawOff(view);
}

function drawVerdict(view, best, now, before, changed) {
  const { answer, network, label } = view;
  const first = before.indexOf(Math.max(...before));
  const words = element("strong", "", network.classes[best]);
  const said = [];
  if (label !== null) said.push(best === label ? "right" : `its label: ${network.classes[label]}`);
  if (changed && first !== best) said.push(`was ${network.classes[first]}`);
  answer.title.replaceChildren(words, element("span", "judged", said.join(" · ")));
  answer.title.dataset.tone = label === null ? "" : best === label ? "right" : "wrong";
}

function drawOff(view) {
  const { answer, off } = view;
  const names = Object.keys(off);
  answer.off.replaceChildren();
  if (!names.length) return;
  answer.off.append(element("p", "off-title", "Switched off"));
  for (const name of names) {
    const layer = view.network.byName.get(name);
    const whole = off[name].length === layer.channels;
    const which = whole ? "all" : off[name].length > 6 ? `${off[name].length} channels` : off[name].join(", ");
    const chip = button("chip", `${name}: ${which} ×`, () => view.switchTo({ ...off, [name]: [] }));
    chip.setAttribute("aria-label", `Switch ${name} ${which} on again`);
    answer.off.append(chip);
  }
  answer.off.append(button("all-on", "Switch all on", () => view.switchTo({})));
  const effect = element("p", "effect", view.effect ?? "Asking 1,000 test pictures …");
  effect.setAttribute("aria-live", "polite");
  answer.off.append(effect);
}
