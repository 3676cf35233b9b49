"""How a report looks: on a screen light or dark as the reader's system is, on paper light."""

from fmnist_core.report.pictures import CURVES, DARK, LIGHT

# The theme of .streamlit/config.toml, and the curves in the colours of the app.
_LIGHT = f"""
  --paper: {LIGHT.background}; --ink: {LIGHT.text}; --quiet: #55635f; --line: #dde4e2;
  --panel: #f4f6f5; --link: #0f766e;
  --good: 15 118 110; --bad: 217 86 12; --most: .55;
"""
_DARK = f"""
  --paper: {DARK.background}; --ink: {DARK.text}; --quiet: #a3b1ad; --line: #2a3532; --panel: #19211f; --link: #5eead4;
  --good: 20 150 136; --bad: 224 92 30; --most: .62;
"""
_CURVES = " ".join(f"--curve-{place}: {style[0]};" for place, style in enumerate(CURVES.values()))
_RULES = """
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); line-height: 1.5; -webkit-text-size-adjust: 100%;
  font-family: Inter, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 40px 24px 56px; }
h1 { font-size: 2.1rem; line-height: 1.15; letter-spacing: -.02em; margin: 4px 0 10px; overflow-wrap: anywhere; }
h2 { font-size: 1.35rem; line-height: 1.25; letter-spacing: -.01em; margin: 0 0 10px; }
h3 { font-size: 1.02rem; margin: 26px 0 6px; overflow-wrap: anywhere; }
section { margin-top: 44px; padding-top: 24px; border-top: 1px solid var(--line); }
p { margin: 0 0 12px; max-width: 46rem; overflow-wrap: anywhere; }
a { color: var(--link); overflow-wrap: anywhere; }
.kicker { font-size: .8rem; font-weight: 600; letter-spacing: .07em; text-transform: uppercase; margin: 0;
  color: var(--link); }
.quiet { color: var(--quiet); font-size: .9rem; }
dl, dd { margin: 0; }
.tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(220px, 1fr)); gap: 12px; margin: 26px 0 20px; }
.tiles > div { background: var(--panel); border-radius: 8px; padding: 12px 16px; }
.tiles dt { font-size: .85rem; color: var(--quiet); }
.tiles .value { font-size: 1.6rem; font-weight: 650; line-height: 1.3; font-variant-numeric: tabular-nums;
  overflow-wrap: anywhere; }
.tiles dd.quiet { font-size: .82rem; }
.facts > div { display: grid; grid-template-columns: 12rem 1fr; gap: 4px 20px; padding: 7px 0; max-width: 56rem;
  border-bottom: 1px solid var(--line); }
.facts dt { color: var(--quiet); }
.facts dd { overflow-wrap: anywhere; min-width: 0; }
.scroller { overflow-x: auto; margin: 14px 0; }
table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; min-width: 50%; }
caption { text-align: left; color: var(--quiet); padding-bottom: 8px; }
th, td { padding: 6px 12px; text-align: right; border-bottom: 1px solid var(--line); }
th { font-weight: 600; }
td { white-space: nowrap; }
td.words { white-space: normal; min-width: 9.5rem; max-width: 24rem; }
thead th { color: var(--quiet); font-size: .84rem; vertical-align: bottom; }
th:first-child, .words { text-align: left; }
th:first-child { padding-left: 0; min-width: 8.5rem; max-width: 16rem; overflow-wrap: anywhere; position: sticky;
  left: 0; background: var(--paper); }
.foot > * { border-top: 2px solid var(--line); }
.matrix { width: 100%; table-layout: fixed; min-width: 880px; }
.matrix th, .matrix td { padding: 7px 3px; text-align: center; font-size: .82rem; border: 2px solid var(--paper); }
.matrix th:first-child { text-align: left; width: 6.6rem; min-width: 0; padding-right: 6px; }
.matrix thead th { overflow-wrap: anywhere; }
.matrix .corner { font-weight: 400; }
.matrix td { border-radius: 6px; background: var(--panel); }
.matrix .none { color: var(--quiet); }
.matrix .good { background: rgb(var(--good) / calc(var(--shade) * var(--most))); }
.matrix .bad { background: rgb(var(--bad) / calc(var(--shade) * var(--most))); }
.charts { display: grid; gap: 20px; margin: 14px 0;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 330px), 1fr)); }
figure { margin: 0; max-width: 600px; }
figcaption { font-size: .85rem; color: var(--quiet); }
svg { display: block; width: 100%; height: auto; }
svg text { font-size: 12px; fill: var(--ink); font-family: inherit; }
.grid { stroke: var(--line); stroke-width: 1; }
.mark { stroke: var(--quiet); stroke-width: 1; stroke-dasharray: 1 3; }
.diagonal { stroke: var(--quiet); stroke-width: 1.2; stroke-dasharray: 5 4; }
.curve { fill: none; stroke-width: 2; stroke-linejoin: round; }
.best { fill: none; stroke-width: 1.6; }
.bar { fill: rgb(var(--good) / .75); }
.gap { fill: rgb(var(--bad) / .5); stroke: rgb(var(--bad)); stroke-width: 1; }
.legend { display: flex; flex-wrap: wrap; gap: 2px 18px; list-style: none; margin: 6px 0 0; padding: 0; }
.legend li { display: flex; align-items: center; gap: 7px; }
.legend svg { width: 30px; flex: none; }
.gallery { list-style: none; margin: 16px 0; padding: 0; display: grid; gap: 18px 14px;
  grid-template-columns: repeat(auto-fill, minmax(184px, 1fr)); }
.gallery li { display: grid; grid-template-columns: 84px 1fr; gap: 6px 10px; align-content: start; font-size: .8rem;
  line-height: 1.32; overflow-wrap: anywhere; }
.gallery img { image-rendering: pixelated; border-radius: 4px; background: #000; }
.gallery strong, .gallery span { display: block; }
.gallery span { color: var(--quiet); }
pre { background: var(--panel); border-radius: 8px; padding: 12px 16px; margin: 10px 0; font-size: .84rem;
  line-height: 1.45; overflow: auto; max-height: 24rem; white-space: pre-wrap; overflow-wrap: anywhere; }
code { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
footer { margin-top: 44px; padding-top: 18px; border-top: 1px solid var(--line); }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
@media (max-width: 600px) {
  main { padding: 24px 16px 40px; }
  h1 { font-size: 1.65rem; }
  .tiles { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 8px; }
  .tiles > div { padding: 10px 12px; }
  .tiles .value { font-size: 1.3rem; }
  .facts > div { grid-template-columns: 1fr; gap: 0; }
  .gallery { grid-template-columns: repeat(auto-fill, minmax(100px, 1fr)); }
  .gallery li { grid-template-columns: 1fr; }
  th, td { padding: 6px 8px; }
  th:first-child { min-width: 6.2rem; }
  .matrix th:first-child { min-width: 0; }
  td.words { min-width: 7rem; }
}
@page { margin: 14mm; }
@media print {
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  html { font-size: 9.5pt; }
  main { max-width: none; padding: 0; }
  section { margin-top: 20px; padding-top: 14px; }
  h2, h3, caption { break-after: avoid; }
  tr, figure, .tiles > div, .gallery li, .facts > div { break-inside: avoid; }
  .tiles { grid-template-columns: repeat(4, 1fr); gap: 8px; }
  .tiles .value { font-size: 1.2rem; }
  .charts { grid-template-columns: 1fr 1fr; }
  .gallery { grid-template-columns: repeat(5, 1fr); gap: 10px 8px; }
  .gallery li { grid-template-columns: 56px 1fr; gap: 7px; font-size: 7pt; }
  .gallery img { width: 56px; height: 56px; }
  .scroller, pre { overflow: visible; max-height: none; }
  .matrix { min-width: 0; }
  .matrix th, .matrix td { font-size: 7.5pt; padding: 4px 1px; }
  .matrix th:first-child { width: 5.8rem; }
  th:first-child { position: static; min-width: 0; }
  table { font-size: 8.5pt; }
  th, td { padding: 3px 6px; }
}
"""
STYLE = (
    f":root {{ color-scheme: light dark; {_CURVES} {_LIGHT} }}\n"
    f"@media screen and (prefers-color-scheme: dark) {{ :root {{ {_DARK} --curve-2: {DARK.red}; }} }}\n{_RULES}"
)
