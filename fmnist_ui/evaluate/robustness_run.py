"""A run on changed pictures: its stored figures, small charts side by side, and the job that measures them."""

from typing import Any

import streamlit as st

from fmnist_core import data, figures, glossary
from fmnist_core.analysis.robustness import CHANGES, MIRROR, Sweep
from fmnist_core.demo import limits
from fmnist_core.inference import robustness_records
from fmnist_core.inference.robustness_records import Robustness
from fmnist_core.jobs import kinds, lifecycle
from fmnist_core.jobs.status import ACTIVE
from fmnist_core.metrics import evaluation
from fmnist_core.runs.catalogue import Row
from fmnist_core.runs.runs import Run
from fmnist_core.speed import forecasts
from fmnist_core.storage import owners
from fmnist_core.storage.folders import RunError
from fmnist_ui import cached, charts, parts, waiting
from fmnist_ui.widgets.hostile_text import literal

POLL_SECONDS = 1.0
PROBLEM = "robustness_problem"  # in the session: why the last start or stop failed
ALL, EACH = "all", "each"
NOTICEABLE = 0.005  # of accuracy: below it one speaks of no cost


def show(row: Row, names: tuple[str, ...]) -> None:
    """The section of a page: accuracy against severity, or the job that measures it."""
    st.subheader("Robustness", help=glossary.term("Robustness"))
    st.caption("How far it stands up to changes: its accuracy on the same test pictures, each changed more and more.")
    parts.tell_problem(PROBLEM)
    found = figures_or_job(row, "this run")
    if found is None:
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = _choose_lines(names)
        other = parts.choose_other(row, "Beside it")
    beside = figures_or_job(other, "the other run") if other is not None else None
    st.markdown(flip_gap_in_words(found, names, row))
    if other is not None and beside is not None:
        st.markdown(compared_in_words(found, beside, row, other))
    _charts(found, beside, row, names, chosen)


def figures_or_job(row: Row, called: str) -> Robustness | None:
    """The stored figures; else None, with the job that makes them: a button, its progress, or why it failed."""
    try:
        found = _load(row.run, _newest(row))
    except RunError as error:
        st.warning(str(error), icon=":material/broken_image:")
        found = None
    classes = len(row.config.class_names if row.config else data.CLASS_NAMES)
    if found is not None and all(sweep.by_class.shape[1:] == (classes,) for sweep in found.sweeps.values()):
        return found
    status = lifecycle.read_status(robustness_records.job(row.run))
    at_work = status is not None and status.state in ACTIVE
    st.fragment(run_every=POLL_SECONDS if at_work else None)(_job)(row, called, at_work)
    return None


@st.cache_resource(max_entries=24, show_spinner=False)
def _load(run: Run, stamp: float) -> Robustness | None:
    return robustness_records.load(run)


def _newest(row: Row) -> float:
    folders = (row.run.folder, robustness_records.job_folder(row.run))
    return cached.newest(*(folder / robustness_records.FILE for folder in folders))


def _job(row: Row, called: str, at_work: bool) -> None:
    """While the job works this is drawn again each second; what it ends in is drawn by the page."""
    job = robustness_records.job(row.run)
    status = lifecycle.read_status(job)
    if at_work != (status is not None and status.state in ACTIVE):
        st.rerun()
    parts.tell_problem(PROBLEM)
    with st.container(horizontal=True, vertical_alignment="center", border=True):
        if status is not None and at_work:
            words = waiting.progress_words(job, status, f"{status.epoch} of {status.epochs} changes")
            st.progress(min(status.epoch / max(status.epochs, 1), 1.0), words)
            if owners.is_own(owners.read(job.folder)):
                told: dict[str, Any] = {"key": f"robust-stop-{row.run.id}", "on_click": _cancel, "args": (row,)}
                st.button("Stop", icon=":material/stop:", **told)
            return
        words = f"It is not measured yet how {called} does on changed pictures."
        if status is not None and status.message and status.state in ("failed", "interrupted"):
            words = literal(status.message)
        elif status is not None and status.state == "cancelled":
            words = "It was stopped before it was done, and nothing was kept."
        st.markdown(words, width="content")
        label = f"Measure {called} on {robustness_records.PICTURES:,} pictures"
        start: dict[str, Any] = {"on_click": _submit, "args": (row,), "key": f"robust-start-{row.run.id}"}
        if problem := limits.refusal(limits.check_start, kinds.ROBUSTNESS):
            st.caption(problem)
        else:
            st.button(label, icon=":material/play_arrow:", type="primary", **start)
            waiting.show_before_start(kinds.ROBUSTNESS, forecasts.of_robustness(row.run))


