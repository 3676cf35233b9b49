"""Accuracy against training size, where a run without epochs has no curves."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from fmnist_core import figures
from fmnist_core.recipe import Recipe
from fmnist_core.runs import size_curve
from fmnist_core.runs.runs import Run
from fmnist_core.runs.size_curve import Size
from fmnist_ui import charts, parts


def draw_sizes(run: Run, recipe: Recipe, sizes: Sequence[Size]) -> None:
    """The chart and what it says."""
    held = [size.val_accuracy for size in sizes if size.val_accuracy is not None]
    validation = np.array(held) if len(held) == len(sizes) else None
    words = size_curve.in_words(sizes, recipe.split.validation)
    listed = "; ".join(f"{size.pictures:,}: {parts.percent(size.val_accuracy)}" for size in sizes)
    charts.draw(
        figures.size_curves(
            [size.pictures for size in sizes], np.array([size.training_accuracy for size in sizes]), validation
        ),
        key="size-curve",
        alt=f"Accuracy against training size. {listed}.",
        file=f"{run.id}-sizes",
    )
    st.markdown(words)
    told = "Training accuracy is of at most 1,000 of the pictures that it was fitted to."
    st.caption(f"Each point is a fit of its own. {told}")
