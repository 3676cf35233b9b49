"""Evaluate: the confusion matrix, the pictures behind each cell, the figures of each class, and other views."""

from functools import partial

import streamlit as st

from fmnist_core import formatting, glossary
from fmnist_core.metrics import evaluation
from fmnist_core.recipe import Recipe
from fmnist_core.runs import predictions
from fmnist_core.runs.catalogue import Row
from fmnist_core.runs.predictions import Predictions
from fmnist_core.splits import corrected_labels
from fmnist_core.storage.folders import RunError
from fmnist_core.zoo.others import classical
from fmnist_ui import brought_in, cached, calibrated, parts, state
from fmnist_ui.evaluate import by_labels, robustness_run
from fmnist_ui.evaluate.against_panel import against_panel
from fmnist_ui.evaluate.agreement_panel import agreement_panel
from fmnist_ui.evaluate.calibration_panel import calibration_panel
from fmnist_ui.evaluate.class_panel import class_panel
from fmnist_ui.evaluate.mistakes_panel import mistakes_panel
from fmnist_ui.evaluate.photos_panel import photos_panel
from fmnist_ui.evaluate.replay_panel import replay_panel
from fmnist_ui.evaluate.test_time_augmentation_panel import test_time_augmentation_panel
from fmnist_ui.frame import open_inside_app
from fmnist_ui.layout import first_line
from fmnist_ui.layout.columns import narrow

open_inside_app(__file__)

SPLIT_WORDS = {"test": "Test", "validation": "Validation", "train": "Train"}
VIEWS = {
    "matrix": ("Confusion matrix", mistakes_panel),
    "classes": ("Classes", class_panel),
    "against": ("Against another", against_panel),
    "agreement": ("Agreement", agreement_panel),
    "calibration": ("Calibration", calibration_panel),
    "test_time_augmentation": ("Test-time augmentation", test_time_augmentation_panel),
}
OF_THEIR_OWN_PICTURES = {
    "changes": ("Robustness", robustness_run.show),
    "replay": ("Replay", replay_panel),
    "photos": ("Your photos", photos_panel),
}
BY_LABELS = ("matrix", "classes")  # where a label set may count; elsewhere the official labels do
GROUPS = {
    "Mistakes": ("matrix", "classes", "photos"),
    "Confidence": ("calibration", "test_time_augmentation", "changes"),
    "Comparison": ("against", "agreement"),
    "Learning": ("replay",),
}
GROUPS_HELP = (
    "**Mistakes**: what it gets wrong. **Confidence**: how sure it is, and how far that holds. "
    "**Comparison**: how it compares with other runs. **Learning**: how it learned."
)
TITLES = {view: title for view, (title, _) in (VIEWS | OF_THEIR_OWN_PICTURES).items()}
FIELDS = (
    "run view split show page picture other change cells rows class_order colours confidence losses errors clean "
    "probabilities sort focus bin epoch among votes photo_set mode folder called labels"
)


@st.fragment
def explore(row: Row, names: tuple[str, ...]) -> None:
    """The controls and the chosen view; only this is drawn again after a click."""
    with first_line.controls("View") as line:
        unlabelled = {"label_visibility": "visible" if narrow() else "collapsed"}
        view = state.grouped("View", "view", GROUPS, help=GROUPS_HELP, format_func=TITLES.__getitem__, **unlabelled)
        if view in VIEWS:
            splits = predictions.splits_of(row.config) if row.config else ("test",)
            change = {"clears": ("page", "picture")} | unlabelled
            split = state.segmented("Pictures", "split", splits, format_func=SPLIT_WORDS.get, **change)
        labels = by_labels.choose() if view in BY_LABELS else None
    if missing := brought_in.missing(row, view):
        st.info(missing, icon=":material/info:")
        return
    if view in OF_THEIR_OWN_PICTURES:
        OF_THEIR_OWN_PICTURES[view][1](row, names)
        return
    try:
        stored = cached.load_predictions(row.run, split)
    except RunError as error:
        st.warning(str(error), icon=":material/broken_image:")
        return
    if split == "validation":
        brought_in.note_validation(row)
    if view == "matrix":
        mistakes_panel(row, by_labels.show(stored, labels), names, partial(summary, row, stored), line)
        return
    summary(row, stored)
    VIEWS[view][1](row, by_labels.show(stored, labels), names)


def summary(row: Row, stored: Predictions) -> None:
    right, total = int((stored.predicted == stored.labels).sum()), len(stored.labels)
    low, high = evaluation.wilson_interval(right, total)
    loss = f", loss {calibrated.scores_of(row.run, stored).loss.mean():.3f}" if classical.has_loss(row.model) else ""
    said = (
        f"Accuracy **{parts.percent(right / total, 2)}** on {total:,} {stored.split} pictures "
        f":gray[(interval {100 * low:.2f} to {parts.percent(high, 2)}{loss})]"
    )
    st.markdown(formatting.unbroken(said), help=glossary.several("Accuracy", "Interval", "Loss"))
    if stored.split == "train" and row.recipe and row.recipe.teaches_other_labels:
        st.caption(f"By the official labels; {taught_otherwise(row.recipe)}.")


def taught_otherwise(chosen: Recipe) -> str:
    said = []
    if chosen.relabelled:
        said.append(f"{len(corrected_labels(chosen).positions):,} of these pictures were taught under a corrected one")
    if chosen.label_noise:
        said.append(f"{100 * chosen.label_noise:g} % of these pictures were taught under a wrong one (label noise)")
    return ", and ".join(said)


state.enter("evaluate", *FIELDS.split())
row = parts.header_with_run("Evaluate", "What the network gets wrong, and the garments it gets wrong.")
if row is not None and row.config is not None:
    brought_in.warn(row)
    explore(row, row.config.class_names)
