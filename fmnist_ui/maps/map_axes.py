"""Which directions the axes of a map of principal components show."""

from typing import NamedTuple

import numpy as np
import streamlit as st

from fmnist_core.embedding import PCA
from fmnist_core.embedding.axes import custom_axis
from fmnist_core.maps import search
from fmnist_core.maps.search import SearchError
from fmnist_ui import cached, parts, state
from fmnist_ui.maps.map_source import Scene, Verdicts
from fmnist_ui.widgets.hostile_text import literal

ENDS = "map_axis"  # in the session: addresses of the pictures at an end of a custom axis
DRAWN = "what was chosen"
CUSTOM = (("Across", "left", "right"), ("Up", "below", "above"))  # and the fields of the two ends


class Projection(NamedTuple):
    places: np.ndarray  # (n, 2) or (n, 3)
    titles: tuple[str, ...] = ()  # of the axes; none: they mean nothing
    sentence: str = ""  # on what they show


def project(scene: Scene, verdicts: Verdicts | None, names: tuple[str, ...]) -> Projection:
    """Draws the choice of the axes and returns what it leads to."""
    pca = scene.pca
    if pca is None or scene.start_only:
        return Projection(scene.coordinates[:, : scene.spec.dims])
    with st.popover("Axes", icon=":material/straighten:"):
        chosen = _components(pca, scene.spec.dims)
        st.caption("Or let an axis lead from what one search finds to what another one does.")
        asked = [_ends(*one) for one in CUSTOM]
    places = scene.coordinates[:, chosen].copy()
    share = float(pca.explained[chosen].sum())
    titles = [f"Component {one + 1} · {parts.percent(float(pca.explained[one]))} of the variance" for one in chosen]
    said = f"These {len(chosen)} principal components hold {parts.percent(share)} of all variance."
    custom = []
    for axis, (word, (_, *fields), ends) in enumerate(
        zip(("left to right", "below to above"), CUSTOM, asked, strict=True)
    ):
        if not all(ends):
            continue
        try:
            places[:, axis] = _between(scene, verdicts, names, dict(zip(fields, ends, strict=True)))
        except (SearchError, ValueError) as error:
            st.warning(literal(str(error)), icon=":material/straighten:")
            continue
        titles[axis] = f"from {ends[0]} to {ends[1]}"
        custom.append(f"From {word}: from “{literal(ends[0])}” to “{literal(ends[1])}”.")
    return Projection(places, tuple(titles), " ".join(custom) or said)


def _ends(word: str, start: str, end: str) -> tuple[str, str]:
    """The two searches that an axis leads between, both empty where it is a component."""
    said = []
    for column, name, label in zip(st.columns(2), (start, end), (f"{word}, from", f"{word}, to"), strict=True):
        with column:
            told = {"max_chars": search.MOST_CHARACTERS, "help": search.HELP}
            said.append(state.text(label, name, placeholder="shirt" if name == start else "t-shirt", **told).strip())
            st.button("What is chosen", key=f"take-{name}", on_click=_take_chosen, args=(name,))
    return said[0], said[1]


def _take_chosen(end: str) -> None:
    """What was drawn around becomes an end of an axis: in the address stands a word for it."""
    st.session_state[f"{ENDS}_{end}"] = st.session_state.get(state.CHOSEN, frozenset())
    state.put(**{end: DRAWN})


def _components(pca: PCA, dims: int) -> list[int]:
    count = len(pca.components)

    def label(component: int) -> str:
        return f"{component + 1} · {parts.percent(float(pca.explained[component]))}"

    names = (("Across: component", "x"), ("Up: component", "y"), ("Towards you: component", "z"))[:dims]
    return [state.select(words, name, range(count), format_func=label) for words, name in names]


def _between(scene: Scene, verdicts: Verdicts | None, names: tuple[str, ...], ends: dict[str, str]) -> np.ndarray:
    """(n,) places on the axis between two searches, each by the name of its field."""
    predicted = None if verdicts is None else verdicts.predicted
    found = []
    for end, words in ends.items():
        drawn = st.session_state.get(f"{ENDS}_{end}", frozenset()) if words == DRAWN else None
        if drawn is None:
            found.append(search.find(words, scene.labels, predicted, names, scene.numbers))
        else:
            found.append(np.array([row for row in map(scene.row_of, drawn) if row is not None], np.int64))
    space = cached.map_vectors(scene.spec)
    if space is None:
        raise ValueError("The vectors of this map are not at hand. Make the map first.")
    return custom_axis(space[1], *found).project(space[1])
