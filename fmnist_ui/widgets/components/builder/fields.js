// The controls of a layer's fields. Each says a value as soon as it is one; what is none stays as it was typed.
import { numberOf, stepped } from "./layers.js";
import { element, icon, setAttributes } from "./parts.js";

// spec: a field as Python describes it. onValue(value, typed): it has another one; onSettle: typing is over;
// onWrong: what is typed is no value, or is one again.
export function newField(spec, label, told) {
  if (spec.choices) return choiceField(spec, label, told);
  return spec.switch ? switchField(spec, label, told) : numberField(spec, label, told);
}

function frame(spec, kind, ...children) {
  const node = element("span", `field ${kind}`, ...children);
  node.title = spec.help;
  return node;
}

function choiceField(spec, label, { onValue }) {
  const select = element("select", "choice");
  for (const choice of spec.choices) select.append(new Option(spec.words[choice] ?? choice, choice));
  select.onchange = () => onValue(select.value, false);
  setAttributes(select, { "aria-label": label });
  const set = (value) => {
    select.value = value ?? spec.choices[0];
  };
  return { node: frame(spec, "of-choice", select), set, input: select };
}

function switchField(spec, label, { onValue }) {
  const box = element("input", "switch");
  box.type = "checkbox";
  box.onchange = () => onValue(box.checked, false);
  setAttributes(box, { "aria-label": label });
  const node = frame(spec, "of-switch", element("label", "switch-label", box, element("span", "", spec.word)));
  return { node, set: (value) => (box.checked = value), input: box };
}

function numberField(spec, label, { onValue, onSettle, onWrong }) {
  const input = element("input", "number");
  setAttributes(input, { type: "text", inputmode: spec.whole ? "numeric" : "decimal", role: "spinbutton" });
  setAttributes(input, { "aria-label": label, "aria-valuemin": spec.low, "aria-valuemax": spec.high });
  setAttributes(input, { autocomplete: "off", spellcheck: "false" });
  input.style.setProperty("--digits", String(spec.whole ? String(spec.high).length : 4));
  let value = null;
  const show = (wrong) => {
    setAttributes(input, { "aria-invalid": wrong ? "true" : null, "aria-valuenow": value });
    onWrong(wrong);
  };
  const take = (next, typed) => {
    value = next;
    show(false);
    onValue(next, typed);
  };
  const step = (up) => {
    const next = stepped(numberOf(input.value, spec) ?? value, up, spec);
    input.value = String(next);
    if (next !== value) take(next, false);
    else show(false);
  };
  input.oninput = () => {
    const next = numberOf(input.value, spec);
    if (next === undefined) show(true);
    else if (next !== value) take(next, true);
    else show(false);
  };
  input.onchange = onSettle;
  input.onkeydown = (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    step(event.key === "ArrowUp");
  };
  const node = frame(spec, "of-number", input, steps(step), element("span", "word", spec.word));
  // What is being typed is not put in order under the finger: "" or "0." is on its way to a number.
  const set = (next) => {
    if (next === value && input.value !== "") return;
    if (next === value && input.matches(":focus")) return;
    value = next;
    input.value = next === null ? "" : String(next);
    show(false);
  };
  return { node, set, input };
}

// For who has no arrow keys; those have the keyboard's.
function steps(step) {
  const node = element("span", "steps");
  for (const [name, up] of [["up", true], ["down", false]]) {
    const button = element("button", "step", icon(name));
    setAttributes(button, { type: "button", tabindex: "-1", "aria-hidden": "true" });
    button.onclick = () => step(up);
    node.append(button);
  }
  return node;
}
