"""Two people's decisions beside each other: how far they agree, and the pictures on which they do not."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from fmnist_core import data, glossary
from fmnist_core.analysis import label_set
from fmnist_core.analysis.label_set import LabelSet
from fmnist_core.label_audit import label_comparison
from fmnist_core.label_audit.label_comparison import Compared
from fmnist_core.runs import catalogue
from fmnist_ui import cached, state
from fmnist_ui.inspect import data_pictures
from fmnist_ui.widgets import paging
from fmnist_ui.widgets.gallery import Tile
from fmnist_ui.widgets.hostile_text import literal

ON_A_PAGE = 60
KINDS = ("kept", "relabelled", "ambiguous")


def show(first: LabelSet, second: LabelSet) -> None:
    try:
        found = label_comparison.compare(first, second)
    except ValueError as error:
        st.info(literal(str(error)), icon=":material/group:")
        return
    both, agree, kappa, kinds = (literal(line) for line in label_comparison.in_words(found))
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.markdown(f"{both}  \n{agree}")
        st.markdown(f"**{kappa}**", help=glossary.several("Cohen's kappa", "Interval"))
        st.caption(
            "What a picture is: one of ten classes, or ambiguous. Suspects are not like the rest of the data, so this "
            "says nothing of how far two people agree on all of it."
        )
    with right:
        st.dataframe(_table(found), height="content", key="kinds-of-two")
        st.caption(f"Rows: {literal(first.name)}. Columns: {literal(second.name)}. {kinds}")
    _disagreements(found, first, second)


def _table(found: Compared) -> pd.DataFrame:
    return pd.DataFrame(found.kinds.table, index=list(KINDS), columns=list(KINDS))


def _disagreements(found: Compared, first: LabelSet, second: LabelSet) -> None:
    count = len(found.disagreements)
    st.subheader(f"{count or 'No'} {'disagreement' if count == 1 else 'disagreements'}")
    if not count:
        st.info("On every picture that both decided about they say the same.", icon=":material/check_circle:")
        return
    addresses = [one.picture for one in found.disagreements]
    if state.get("picture") in addresses:
        large_view(addresses, [first, second])
    part = paging.open_part(count, ON_A_PAGE)
    tiles = []
    for one in found.disagreements[part]:
        split, index = data.parse_picture_address(one.picture)
        pictures = data.load_split(split)
        label = data.CLASS_NAMES[pictures.labels[index]]
        said, other = label_set.in_words(one.first), label_set.in_words(one.second)
        alt = f"{one.picture}: {label}; {first.name}: {said}; {second.name}: {other}"
        tiles.append(Tile(pictures.images[index], label, f"{said} / {other}", "neutral", alt))
    st.caption(
        f"Under each: its label, then what {literal(first.name)} and what {literal(second.name)} decided. "
        "A click opens a picture."
    )
    title = f"Pictures on which {first.name} and {second.name} differ: what each of them decided"
    data_pictures.addressed_gallery(tiles, addresses[part], key="disagreements", label=title, size=150)
    paging.turn(count, ON_A_PAGE, f"disagreements-{count}")


def large_view(addresses: Sequence[str], sets: Sequence[LabelSet]) -> None:
    """The picture that the address names, one of these, with what each of the sets says of it."""
    place = addresses.index(state.get("picture"))
    with st.container(border=True, key="large"):
        with st.container(horizontal=True, vertical_alignment="center"):
            paging.step(place, len(addresses), lambda to: state.put(picture=addresses[to], page=to // ON_A_PAGE))
            close = {"picture": None}
            st.button("Close", key="close", on_click=state.put, kwargs=close, type="tertiary")
            said = (f"{literal(one.name)}: **{_said(one, addresses[place])}**" for one in sets)
            st.markdown(" · ".join(said), width="content")
        data_pictures.open_picture(addresses[place], catalogue.default_run(cached.list_rows()))


def _said(labels: LabelSet, address: str) -> str:
    return label_set.in_words(labels.decisions[address])
