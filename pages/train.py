"""Train: choose a model and a recipe, start, watch, stop, resume."""

import streamlit as st

from fmnist_core.demo import limits
from fmnist_core.jobs import lifecycle
from fmnist_core.jobs.status import ACTIVE, RESUMABLE
from fmnist_core.runs import catalogue, runs
from fmnist_core.runs.catalogue import Row
from fmnist_core.storage.folders import RunError
from fmnist_core.training import training_jobs
from fmnist_ui import address, brought_in, cached, parts, state
from fmnist_ui.frame import PAGES, open_inside_app
from fmnist_ui.layout import first_line
from fmnist_ui.networks import to_build
from fmnist_ui.train import family_panel, recorded, run_list
from fmnist_ui.train.forms import new_training
from fmnist_ui.train.live_run import choose_curves, is_stopping, live_run, shown_as
from fmnist_ui.train.sweeps import sweep_panel

open_inside_app(__file__)

# What a finished run can be used for, in this order.
USES = [row for name in "evaluate inside predict report map".split() for row in PAGES if row.file == f"{name}.py"]


def act(row: Row) -> None:
    """What can be done with the run that is shown."""
    run, link = row.run, {"run": row.run.id}
    if row.state in ACTIVE and row.own:
        stopping = row.status is not None and is_stopping(run, row.status)
        label = "Stop waiting" if row.state == "queued" else "Stop, keep what it learned"
        if st.button(label, icon=":material/stop:", key="stop", disabled=stopping):
            lifecycle.cancel(training_jobs.job(run))
            if row.state != "queued":
                st.toast("It stops as soon as it can and keeps what it learned.")
            st.rerun()  # the badge above says so, too
        if stopping and st.button("End it now", icon=":material/power_off:", key="kill"):
            lifecycle.kill(training_jobs.job(run))
            cached.forget_rows()
            st.rerun()
    elif row.state in RESUMABLE and row.own:
        if st.button("Resume", icon=":material/play_arrow:", key="resume", type="primary"):
            limits.check_training(runs.read_config(run).recipe)
            training_jobs.resume(run)
            cached.forget_rows()
            st.rerun()
    if row.usable:
        for page in (page for page in USES if parts.opens(row, page.file)):
            st.page_link(f"pages/{page.file}", label=page.title, icon=f":material/{page.icon}:", query_params=link)
    to_build.offer(row)
    if row.state not in ACTIVE and row.own and parts.ask_to_delete(run):
        state.put(run=None)
        st.rerun()


def act_on_brought_in(row: Row) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        act(row)
    st.info("It was trained elsewhere and brought in: there are no curves, and no training to go on with.")
    brought_in.facts(row)


def watch(run_id: str) -> None:
    rows = {row.run.id: row for row in cached.list_rows()}
    if run_id in rows and not rows[run_id].problem:  # the list may be two seconds old; what is shown here is not
        rows[run_id] = catalogue.describe(rows[run_id].run)
    if run_id not in rows:
        st.warning(f"There is no run {run_id!r} here; it may have been deleted.", icon=":material/link_off:")
        state.put(run=None)
        return
    row = rows[run_id]
    shown = shown_as(row.run, row.status) if row.status else row.state
    back = "Its sweep" if state.get("sweep") else "Its family" if state.get("family") else run_list.TITLE
    run_list.heading("run", shown, parts.run_title(row), back)
    if row.problem:
        st.warning(row.problem, icon=":material/broken_image:")
        return
    if row.kind == "brought in":
        act_on_brought_in(row)
        return
    try:
        with st.container(horizontal=True, vertical_alignment="center"):
            act(row)
            smoothing, others = choose_curves(run_id, rows) if row.kind == "network" else (0.0, [])
    except RunError as error:
        st.error(str(error), icon=":material/error:")
        return
    live_run(row.run, shown, others, smoothing)


first_line.header("Train", "Choose a network, start, and watch it learn. It goes on when you leave the page.")
if {"model", "source", "network"} & address.read().keys() == {"model"}:
    state.forget("source", "network")  # a link to a model of the zoo, and not to what was built before
view = state.enter("train", "run", "sweep", "family", "model", "source", "network")
if limits.trains():
    alone = not any(map(view.get, ("run", "sweep", "family")))
    with st.expander("New training", expanded=alone, icon=":material/add:"):
        new_training.set_up(alone)
else:
    recorded.show(cached.list_rows())

if view["run"]:
    watch(view["run"])
elif view["sweep"]:
    sweep_panel.watch(view["sweep"])
elif view["family"]:
    family_panel.watch(view["family"])
else:
    run_list.show()
