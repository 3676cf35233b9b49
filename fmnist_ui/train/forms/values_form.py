"""The values of one's own recipe, each with a sentence on what to expect of it."""

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, get_args

import streamlit as st

from fmnist_core import glossary
from fmnist_core.data import SIZES
from fmnist_core.families import varying
from fmnist_core.families.varying import VARYING
from fmnist_core.recipe import OptimizerName, Recipe, Split
from fmnist_ui.train.forms.stage_form import KEPT

TERMS = {
    "learning_rate": glossary.term("Learning rate"),
    "batch_size": glossary.term("Batch size"),
    "optimizer": glossary.term("Optimizer"),
    "dropout": glossary.term("Dropout"),
    "l2": glossary.term("L2 regularization"),
    "images": "How many pictures are trained on, drawn from all by the seed.",
    "label_noise": glossary.term("Label noise"),
}
DIGITS = 6  # of a percentage of wrong labels: what a float makes of 0.07 is 7.000000000000001 %


def begin_with(chosen: Recipe, validation: int) -> None:
    """Sets the fields to what a recipe says. validation: pictures set aside."""
    limit = SIZES["train"] - validation
    st.session_state.update(
        {
            "rate": float(chosen.optimizer.learning_rate),
            "batch": chosen.batch_size,
            "optimizer": chosen.optimizer.name,
            "dropout": chosen.dropout,
            "l2": chosen.l2,
            "noise": round(100 * chosen.label_noise, DIGITS),
            "validation": validation,
            f"images-{limit}": chosen.images or limit,
        }
    )


def choose_values(published: Recipe) -> Recipe:
    """Draws the fields; returns the published recipe with what they say, not yet checked."""
    with st.grid(4, min_column_width=220):
        with _field("learning_rate") as told:
            rate = st.number_input("Learning rate", step=1e-4, format="%g", key="rate", **told)
        with _field("batch_size") as told:
            batch = st.number_input("Batch size", step=1, key="batch", **told)
        with _field("optimizer") as told:
            name = st.selectbox("Optimizer", get_args(OptimizerName), key="optimizer", **told)
        with _field("dropout") as told:
            told |= {"placeholder": "as the network says", "format": "%g", "step": 0.05}
            dropout = st.number_input("Dropout", value=None, key="dropout", **told)
        with _field("l2") as told:
            l2 = st.number_input("L2 regularization", step=1e-4, format="%g", key="l2", **told)
        images_field, noise_field = st.container(gap="small"), st.container(gap="small")
        with st.container(gap="small"):
            told = {"help": glossary.term("Validation split"), **KEPT}
            validation = int(st.number_input("Validation pictures", step=1_000, key="validation", **told))
            st.caption("Set aside and never trained on: they choose the best epoch and compare the runs of a family.")
        with images_field, _field("images") as told:
            limit = SIZES["train"] - validation
            st.session_state.setdefault(key := f"images-{limit}", limit)
            images = int(st.number_input("Training pictures", step=1_000, key=key, **told))
        with noise_field, _field("label_noise") as told:
            noise = st.number_input("Label noise, percent", step=5.0, format="%g", key="noise", **told)
    chosen = dataclasses.replace(
        varying.with_optimizer(published, name),
        batch_size=int(batch),
        split=Split("last", validation) if validation else Split("none", 0),
        images=None if images == limit else images,
        dropout=dropout,
        l2=l2,
        label_noise=round(noise / 100, DIGITS + 2),
    )
    return dataclasses.replace(chosen, optimizer=dataclasses.replace(chosen.optimizer, learning_rate=rate))


@contextmanager
def _field(name: str) -> Iterator[dict[str, Any]]:
    """A place for a field, with what to expect of it below; gives what its widget is told."""
    with st.container(gap="small"):
        yield {"help": TERMS[name], **KEPT}
        st.caption(VARYING[name].expect)
