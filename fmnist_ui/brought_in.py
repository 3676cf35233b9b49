"""What pages say of a run that was brought in."""

import streamlit as st

from fmnist_core.brought_in import words
from fmnist_core.runs.catalogue import Row
from fmnist_core.zoo.others.brought_in import BroughtIn
from fmnist_ui.widgets.hostile_text import literal


def about(row: Row) -> BroughtIn | None:
    """What was brought in; None of a run that was trained here."""
    return row.config.brought_in if row.config else None


def warn(row: Row) -> None:
    """What should not be overlooked of its order; nothing of other runs."""
    if (found := about(row)) and row.test_accuracy is not None:
        for sentence in words.sentences(found, row.test_accuracy):
            st.warning(literal(sentence), icon=":material/swap_vert:")


def missing(row: Row, view: str) -> str:
    """Why a view of Evaluate has nothing to show of it; "" where it has, and of other runs."""
    if (found := about(row)) is None:
        return ""
    if view == "replay":
        return "It was trained elsewhere and brought in: how its answers came about, epoch by epoch, is not known."
    return words.NO_MODEL if view in ("changes", "test_time_augmentation") and not found.has_model else ""


def note_validation(row: Row) -> None:
    """That its validation pictures may be ones that it was trained on."""
    if about(row):
        st.caption(words.MAYBE_SEEN)


def facts(row: Row) -> None:
    """What is known of it, a line each."""
    if found := about(row):
        st.markdown("\n".join(f"- **{name}**: {literal(phrase)}" for name, phrase in words.facts(found)))
        if not found.has_model:
            st.caption(words.NO_MODEL)
