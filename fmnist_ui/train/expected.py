"""The curve of a shipped training: what will move once one's own begins."""

import streamlit as st

from fmnist_core.data import SIZES
from fmnist_core.recipe import Recipe
from fmnist_core.runs import curves
from fmnist_core.runs.catalogue import Row
from fmnist_core.runs.records import Line
from fmnist_core.storage.folders import RunError
from fmnist_ui import cached, charts
from fmnist_ui.train import recorded
from fmnist_ui.widgets.curve_chart import curve_chart

HEIGHT, HEIGHT_ON_TOUCH = 330, 220  # CSS pixels of the curve


def find(model: str) -> Row | None:
    """The shipped run of a model of the zoo that has curves."""
    return next((row for row in recorded.those(cached.list_rows()) if row.model == model), None)


def show(model: str, more: str = "") -> None:
    """What its shipped run did, and more words; nothing where there is none."""
    row = find(model)
    if row is None or row.recipe is None:
        return
    try:
        lines = cached.read_metrics(row.run)
    except RunError:
        return  # said where the run is opened
    pictures, epochs = SIZES["train"] - row.recipe.split.validation, row.recipe.epochs
    st.caption(f"So it went with {pictures:,} pictures and {epochs} epochs. {more}")
    draw_curve(lines, "expected", row.recipe)


def draw_curve(lines: list[Line], key: str, recipe: Recipe) -> None:
    """Accuracy, batch by batch and after each epoch."""
    title, height = "accuracy", HEIGHT_ON_TOUCH if charts.on_touch() else HEIGHT
    rows = curves.curve_rows(lines, recipe.model, title)
    curve_chart(rows, key=key, title=title, percent=True, several_runs=False, height=height)
