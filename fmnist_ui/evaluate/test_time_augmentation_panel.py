"""What test-time augmentation brings a run: computed on demand, kept, and said with its uncertainty."""

import threading

import numpy as np
import pandas as pd
import streamlit as st

from fmnist_core import data, glossary, zoo
from fmnist_core.inference import test_time_augmentation
from fmnist_core.inference.test_time_augmentation import Views
from fmnist_core.metrics import evaluation
from fmnist_core.recipe import Recipe
from fmnist_core.runs.catalogue import Row
from fmnist_core.runs.predictions import Predictions
from fmnist_core.runs.runs import Run
from fmnist_core.storage.folders import RunError
from fmnist_ui import cached, parts, received

WORDS: dict[Views, str] = {"none": "The picture only", "flip": "Mirror image", "crops": "9 crops", "both": "Both"}
EXAMPLE = 0  # the picture of the split whose views are shown
ASKED = "test_time_augmentation_asked"  # in the session: run, split and views that the button was clicked for
_one_at_a_time = threading.Lock()  # a computation keeps a core busy for seconds; visitors wait in turn


@st.fragment
def test_time_augmentation_panel(row: Row, stored: Predictions, names: tuple[str, ...]) -> None:
    """The section of a page. stored: what the run says of the pictures when it sees each of them once."""
    st.subheader("Test-time augmentation", help=glossary.term("Test-time augmentation"))
    st.caption("The network sees each picture several times, slightly changed; the mean of its answers counts.")
    views = received.segmented(
        "Views",
        tuple(WORDS),
        format_func=WORDS.__getitem__,
        default="none",
        key="views",
        persist_state="session",
    )
    if views == "none":
        st.markdown(f"Each picture is seen once: **{accuracy_in_words(stored)}**. Choose more views.")
        return
    show_views(data.load_split(stored.source).images[stored.indices[EXAMPLE]], views)
    if row.recipe and (note := novelty(row.recipe, views)):
        st.markdown(note)
    try:
        averaged = compute_on_demand(row, stored, views)
    except RunError as error:
        st.warning(str(error), icon=":material/broken_image:")
        return
    if averaged is not None:
        show_effect(stored, averaged, names)


def accuracy_in_words(predictions: Predictions) -> str:
    right, total = int((predictions.predicted == predictions.labels).sum()), len(predictions.labels)
    low, high = evaluation.wilson_interval(right, total)
    return (
        f"accuracy {parts.percent(right / total, 2)}, 95 % interval {parts.percent(low, 2)} to {parts.percent(high, 2)}"
    )


def show_views(picture: np.ndarray, views: Views) -> None:
    kinds = test_time_augmentation.shifts(views)
    seen = np.concatenate([test_time_augmentation.changed(picture[None], *kind) for kind in kinds])
    parts.picture_gallery(
        seen, [view_name(*kind) for kind in kinds], key="views_of_one", label="What the network sees", size=84
    )


def view_name(down: int, right: int, mirrored: bool) -> str:
    steps = [{1: "down", -1: "up", 0: ""}[down], {1: "right", -1: "left", 0: ""}[right], "mirrored" if mirrored else ""]
    return " ".join(filter(None, steps)) or "as it is"


def novelty(recipe: Recipe, views: Views) -> str:
    """A sentence where the views are something that the recipe has not shown the network."""
    if zoo.kind_of(recipe) == "brought in":
        return ""  # what it was shown is not known
    seen = [stage.augmentation for stage in recipe.stages if stage.augmentation]
    new = []
    if views in ("flip", "both") and not any(augmentation.flip for augmentation in seen):
        new.append("mirrored pictures (shoes here point left)")
    if views in ("crops", "both") and not any(a.shift or a.crop for a in seen):
        new.append("shifted pictures")
    if not new:
        return ""
    return f"This run was not trained on {' or '.join(new)}, so they are new to it, and its accuracy may fall."


