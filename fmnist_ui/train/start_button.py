"""What the buttons *Start* do: one training, or one family, however often a slow browser's visitor clicks."""

import time
from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from fmnist_core.demo import limits
from fmnist_core.families import members
from fmnist_core.recipe import Recipe
from fmnist_core.runs.records import Varied
from fmnist_core.storage.folders import RunError
from fmnist_core.training import training_jobs
from fmnist_ui import address, cached, state
from fmnist_ui.train.estimate_line import estimate_of

STARTED = "training_started"  # in the session: what the last click on Start asked for, what it opened, and when
UNHEARD_SECONDS = 5.0  # a second such click is of a visitor who has not been told of the run yet


def start(chosen: Recipe) -> None:
    """Queues the training and opens it, or says why not."""

    def queue() -> dict[str, str | None]:
        limits.check_training(chosen)
        return {"run": training_jobs.submit(chosen, estimate_of(chosen)).id, "family": None}

    _once((chosen, address.sent().get("run")), queue)


def start_family(recipes: Sequence[Recipe], varies: Varied) -> None:
    """Queues the trainings of a family and opens it, or says why not."""

    def queue() -> dict[str, str | None]:
        limits.check_family(recipes)
        return {"family": members.start(recipes, varies, [estimate_of(one) for one in recipes]), "run": None}

    _once((tuple(recipes), varies, address.sent().get("family")), queue)


def _once(asked: Any, queue: Callable[[], dict[str, str | None]]) -> None:
    """asked: by which a second click is known. queue: gives the fields that open what it has queued."""
    last, opened, when = st.session_state.get(STARTED, (None, {}, 0.0))
    if asked == last and time.monotonic() - when < UNHEARD_SECONDS:
        state.put(**opened)
        st.rerun()
    try:
        opened = queue()
    except (RunError, ValueError) as error:
        st.error(str(error), icon=":material/error:")
        return
    st.session_state[STARTED] = (asked, opened, time.monotonic())
    cached.forget_rows()
    state.put(**opened)
    st.rerun()
