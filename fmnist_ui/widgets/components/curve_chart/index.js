// What Streamlit calls: once for each run of the script that changes something here, and at the end the last cleanup.
import { CurveChart } from "./chart.js";

const charts = new WeakMap(); // Streamlit's element -> the chart in it

export default function show({ data, parentElement }) {
  let chart = charts.get(parentElement);
  if (!chart || chart.key !== data.key || !parentElement.contains(chart.root)) {
    chart?.destroy();
    chart = new CurveChart(parentElement, data.key);
    charts.set(parentElement, chart);
  }
  chart.update(data);
  return () => {
    // Streamlit also cleans up after a run that a newer one has overtaken; the chart is then still on the page.
    setTimeout(() => {
      if (parentElement.isConnected || !charts.delete(parentElement)) return;
      chart.destroy();
    });
  };
}
