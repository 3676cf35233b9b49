"""A run without epochs: what it is doing, its figures, and accuracy against training size instead of curves."""

import streamlit as st

from fmnist_core import glossary
from fmnist_core.formatting import duration
from fmnist_core.jobs import lifecycle
from fmnist_core.jobs.status import ACTIVE, Status
from fmnist_core.recipe import Recipe
from fmnist_core.runs import size_curve
from fmnist_core.runs.runs import Run
from fmnist_core.runs.size_curve import Size
from fmnist_core.splits import split_indices
from fmnist_core.training import training_jobs
from fmnist_ui import parts, waiting
from fmnist_ui.inspect.size_panel import draw_sizes
from fmnist_ui.widgets.hostile_text import literal


def draw_fit(run: Run, status: Status, recipe: Recipe) -> None:
    """As far as the fits go that it has finished."""
    sizes = size_curve.read(run)
    with st.container():  # one place on the page, whatever is in it
        _head(run, status, recipe, len(sizes))
        if sizes:
            _figures(sizes)
    if sizes:
        draw_sizes(run, recipe, sizes)
    elif status.state in ACTIVE:
        st.markdown("Its curve begins with the first fit: accuracy against the number of training pictures.")
    else:
        st.markdown("It ended before its first fit was done, so there is no curve.")


def _head(run: Run, status: Status, recipe: Recipe, done: int) -> None:
    if status.state == "queued":
        st.info(waiting.words(training_jobs.job(run)), icon=":material/schedule:")
    elif status.message and status.state != "running":
        icon = f":material/{parts.STATE_WORDS[status.state][1]}:"
        (st.error if status.state == "failed" else st.warning)(literal(status.message), icon=icon)
    if status.state == "running":
        of = len(size_curve.sizes_of(recipe, len(split_indices(recipe).train)))
        st.progress(min(done / of, 1.0), lifecycle.doing(training_jobs.job(run), status))


def _figures(sizes: list[Size]) -> None:
    last = sizes[-1]
    with st.grid(4, min_column_width=150):
        st.metric("Training pictures", f"{last.pictures:,}", help="Of the largest fit so far.", border=True)
        accuracy = parts.percent(last.training_accuracy)
        st.metric("Training accuracy", accuracy, help=glossary.term("Accuracy"), border=True)
        held = parts.percent(last.val_accuracy)
        st.metric("Validation accuracy", held, help=glossary.term("Validation split"), border=True)
        st.metric("Fitted in", duration(last.seconds, 1), help="Of that fit alone.", border=True)
