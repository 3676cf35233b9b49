"""One suspect, large: its label, what networks that had not seen it say, what is like it, and the decision."""

import numpy as np
import streamlit as st

from fmnist_core import data
from fmnist_core.analysis import confident_learning, label_set
from fmnist_core.analysis.label_set import Decision
from fmnist_core.data import CLASS_NAMES
from fmnist_core.label_audit import audit_decisions
from fmnist_core.label_audit.audit_records import Audit
from fmnist_core.runs.catalogue import Row
from fmnist_core.storage.folders import RunError
from fmnist_ui import charts, parts, state
from fmnist_ui.inspect import data_pictures
from fmnist_ui.widgets import paging

NEAREST = 8
PROBLEM = "audit_problem"  # in the session; see audit_panel


def large_view(found: Audit, decisions: dict[str, Decision], split: str, positions: list[int], row: Row | None) -> None:
    """The picture that the address names, else the first of the list, with the way to the one before and after."""
    addresses = [data.picture_address(split, one) for one in positions]
    opened = state.get("picture")
    place = addresses.index(opened) if opened in addresses else 0
    following = addresses[min(place + 1, len(addresses) - 1)]
    with st.container(border=True, key="large"):
        with st.container(horizontal=True, vertical_alignment="center"):
            paging.step(place, len(addresses), lambda to: state.put(picture=addresses[to]))
        _picture(found, split, positions[place], row)
        _decide(found, split, positions[place], decisions.get(addresses[place]), following)
        _alike(found, split, positions[place])


def _picture(found: Audit, split: str, position: int, row: Row | None) -> None:
    pictures, opinions = data.load_split(split), found.splits[split]
    label, address = int(pictures.labels[position]), data.picture_address(split, position)
    place = opinions.row_of.get(position)
    if place is None:
        data_pictures.open_picture(address, row)
        st.caption("Of a picture that is no suspect to them the networks' opinion does not come with the app.")
        return
    left, right = st.columns([1, 2], vertical_alignment="center", gap="medium")
    with left:
        alt = f"{CLASS_NAMES[label]}, picture {address}, 28 by 28 pixels, enlarged"
        st.image(parts.enlarge(pictures.images[position]), width="stretch", alt=alt)
    with right:
        st.markdown(
            f"**{CLASS_NAMES[label]}** is its label  \n"
            f":gray[{split} picture {position:,}, rank {opinions.ranks[place]:,} of {opinions.total:,}]"
        )
        parts.probability_bars(opinions.probabilities[place], CLASS_NAMES, true=label)
        st.caption("By networks that had not seen this picture.")


def _decide(found: Audit, split: str, position: int, decision: Decision | None, following: str) -> None:
    address, label = data.picture_address(split, position), int(data.load_split(split).labels[position])
    others = [one for one in range(len(CLASS_NAMES)) if one != label]
    row = found.splits[split].row_of.get(position)
    guess = others[0]
    if row is not None:  # the most probable of the other classes
        guess = max(others, key=lambda one: found.splits[split].probabilities[row, one])
    if decision is not None and decision.label is not None:
        guess = decision.label
    with st.container(horizontal=True, vertical_alignment="bottom"):
        to = st.selectbox(
            "It should be",
            others,
            index=others.index(guess),
            format_func=lambda one: CLASS_NAMES[one],
            key=f"to-{address}",
            width=170,
        )
        for text, key, made in (
            ("Keep", "K", Decision("keep")),
            ("Relabel", "L", Decision("relabel", to)),
            ("Ambiguous", "A", Decision("ambiguous")),
        ):
            st.button(
                text,
                shortcut=charts.key(key),
                key=f"decide-{made.kind}",
                type="primary" if decision is not None and decision.kind == made.kind else "secondary",
                on_click=_store,
                args=(address, made, following),
            )
        if decision is not None:
            st.button("Take back", key="decide-none", type="tertiary", on_click=_store, args=(address, None, address))
            st.markdown(f":gray[Decided: {label_set.in_words(decision)}]", width="content")


def _store(address: str, decision: Decision | None, following: str) -> None:
    try:
        audit_decisions.decide(address, decision)
    except (RunError, ValueError) as error:
        st.session_state[PROBLEM] = str(error)
        return
    state.put(picture=following)


def _alike(found: Audit, split: str, position: int) -> None:
    """Its near-duplicates, then the training pictures most like it."""
    twins = found.twins(split, position)
    if twins:
        _row_of_pictures([address for address, _ in twins], "twins", "Near-duplicates")
        st.caption(f"Near-duplicates: they differ by {twins[0][1]:.3f} and more, root mean square, white being 1.")
    positions, distances = _nearest(split, position)
    _row_of_pictures(
        [data.picture_address("train", int(one)) for one in positions], "alike", "Nearest training pictures"
    )
    labels, label = data.load_split("train").labels, data.load_split(split).labels[position]
    st.caption(
        f"The training pictures nearest to it by pixels, {distances[0]:.3f} to {distances[-1]:.3f} away: "
        f"{int((labels[positions] == label).sum())} of {len(positions)} are labelled {CLASS_NAMES[label]}."
    )


@st.cache_data(max_entries=500, show_spinner=False)
def _nearest(split: str, position: int) -> tuple[np.ndarray, np.ndarray]:
    """Without the picture itself."""
    picture = data.load_split(split).images[position]
    near, distances = confident_learning.nearest_pictures(picture, data.load_split("train").images, NEAREST + 1)
    kept = np.flatnonzero((near != position) | (split != "train"))[:NEAREST]
    return near[kept], distances[kept]


def _row_of_pictures(addresses: list[str], key: str, label: str) -> None:
    parsed = [data.parse_picture_address(one) for one in addresses]
    images = np.stack([data.load_split(split).images[index] for split, index in parsed])
    names = [CLASS_NAMES[data.load_split(split).labels[index]] for split, index in parsed]
    parts.picture_gallery(images, names, key=f"suspect-{key}", label=label, size=76)
