"""Whose labels one's own recipe teaches: the official ones, or those of a label set."""

import streamlit as st

from fmnist_core import glossary
from fmnist_core.analysis import label_set
from fmnist_core.analysis.label_set import Taught
from fmnist_core.recipe import Recipe
from fmnist_ui.inspect import label_choice
from fmnist_ui.train.forms.stage_form import KEPT

OFFICIAL, AS_KEPT = "official", "kept"
KEY = "taught_labels"
PAIRS = "kept_relabelled"  # in the session: of a recipe that came back, where no label set here teaches the same
NOTHING = Taught((), ())


def choose_labels() -> Taught:
    """What is taught otherwise than officially, and what is left out as ambiguous."""
    taught = _options()
    if len(taught) == 1:
        st.caption(
            f"To teach other labels, decide about suspects on Data, or import a label set on {label_choice.PAGE}."
        )
        return NOTHING
    if st.session_state.get(KEY) not in taught:
        st.session_state[KEY] = OFFICIAL
    words = {name: _in_words(title, found) for name, (title, found) in taught.items()}
    told = {"key": KEY, "help": glossary.term("Label set"), **KEPT}
    chosen = st.selectbox("Labels that are taught", tuple(words), format_func=words.__getitem__, width=420, **told)
    if chosen != OFFICIAL:
        st.caption(
            "The recipe keeps these labels as they are now. Validation and test pictures keep the official ones, by "
            "which all accuracies are counted."
        )
    return taught[chosen][1]


def _options() -> dict[str, tuple[str, Taught]]:
    """By what the session keeps: a title, and what it teaches."""
    pairs = st.session_state.get(PAIRS, ())
    found = {OFFICIAL: (label_choice.OFFICIAL, NOTHING)}
    if pairs:
        found[AS_KEPT] = "As in the recipe", Taught(pairs, ())
    for one in label_choice.kept_sets():
        found[one.id] = one.title, label_set.taught(one.labels)
    return found


def _in_words(title: str, taught: Taught) -> str:
    if taught == NOTHING:
        return title if title == label_choice.OFFICIAL else f"{title}: nothing of the training pictures"
    said = f"{title}: {len(taught.relabelled):,} corrected"
    return said + (f", {len(taught.ambiguous):,} left out" if taught.ambiguous else "")


def begin_with(chosen: Recipe) -> tuple[int, ...]:
    """Sets the control to what a recipe teaches; returns which of its left-out pictures no label set accounts for."""
    st.session_state.pop(PAIRS, None)
    st.session_state[KEY] = OFFICIAL
    if not chosen.relabelled:
        return chosen.excluded
    for name, (_, taught) in _options().items():
        rest = chosen.excluded[: len(chosen.excluded) - len(taught.ambiguous)]
        if taught.relabelled == chosen.relabelled and (*rest, *taught.ambiguous) == chosen.excluded:
            st.session_state[KEY] = name
            return rest
    st.session_state.update({PAIRS: chosen.relabelled, KEY: AS_KEPT})
    return chosen.excluded
