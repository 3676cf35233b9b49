// What Streamlit calls: once for each run of the script that changes something here, and at the end the last cleanup.
import { Builder } from "./builder.js";

const builders = new WeakMap(); // Streamlit's element -> the builder in it

export default function show({ data, parentElement, setStateValue, setTriggerValue }) {
  let builder = builders.get(parentElement);
  if (!builder || !parentElement.contains(builder.view.root)) {
    builder = new Builder(parentElement);
    builders.set(parentElement, builder);
  }
  builder.update(data, setStateValue, setTriggerValue);
  return () => {
    // Streamlit also cleans up after a run that a newer one has overtaken; the builder is then still on the page.
    setTimeout(() => {
      if (parentElement.isConnected || !builders.delete(parentElement)) return;
      builder.destroy();
    });
  };
}
