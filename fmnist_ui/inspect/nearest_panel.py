"""The training pictures that a network finds most like a visitor's."""

import numpy as np
import streamlit as st

from fmnist_core import data
from fmnist_core.inference import nearest_training
from fmnist_core.runs.catalogue import Row
from fmnist_core.runs.predictions import Predictions
from fmnist_ui import cached
from fmnist_ui.inspect import data_pictures
from fmnist_ui.widgets.gallery import Tile, gallery

LABEL = "The nearest training pictures"


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
    classes = row.config.class_names if row.config else data.CLASS_NAMES
    gallery(_tiles(found.positions, stored, training, classes), key=f"{key}-nearest", label=LABEL, size=84)
    st.caption(
        f"Of the {len(stored.labels):,} pictures this run was trained on, the {nearest_training.CANDIDATES} with the "
        "nearest answers were looked at again; these are the nearest of them by features, with their labels and what "
        "the network calls them. What it says rests on pictures like these."
    )


def _tiles(positions: np.ndarray, stored: Predictions, training: data.Pictures, classes: tuple[str, ...]) -> list[Tile]:
    """positions: in the training set, of pictures that `stored` has answers to."""
    order = np.argsort(stored.indices)
    rows = order[np.searchsorted(stored.indices, positions, sorter=order)]
    return [
        data_pictures.judged_tile(
            training.images[position],
            int(training.labels[position]),
            int(called),
            data.picture_address("train", int(position)),
            classes,
        )
        for position, called in zip(positions, stored.predicted[rows], strict=True)
    ]


def _in_words(names: list[str]) -> str:
    """How many of them have the commonest label."""
    commonest = max(dict.fromkeys(names), key=names.count)
    if names.count(commonest) == len(names):
        return f"All {len(names)} nearest training pictures are labelled **{commonest}**."
    return f"{names.count(commonest)} of the {len(names)} nearest training pictures are labelled **{commonest}**."
