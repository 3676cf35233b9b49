"""Colours and chart specifications. Data in, descriptions of figures out."""

from typing import Any

# One colour a class, tellable apart by colour-blind people: Petroff 2021, arXiv 2107.02270.
# .streamlit/config.toml holds the same list for Streamlit's own charts; a test holds the two together.
CLASS_COLORS = (
    "#3f90da",
    "#ffa90e",
    "#bd1f01",
    "#94a4a2",
    "#832db6",
    "#a96b59",
    "#e76300",
    "#b9ac70",
    "#717581",
    "#92dadd",
)


def curve_spec(title: str, percent: bool, several_runs: bool) -> dict[str, Any]:
    """A Vega-Lite chart for the rows of `curves.curve_rows`; constant, so that new rows update it in place."""
    axis = {"title": title, "format": ".0%" if percent else ".2f", "grid": True}
    colour = {
        "field": "run" if several_runs else "curve",
        "type": "nominal",
        "title": None,
        "legend": {"orient": "top", "columns": 3, "labelLimit": 300, "symbolType": "stroke", "symbolOpacity": 1},
    }
    dash = {
        "field": "curve",
        "type": "nominal",
        "title": None,
        "legend": {"orient": "top", "symbolType": "stroke"} if several_runs else None,
        "scale": {
            "domain": ["training", "validation", "validation, distorted", "test set, as published"],
            "range": [[4, 3], [1, 0], [2, 2], [8, 3]],
        },
    }
    encoding = {
        "x": {"field": "epoch", "type": "quantitative", "axis": {"title": "epoch", "tickMinStep": 1, "grid": False}},
        "y": {"field": "value", "type": "quantitative", "axis": axis, "scale": {"zero": False, "nice": True}},
        "color": colour,
    }
    tooltip = [
        {"field": "run", "title": "run"},
        {"field": "curve", "title": "curve"},
        {"field": "epoch", "title": "epoch", "format": ".2f"},
        {"field": "value", "title": title, "format": ".2%" if percent else ".4f"},
    ]
    points = {"tooltip": tooltip}
    return {
        "height": 340,
        "encoding": encoding,
        "layer": [
            {
                "params": [{"name": "zoom", "select": "interval", "bind": "scales"}],
                "transform": [{"filter": "datum.kind == 'batch'"}],
                "mark": {"type": "line", "strokeWidth": 1, "opacity": 0.4},
            },
            {
                "transform": [{"filter": "datum.kind == 'epoch'"}],
                "mark": {"type": "line", "strokeWidth": 2.2},
                "encoding": {"strokeDash": dash},
            },
            {
                "transform": [{"filter": "datum.kind == 'epoch'"}],
                "mark": {"type": "point", "filled": True, "size": 34},
                "encoding": points,
            },
            {
                "transform": [{"filter": "datum.kind == 'best'"}],
                "mark": {"type": "point", "shape": "diamond", "size": 170, "strokeWidth": 2, "filled": False},
                "encoding": points,
            },
        ],
    }
