"""Train: one button, a curve that moves on Start itself, and what came of it."""

import streamlit as st

from fmnist_core import glossary
from fmnist_core.data import SIZES
from fmnist_core.demo import limits
from fmnist_core.formatting import duration
from fmnist_core.jobs import kinds, lifecycle, queue
from fmnist_core.jobs.status import ACTIVE, Status
from fmnist_core.recipe import Recipe
from fmnist_core.runs import catalogue, runs
from fmnist_core.runs.catalogue import Row
from fmnist_core.runs.records import Line
from fmnist_core.runs.runs import Run
from fmnist_core.speed.estimate import first_recipe
from fmnist_core.storage.folders import RunError
from fmnist_core.training import training_jobs
from fmnist_ui import cached, parts, waiting
from fmnist_ui.layout.columns import beside
from fmnist_ui.train import estimate_line, expected, start_button
from fmnist_ui.train.live_run import POLL_SECONDS, STOPPING, doing, is_stopping, shown_as
from fmnist_ui.widgets.hostile_text import literal

ROUND = 5  # seconds: a promise is no measurement


def show(run_id: str | None, best: Row | None) -> None:
    """run_id: of the training that is shown, once there is one. best: whose accuracy stands beside it."""
    row = own_training(run_id)
    if row is None:
        offer()
    else:
        watch(row, best)


def own_training(run_id: str | None) -> Row | None:
    """A run of the visitor's that has curves; None for anything else."""
    found = next((row for row in cached.list_rows() if row.run.id == run_id), None)
    if found is None or not found.own or found.recipe is None or not found.recipe.has_epochs:
        return None
    return catalogue.describe(found.run)  # the list may be two seconds old


def offer() -> None:
    """What will be trained, for how long, and the button; or why none may start."""
    chosen = first_recipe()
    lasts = estimate_line.estimate_of(chosen)
    left, right = beside("training")
    with left:
        took = f" in {promised(lasts.seconds)}" if lasts else ""
        st.header(f"Train your own{took}", anchor=False)
        st.markdown(
            f"A network of convolutions starts knowing nothing and sees {chosen.images:,} garments, "
            f"{chosen.epochs} times each. Watch how many it gets right."
        )
        if not limits.trains():
            st.info("Training is off here; Train plays recorded ones.", icon=":material/info:")
            st.page_link("pages/train.py", label="See one train", icon=":material/play_circle:")
            return
        try:
            limits.check_training(chosen)
            queue.prepare(kinds.TRAINING)
        except (RunError, ValueError) as error:
            st.warning(str(error), icon=":material/rule:")
            return
        if st.button("Train it now", type="primary", icon=":material/play_arrow:", key="start-training"):
            start_button.start(chosen)
        waiting.show_before_start(kinds.TRAINING, lasts)
    with right:
        expected.show(chosen.model, "Yours will stand here.")


def promised(seconds: float) -> str:
    """ "45 seconds", or minutes."""
    rounded = max(ROUND, round(seconds / ROUND) * ROUND)
    return f"{rounded} seconds" if rounded < 90 else f"about {duration(seconds)}"


def watch(row: Row, best: Row | None) -> None:
    """The training as it goes, in a fragment of its own, or what came of it."""
    shown = shown_as(row.run, row.status) if row.status else row.state
    interval = POLL_SECONDS if shown in (*ACTIVE, STOPPING) else None
    st.fragment(run_every=interval)(_panel)(row.run.id, shown, best)


def _panel(run_id: str, shown: str, best: Row | None) -> None:
    try:
        run = runs.find(run_id)
        status, recipe, lines = runs.read_status(run), runs.read_config(run).recipe, runs.read_metrics(run)
    except RunError as error:
        st.warning(str(error), icon=":material/broken_image:")
        return
    if shown_as(run, status) != shown:  # the poll must end, and the list knows nothing of it yet
        cached.forget_rows()
        st.rerun()
    left, right = beside("training")
    with right:
        expected.draw_curve(lines, f"start-{run_id}", recipe)
    with left:
        if status.state in ACTIVE:
            tell_progress(run, status, lines, recipe)
        else:
            tell_end(catalogue.describe(run), best)


def tell_progress(run: Run, status: Status, lines: list[Line], recipe: Recipe) -> None:
    """How far it is, and how good by now."""
    job = training_jobs.job(run)
    if status.state == "queued":
        st.header("It will begin soon", anchor=False)
        st.info(waiting.words(job), icon=":material/schedule:")
    else:
        last = lines[-1] if lines else None
        st.header(f"{parts.percent(last.accuracy, 0)} right by now" if last else "It begins", anchor=False)
        part = min((last.epochs_done if last else 0.0) / recipe.epochs, 1.0)
        st.progress(part, doing(run, status, lines, recipe))
        st.markdown("Thin: batch by batch. Thick: after each epoch, also on pictures it never learns from.")
    stopping = is_stopping(run, status)
    label = "Stop waiting" if status.state == "queued" else "Stop, keep what it learned"
    if st.button(label, icon=":material/stop:", key="start-stop", disabled=stopping):
        lifecycle.cancel(job)
        st.rerun()


def tell_end(row: Row, best: Row | None) -> None:
    """What came of it, and what to do with it."""
    if row.test_accuracy is None:
        said = row.problem or (row.status.message if row.status else "")
        st.header("It ended without a network", anchor=False)
        if said:
            st.warning(literal(said), icon=":material/error:")
        st.page_link("pages/train.py", label="See it on Train", icon=":material/model_training:")
        return
    accuracy = parts.percent(row.test_accuracy)
    st.header(f"Your network has {accuracy}", anchor=False)
    told = f"So many of {SIZES['test']:,} test pictures, which it never saw, are right."
    if best is not None and best.run != row.run:
        told += f" The network that you drew for has {parts.percent(best.test_accuracy)}."
    st.markdown(told, help=glossary.term("Accuracy"))
    link = {"run": row.run.id}
    if st.button("See what it gets wrong", type="primary", icon=":material/grid_on:", key="start-evaluate"):
        st.switch_page("pages/evaluate.py", query_params=link)
    drawing = link | {"way": "draw"}
    with st.container(horizontal=True):
        if parts.opens(row, "predict.py"):
            st.page_link("pages/predict.py", label="Draw for it", icon=":material/draw:", query_params=drawing)
        st.page_link("pages/train.py", label="All of its training", icon=":material/model_training:", query_params=link)
