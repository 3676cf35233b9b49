"""What the views of Evaluate compute once for all visitors: the scores of a run's pictures."""

import contextlib

import numpy as np
import streamlit as st

from fmnist_core import data
from fmnist_core.metrics import class_figures, scores
from fmnist_core.metrics.class_figures import ClassFigures
from fmnist_core.metrics.scores import Scores
from fmnist_core.runs import feature_map, runs
from fmnist_core.runs.predictions import Predictions
from fmnist_core.storage.folders import RunError


def scores_of(run_id: str, stored: Predictions) -> Scores:
    """stored: a split of that run, as `cached.load_predictions` gives it."""
    return _scores_of(run_id, stored.split, _changed(run_id), stored)


def features_of(run_id: str, stored: Predictions) -> np.ndarray | None:
    """(n, at most 64) principal components of the test pictures' features; None for others, or where there are none."""
    if stored.split != "test":
        return None
    with contextlib.suppress(RunError):
        found = _features(run_id, _changed(run_id))
        if len(found) == data.SIZES["test"] == len(stored.labels):
            return found
    return None


def figures_of(run_id: str, stored: Predictions, num_classes: int) -> list[ClassFigures]:
    """One a class."""
    return _figures_of(run_id, stored.split, num_classes, _changed(run_id), stored)


@st.cache_resource(max_entries=12, show_spinner=False)
def _figures_of(
    run_id: str, split: str, num_classes: int, stamp: tuple[float, ...], _stored: Predictions
) -> list[ClassFigures]:
    return class_figures.class_figures(_stored.logits, _stored.labels, num_classes)


@st.cache_resource(max_entries=12, show_spinner=False)
def _scores_of(run_id: str, split: str, stamp: tuple[float, ...], _stored: Predictions) -> Scores:
    return scores.score(_stored.logits, _stored.labels, features_of(run_id, _stored))


@st.cache_resource(max_entries=6, show_spinner=False)
def _features(run_id: str, stamp: tuple[float, ...]) -> np.ndarray:
    return feature_map.load(runs.find(run_id)).coordinates


def _changed(run_id: str) -> tuple[float, ...]:
    """When the files were written that scores are made of: a resumed run replaces them under the same name."""
    stamps = []
    for name in ("predictions.npz", "maps/features.npz"):
        try:
            stamps.append((runs.find(run_id).folder / name).stat().st_mtime)
        except (OSError, RunError):
            stamps.append(0.0)
    return tuple(stamps)
