// A network's list of layers as the page holds it, and what is done to it. What a kind has and may be comes from Python.

let lastId = 0;

// kinds: by name, each with its fields' defaults. Every item has all fields of its kind; null: as its kind has it.
export function itemOf(layer, kinds) {
  const { kind, ...said } = layer;
  lastId += 1;
  return { id: lastId, kind, values: { ...kinds[kind].defaults, ...said } };
}

// As Python reads them: what is as usual is left out.
export function layersOf(items, kinds) {
  return items.map(({ kind, values }) => {
    const { defaults } = kinds[kind];
    const said = Object.entries(values).filter(([name, value]) => value !== defaults[name]);
    return { kind, ...Object.fromEntries(said) };
  });
}

export function inserted(items, place, item) {
  return [...items.slice(0, place), item, ...items.slice(place)];
}

export function removed(items, place) {
  return items.filter((_, other) => other !== place);
}

export function moved(items, from, to) {
  return inserted(removed(items, from), to, items[from]);
}

export function duplicated(items, place) {
  lastId += 1;
  return inserted(items, place + 1, { ...items[place], id: lastId, values: { ...items[place].values } });
}

export function changed(items, place, name, value) {
  return items.map((item, other) =>
    other === place ? { ...item, values: { ...item.values, [name]: value } } : item,
  );
}

// What Python proposes where a layer does not fit: {do: "insert" | "move" | "change" | "remove", place, layer, to}.
export function mended(items, fix, kinds) {
  if (fix.do === "insert") return inserted(items, fix.place, itemOf(fix.layer, kinds));
  if (fix.do === "move") return moved(items, fix.place, fix.to);
  if (fix.do === "remove") return removed(items, fix.place);
  const item = { ...itemOf(fix.layer, kinds), id: items[fix.place].id };
  return items.map((other, place) => (place === fix.place ? item : other));
}

// The number that a field's text says, null where it may be left empty and is, undefined where it is none that fits.
export function numberOf(text, { low, high, whole, below, optional }) {
  const written = text.trim().replace(",", ".");
  if (written === "") return optional ? null : undefined;
  if (!(whole ? /^\d{1,9}$/ : /^\d{0,4}(\.\d{0,6})?$/).test(written) || written === ".") return undefined;
  const value = Number(written);
  return value < low || value > high || (below && value === high) ? undefined : value;
}

// The next number that one is likely to want: of what is counted the next power of two, of a side one pixel more.
export function stepped(value, up, { low, high, whole, doubles, step, below }) {
  const from = value ?? low;
  let next = from + (up ? step : -step);
  if (doubles) next = 2 ** (up ? Math.floor(Math.log2(from)) + 1 : Math.ceil(Math.log2(from)) - 1);
  const most = below ? high - step : high;
  const kept = Math.min(most, Math.max(low, next));
  return whole ? Math.round(kept) : Number(kept.toFixed(4));
}
