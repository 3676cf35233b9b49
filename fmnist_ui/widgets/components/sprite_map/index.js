// What Streamlit calls: once for each run of the script that changes something here, and at the end the last cleanup.
import { SpriteMap } from "./map.js";

const maps = new WeakMap(); // Streamlit's element -> the map in it

export default function show({ data, parentElement, setTriggerValue }) {
  let map = maps.get(parentElement);
  if (!map || !parentElement.contains(map.root)) {
    map?.destroy();
    map = new SpriteMap(parentElement, data.key);
    maps.set(parentElement, map);
  }
  map.update(data, setTriggerValue);
  return () => {
    // Streamlit also cleans up after a run that a newer one has overtaken; the map is then still on the page.
    setTimeout(() => {
      if (parentElement.isConnected || !maps.delete(parentElement)) return;
      map.destroy();
    });
  };
}
