// Where the points lie: coordinates scaled to [-1, 1], how much room each point has, and where each class gathers.

// The coarsest and finest distance at which points are told apart, in world units; a map is 2 units across.
const FARTHEST = 1;
const NEAREST = 1 / 8192;

// Scales coordinates evenly so that the longer side of their box is [-1, 1] and its centre is the origin.
export function makeLayout(rawX, rawY) {
  const [minX, maxX] = extent(rawX);
  const [minY, maxY] = extent(rawY);
  const half = Math.max(maxX - minX, maxY - minY) / 2 || 1;
  const x = Float32Array.from(rawX, (value) => (value - (minX + maxX) / 2) / half);
  const y = Float32Array.from(rawY, (value) => (value - (minY + maxY) / 2) / half);
  return {
    x,
    y,
    room: roomAround(x, y),
    halfWidth: (maxX - minX) / 2 / half,
    halfHeight: (maxY - minY) / 2 / half,
    grid: makeGrid(x, y),
  };
}

function extent(values) {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low <= high ? [low, high] : [0, 0];
}

// Each point at the place of its class, from where the first layout unfolds.
export function gatheredLayout(layout, places, labels) {
  const placeOf = new Map(places.map((place) => [place.label, place]));
  return {
    x: layout.x.map((_, point) => placeOf.get(labels[point]).x),
    y: layout.y.map((_, point) => placeOf.get(labels[point]).y),
    room: layout.room,
  };
}

// The layout between two others, as the animation stands at `part` of its way; only what is drawn from.
export function blendLayouts(from, to, part) {
  const blend = (a, b) => b.map((value, i) => a[i] + (value - a[i]) * part);
  return { x: blend(from.x, to.x), y: blend(from.y, to.y), room: blend(from.room, to.room) };
}

// For each point the distance (the larger of |dx|, |dy|) to its nearest elder. Points become elders in rounds, each
// with a smaller distance that a new elder must keep to all others. The points that have more room than a thumbnail
// is wide are therefore spread evenly over the map at every zoom, and zooming in only ever adds some.
export function roomAround(x, y) {
  const room = new Float32Array(x.length);
  const elders = [];
  let waiting = Array.from(x.keys());
  for (let distance = FARTHEST; waiting.length && distance >= NEAREST; distance *= Math.SQRT1_2) {
    const cells = new CellLists(x, y, Math.min(512, Math.floor(2 / distance)));
    for (const elder of elders) cells.add(elder);
    waiting = waiting.filter((point) => {
      const found = cells.distanceToNearest(x[point], y[point], distance * Math.SQRT2, distance);
      if (found < distance) return true;
      room[point] = found;
      cells.add(point);
      elders.push(point);
      return false;
    });
  }
  return room;
}

// Points in the square cells of the world, as one linked list a cell.
class CellLists {
  constructor(x, y, side) {
    this.x = x;
    this.y = y;
    this.side = side;
    this.first = new Int32Array(side * side).fill(-1);
    this.next = new Int32Array(x.length);
  }

  column(value) {
    return Math.max(0, Math.min(this.side - 1, Math.floor(((value + 1) / 2) * this.side)));
  }

  add(point) {
    const cell = this.column(this.y[point]) * this.side + this.column(this.x[point]);
    this.next[point] = this.first[cell];
    this.first[cell] = point;
  }

  // Calls visit(point) for each point of the cells that touch the square of half side `radius` around (x, y), until
  // one of them answers true.
  near(x, y, radius, visit) {
    const right = this.column(x + radius);
    const top = this.column(y + radius);
    for (let row = this.column(y - radius); row <= top; row += 1) {
      for (let column = this.column(x - radius); column <= right; column += 1) {
        for (let point = this.first[row * this.side + column]; point >= 0; point = this.next[point]) {
          if (visit(point)) return;
        }
      }
    }
  }

  // The distance to the nearest point, at most `most`; below `enough` any distance that was found.
  distanceToNearest(x, y, most, enough) {
    let nearest = most;
    this.near(x, y, most, (point) => {
      nearest = Math.min(nearest, Math.max(Math.abs(this.x[point] - x), Math.abs(this.y[point] - y)));
      return nearest < enough;
    });
    return nearest;
  }

  // The `count` points nearest to (x, y) for which keep(point) holds, nearest first.
  nearest(x, y, count, keep) {
    for (let radius = 2 / this.side; ; radius *= 2) {
      const isAll = radius > 4;
      const found = [];
      this.near(x, y, radius, (point) => {
        const distance = Math.hypot(this.x[point] - x, this.y[point] - y);
        // Farther than the radius, a point of a cell that was not visited could be nearer.
        if ((distance <= radius || isAll) && keep(point)) found.push([distance, point]);
      });
      if (found.length < count && !isAll) continue;
      return found.sort((a, b) => a[0] - b[0]).slice(0, count).map(([, point]) => point);
    }
  }
}

// Finds points by their place without looking at all of them.
function makeGrid(x, y) {
  const grid = new CellLists(x, y, Math.max(1, Math.min(256, Math.round(Math.sqrt(x.length / 2)))));
  for (let point = x.length - 1; point >= 0; point -= 1) grid.add(point);
  return grid;
}

// For each class that has points: the middle of its densest place.
// A mean would put the name of a class of two islands into the sea between them.
export function gatheringPlaces(layout, labels, classes) {
  const side = 24; // cells across the world
  const column = Array.from(layout.x, (value) => Math.min(side - 1, Math.floor(((value + 1) / 2) * side)));
  const row = Array.from(layout.y, (value) => Math.min(side - 1, Math.floor(((value + 1) / 2) * side)));
  // Each point counts for its cell and the eight around it, which have a margin at the edge of the world.
  const counts = Array.from({ length: classes }, () => new Uint32Array((side + 2) * (side + 2)));
  const cellOf = (point, right, up) => (row[point] + 1 + up) * (side + 2) + column[point] + 1 + right;
  const around = [-1, 0, 1].flatMap((up) => [-1, 0, 1].map((right) => [right, up]));
  labels.forEach((label, point) => {
    for (const [right, up] of around) counts[label][cellOf(point, right, up)] += 1;
  });
  const densest = counts.map((cells) => cells.reduce((best, count, cell) => (count > cells[best] ? cell : best), 0));
  const sums = counts.map((cells, label) => ({ label, x: 0, y: 0, weight: cells[densest[label]] }));
  labels.forEach((label, point) => {
    if (!around.some(([right, up]) => cellOf(point, right, up) === densest[label])) return;
    sums[label].x += layout.x[point];
    sums[label].y += layout.y[point];
  });
  const present = sums.filter(({ weight }) => weight > 0);
  return present.map(({ label, x, y, weight }) => ({ label, x: x / weight, y: y / weight }));
}
