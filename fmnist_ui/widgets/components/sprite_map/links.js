// Maps of one page that point at the same picture together, and look at the same place if they are told to.

const groups = new Map(); // name of a link -> the maps in it

export function joinLink(map, name) {
  if (map.link === name) return;
  leaveLink(map);
  map.link = name;
  if (name === null) return;
  if (!groups.has(name)) groups.set(name, new Set());
  groups.get(name).add(map);
}

export function leaveLink(map) {
  groups.get(map.link)?.delete(map);
  if (groups.get(map.link)?.size === 0) groups.delete(map.link);
  map.link = null;
}

const othersOf = (map) => [...(groups.get(map.link) ?? [])].filter((other) => other !== map);

// picture: null for none.
export function tellPointed(map, picture) {
  for (const other of othersOf(map)) other.showLinked(picture);
}

// Flat maps only: what is left and right means nothing from one cloud to another.
export function tellCamera(map) {
  if (!map.followsLink || !map.camera.isFlat) return;
  for (const other of othersOf(map)) if (other.followsLink && other.camera.isFlat) other.followCamera(map.camera);
}
