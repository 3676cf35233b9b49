"""One picture of the data, closer: its nearest training pictures, what the answer rests on, whether it holds."""

from typing import Any

import streamlit as st

from fmnist_core import data
from fmnist_core.data import DataError
from fmnist_core.runs.catalogue import Row
from fmnist_core.storage.folders import RunError
from fmnist_ui import calibrated
from fmnist_ui.inspect import nearest_panel, robustness_panel, why_panel

WORDS = {"nearest": "Nearest", "why": "Why", "robust": "Robustness"}
KEY = "closer"


def show(row: Row, address: str) -> None:
    """Nothing at first; what was chosen stays chosen for the next picture."""
    chosen: Any = st.segmented_control(
        "Look closer", tuple(WORDS), format_func=WORDS.__getitem__, key=KEY, persist_state="session", wrap=True
    )
    split, index = data.parse_picture_address(address)
    picture, key = data.load_split(split).images[index], f"{KEY}-{split}-{index}"
    try:
        if chosen == "nearest":
            nearest_panel.show(row, picture, key, itself=index if split == "train" else None)
        elif chosen == "why":
            why_panel.show(row, picture, key, calibrated.calibrator(row.run))
        elif chosen == "robust":
            robustness_panel.show_picture(row, picture, key, calibrated.calibrator(row.run))
    except (RunError, DataError, ValueError) as error:
        st.warning(str(error), icon=":material/broken_image:")
