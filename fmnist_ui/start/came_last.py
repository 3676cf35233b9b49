"""What came last: the visitor's newest training, in a line above everything."""

import streamlit as st

from fmnist_core.jobs.status import ACTIVE
from fmnist_core.runs import catalogue, runs
from fmnist_core.runs.catalogue import Row
from fmnist_core.storage.folders import RunError
from fmnist_ui import cached, parts
from fmnist_ui.widgets.hostile_text import literal

POLL_SECONDS = 2.0


def show(but: str | None) -> None:
    """Nothing where there is none of one's own. but: a run that is shown elsewhere on the page."""
    row = newest()
    if row is None or row.run.id == but:
        return
    st.fragment(run_every=POLL_SECONDS if row.state in ACTIVE else None)(_line)(row.run.id, row.state)


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
    with st.container(horizontal=True, vertical_alignment="center", border=True, key="came-last", gap="medium"):
        icon = parts.STATE_WORDS[row.state][1]
        st.markdown(f":material/{icon}: **{said(row)}** :gray[{literal(parts.run_name(row))}]", width="content")
        link = {"run": run_id}
        if row.usable:
            st.page_link("pages/evaluate.py", label="Evaluate", icon=":material/grid_on:", query_params=link)
            if parts.opens(row, "predict.py"):
                st.page_link("pages/predict.py", label="Predict", icon=":material/draw:", query_params=link)
        else:
            st.page_link("pages/train.py", label="Train", icon=":material/model_training:", query_params=link)


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
