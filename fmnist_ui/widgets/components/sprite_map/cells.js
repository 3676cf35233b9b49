// Points in the cells of the world, to find the near ones without looking at all of them.

// The coarsest and finest distance at which points are told apart, in world units; a map is 2 units across.
const FARTHEST = 1;
const NEAREST = { flat: 1 / 8192, solid: 1 / 1024 };
const MOST_CELLS_ACROSS = { flat: 512, solid: 64 };

// One linked list a cell. z: null where the world is flat.
export class CellLists {
  constructor(x, y, z, side) {
    this.x = x;
    this.y = y;
    this.z = z;
    this.side = side;
    this.first = new Int32Array(side * side * (z ? side : 1)).fill(-1);
    this.next = new Int32Array(x.length);
  }

  column(value) {
    return Math.max(0, Math.min(this.side - 1, Math.floor(((value + 1) / 2) * this.side)));
  }

  add(point) {
    const layer = this.z ? this.column(this.z[point]) : 0;
    const cell = (layer * this.side + this.column(this.y[point])) * this.side + this.column(this.x[point]);
    this.next[point] = this.first[cell];
    this.first[cell] = point;
  }

  // Calls visit(point) for each point of the cells that touch the box of half side `radius` around (x, y, z), until
  // one of them answers true.
  near(x, y, z, radius, visit) {
    const [left, right] = [this.column(x - radius), this.column(x + radius)];
    const [bottom, top] = [this.column(y - radius), this.column(y + radius)];
    const [back, front] = this.z ? [this.column(z - radius), this.column(z + radius)] : [0, 0];
    for (let layer = back; layer <= front; layer += 1) {
      for (let row = bottom; row <= top; row += 1) {
        for (let column = left; column <= right; column += 1) {
          const cell = (layer * this.side + row) * this.side + column;
          for (let point = this.first[cell]; point >= 0; point = this.next[point]) if (visit(point)) return;
        }
      }
    }
  }

  // The distance (the largest of |dx|, |dy|, |dz|) of a point to the nearest one here, at most `most`; below
  // `enough` any distance that was found.
  distanceToNearest(point, most, enough) {
    const [x, y, z] = [this.x[point], this.y[point], this.z ? this.z[point] : 0];
    let nearest = most;
    this.near(x, y, z, most, (other) => {
      const flat = Math.max(Math.abs(this.x[other] - x), Math.abs(this.y[other] - y));
      nearest = Math.min(nearest, this.z ? Math.max(flat, Math.abs(this.z[other] - z)) : flat);
      return nearest < enough;
    });
    return nearest;
  }
}

// For each point the distance to its nearest elder; 0 for those of which keep(point) is false. Points become elders
// in rounds, each with a smaller distance that a new elder must keep to all others. The points that have more room
// than a thumbnail is wide are therefore spread evenly over the map at every zoom, and zooming in only ever adds some.
export function roomAround(x, y, z, keep) {
  const kind = z ? "solid" : "flat";
  const room = new Float32Array(x.length);
  const elders = [];
  let waiting = Array.from(x.keys()).filter(keep);
  for (let distance = FARTHEST; waiting.length && distance >= NEAREST[kind]; distance *= Math.SQRT1_2) {
    const cells = new CellLists(x, y, z, Math.min(MOST_CELLS_ACROSS[kind], Math.floor(2 / distance)));
    for (const elder of elders) cells.add(elder);
    waiting = waiting.filter((point) => {
      const found = cells.distanceToNearest(point, distance * Math.SQRT2, distance);
      if (found < distance) return true;
      room[point] = found;
      cells.add(point);
      elders.push(point);
      return false;
    });
  }
  return room;
}

// Of a flat layout.
export function makeGrid({ x, y }) {
  const grid = new CellLists(x, y, null, Math.max(1, Math.min(256, Math.round(Math.sqrt(x.length / 2)))));
  for (let point = x.length - 1; point >= 0; point -= 1) grid.add(point);
  return grid;
}

// The `count` points nearest to a place for which keep(point) holds, nearest first.
export function nearestPoints({ x, y, z }, [atX, atY, atZ], count, keep) {
  const distance = x.map((value, i) => Math.hypot(value - atX, y[i] - atY, z[i] - atZ));
  const kept = Array.from(x.keys()).filter(keep);
  return kept.sort((a, b) => distance[a] - distance[b]).slice(0, count);
}
