// The order of drawing where the world has depth: from the far to the near, so that what is near covers the rest.

const STEPS = 4096; // of depth; sorting by counting them takes a few milliseconds for 70,000 points

// order: Uint32Array, the points to draw. Faint ones come first, whatever their depth.
export function sortByDepth(order, points, camera) {
  const { from, layout, morph } = points.motion;
  const { toward } = camera.axes;
  const keys = new Uint16Array(order.length);
  const counts = new Uint32Array(2 * STEPS + 1);
  order.forEach((point, i) => {
    let near = 0;
    for (const [axis, name] of ["x", "y", "z"].entries()) {
      near += toward[axis] * (from[name][point] + (layout[name][point] - from[name][point]) * morph);
    }
    const step = Math.max(0, Math.min(STEPS - 1, Math.floor(((near + 2) / 4) * STEPS)));
    keys[i] = step + (points.isBright(point) ? STEPS : 0);
    counts[keys[i] + 1] += 1;
  });
  for (let key = 1; key < counts.length; key += 1) counts[key] += counts[key - 1];
  const sorted = new Uint32Array(order.length);
  order.forEach((point, i) => {
    sorted[counts[keys[i]]++] = point;
  });
  return sorted;
}
