"""What the buttons *Start* do: one training, family or sweep, however often a slow browser's visitor clicks."""

import time
from collections.abc import Callable, Hashable, Sequence
from typing import Any

import streamlit as st

from fmnist_core.demo import limits
from fmnist_core.families import members
from fmnist_core.recipe import Recipe
from fmnist_core.runs.records import Varied
from fmnist_core.speed import forecasts
from fmnist_core.storage.folders import RunError
from fmnist_core.sweeps import cluster, sweep_jobs
from fmnist_core.sweeps.plan import Plan
from fmnist_core.training import training_jobs
from fmnist_ui import address, cached, state
from fmnist_ui.train.estimate_line import estimate_of

STARTED = "training_started"  # in the session: what the last click on Start asked for, what it opened, and when
UNHEARD_SECONDS = 5.0  # a second such click is of a visitor who has not been told of the run yet


def start(chosen: Recipe) -> None:
    """Queues the training and opens it, or says why not."""

    def queue() -> dict[str, str | None]:
        limits.check_training(chosen)
        return {"run": training_jobs.submit(chosen, estimate_of(chosen)).id, "family": None, "sweep": None}

    _once((chosen, address.sent().get("run")), queue)


def start_family(recipes: Sequence[Recipe], varies: Varied) -> None:
    """Queues the trainings of a family and opens it, or says why not."""

    def queue() -> dict[str, str | None]:
        limits.check_family(recipes)
        family = members.start(recipes, varies, [estimate_of(one) for one in recipes])
        return {"family": family, "run": None, "sweep": None}

    _once((tuple(recipes), varies, address.sent().get("family")), queue)


def start_sweep(asked: Hashable, make: Callable[[], Plan], on: str) -> None:
    """Queues a sweep and opens it, or says why not. asked: what the form says; make: its plan, anew."""

    def queue() -> dict[str, str | None]:
        made = make()
        limits.check_sweep(made, cluster.local_workers(on, len(made.tasks)))
        sweep = sweep_jobs.submit(made, on, forecasts.of_sweep(made, on, cached.list_rows()))
        return {"sweep": sweep.id, "run": None, "family": None}

    _once((asked, on, address.sent().get("sweep")), queue)


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
