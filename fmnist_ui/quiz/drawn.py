"""The quiz's pictures and the networks that name them: of runs that ship alone, so that all are asked the same."""

import numpy as np
import streamlit as st

from fmnist_core.quiz import pictures
from fmnist_core.runs import catalogue, leaderboard, predictions, runs
from fmnist_core.runs.catalogue import Row
from fmnist_core.runs.runs import Run
from fmnist_ui import cached

BESIDE = "cnn_2"  # the model of the zoo that stands beside the flagship

_Stamped = tuple[tuple[Run, tuple[float, ...]], ...]  # runs, and when their predictions were written


def places_of(seed: int, hard: bool) -> tuple[int, ...]:
    """The places of a quiz's pictures in the test set. Raises RunError where there are no hard ones."""
    return _places_of(seed, hard, _shipped() if hard else ())


def count_hard() -> tuple[int, int]:
    """How many hard pictures there are, and how many networks say so. Raises RunError."""
    shipped = _shipped()
    return len(_hard(shipped)), len(shipped)


def networks() -> list[Row]:
    """The flagship and CNN 2, as far as they ship."""
    shipped = [row for row in cached.list_rows() if row.run.shipped and row.usable]
    beside = [one.row for one in leaderboard.list_entries(shipped) if one.model.name == BESIDE]
    found = [catalogue.default_run([row for row in shipped if row.flagship]), *beside]
    return [row for row in found if row is not None]


@st.cache_data(max_entries=256, show_spinner=False)
def _places_of(seed: int, hard: bool, shipped: _Stamped) -> tuple[int, ...]:
    return pictures.draw(seed, hard, _hard(shipped) if hard else pictures.all_pictures())


@st.cache_resource(max_entries=2, show_spinner=False)
def _hard(shipped: _Stamped) -> np.ndarray:
    found = pictures.hard_pictures([predictions.load(run, "test") for run, _ in shipped])
    found.setflags(write=False)
    return found


def _shipped() -> _Stamped:
    shipped = [run for run in runs.every_run() if run.shipped]
    return tuple((run, cached.stamp(run, "predictions.npz")) for run in shipped)
