"""Which label set counts on a page: a control whose choice the address names, and the set itself."""

import streamlit as st

from fmnist_core import glossary
from fmnist_core.label_audit import label_sets
from fmnist_core.label_audit.label_sets import Kept
from fmnist_core.storage.folders import RunError
from fmnist_ui import state

OFFICIAL = "Official"
PAGE = "Data, *Label sets*"


def kept_sets() -> list[Kept]:
    """Those that the visitor may look at; where their own decisions are damaged, a sentence and the others."""
    try:
        return label_sets.list_sets()
    except RunError as error:
        st.warning(str(error), icon=":material/broken_image:")
        return label_sets.list_kept()


def choose(label: str, field: str, sets: list[Kept], none: str = "") -> Kept | None:
    """The control over these, at least one, or over none of them, too, where a word for that is given.

    Where the one that the address names is not here, that is said.
    """
    titles = {one.id: one.title for one in sets}
    asked = state.get(field)
    if asked is not None and asked not in titles:
        st.warning(f"The label set of the address is not here. Import its file on {PAGE}.", icon=":material/link_off:")
    chosen = state.select(
        label,
        field,
        (None, *titles) if none else tuple(titles),
        format_func=lambda name: titles.get(name, none),
        placeholder=none,
        help=glossary.term("Label set"),
        clears=("page", "picture"),
        width=260,
    )
    return next((one for one in sets if one.id == chosen), None)
