"""Inside: a network from left to right, what each layer makes of a picture, how, and what happens without a part."""

import streamlit as st

from fmnist_core.runs.catalogue import Row
from fmnist_core.storage.folders import RunError
from fmnist_ui import cached, parts, state
from fmnist_ui.frame import open_inside_app
from fmnist_ui.inside import asked, controls, likes, network_panel

open_inside_app(__file__)

SENTENCE = "What each layer makes of a picture. Click a pixel of any channel: it is worked out."
FIELDS = "run picture own layer channel pixel off against epoch probabilities"


@st.fragment
def look(row: Row) -> None:
    """All that a click changes."""
    try:
        found = asked.read(row)
        controls.show(found)
        network_panel.show(found)
    except RunError as error:
        st.warning(str(error), icon=":material/broken_image:")


def liked(row: Row) -> None:
    try:
        likes.panel(row, cached.load_inside(row.run).network)
    except RunError:
        return  # said above


state.enter("inside", *FIELDS.split())
row = parts.header_with_run("Inside", SENTENCE)
if row is not None:
    look(row)
    liked(row)
