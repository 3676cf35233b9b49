"""How long a training will take, in a line; the machine is measured for it once, and the line follows."""

import streamlit as st

from fmnist_core.jobs import kinds, queue
from fmnist_core.recipe import Recipe
from fmnist_core.speed import measurement
from fmnist_core.speed.estimate import estimate
from fmnist_core.storage.folders import RunError
from fmnist_ui import cached
from fmnist_ui.train.live_run import duration

POLL_SECONDS = 2.0


def show_estimate(chosen: Recipe) -> None:
    """Drawn again by itself while this machine is being measured, which begins where that was never done."""
    try:
        measuring = measurement.begin()
    except RunError:
        measuring = False  # nothing can be stored: what another machine took has to do
    st.fragment(run_every=POLL_SECONDS if measuring else None)(_line)(chosen, measuring)


def seconds_of(chosen: Recipe) -> float | None:
    """How long the training will take, where that can be told."""
    expected = estimate(chosen, cached.list_rows(), measurement.read())
    return expected.seconds if expected else None


def _turn() -> str:
    """When a training that is started now has its turn; nothing where that is at once."""
    waiting = len(queue.active(kinds.TRAINING.slot))
    if not waiting:
        return ""
    seconds = queue.seconds_to_wait(None, kinds.TRAINING.slot)
    when = "" if seconds is None else f", for about {duration(seconds)}"
    return f"  \n:material/schedule: It waits for {waiting} other{'s' if waiting > 1 else ''} first{when}."


def _line(chosen: Recipe, measuring: bool) -> None:
    if expected := estimate(chosen, cached.list_rows(), measurement.read()):
        more = "; this machine is being measured" if measuring else ""
        st.markdown(f"About **{duration(expected.seconds)}** :gray[({expected.basis}{more})]{_turn()}")
    if measuring and not measurement.is_at_work():
        st.rerun()
