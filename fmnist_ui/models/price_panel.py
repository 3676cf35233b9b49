"""Why a network at all? Accuracy against training time or size, baselines and networks in one chart."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import streamlit as st

from fmnist_core import figures, glossary
from fmnist_core.figures.price import MEASURES
from fmnist_core.runs import price
from fmnist_core.runs.catalogue import Row
from fmnist_core.runs.price import GROUPS, Price
from fmnist_ui import charts, parts
from fmnist_ui.models.choosing_table import choosing_table

COUNTED = {  # how a measure is counted
    "seconds": "Seconds are of the machine that each run names, so that those of two machines compare only roughly.",
    "bytes": (
        "Size: parameters as float32; of a classical model its file, of nearest neighbours and support vectors with "
        "all pictures that it keeps."
    ),
}


def price_panel(rows: Sequence[Row], on_pick: Callable[[str], None]) -> None:
    """`on_pick` is called with the id of the run whose point or line is chosen."""
    usable = [row for row in rows if row.usable]
    found = price.prices(usable, parts.name_runs(usable))
    if not found:
        return
    st.subheader("Why a network at all?", help=glossary.several("Pareto front", "Classical baseline"))
    told: dict[str, Any] = {"format_func": MEASURES.__getitem__, "default": "seconds", "key": "price-of"}
    measure = str(st.segmented_control("Accuracy against", tuple(MEASURES), **told) or "seconds")
    front = price.front_of(found, measure)
    words = price.front_in_words(found, measure)
    traces = [front, *([one for one in found if one.group == group] for group in GROUPS)]
    charts.draw(
        _figure(found, front, measure),
        key="price",
        alt=f"Test accuracy of {len(found)} runs against {MEASURES[measure].lower()}. {words}",
        file=f"accuracy-against-{measure}",
        on_pick=lambda trace, place: on_pick(traces[trace][place].run_id),
        shown=measure,
    )
    st.markdown(words)
    st.caption(f"Test accuracy with its 95 % interval; a click on a point opens its run. {COUNTED[measure]}")
    with st.expander("As a table", icon=":material/table:"):
        _table(found, front, measure, on_pick)


def _figure(found: Sequence[Price], front: Sequence[Price], measure: str) -> "figures.theme.Figure":
    return figures.price_of_accuracy(
        GROUPS,
        [one.name for one in found],
        np.array([GROUPS.index(one.group) for one in found]),
        np.array([one.of(measure) for one in found]),
        np.array([(one.accuracy, one.low, one.high) for one in found]),
        [found.index(one) for one in front],
        measure,
    )


def _table(found: Sequence[Price], front: Sequence[Price], measure: str, on_pick: Callable[[str], None]) -> None:
    lines = [
        {
            "Run": one.name,
            "Kind": one.group,
            "Accuracy": 100 * one.accuracy,
            "95 % interval": f"{100 * one.low:.2f} to {100 * one.high:.2f}",
            "Seconds": one.seconds,
            "MB": one.bytes / 1e6,
            "On the front": one in front,
        }
        for one in found
    ]
    number = st.column_config.NumberColumn
    columns = {
        "Run": st.column_config.TextColumn(pinned=True, width=230),
        "Kind": st.column_config.TextColumn(width=150),
        "Accuracy": number(format="%.2f %%", help=glossary.term("Accuracy")),
        "95 % interval": st.column_config.TextColumn(help=glossary.term("Interval"), alignment="right"),
        "Seconds": number(format="%.1f", help="Of training."),
        "MB": number(format="%.2f"),
        "On the front": st.column_config.CheckboxColumn(help=glossary.term("Pareto front")),
    }
    key = f"prices-{measure}-{len(lines)}"
    choosing_table(
        lines, columns, lambda places: on_pick(found[places[0]].run_id) if places else None, key=key, height=420
    )
