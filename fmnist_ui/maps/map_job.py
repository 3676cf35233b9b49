"""The line above the map that makes it: a button, then how far it is."""

from contextlib import suppress

import streamlit as st

from fmnist_core.demo import limits
from fmnist_core.jobs import kinds, lifecycle, queue
from fmnist_core.jobs.status import Status
from fmnist_core.maps import map_jobs, maps
from fmnist_core.maps.map_spec import METHOD_WORDS, MapSpec
from fmnist_core.maps.maps import method_words
from fmnist_core.speed import forecasts
from fmnist_core.storage import owners
from fmnist_core.storage.folders import RunError
from fmnist_ui import parts, waiting
from fmnist_ui.maps.map_source import Scene
from fmnist_ui.widgets.hostile_text import literal

PROBLEM = "map_problem"  # in the session: why the last start or stop failed


def job_bar(scene: Scene, key: str = "make") -> None:
    """Nothing where the map is finished; else what is shown instead, and what can be done.

    key: tells its buttons from those of other maps on the page.
    """
    parts.tell_problem(PROBLEM)
    status = scene.status
    if scene.working and status is not None:
        _progress(scene, status, key)
    elif status is None and not scene.start_only and len(scene.coordinates):
        return
    elif status is None or status.state in ("failed", "interrupted") or not len(scene.coordinates):
        _offer(scene, key)
    elif status.state == "cancelled":
        _line(literal(status.message) or "It was stopped early.", "Make it whole", scene.spec, key)


def _progress(scene: Scene, status: Status, key: str) -> None:
    words, job = literal(status.message), map_jobs.job(maps.files_of(scene.spec))
    if status.epochs and status.epoch:
        words = f"{words} Iteration {status.epoch:,} of {status.epochs:,}."
    elif scene.start_only:
        words = f"{words} Until its first frame: the principal components."
    words = waiting.progress_words(job, status, words)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(min(status.epoch / status.epochs, 1.0) if status.epochs else 0.0, words)
        told, icon = "Keeps what is there.", ":material/stop:"
        if owners.is_own(owners.read(job.folder)):
            st.button("Stop", icon=icon, help=told, key=f"{key}-stop", on_click=_stop, args=(scene.spec,))


def _offer(scene: Scene, key: str) -> None:
    name = method_words(scene.spec)
    status = scene.status
    if status is not None and status.message:
        words = literal(status.message)
    elif scene.start_only and scene.spec.library:
        words = f"These are the principal components. {name} has not been made for this choice yet."
    elif scene.start_only:
        words = f"This is where {name} starts: the principal components. It has not been made for this choice yet."
    elif scene.spec.of == "pixels":
        words = f"This {name} map has not been made yet: {len(scene.positions):,} pictures must be compared."
    else:
        words = f"This {name} map has not been made yet: the network must look at {len(scene.positions):,} pictures."
    _line(words, f"Make the {METHOD_WORDS[scene.spec.method]} map", scene.spec, key)


def _line(words: str, label: str, spec: MapSpec, key: str) -> None:
    with suppress(RunError):  # said where the map is started
        queue.prepare(kinds.MAP)
    with st.container(horizontal=True, vertical_alignment="center", border=True):
        st.markdown(words, width="content")
        if problem := limits.refusal(limits.check_start, kinds.MAP):
            st.caption(problem)
        else:
            st.button(label, icon=":material/play_arrow:", type="primary", key=key, on_click=start, args=(spec,))
            waiting.show_before_start(kinds.MAP, forecasts.of_map(spec))


def start(spec: MapSpec) -> None:
    """Queues the job of a map; why that fails is said above the next one's bar."""
    try:
        limits.check_start(kinds.MAP)
        map_jobs.submit(spec, forecasts.of_map(spec))
    except (RunError, ValueError) as error:
        st.session_state[PROBLEM] = str(error)


def _stop(spec: MapSpec) -> None:
    try:
        lifecycle.cancel(map_jobs.job(maps.files_of(spec)))
    except RunError as error:
        st.session_state[PROBLEM] = str(error)
