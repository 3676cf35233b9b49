"""A sweep as it trains: how far it is, each training at work, and what it shows so far."""

import streamlit as st

from fmnist_core.demo import limits
from fmnist_core.formatting import duration
from fmnist_core.jobs import lifecycle
from fmnist_core.jobs.status import ACTIVE, RESUMABLE, Status
from fmnist_core.storage import owners
from fmnist_core.storage.folders import RunError
from fmnist_core.sweeps import cluster, records, summary, sweep_jobs
from fmnist_core.sweeps import plan as plans
from fmnist_core.sweeps.plan import Task
from fmnist_core.sweeps.records import Standing, Sweep
from fmnist_ui import cached, parts, state, waiting
from fmnist_ui.train import live_run, run_list
from fmnist_ui.train.sweeps import sweep_results
from fmnist_ui.widgets.hostile_text import literal

MOST_LINES = 16  # of trainings at work, or of failed ones
DAMAGED = "How this sweep stands cannot be read: its status.json is damaged. Its runs stay when you delete it."


def watch(sweep_id: str) -> None:
    """The section of the page; draws itself again while the sweep waits or works."""
    try:
        sweep = cached.find_sweep(sweep_id)
    except RunError as error:
        st.warning(_not_shown(sweep_id, error), icon=":material/link_off:")
        state.put(sweep=None)
        return
    shown = _shown(sweep)
    run_list.heading("sweep", shown, run_list.sweep_title(sweep))
    if owners.is_own(owners.read(sweep.folder)):
        with st.container(horizontal=True, vertical_alignment="center"):
            _act(sweep, shown)
    interval = live_run.POLL_SECONDS if shown in (*ACTIVE, live_run.STOPPING) else None
    st.fragment(run_every=interval)(_panel)(sweep, shown)


def _not_shown(sweep_id: str, error: RunError) -> str:
    if records.folder_of(sweep_id).is_dir() and owners.is_visible(owners.read(records.folder_of(sweep_id))):
        return str(error)
    return f"There is no sweep {sweep_id!r} here; it may have been deleted. Its runs stay."


def _shown(sweep: Sweep) -> str:
    """The state that the badge shows."""
    found = run_list.sweep_state(sweep)
    return live_run.STOPPING if found in ACTIVE and lifecycle.is_asked_to_stop(sweep.job) else found


def _act(sweep: Sweep, shown: str) -> None:
    """What can be done with it: stop, end, go on, delete."""
    try:
        if shown in (*ACTIVE, live_run.STOPPING):
            _offer_stop(sweep, shown)
            return
        if shown in RESUMABLE and st.button("Resume", icon=":material/play_arrow:", key="resume-sweep", type="primary"):
            limits.check_sweep(sweep.plan, cluster.local_workers(sweep.spec.on, len(sweep.plan.tasks)))
            sweep_jobs.resume(sweep)
            st.rerun()
        _offer_deletion(sweep)
    except (RunError, ValueError) as error:
        st.error(str(error), icon=":material/error:")


def _offer_stop(sweep: Sweep, shown: str) -> None:
    stopping = shown == live_run.STOPPING
    label = "Stop waiting" if shown == "queued" else "Stop, keep what is done"
    if st.button(label, icon=":material/stop:", key="stop-sweep", disabled=stopping):
        sweep_jobs.cancel(sweep)
        st.rerun()
    if stopping and st.button("End it now", icon=":material/power_off:", key="kill-sweep"):
        lifecycle.kill(sweep.job)
        st.rerun()


def _offer_deletion(sweep: Sweep) -> None:
    with st.popover("", icon=":material/delete:", help="Delete this sweep"):
        st.markdown("Delete this sweep? Its runs stay.")
        if st.button("Delete", key="delete-sweep", type="primary"):
            sweep_jobs.delete(sweep)
            state.put(sweep=None)
            st.rerun()


def _panel(sweep: Sweep, shown: str) -> None:
    if _shown(sweep) != shown:  # badge and buttons are outside of the fragment
        cached.forget_rows()
        st.rerun()
    status = lifecycle.read_status(sweep.job)
    standings = records.read_standings(sweep)
    with st.container():  # one place on the page, whatever is in it: else the charts move and are mounted again
        if status is None:
            st.warning(DAMAGED, icon=":material/broken_image:")
        else:
            _tell(sweep, status, standings)
    told = cached.summarise_sweep(sweep, status is not None and status.state in ACTIVE)
    if told.combinations:
        sweep_results.show(told)
    elif status is None or status.state not in ACTIVE:
        st.info("None of its trainings has a result, so there is nothing to compare.", icon=":material/info:")


def _tell(sweep: Sweep, status: Status, standings: dict[str, Standing]) -> None:
    """How far it is, or how it ended."""
    if status.state == "queued":
        st.info(waiting.words(sweep.job), icon=":material/schedule:")
    elif status.state == "running":
        _progress(sweep, status, standings)
    elif status.message:
        icon = f":material/{parts.STATE_WORDS[status.state][1]}:"
        (st.error if status.state == "failed" else st.warning)(literal(status.message), icon=icon)
    if status.notice:
        st.warning(literal(status.notice), icon=":material/history:")
    failed = [task for task in sweep.plan.tasks if standings[task.run].state == "failed"]
    if failed:
        words = "1 training failed" if len(failed) == 1 else f"{len(failed)} trainings failed"
        with st.expander(words, icon=":material/error:"):
            lines = [f"* {_name(sweep, task)}: {literal(standings[task.run].message)}" for task in failed[:MOST_LINES]]
            st.markdown("\n".join(lines))


def _progress(sweep: Sweep, status: Status, standings: dict[str, Standing]) -> None:
    told = sweep_jobs.counted(standings)
    words = sweep_jobs.in_words(told) + (f", {told['waiting']} waiting" if told["waiting"] else "")
    left = sweep_jobs.seconds_left(sweep, standings, status)
    if lifecycle.is_asked_to_stop(sweep.job) or not told["running"]:
        words = f"{words} · {literal(lifecycle.doing(sweep.job, status))}"
    elif left is not None:
        words += f" · about {duration(left)} left"
    st.progress(min(sum(sweep_jobs.shares(sweep, standings)) / len(standings), 1.0), words)
    running = [task for task in sweep.plan.tasks if standings[task.run].state == "running"]
    lines = [f"* {_name(sweep, task)}: {_how_far(sweep, task, standings[task.run])}" for task in running[:MOST_LINES]]
    if len(running) > MOST_LINES:
        lines.append(f"* and {len(running) - MOST_LINES} more")
    st.markdown("\n".join(lines))


def _name(sweep: Sweep, task: Task) -> str:
    """ "learning rate 0.001, seed 2"."""
    return literal(f"{summary.words_of(sweep.plan, task)}, seed {task.seed}")


def _how_far(sweep: Sweep, task: Task, one: Standing) -> str:
    epochs = plans.epochs_of(sweep.plan, task)
    if not one.epoch:
        return f"in its first epoch of {epochs}" if epochs > 1 else "in its only epoch"
    reached = "" if one.accuracy is None else f" · validation {parts.percent(one.accuracy)}"
    if one.epoch >= epochs:
        return f"all epochs done, being finished{reached}"
    return f"epoch {one.epoch + 1} of {epochs}{reached}"
