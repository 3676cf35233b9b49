"""A run by the labels of a label set, beside the official figures, which stay as they are."""

import streamlit as st

from fmnist_core import glossary
from fmnist_core.analysis.label_set import LabelSet
from fmnist_core.label_audit import rescored
from fmnist_core.runs.predictions import Predictions
from fmnist_ui import parts, state
from fmnist_ui.inspect import label_choice
from fmnist_ui.widgets.hostile_text import literal


def choose() -> LabelSet | None:
    """The control, where there are label sets or the address names one; None: the official labels."""
    sets = label_choice.kept_sets()
    if not sets and state.get("labels") is None:
        return None
    chosen = label_choice.choose("Labels", "labels", sets, label_choice.OFFICIAL)
    return chosen.labels if chosen else None


def show(stored: Predictions, labels: LabelSet | None) -> Predictions:
    """Says how the run does by the set's labels, and returns its answers with these; as they were without a set."""
    if labels is None:
        return stored
    try:
        found = rescored.rescore(stored, labels)
    except ValueError as error:
        st.warning(str(error), icon=":material/rule:")
        return stored
    (official, mine), (of_official, of_mine) = found.accuracies, found.intervals
    st.markdown(
        f"By **{literal(labels.name)}** the accuracy is **{parts.percent(mine, 2)}** :gray[({_interval(of_mine)})]; by "
        f"the official labels of the same {found.compared.pictures:,} pictures it is {parts.percent(official, 2)} "
        f":gray[({_interval(of_official)})].  \n{rescored.in_words(found)}",
        help=glossary.several("Label set", "Interval", "McNemar test"),
    )
    st.caption(f"What follows is by {literal(labels.name)}. {rescored.FAVOURS}")
    return found.stored


def _interval(ends: tuple[float, float]) -> str:
    return f"95 % interval {parts.percent(ends[0], 2)} to {parts.percent(ends[1], 2)}"
