"""Tables of the report, and their buttons to download."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from fmnist_ui import cached

KINDS = {"csv": "text/csv", "txt": "text/plain", "png": "image/png", "html": "text/html"}
FOUR_DIGITS = st.column_config.NumberColumn(format="%.4f")
CHANGE = st.column_config.NumberColumn(format="%+.4f")
TO_THE_RIGHT = st.column_config.TextColumn(alignment="right")


def offer(run_id: str, name: str, **files: str | Callable[[], bytes]) -> None:
    """A download button a file, by its kind; pictures are drawn when they are asked for."""
    with st.container(horizontal=True):
        for kind, content in files.items():
            words: dict[str, Any] = {"key": f"{name}-{kind}", "icon": ":material/download:", "on_click": "ignore"}
            label = f"{name.partition('-')[0].capitalize()} as {kind.upper()}"
            content = partial(cached.drawn, content) if callable(content) else content
            st.download_button(label, content, f"{run_id}-{name}.{kind}", KINDS[kind], **words)


def table(rows: list[dict], key: str, columns: dict) -> None:
    """columns: a configuration a key; all headings begin with a capital."""
    frame = pd.DataFrame(rows).rename(columns=str.capitalize)
    config = {name.capitalize(): column for name, column in columns.items()}
    st.dataframe(frame, hide_index=True, height="content", placeholder="–", column_config=config, key=key)
