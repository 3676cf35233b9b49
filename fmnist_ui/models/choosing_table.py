"""A table whose lines can be chosen: the leaderboard and that of runs."""

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from fmnist_ui import received


def choosing_table(lines: Sequence[dict], columns: dict, on_pick: Callable[[list[int]], None], **table: Any) -> None:
    """`on_pick` is called with the places of the lines that are chosen, after each change.

    columns: a configuration each, in their order; what else a line holds is not shown.
    table: its key, which must be another where there are other lines, and its height.
    """

    def picked() -> None:
        places = received.chosen_rows(st.session_state.get(table["key"]), len(lines))
        if places is None:
            received.drop()
            return
        on_pick(places)

    st.dataframe(
        pd.DataFrame(lines),
        hide_index=True,
        on_select=picked,
        selection_mode="multi-row",
        placeholder="–",
        column_config=columns,
        column_order=list(columns),
        **table,
    )
