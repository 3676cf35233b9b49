// A drawing, kept for this tab: it outlives the server's session, a reload and a while without a connection.
import { keepInTab, keptInTab } from "../tab_storage.js";

// Where it is kept, for which canvas, and the session of the server that knows it.
export function store({ place, key, session }, strokes) {
  keepInTab(`drawing_${place}`, strokes.length ? { key, session, strokes } : null);
}

// The strokes of that canvas, where another session knew them; null where there are none.
export function recall({ place, key, session }) {
  const kept = keptInTab(`drawing_${place}`);
  const isWanted = kept?.key === key && kept.session !== session && Array.isArray(kept.strokes);
  return isWanted && kept.strokes.every((one) => Array.isArray(one?.points)) ? kept.strokes : null;
}
