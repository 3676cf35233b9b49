"""The line above the suspects that finds them: what it is, a button, then how far it is."""

import streamlit as st

from fmnist_core import data
from fmnist_core.demo import limits
from fmnist_core.formatting import epochs
from fmnist_core.jobs import kinds, lifecycle
from fmnist_core.jobs.durations import Estimate
from fmnist_core.jobs.status import ACTIVE, Status
from fmnist_core.label_audit import audit_jobs
from fmnist_core.label_audit.audit_records import Audit
from fmnist_core.label_audit.audit_spec import AuditSpec, recipe_of
from fmnist_core.speed import forecasts
from fmnist_core.storage import owners
from fmnist_core.storage.folders import RunError
from fmnist_core.zoo import get_model
from fmnist_ui import cached, parts, waiting
from fmnist_ui.widgets.hostile_text import literal

POLL_SECONDS = 1.0
PROBLEM = "audit_problem"  # in the session; see audit_panel
SPEC = AuditSpec()
WHAT = (
    f"{SPEC.folds} networks each learn from four fifths of the training pictures and judge the fifth that they have "
    "not seen. Where they are confident of another class than the label, the label is a suspect; and all 70,000 "
    "pictures are compared with each other. It goes on while you look at other pages."
)


def job_bar(found: Audit | None) -> None:
    """Nothing where there is an audit and no job; else what it is, with a button, or how far it is."""
    status = lifecycle.read_status(audit_jobs.job(SPEC))
    at_work = status is not None and status.state in ACTIVE
    if found is not None and not at_work:
        if found.shipped:
            with st.expander("This audit came with the app"):
                st.markdown(_made_of(found.spec))
                _offer(None, "Compute one here")
        return
    st.fragment(run_every=POLL_SECONDS if at_work else None)(_job)(at_work)


def _made_of(spec: AuditSpec) -> str:
    """What the audit that came with the app was made with, as one computed here may be another."""
    title = spec.network.title if spec.network else get_model(spec.model).title
    judges = f"{spec.networks} networks of {title}, trained for {epochs(spec.epochs)} in {spec.folds} folds"
    if spec.repeats == 1:
        return f"It was made by {judges}."
    return (
        f"It was made by {judges} that were drawn {spec.repeats} times: the mean of {spec.repeats} networks judges a "
        "picture, and ranks wander less from one audit to the next. One that you compute here takes its place."
    )


def _job(at_work: bool) -> None:
    """While the job works this is drawn again each second; what it ends in is drawn by the page."""
    job = audit_jobs.job(SPEC)
    status = lifecycle.read_status(job)
    if at_work != (status is not None and status.state in ACTIVE):
        st.rerun()
    parts.tell_problem(PROBLEM)
    if status is None or not at_work:
        _offer(status, "Find suspects")
        return
    with st.container(horizontal=True, vertical_alignment="center", border=True):
        words = waiting.progress_words(job, status, lifecycle.doing(job, status))
        st.progress(min(status.epoch / max(status.epochs, 1), 1.0), words)
        if status.notice:
            st.caption(literal(status.notice))
        if owners.is_own(owners.read(job.folder)):
            st.button("Stop", icon=":material/stop:", key="audit-stop", on_click=_cancel)


def _offer(status: Status | None, label: str) -> None:
    words = WHAT
    if status is not None and status.message and status.state in ("failed", "interrupted", "cancelled"):
        words = f"{literal(status.message)} It goes on after the last finished fold."
    with st.container(border=True):
        st.markdown(words)
        if problem := limits.refusal(_check):
            st.caption(problem)
        else:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.button(label, icon=":material/play_arrow:", type="primary", key="audit-start", on_click=_start)
                waiting.show_before_start(kinds.AUDIT, _expected())


def _expected() -> Estimate | None:
    return forecasts.of_audit(SPEC, cached.list_rows())


def _check() -> None:
    """Raises RunError where the visitor may not start it."""
    pictures = data.SIZES["train"] * (SPEC.folds - 1) // SPEC.folds
    limits.check_training(recipe_of(SPEC, 0, pictures), SPEC.networks)


def _start() -> None:
    try:
        _check()
        audit_jobs.submit(SPEC, _expected())
    except (RunError, ValueError) as error:
        st.session_state[PROBLEM] = str(error)


def _cancel() -> None:
    try:
        lifecycle.cancel(audit_jobs.job(SPEC))
    except RunError as error:
        st.session_state[PROBLEM] = str(error)
