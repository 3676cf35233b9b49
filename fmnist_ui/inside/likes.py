"""The training pictures that move a channel most, with the box where; or the job that finds them."""

import base64
from typing import Any

import streamlit as st

from fmnist_core import data
from fmnist_core.demo import limits
from fmnist_core.inside import favourites, receptive_field
from fmnist_core.inside.favourites import Favourites
from fmnist_core.inside.layers import Network
from fmnist_core.jobs import kinds, lifecycle
from fmnist_core.jobs.status import ACTIVE
from fmnist_core.runs.catalogue import Row
from fmnist_core.runs.runs import Run
from fmnist_core.speed import forecasts
from fmnist_core.storage import owners
from fmnist_core.storage.folders import RunError
from fmnist_ui import cached, parts, waiting
from fmnist_ui.inside.asked import Asked
from fmnist_ui.widgets.hostile_text import literal

POLL_SECONDS = 1.0
PROBLEM = "inside_likes_problem"  # in the session: why the last start or stop failed


def load(row: Row, network: Network) -> Favourites | None:
    """Raises RunError."""
    folders = (row.run.folder, favourites.job_folder(row.run))
    return _load(row.run, cached.newest(*(folder / favourites.FILE for folder in folders)), network)


@st.cache_resource(max_entries=3, show_spinner=False)
def _load(run: Run, stamp: float, _network: Network) -> Favourites | None:
    return favourites.load(run, _network)


def of_channel(asked: Asked, layer: str, channel: int) -> dict[str, Any] | None:
    """For the browser: 16 pictures, their addresses, classes and boxes; None where nobody has looked for them."""
    try:
        found = load(asked.row, asked.network)
    except RunError:
        return None  # said by `panel`
    if found is None or layer not in found.pictures:
        return None
    train = data.load_split("train")
    positions = found.pictures[layer][channel].astype(int)
    field = receptive_field.fields(asked.network, factors=False)[layer]
    return {
        "pictures": base64.b64encode(train.images[positions].tobytes()).decode("ascii"),
        "addresses": [data.picture_address("train", int(index)) for index in positions],
        "names": [data.CLASS_NAMES[int(label)] for label in train.labels[positions]],
        "boxes": [list(field.at(int(row), int(column))) for row, column in found.places[layer][channel]],
        "values": [round(float(value), 4) for value in found.values[layer][channel]],
    }


def panel(row: Row, network: Network) -> None:
    """Nothing where they are there; else a button, the progress, or why it failed."""
    try:
        if load(row, network) is not None:
            return
    except RunError as error:
        st.warning(str(error), icon=":material/broken_image:")
    status = lifecycle.read_status(favourites.job(row.run))
    at_work = status is not None and status.state in ACTIVE
    st.fragment(run_every=POLL_SECONDS if at_work else None)(_job)(row, at_work)


def _job(row: Row, at_work: bool) -> None:
    """While the job works this is drawn again each second; what it ends in is drawn by the page."""
    job = favourites.job(row.run)
    status = lifecycle.read_status(job)
    if at_work != (status is not None and status.state in ACTIVE):
        st.rerun()
    parts.tell_problem(PROBLEM)
    with st.container(horizontal=True, vertical_alignment="center", border=True, key="inside-likes"):
        if status is not None and at_work:
            done = f"{status.epoch} of {status.epochs} thousand training pictures"
            share = min(status.epoch / max(status.epochs, 1), 1.0)
            st.progress(share, waiting.progress_words(job, status, done))
            if owners.is_own(owners.read(job.folder)):
                st.button("Stop", icon=":material/stop:", key="inside-likes-stop", on_click=_cancel, args=(row,))
            return
        words = "**What does each channel like?** Which training pictures move it most, and where in them."
        if status is not None and status.message and status.state in ("failed", "interrupted"):
            words = literal(status.message)
        st.markdown(words, width="content")
        if problem := limits.refusal(limits.check_start, kinds.FAVOURITES):
            st.caption(problem)
            return
        start: dict[str, Any] = {"key": "inside-likes-start", "on_click": _submit, "args": (row,)}
        st.button("Find them", icon=":material/play_arrow:", **start)
        waiting.show_before_start(kinds.FAVOURITES, forecasts.of_favourites(row.run))


def _submit(row: Row) -> None:
    try:
        limits.check_start(kinds.FAVOURITES)
        favourites.submit(row.run, forecasts.of_favourites(row.run))
    except (RunError, ValueError) as error:
        st.session_state[PROBLEM] = str(error)


def _cancel(row: Row) -> None:
    try:
        lifecycle.cancel(favourites.job(row.run))
    except RunError as error:
        st.session_state[PROBLEM] = str(error)
