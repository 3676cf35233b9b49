"""Loss and accuracy side by side, of one training or of several laid over each other."""

from collections.abc import Container, Sequence

import streamlit as st

from fmnist_core.recipe import Recipe
from fmnist_core.runs import curves
from fmnist_core.runs.records import Line
from fmnist_ui.layout import presenting
from fmnist_ui.widgets.curve_chart import curve_chart

HEIGHT, HEIGHT_PRESENTED = 320, 150  # CSS pixels: before a class the page is twice as large
LEGEND = {  # a run may lack batches, validation, or its first epoch's end
    "batch": "Thin line: batch by batch, within an epoch.",
    "epoch": "Thick line: after each epoch.",
    "best": "Diamond: the best epoch, by validation accuracy.",
}


def curve_pair(
    shown: Sequence[tuple[str, Sequence[Line]]],
    recipes: Sequence[Recipe],
    key: str,
    smoothing: float = 0.0,
    boundaries: Sequence[tuple[float, str]] = (),
) -> None:
    """shown: a name and the lines of each; the colours are in that order. recipes: theirs, for what must be said of
    how their figures are counted."""
    drawn = set()
    for column, metric in zip(st.columns(2, gap="medium"), ("loss", "accuracy"), strict=True):
        rows = [row for name, lines in shown for row in curves.curve_rows(lines, name, metric, smoothing)]
        drawn |= {row["kind"] for row in rows}
        with column:
            curve_chart(
                rows,
                key=f"{metric}-{key}",
                title=metric,
                percent=metric == "accuracy",
                several_runs=len(shown) > 1,
                boundaries=boundaries,
                height=HEIGHT_PRESENTED if presenting.is_on() else HEIGHT,
            )
    st.caption(legend(drawn))
    if notes := counted(recipes):
        st.caption(notes)


def legend(drawn: Container[str]) -> str:
    """What the lines are. drawn: the kinds of `curves.curve_rows` that there are."""
    said = [words for kind, words in LEGEND.items() if kind in drawn]
    return " ".join([*said, "Wheel or pinch zooms, a double click shows all again."])


def counted(recipes: Sequence[Recipe]) -> str:
    """How figures of these trainings are counted where one may think otherwise; "" where nothing is to be said."""
    noises = [recipe.label_noise for recipe in recipes if recipe.label_noise]
    notes = []
    if noises:
        low, high = (f"{100 * end:g}" for end in (min(noises), max(noises)))
        part = f"{low} %" if low == high else f"{low} to {high} %"
        notes.append(
            f"Label noise: training loss is of the labels that are taught, {part} of them wrong; training accuracy and "
            "all figures of validation and test pictures are by the official labels."
        )
    if any(recipe.relabelled for recipe in recipes):
        notes.append(
            "Own labels: training loss is of the labels that are taught, some of them corrected by hand; training "
            "accuracy and all figures of validation and test pictures are by the official labels."
        )
    if any(recipe.l2 for recipe in recipes):
        notes.append("L2 regularization: its term is in the training loss and not in the validation loss.")
    return " ".join(notes)
