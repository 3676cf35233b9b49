"""Where training is off: a training that ships plays again as if it were live, faster than it was."""

import time
from collections.abc import Sequence
from typing import Any

import streamlit as st

from fmnist_core.jobs.status import State, Status
from fmnist_core.runs import catalogue, runs
from fmnist_core.runs.catalogue import Row
from fmnist_core.runs.records import Line
from fmnist_ui import cached, parts
from fmnist_ui.train.live_run import POLL_SECONDS, draw_run

SECONDS = 60.0  # that it takes about, where it took longer
LEAST_SPEED = 2
_BEGAN = "recorded_began"  # in the session: which run plays, and since when


def show(rows: Sequence[Row]) -> None:
    """The section of a page. rows: all that the visitor may look at; those that ship have been recorded."""
    found = those(rows)
    first = catalogue.default_run(found)
    recorded = {row.run.id: row for row in sorted(found, key=lambda row: row != first)}
    st.info(
        "Training is off here, as many share this machine. Trainings that ship play instead, exactly as they went. On "
        "your own machine you train yourself.",
        icon=":material/replay:",
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        words = lambda run_id: parts.run_title(recorded[run_id])  # noqa: E731
        told: dict[str, Any] = {"key": "recorded", "width": 460, "persist_state": "session"}
        chosen = st.selectbox("Training", list(recorded), format_func=words, **told)
        row = recorded.get(chosen) or next(iter(recorded.values()))
        if st.button("Play", icon=":material/play_arrow:", type="primary", key="play-recorded"):
            st.session_state[_BEGAN] = row.run.id, time.monotonic()
    plays, began = st.session_state.get(_BEGAN, ("", 0.0))
    if plays != row.run.id:
        return
    lines = cached.read_metrics(row.run)
    speed = speed_of(lines)
    ends = began + (lines[-1].seconds if lines else 0.0) / speed
    st.fragment(run_every=POLL_SECONDS if time.monotonic() < ends else None)(_panel)(row, lines, began, ends, speed)


def those(rows: Sequence[Row]) -> list[Row]:
    """The trainings that ship with their curves."""
    return [row for row in rows if row.run.shipped and row.usable and row.recipe and row.recipe.has_epochs]


def speed_of(lines: Sequence[Line]) -> int:
    """How many times as fast a training is shown as it was."""
    return max(LEAST_SPEED, round((lines[-1].seconds if lines else 0.0) / SECONDS))


def _panel(row: Row, lines: list[Line], began: float, ends: float, speed: int) -> None:
    now = time.monotonic()
    shown = [line for line in lines if line.seconds <= (now - began) * speed]
    recipe = runs.read_config(row.run).recipe
    st.caption(f"Recorded on {runs.began(row.run.id).day}, shown {speed} times as fast.")
    state: State = "running" if now < ends else "done"
    draw_run(row.run, Status(state, phase="training", epochs=recipe.epochs), shown, recipe)
    if state == "done" and st.session_state.get(f"{_BEGAN}-ended") != began:
        st.session_state[f"{_BEGAN}-ended"] = began
        st.rerun()  # nothing is left to poll for
