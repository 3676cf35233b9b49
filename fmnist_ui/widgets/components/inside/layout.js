// Where the columns of a network stand: how large a channel is drawn, how many are seen, how far columns are apart.

export const GAP = 3; // CSS pixels between two channels
const LEAST = 30;
const MOST = 46;
const NARROW = 18; // of a column of bars in a deep network
const WIDEST = 150; // of one in a network of few layers
const MORE = 3; // columns of channels that a layer may have beside its first
const APART = [16, 72]; // between two columns, least and most
const SEEN = 16; // channels of a closed column, at most

// columns: [{like: "picture" or "bars", thin, channels}]; width and height: of the room, CSS pixels.
// Returns {thumb, rows, apart, bars, across: [of each column]}.
export function arrange(columns, width, height) {
  const pictures = columns.filter((one) => one.like === "picture").length;
  const others = columns.length - pictures;
  let thumb = Math.floor((width - others * NARROW - columns.length * APART[0]) / Math.max(1, pictures));
  thumb = Math.max(LEAST, Math.min(MOST, thumb));
  const rows = Math.max(4, Math.min(SEEN, Math.floor((height + GAP) / (thumb + GAP))));
  let left = width - pictures * thumb - others * NARROW - columns.length * APART[0];
  const wide = columns.filter((one) => one.like === "picture" && one.channels > rows).length;
  const more = wide ? Math.max(0, Math.min(MORE, Math.floor((0.7 * left) / (wide * (thumb + GAP))))) : 0;
  left -= more * wide * (thumb + GAP);
  const growing = others ? Math.max(0, Math.min(WIDEST - NARROW, Math.floor(left / (2 * others)))) : 0;
  const bars = NARROW + growing;
  left -= growing * others;
  const apart = APART[0] + Math.max(0, Math.min(APART[1] - APART[0], Math.floor(left / columns.length)));
  const across = columns.map((one) => {
    if (one.like !== "picture") return 1;
    return Math.min(1 + more, Math.ceil(one.channels / rows));
  });
  return { thumb, rows, apart, bars, across };
}

// Which channels a closed column shows, in order: those that lead, then the first ones; the selected one is among them.
export function shownChannels(channels, room, selected = null, leading = []) {
  const first = leading.slice(0, room);
  for (let channel = 0; channel < channels && first.length < room; channel += 1) {
    if (!first.includes(channel)) first.push(channel);
  }
  if (!leading.length) first.sort((one, other) => one - other);
  if (selected !== null && !first.includes(selected)) first[first.length - 1] = selected;
  return first;
}

// The square root of the number of channels, leaning to the wide side, as an open column is looked at.
export function openAcross(channels, rows) {
  return Math.max(Math.ceil(channels / rows), Math.min(8, channels));
}

// Where the nth channel of a column is drawn, and the other way round; size: [width, height] of one, CSS pixels.
export function placeOf(number, across, [width, height]) {
  return [(number % across) * (width + GAP), Math.floor(number / across) * (height + GAP)];
}

export function numberAt(x, y, across, [width, height], count) {
  const [column, row] = [Math.floor(x / (width + GAP)), Math.floor(y / (height + GAP))];
  const number = row * across + column;
  const inside = column >= 0 && column < across && row >= 0 && number < count;
  return inside ? number : null;
}

// The pixel of a channel of that many rows and columns, drawn that large, at a point within it.
export function pixelAt(x, y, size, rows, columns) {
  const at = (where, count) => Math.max(0, Math.min(count - 1, Math.floor((where / size) * count)));
  return [at(y, rows), at(x, columns)];
}
