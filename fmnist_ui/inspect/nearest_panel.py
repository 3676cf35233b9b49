"""The training pictures that a network finds most like a visitor's."""

import numpy as np
import streamlit as st

from fmnist_core import data
from fmnist_core.inference import nearest_training
from fmnist_core.runs.catalogue import Row
from fmnist_ui import cached, parts


def show(row: Row, picture: np.ndarray, key: str, itself: int | None = None) -> None:
    """picture: (28, 28) uint8; itself: its position, where it is a training picture.

    Raises RunError, DataError and ValueError, with a sentence.
    """
    training = data.load_split("train")
    with st.spinner("Looking for the training pictures most like it …"):
        stored = cached.load_predictions(row.run, "train")
        classifier = cached.load_classifier(row.run)
        found = nearest_training.nearest_training(classifier, picture, stored, training, itself=itself)
    names = [data.CLASS_NAMES[label] for label in training.labels[found.positions]]
    st.markdown(_in_words(names))
    parts.picture_gallery(
        training.images[found.positions], names, key=f"{key}-nearest", label="The nearest training pictures", size=78
    )
    st.caption(
        f"Of the {len(stored.labels):,} pictures this run was trained on, the {nearest_training.CANDIDATES} with the "
        "nearest answers were looked at again; these are the nearest of them by features, with their labels. What it "
        "says rests on pictures like these."
    )


def _in_words(names: list[str]) -> str:
    """How many of them have the commonest label."""
    commonest = max(dict.fromkeys(names), key=names.count)
    if names.count(commonest) == len(names):
        return f"All {len(names)} nearest training pictures are labelled **{commonest}**."
    return f"{names.count(commonest)} of the {len(names)} nearest training pictures are labelled **{commonest}**."
