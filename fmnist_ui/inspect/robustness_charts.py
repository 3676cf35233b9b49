"""Charts of robustness: one picture's probabilities, or a run's accuracy, against the severity of a change."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from fmnist_core.analysis.robustness import Change, Sweep
from fmnist_core.colours import CLASS_COLORS, class_colours

FIRST, OTHER = CLASS_COLORS[0], CLASS_COLORS[6]
LABEL_OF_A_SWITCH = "['as it was', 'changed'][datum.value]"


def strip_table(severities: Sequence[float], probabilities: np.ndarray, names: Sequence[str]) -> pd.DataFrame:
    """A row a severity and class. probabilities: (severities, classes)."""
    return pd.DataFrame(
        {
            "Severity": np.repeat(np.asarray(severities, float), len(names)),
            "Class": list(names) * len(severities),
            "Probability": probabilities.ravel(),
        }
    )


def strip_chart(change: Change, names: Sequence[str], severity: float) -> dict:
    """All classes stacked to 100 %, in their colours, and a line where the slider stands."""
    flag = len(change.severities) == 2
    axis: dict = {"title": None, "grid": False, "labelAngle": 0, "labelOverlap": "greedy"}
    if flag:
        axis["labelExpr"] = LABEL_OF_A_SWITCH
    kind = "ordinal" if flag else "quantitative"
    across = {"field": "Severity", "type": kind, "axis": axis} | ({} if flag else {"scale": {"nice": False}})
    up = {"field": "Probability", "type": "quantitative", "stack": True, "scale": {"domain": [0, 1]}}
    up["axis"] = {"format": ".0%", "title": None, "values": [0, 0.5, 1], "grid": False}
    colours = list(class_colours(len(names)))
    colour = {"field": "Class", "scale": {"domain": list(names), "range": colours}, "legend": None}
    tooltip = [{"field": "Class"}, {"field": "Severity"}, {"field": "Probability", "format": ".1%"}]
    mark = {"type": "bar"} if flag else {"type": "area", "opacity": 0.9}
    stands = {"type": "rule", "strokeWidth": 2, "strokeDash": [4, 3], "color": "#ffffff"}
    return {
        "layer": [
            {"mark": mark, "encoding": {"x": across, "y": up, "color": colour, "tooltip": tooltip}},
            {"data": {"values": [{"Severity": severity}]}, "mark": stands, "encoding": {"x": across}},
        ]
    }


def sweep_table(sweeps: dict[str, Sweep], names: Sequence[str], chosen: int | str) -> pd.DataFrame:
    """A row a run, line and severity. sweeps: of one change, by the run's title. chosen: a class, "all" or "each"."""
    rows = []
    for run, sweep in sweeps.items():
        if chosen == "each":
            lines = {name: sweep.by_class[:, place] for place, name in enumerate(names)}
        else:
            lines = {run: sweep.accuracy if chosen == "all" else sweep.by_class[:, int(chosen)]}
        for line, values in lines.items():
            for severity, value in zip(sweep.severities, values, strict=True):
                if not np.isnan(value):
                    rows.append({"Severity": float(severity), "Right": float(value), "Line": line})
        if chosen == "each":
            break
    return pd.DataFrame(rows, columns=["Severity", "Right", "Line"])


def sweep_chart(change: Change, lines: Sequence[str], by_class: bool) -> dict:
    """Accuracy against severity, a line each; the colours say which, and the page says so once."""
    flag = len(change.severities) == 2
    axis: dict = {"title": None, "grid": False, "labelAngle": 0, "values": list(change.severities)}
    axis["labelExpr"] = LABEL_OF_A_SWITCH if flag else "format(datum.value, '~g')"
    across = {"field": "Severity", "type": "quantitative", "axis": axis | {"labelOverlap": "greedy"}}
    across["scale"] = {"nice": False, "padding": 12}
    up = {"field": "Right", "type": "quantitative", "scale": {"domain": [0, 1]}}
    up["axis"] = {"format": ".0%", "title": None, "tickCount": 5}
    colours = list(class_colours(len(lines))) if by_class else [FIRST, OTHER]
    colour = {"field": "Line", "scale": {"domain": list(lines), "range": colours[: len(lines)]}, "legend": None}
    shape = {"field": "Line", "scale": {"domain": list(lines)}, "legend": None}
    encoding = {
        "x": across,
        "y": up,
        "color": colour,
        "tooltip": [{"field": "Line"}, {"field": "Severity"}, {"field": "Right", "format": ".1%"}],
    }
    mark = {"type": "line", "strokeWidth": 1.5 if by_class else 2, "point": {"size": 14 if by_class else 32}}
    return {"mark": mark, "encoding": encoding if by_class else encoding | {"shape": shape}}
