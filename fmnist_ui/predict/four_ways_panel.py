"""A photo prepared in every way there is, side by side, with what the run calls each."""

import numpy as np
import streamlit as st

from fmnist_core.photo.pipeline import DEFAULT_MODE, MODES
from fmnist_core.photo.settings import Settings
from fmnist_core.runs.catalogue import Row
from fmnist_ui import parts
from fmnist_ui.predict import photo_answers
from fmnist_ui.predict.photo_answers import VisitorPhoto
from fmnist_ui.widgets.hostile_text import literal


def show(row: Row, photo: VisitorPhoto, settings: Settings, painted: np.ndarray | None) -> None:
    """settings, painted: those of the mode best. Raises PhotoError, RunError and ValueError, with a sentence."""
    found = {name: photo_answers.prepared(photo, name) for name in MODES if name != DEFAULT_MODE}
    found[DEFAULT_MODE] = photo_answers.prepared(photo, DEFAULT_MODE, settings, painted)
    found = {name: found[name] for name in MODES}
    answers = {name: photo_answers.answer(row, one) for name, one in found.items()}
    labels = [one.label for one in answers.values()]
    st.markdown(
        f"All four ways end in **{literal(labels[0])}**."
        if len(set(labels)) == 1
        else "The same photo and the same network: only the preparation differs."
    )
    with st.grid("auto", min_column_width=120, gap="medium"):
        for name, mode in MODES.items():
            answer = answers[name]
            with st.container(gap="xsmall"):
                alt = f"{mode.title}: 28 by 28 pixels, called {answer.label}"
                st.image(parts.enlarge(found[name].picture), width="stretch", alt=alt)
                st.markdown(f"**{literal(answer.label)}** {parts.percent(answer.confidence, 0)}")
                st.caption(f"{mode.title}", help=mode.sentence)
