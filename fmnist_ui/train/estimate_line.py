"""How long a training will take, in a line; the machine is measured for it once, and the line follows."""

import streamlit as st

from fmnist_core.jobs import kinds
from fmnist_core.jobs.durations import Estimate
from fmnist_core.recipe import Recipe
from fmnist_core.speed import measurement
from fmnist_core.speed.estimate import estimate
from fmnist_core.storage.folders import RunError
from fmnist_ui import cached, waiting

POLL_SECONDS = 2.0


def show_estimate(chosen: Recipe) -> None:
    """Drawn again by itself while this machine is being measured, which begins where that was never done."""
    try:
        measuring = measurement.begin()
    except RunError:
        measuring = False  # nothing can be stored: what another machine took has to do
    st.fragment(run_every=POLL_SECONDS if measuring else None)(_line)(chosen, measuring)


def estimate_of(chosen: Recipe) -> Estimate | None:
    """How long the training will take, where that can be told."""
    return estimate(chosen, cached.list_rows(), measurement.read())


def _line(chosen: Recipe, measuring: bool) -> None:
    more = "; this machine is being measured" if measuring else ""
    waiting.show_before_start(kinds.TRAINING, estimate_of(chosen), more)
    if measuring and not measurement.is_at_work():
        st.rerun()
