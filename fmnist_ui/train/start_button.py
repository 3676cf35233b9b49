"""What the button *Start training* does: one training, however often a slow browser's visitor clicks."""

import time

import streamlit as st

from fmnist_core.demo import limits
from fmnist_core.recipe import Recipe
from fmnist_core.storage.folders import RunError
from fmnist_core.training import training_jobs
from fmnist_ui import address, cached, state
from fmnist_ui.train.estimate_line import estimate_of

STARTED = "training_started"  # in the session: the recipe and the address of the last click on Start, its run, when
UNHEARD_SECONDS = 5.0  # a second such click is of a visitor who has not been told of the run yet


def start(chosen: Recipe) -> None:
    """Queues the training and opens it, or says why not."""
    asked = (chosen, address.sent().get("run"))
    last, run_id, when = st.session_state.get(STARTED, (None, "", 0.0))
    if asked == last and time.monotonic() - when < UNHEARD_SECONDS:
        state.put(run=run_id)
        st.rerun()
    try:
        limits.check_training(chosen)
        run = training_jobs.submit(chosen, estimate_of(chosen))
    except (RunError, ValueError) as error:
        st.error(str(error), icon=":material/error:")
        return
    st.session_state[STARTED] = (asked, run.id, time.monotonic())
    cached.forget_rows()
    state.put(run=run.id)
    st.rerun()