def _submit(row: Row) -> None:
    try:
        cached.load_classifier(row.run)  # a run without a model is told so here, not by a job that fails
        limits.check_start(kinds.ROBUSTNESS)
        robustness_records.submit(row.run, forecasts.of_robustness(row.run))
    except (RunError, ValueError) as error:
        st.session_state[PROBLEM] = str(error)


def _cancel(row: Row) -> None:
    try:
        lifecycle.cancel(robustness_records.job(row.run))
    except RunError as error:
        st.session_state[PROBLEM] = str(error)


def _choose_lines(names: tuple[str, ...]) -> int | str:
    words = {ALL: "All classes together", EACH: "Each class"} | dict(enumerate(names))
    return st.selectbox(
        "Lines", list(words), format_func=words.__getitem__, key="robust-lines", width=240, persist_state="session"
    )


def flip_gap_in_words(found: Robustness, names: tuple[str, ...], row: Row) -> str:
    """What a mirrored picture costs, for all and for the class that it costs most."""
    sweep = found.sweeps[MIRROR]
    upright, mirrored = (float(value) for value in sweep.accuracy)
    low, high = evaluation.wilson_interval(round(mirrored * found.pictures), found.pictures)
    taught = f"it was trained {'with' if _flips(row) else 'without'} mirrored pictures"
    if row.kind == "brought in":
        taught = "whether it was trained with mirrored pictures is not known"
    words = f"**The flip gap: {100 * found.flip_gap:.1f} points.**"
    if found.flip_gap < NOTICEABLE:
        words = f"**No flip gap to speak of ({100 * found.flip_gap:.1f} points).**"
    words += (
        f" Its accuracy on {found.pictures:,} test pictures is {parts.percent(upright)}, on the same ones mirrored "
        f"{parts.percent(mirrored)} :gray[(95 % interval {parts.percent(low)} to {parts.percent(high)})]. "
        f"Nearly all shoes in the data point left, and {taught}."
    )
    if worst := _hit_hardest(sweep, names):
        words += f" Hit hardest: {worst}."
    return words


def _flips(row: Row) -> bool:
    stages = row.recipe.stages if row.recipe else ()
    return any(stage.augmentation is not None and stage.augmentation.flip for stage in stages)


def _hit_hardest(sweep: Sweep, names: tuple[str, ...]) -> str:
    """The class that loses most, with its figures; empty where none loses."""
    before, after = sweep.by_class[0], sweep.by_class[-1]
    losses = {place: float(before[place] - after[place]) for place in range(min(len(before), len(names)))}
    losses = {place: loss for place, loss in losses.items() if loss > 0}  # NaN, where no picture has the class, is not
    if not losses:
        return ""
    place = max(losses, key=lambda one: losses[one])
    return f"{names[place]}, from {parts.percent(float(before[place]))} to {parts.percent(float(after[place]))}"


def compared_in_words(found: Robustness, beside: Robustness, row: Row, other: Row) -> str:
    """Both flip gaps, and whether the two were trained differently in that."""
    mine = f"{100 * found.flip_gap:.1f} points"
    its = f"{100 * beside.flip_gap:.1f}"
    words = f"The run beside it, {parts.run_title(other)}, loses {its} points by mirroring where this one loses {mine}"
    if _flips(row) != _flips(other):
        words += f"; it was trained {'with' if _flips(other) else 'without'} mirrored pictures"
    return words + "."


def _charts(found: Robustness, beside: Robustness | None, row: Row, names: tuple[str, ...], chosen: int | str) -> None:
    with st.grid("auto", min_column_width=290):
        for name, change in CHANGES.items():
            sweeps = {"This run": found.sweeps[name]}
            if beside is not None and chosen != EACH:
                sweeps["The other run"] = beside.sweeps[name]
            charts.draw(
                figures.severity_sweep(change, sweeps, names, chosen, found.pictures),
                key=f"robust-{name}",
                alt=f"Accuracy against severity, {change.title}: of all classes together "
                f"{parts.percent(float(found.sweeps[name].accuracy.min()))} at the lowest",
                file=f"{row.run.id}-robustness-{name}",
            )
    interval = "On the points are their 95 % intervals. " if chosen == ALL else ""
    st.caption(
        f"{found.pictures:,} test pictures at every severity. Chance is {parts.percent(1 / len(names), 0)}. "
        f"{interval}What comes in from outside is black, as in the data."
    )
