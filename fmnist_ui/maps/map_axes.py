"""Which directions the axes of a map of principal components show."""

import numpy as np
import streamlit as st

from fmnist_core.embedding import PCA
from fmnist_core.embedding.axes import custom_axis
from fmnist_core.maps import search
from fmnist_core.maps.search import SearchError
from fmnist_ui import cached, parts, state
from fmnist_ui.maps.map_source import Scene, Verdicts

ENDS = "map_axis"  # in the session: addresses of the pictures at an end of the custom axis
DRAWN = "what was chosen"


def project(scene: Scene, verdicts: Verdicts | None, names: tuple[str, ...]) -> tuple[np.ndarray, str]:
    """Draws the choice of the axes; returns (n, 2) or (n, 3) places and a sentence on what they show."""
    pca = scene.pca
    if pca is None or scene.start_only:
        return scene.coordinates[:, : scene.spec.dims], ""
    with st.popover("Axes", icon=":material/straighten:"):
        chosen = _components(pca, scene.spec.dims)
        st.caption("Or let the first axis lead from what one search finds to what another one does.")
        left = state.text("From", "left", placeholder="shirt", max_chars=search.MOST_CHARACTERS)
        right = state.text("To", "right", placeholder="t-shirt", max_chars=search.MOST_CHARACTERS)
        with st.container(horizontal=True):
            st.button("From what is chosen", on_click=_take_chosen, args=("left",))
            st.button("To what is chosen", on_click=_take_chosen, args=("right",))
    places = scene.coordinates[:, chosen]
    share = float(pca.explained[chosen].sum())
    sentence = f"These {len(chosen)} principal components hold {parts.percent(share)} of all variance."
    if not (left and right):
        return places, sentence
    try:
        axis = _between(scene, verdicts, names, left, right)
    except (SearchError, ValueError) as error:
        st.warning(str(error), icon=":material/straighten:")
        return places, sentence
    return np.column_stack([axis, places[:, 1:]]), f"From left to right: from {left!r} to {right!r}."


def _take_chosen(end: str) -> None:
    """What was drawn around becomes an end of the axis: in the address stands a word for it."""
    st.session_state[f"{ENDS}_{end}"] = st.session_state.get(state.CHOSEN, frozenset())
    state.put(**{end: DRAWN})


def _components(pca: PCA, dims: int) -> list[int]:
    count = len(pca.components)

    def label(component: int) -> str:
        return f"{component + 1} · {parts.percent(float(pca.explained[component]))}"

    names = (("Across: component", "x"), ("Up: component", "y"), ("Towards you: component", "z"))[:dims]
    return [state.select(words, name, range(count), format_func=label) for words, name in names]


def _between(scene: Scene, verdicts: Verdicts | None, names: tuple[str, ...], left: str, right: str) -> np.ndarray:
    predicted = None if verdicts is None else verdicts.predicted
    found = []
    for end, words in (("left", left), ("right", right)):
        drawn = st.session_state.get(f"{ENDS}_{end}", frozenset()) if words == DRAWN else None
        if drawn is None:
            found.append(search.find(words, scene.labels, predicted, names, scene.numbers))
        else:
            found.append(np.array([row for row in map(scene.row_of, drawn) if row is not None], np.int64))
    space = cached.map_vectors(scene.spec)
    if space is None:
        raise ValueError("The vectors of this map are not at hand. Make the map first.")
    return custom_axis(space[1], *found).project(space[1])
