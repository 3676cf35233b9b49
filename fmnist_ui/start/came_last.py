"""What came last: the visitor's newest training, in a line above everything."""

import streamlit as st

from fmnist_core.jobs.status import ACTIVE
from fmnist_core.runs import catalogue, runs
from fmnist_core.runs.catalogue import Row
from fmnist_core.storage.folders import RunError
from fmnist_ui import cached, charts, parts
from fmnist_ui.widgets.hostile_text import literal

POLL_SECONDS = 2.0


def show(but: str | None) -> bool:
    """Whether there is one. but: a run that is shown elsewhere on the page."""
    row = newest()
    if row is None or row.run.id == but:
        return False
    st.fragment(run_every=POLL_SECONDS if row.state in ACTIVE else None)(_line)(row.run.id, row.state)
    return True


def newest() -> Row | None:
    """The newest training of the visitor's own, whatever came of it."""
    own = (row for row in cached.list_rows() if row.own and not row.problem and row.kind != "brought in")
    return next(own, None)


def _line(run_id: str, shown: str) -> None:
    try:
        row = catalogue.describe(runs.find(run_id))
    except RunError:
        return  # deleted in another window
    if row.state != shown:
        cached.forget_rows()
        st.rerun()
    touched = charts.on_touch()
    with st.container(horizontal=True, vertical_alignment="center", key="came-last", gap="small", wrap=not touched):
        icon = parts.STATE_WORDS[row.state][1]
        name = "" if touched else f" :gray[{literal(parts.run_name(row))}]"
        st.markdown(f":material/{icon}: **{said(row)}**{name}", width="content")
        link = {"run": run_id}
        if not row.usable:
            st.page_link("pages/train.py", label="Train", icon=":material/model_training:", query_params=link)
            return
        label = "See it" if touched else "Evaluate"
        st.page_link("pages/evaluate.py", label=label, icon=":material/grid_on:", query_params=link)
        if parts.opens(row, "predict.py") and not touched:  # there is room for one
            st.page_link("pages/predict.py", label="Predict", icon=":material/draw:", query_params=link)


def said(row: Row) -> str:
    """ "Your training is at epoch 3 of 10.", "Your training has ended: 90.4 %"."""
    if row.state == "queued":
        return "Your training waits for its turn."
    if row.state == "running":
        status, recipe = row.status, row.recipe
        if status is None or recipe is None or not recipe.has_epochs:
            return "Your training is at work."
        return f"Your training is at epoch {min(status.epoch + 1, recipe.epochs)} of {recipe.epochs}."
    if row.usable:
        ended = "has ended" if row.state == "done" else "was stopped"
        return f"Your training {ended}: {parts.percent(row.test_accuracy)}"
    return f"Your training {'was stopped' if row.state == 'cancelled' else 'has failed'}."
