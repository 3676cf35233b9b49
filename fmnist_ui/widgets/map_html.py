"""A map as one HTML file that needs neither the app nor a network."""

import base64
import html
import json
import tomllib
from typing import Any

import pandas as pd

from fmnist_core.storage import folders
from fmnist_ui.javascript import one_module
from fmnist_ui.widgets.map_data import NO_SHEET, Look, MapPoints, Sheet, check, drawn_rows, map_data
from fmnist_ui.widgets.sprite_map import MODULES, SOURCES

CONFIG = folders.PROJECT / ".streamlit" / "config.toml"
# The names under which Streamlit hands its theme to a component.
VARIABLES = {
    "background-color": "backgroundColor",
    "secondary-background-color": "secondaryBackgroundColor",
    "text-color": "textColor",
    "primary-color": "primaryColor",
    "border-color": "borderColor",
    "red-color": "redColor",
    "green-color": "greenColor",
}
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; --st-font: Inter, system-ui, sans-serif; --st-base-radius: 8px;
  --st-button-radius: 8px; {light} }}
@media (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}
body {{ margin: 0; padding: 12px 16px; background: var(--st-background-color); color: var(--st-text-color);
  font-family: var(--st-font); }}
h1 {{ margin: 0 0 10px; font-size: 18px; line-height: 24px; }}
{css}
.sprite-map {{ height: calc(100svh - 58px); }}
</style>
</head>
<body>
<h1>{title}</h1>
<div id="map">{body}</div>
<script type="module">
{script}
const sent = {data};
const kinds = {{ f4: Float32Array, u4: Uint32Array, u1: Uint8Array, i2: Int16Array }};
function column([kind, text]) {{
  return new kinds[kind](Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer);
}}
for (const name of {tables}) {{
  const columns = Object.fromEntries(Object.entries(sent[name]).map(([key, packed]) => [key, column(packed)]));
  sent[name] = {{ getChild: (key) => (key in columns ? {{ toArray: () => columns[key] }} : null) }};
}}
show({{ data: sent, parentElement: document.getElementById("map"), setTriggerValue() {{}} }});
matchMedia("(prefers-color-scheme: dark)").onchange = () =>
  show({{ data: sent, parentElement: document.getElementById("map"), setTriggerValue() {{}} }});
</script>
</body>
</html>
"""


def map_html(
    points: MapPoints, look: Look, *, sheet: bytes | None = None, sheet_count: int = 0, title: str = "Map"
) -> str:
    """The map as a page: hover, pan, zoom, turn, play, legend and saving as PNG work; nothing is fetched.

    sheet: the bytes of a PNG by `fmnist_core.release.sprites.sprite_sheet`; None: dots only. sheet_count: of the
    pictures on it. The page is as large as the sheet times 4/3, and 27 bytes a point.

    Raises:
        ValueError: as `sprite_map`.
    """
    check(points, look)
    pictures = NO_SHEET
    if sheet is not None and sheet_count:
        pictures = Sheet("data:image/png;base64," + base64.b64encode(sheet).decode(), sheet_count)
    page = {
        "key": "map",
        "height": "0px",
        "legend_shown": True,
        "linked": None,
        "link_camera": False,
        "can_select": False,
    }
    data = page | map_data(points, look, drawn_rows(points, look), pictures)
    packed = {name: _packed(value) for name, value in data.items() if isinstance(value, pd.DataFrame)}
    return PAGE.format(
        title=html.escape(title),
        light=_variables("light"),
        dark=_variables("dark"),
        css=(SOURCES / "sprite_map.css").read_text(encoding="utf-8"),
        body=(SOURCES / "sprite_map.html").read_text(encoding="utf-8"),
        script=one_module(SOURCES, MODULES),
        # Words could end the script element or, with a line separator, a line of it.
        data=json.dumps(data | packed).replace("<", "\\u003c"),
        tables=json.dumps(list(packed)),
    )


def _variables(kind: str) -> str:
    theme = tomllib.loads(CONFIG.read_text(encoding="utf-8"))["theme"][kind]
    return " ".join(f"--st-{name}: {theme[colour]};" for name, colour in VARIABLES.items())


def _packed(table: pd.DataFrame) -> dict[str, Any]:
    """Each column as [type, base64 of its little-endian bytes]."""
    columns = {name: table[name].to_numpy() for name in table}
    return {
        name: [values.dtype.str[1:], base64.b64encode(values.astype(values.dtype.newbyteorder("<")).tobytes()).decode()]
        for name, values in columns.items()
    }
