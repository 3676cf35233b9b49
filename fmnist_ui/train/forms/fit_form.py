"""The recipe of what learns without epochs: which pictures, and the seed."""

import dataclasses

import streamlit as st

from fmnist_core import glossary
from fmnist_core.data import SIZES
from fmnist_core.recipe import Recipe, Split
from fmnist_core.zoo.others import classical
from fmnist_ui.train.forms.stage_form import KEPT

QUICK = 5_000  # training pictures that most fit in seconds


def choose(published: Recipe) -> Recipe:
    """Draws the fields; returns what they say, not yet checked. published: the model's own recipe."""
    with st.grid(3, min_column_width=220):
        with st.container(gap="small"):
            told = {"help": glossary.term("Validation split"), **KEPT}
            held = st.number_input(
                "Validation pictures", value=published.split.validation, step=1_000, key="fit-validation", **told
            )
            st.caption("Set aside and never fitted to: they draw the curve.")
        left = SIZES["train"] - int(held)
        with st.container(gap="small"):
            told = {"help": "How many pictures are fitted to, drawn from all by the seed.", **KEPT}
            images = st.number_input("Training pictures", value=QUICK, step=1_000, key="fit-images", **told)
            st.caption(f"It is fitted to 1,000 first, then to more. Zalando uses all; here {left:,} are left.")
        with st.container(gap="small"):
            seed = st.number_input("Seed", value=0, step=1, key="fit-seed", help=glossary.term("Seed"), **KEPT)
            st.caption("Draws the pictures, and whatever the classifier leaves to chance.")
    if classical.answers_of(published.model) == "decision values":
        st.caption("It answers with decision values.", help=glossary.term("Decision value"))
    split = published.split
    if int(held) != split.validation:
        split = Split("last", int(held)) if held else Split("none", 0)
    count = int(images)
    return dataclasses.replace(published, split=split, images=None if count == left else count, seed=int(seed))


def in_words(recipe: Recipe, training: int) -> str:
    """A checked recipe in plain words. training: pictures."""
    held = f"{recipe.split.validation:,} for validation" if recipe.split.validation else "no validation split"
    return f"No epochs: fitted once to each size · {training:,} pictures, {held} · seed {recipe.seed}"
