"""What the owner's page shows: how many are here, what waits, what is stored, what went wrong."""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Literal

import streamlit as st

from fmnist_core.demo import disk, errors, limits
from fmnist_core.demo.errors import Entry
from fmnist_core.demo.limits import MEGABYTE
from fmnist_core.demo.processes import Process
from fmnist_core.jobs import draining, lifecycle, queue, slot
from fmnist_core.jobs.lifecycle import Job
from fmnist_core.jobs.status import Status
from fmnist_core.machine import memory
from fmnist_core.storage import owners
from fmnist_core.storage.folders import RunError
from fmnist_ui import waiting
from fmnist_ui.widgets.hostile_text import literal

# CSS pixels: titles begin at one line; on a phone two figures stand side by side
STATE_WIDTH, FIGURE_WIDTH = 110, 160
STATES: dict[str, tuple[str, str, Literal["green", "gray"]]] = {
    "running": ("at work", "play_circle", "green"),
    "queued": ("waiting", "schedule", "gray"),
}


def figures(processes: Sequence[Process], active: Sequence[tuple[Job, Status]], failed: Sequence[Entry]) -> None:
    """How it stands at one glance."""
    at_work = sum(standing.state == "running" for _, standing in active)
    free = min((one.free for one in processes), default=0)
    told = (
        ("Visitors now", f"{sum(one.pages for one in processes):,}", "Open pages, in all web processes."),
        ("At work", f"{at_work:,}", "Trainings, maps and measurements."),
        ("Waiting", f"{len(active) - at_work:,}", "Of the same."),
        ("Memory free", _size(free), f"Of {_size(memory())}; where processes have limits of their own, the least."),
        ("Disk", _size(disk.used().total), f"What visitors made and what goes when it is old. {_fitting()}"),
        ("Errors", f"{len(failed):,}", "Of the last day: uncaught errors, and jobs that failed."),
    )
    with st.container(horizontal=True):
        for name, value, meaning in told:
            st.metric(name, value, help=meaning, width=FIGURE_WIDTH, border=True)


def _fitting() -> str:
    most = limits.read().megabytes
    return f"{_size(most * MEGABYTE)} fit." if most < math.inf else ""


def _size(count: float) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / MEGABYTE:,.0f} MB"


def update_panel() -> None:
    """Draining: what it is, how far it is, and the way back."""
    st.subheader("Before an update", anchor=False)
    if not draining.is_draining():
        st.caption("Draining lets nothing new start, and what is at work end by itself. What waits stays queued.")
        if st.button("Drain", icon=":material/water_drop:", key="drain"):
            _do(draining.begin)
        return
    working = draining.at_work()
    if working:
        st.warning(
            f"Draining: {len(working)} still at work, see below. Nothing new starts.", icon=":material/schedule:"
        )
    else:
        st.success("Nothing is at work any more: it can be stopped and updated now.", icon=":material/check_circle:")
    st.caption("It ends when the process that starts jobs is started anew, or here.")
    if st.button("Let jobs start again", icon=":material/play_arrow:", key="end-draining"):
        _do(draining.end)


def _do(change: Callable[[], None]) -> None:
    try:
        change()
    except RunError as error:
        st.error(str(error), icon=":material/error:")
        return
    st.rerun()


def active_jobs() -> list[tuple[Job, Status]]:
    return [one for name in slot.SLOTS for one in queue.active(name)]


def queue_panel(active: Sequence[tuple[Job, Status]]) -> None:
    st.subheader("Queue", anchor=False)
    if not active:
        st.caption("Nothing waits or works.")
    for job, standing in active:
        with st.container(horizontal=True, vertical_alignment="center"):
            with st.container(width=STATE_WIDTH):
                word, icon, colour = STATES[standing.state]
                st.badge(word, icon=f":material/{icon}:", color=colour)
            doing = waiting.progress_words(job, standing, lifecycle.doing(job, standing))
            st.markdown(f"{literal(job.title)} :gray[· {_whose(job)} · {literal(doing)}]", width="stretch")
            stopping = lifecycle.is_asked_to_stop(job)
            label = "Stopping" if stopping else "Stop"
            if st.button(label, key=f"stop-{job.kind.name}-{job.folder.name}", disabled=stopping):
                _do(partial(lifecycle.cancel, job))


def _whose(job: Job) -> str:
    owner = owners.read(job.folder)
    return _owner_words(owner.owner if owner else None)


def _owner_words(owner: str | None) -> str:
    return f"visitor {owner[:8]}" if owner else "the machine's"


def processes_panel(processes: Sequence[Process]) -> None:
    st.subheader("Processes", anchor=False)
    lines = [
        {
            "Role": one.role,
            "Machine": one.host,
            "Process": str(one.number),
            "Since": _moment(one.started),
            "Visitors": one.pages,
            "Memory": _size(one.memory),
            "Free": _size(one.free),
            "Cores busy": one.cores,
        }
        for one in processes
    ]
    st.dataframe(lines, hide_index=True, column_config={"Cores busy": st.column_config.NumberColumn(format="%.2f")})


def disk_panel() -> None:
    st.subheader("Disk", anchor=False)
    used = disk.used()
    if not used.of:
        st.caption("Nobody has made anything yet.")
        return
    ordered = sorted(used.of.items(), key=lambda one: -one[1])
    lines = [{"Whose": _owner_words(owner), "Size": _size(size)} for owner, size in ordered]
    st.dataframe(lines, hide_index=True, height=min(36 * (len(lines) + 1), 360))


def errors_panel(failed: Sequence[Entry]) -> None:
    """The same error at the same place is one line."""
    st.subheader("Errors of the last day", anchor=False)
    if not failed:
        st.caption("None.")
        return
    times = Counter((one.what, one.where) for one in failed)
    last = {(one.what, one.where): one.when for one in reversed(failed)}
    lines = [
        {"Last": _moment(last[what, where]), "Times": count, "What": what, "Where": where}
        for (what, where), count in sorted(times.items(), key=lambda one: -last[one[0]])
    ]
    st.dataframe(lines, hide_index=True, column_config={"What": st.column_config.TextColumn(width="large")})
    st.caption("The log of the process has the traceback; of a job the log.txt in its folder.")


def failed_of_a_day() -> list[Entry]:
    return sorted((*errors.read(), *errors.of_jobs()), key=lambda one: -one.when)


def _moment(when: float) -> str:
    return datetime.fromtimestamp(when, UTC).strftime("%Y-%m-%d %H:%M UTC")