def compute_on_demand(row: Row, stored: Predictions, views: Views) -> Predictions | None:
    """The averaged predictions; None, with a button, as long as nobody has asked for them. Raises RunError."""
    classifier = cached.load_classifier(row.run)
    slot = _slot(row.run, stored.split, views, cached.stamp(row.run, "model.onnx"))
    if "averaged" in slot:
        return slot["averaged"]
    what = (row.run.id, stored.split, views)
    asked = st.session_state.pop(ASKED, None) == what
    label = f"Classify {len(stored.labels):,} pictures {len(test_time_augmentation.shifts(views))} times each"
    place = st.empty()
    place.button(label, icon=":material/play_arrow:", key="average", on_click=ask, args=what, disabled=asked)
    if not asked:
        return None
    bar = st.progress(0.0, "Classifying")

    def tell(done: float) -> None:
        bar.progress(done, f"Classifying: {done:.0%}")

    while not _one_at_a_time.acquire(timeout=0.5):
        bar.progress(0.0, "Another computation is under way; this one is next.")  # here a visitor who leaves is let go
    try:
        if "averaged" not in slot:
            slot["averaged"] = test_time_augmentation.averaged_predictions(stored, classifier, views, tell)
    finally:
        _one_at_a_time.release()
    place.empty()
    bar.empty()
    return slot["averaged"]


def ask(*what: str) -> None:
    """Before the page is drawn again, so that it draws the button disabled while it computes."""
    st.session_state[ASKED] = what


@st.cache_resource(max_entries=24, show_spinner=False)
def _slot(run: Run, split: str, views: str, stamp: tuple[float, ...]) -> dict[str, Predictions]:
    """A place for one result; it is filled outside, because a cached function cannot move a progress bar."""
    return {}


def show_effect(stored: Predictions, averaged: Predictions, names: tuple[str, ...]) -> None:
    found = test_time_augmentation.effect(stored, averaged)
    before, after = (right / found.pictures for right in found.right)
    with st.grid(3, min_column_width=150):
        st.metric("Single view", parts.percent(before, 2), border=True, height="stretch")
        st.metric(
            "Mean of the views",
            parts.percent(after, 2),
            f"{100 * (after - before):+.2f} points",
            border=True,
            height="stretch",
        )
        changed = int((stored.predicted != averaged.predicted).sum())
        st.metric("Answers changed", f"{changed:,}", border=True, height="stretch")
    st.markdown(
        f"**{test_time_augmentation.effect_in_words(found)}**  \n:gray[Single view: {accuracy_in_words(stored)}. "
        f"Mean of the views: {accuracy_in_words(averaged)}.]"
    )
    class_changes(stored, averaged, names)


def class_changes(stored: Predictions, averaged: Predictions, names: tuple[str, ...]) -> None:
    """Of each class: how many pictures are right with a single view and with their mean; what moved most, first."""
    once, mean = stored.predicted == stored.labels, averaged.predicted == averaged.labels
    counts = [
        np.bincount(stored.labels[which], minlength=len(names)) for which in (once, mean, mean & ~once, once & ~mean)
    ]
    table = pd.DataFrame(
        dict(zip(("Single view", "Mean of the views", "Fixed", "Broken"), counts, strict=True)),
        index=pd.Index(names, name="Class"),
    )
    table.insert(2, "Change", table["Mean of the views"] - table["Single view"])
    moved = table[(table["Fixed"] > 0) | (table["Broken"] > 0)]
    if moved.empty:
        st.info("No class has a picture more or fewer right.", icon=":material/info:")
        return
    whole = "Pictures of this class that are right "
    st.dataframe(
        moved.sort_values("Change", key=abs, ascending=False, kind="stable").reset_index(),
        hide_index=True,
        height="content",
        column_config={
            "Single view": st.column_config.NumberColumn(format="localized", help=f"{whole}seen once."),
            "Mean of the views": st.column_config.NumberColumn(
                format="localized", help=f"{whole}by the mean of the answers."
            ),
            "Change": st.column_config.NumberColumn(format="%+d"),
            "Fixed": st.column_config.NumberColumn(help="Wrong with a single view, right by the mean."),
            "Broken": st.column_config.NumberColumn(help="Right with a single view, wrong by the mean."),
        },
        key="class_changes",
    )
