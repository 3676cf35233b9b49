"""The form that makes a recipe: a lesson, a published one, or one's own."""

import dataclasses

import numpy as np
import streamlit as st

from fmnist_core import data
from fmnist_core.data import SIZES
from fmnist_core.lesson import lesson
from fmnist_core.recipe import Augmentation, Optimizer, Recipe, Split, with_epochs
from fmnist_core.training import augmentation as augmenting
from fmnist_core.zoo import get_model
from fmnist_ui import cached, parts

PRESETS = {"lesson": "Lesson, a minute", "published": "As published", "own": "My own"}
PRECISION_WORDS = {"auto": "Choose for me", "float32": "float32", "mixed_bfloat16": "bfloat16 (mixed)"}
PREVIEWED, DRAWS = 4, 6  # pictures, and draws of each


def choose_recipe(model: str) -> Recipe:
    """Draws the form and returns what it says; not yet checked."""
    published = get_model(model).recipe
    short = lesson(published, cached.list_rows())
    preset = st.segmented_control(
        "Recipe", tuple(PRESETS), format_func=PRESETS.get, default="lesson", required=True, key="preset"
    )
    if preset == "lesson":
        describe(short)
        return short
    if preset == "published":
        describe(published)
        return published
    return own_recipe(published)


def describe(recipe: Recipe) -> None:
    """A recipe in plain words."""
    stages = [
        f"{stage.epochs} epochs{' on distorted pictures' if stage.augmentation else ''}" for stage in recipe.stages
    ]
    training = recipe.images or SIZES["train"] - recipe.split.validation
    validation = f"{recipe.split.validation:,} for validation" if recipe.split.validation else "no validation split"
    optimizer = recipe.optimizer
    st.markdown(
        f"{', then '.join(stages)} · {training:,} pictures, {validation} · batches of {recipe.batch_size} · "
        f"{optimizer.name}, learning rate {optimizer.learning_rate:g}"
    )


def own_recipe(published: Recipe) -> Recipe:
    """All that can be changed, starting from the published values."""
    left, middle, right = st.columns(3)
    with left:
        epochs = st.number_input("Epochs", 1, 1000, min(published.epochs, 20), key="epochs")
        batch = st.number_input("Batch size", 1, 4096, published.batch_size, key="batch")
    with middle:
        optimizers = ("sgd", "adam", "nadam", "adamw", "rmsprop")
        name = st.selectbox("Optimizer", optimizers, optimizers.index(published.optimizer.name), key="optimizer")
        rate = st.number_input(
            "Learning rate", 1e-6, 10.0, published.optimizer.learning_rate, step=1e-4, format="%g", key="rate"
        )
    with right:
        default = published.split.validation or 5_000
        validation = st.number_input("Validation pictures", 0, 50_000, default, step=1_000, key="validation")
        limit = SIZES["train"] - int(validation)
        images = st.number_input("Training pictures", 100, limit, limit, step=1_000, key=f"images-{limit}")
    optimizer = dataclasses.replace(published.optimizer, name=name, learning_rate=rate)
    if name != published.optimizer.name:
        optimizer = Optimizer(name, rate)
    chosen = dataclasses.replace(
        with_epochs(published, int(epochs)),
        optimizer=optimizer,
        batch_size=int(batch),
        split=Split("last", int(validation)) if validation else Split("none", 0),
        images=int(images) if images < limit else None,
        watch_test=False,
    )
    with st.expander("Augmentation", icon=":material/transform:"):
        augmentation = choose_augmentation()
    stages = tuple(dataclasses.replace(stage, augmentation=augmentation) for stage in chosen.stages)
    chosen = dataclasses.replace(chosen, stages=stages)
    with st.expander("Seed, precision, which weights are kept", icon=":material/tune:"):
        return choose_details(chosen)


def choose_details(chosen: Recipe) -> Recipe:
    left, middle, right = st.columns(3)
    seed = left.number_input("Seed", 0, 2**31 - 1, 0, key="seed")
    precision = middle.selectbox("Precision", tuple(PRECISION_WORDS), format_func=PRECISION_WORDS.get, key="precision")
    keeps = ("last", "best") if chosen.split.validation else ("last",)
    words = {"last": "The last epoch's", "best": "The best epoch's, by validation"}
    keep = right.selectbox("Weights to keep", keeps, format_func=words.get, key="keep")
    return dataclasses.replace(chosen, seed=int(seed), precision=precision, keep=keep)


def choose_augmentation() -> Augmentation | None:
    """Sliders with a live preview of what the network would see; None while all are at rest."""
    sliders, preview = st.columns([2, 3], gap="medium")
    with sliders:
        values = Augmentation(
            rotation=float(st.slider("Rotation, degrees either way", 0, 45, 0, key="rotation")),
            shift=st.slider("Shift, part of the side", 0.0, 0.3, 0.0, 0.02, key="shift"),
            shear=float(st.slider("Shear, degrees", 0, 30, 0, key="shear")),
            zoom=st.slider("Zoom, either way", 0.0, 0.5, 0.0, 0.02, key="zoom"),
            brightness=st.slider("Brightness, either way", 0.0, 0.8, 0.0, 0.05, key="brightness"),
            crop=st.slider("Random crop, pixels", 0, 6, 0, key="crop"),
            flip=st.toggle("Flip left to right, half of the time", key="flip"),
        )
    with preview:
        show_preview(values)
    return None if values == Augmentation() else values


def show_preview(values: Augmentation) -> None:
    """A few training pictures as they are, and as this augmentation changes them."""
    originals = data.load_split("train").images[:PREVIEWED]
    generator = np.random.default_rng(0)
    st.caption("The first of each row is as it is; the others are what the network would be shown.")
    for number, original in enumerate(originals):
        draws = augmenting.draw(values, DRAWS, generator)
        changed = augmenting.apply(original[None].repeat(DRAWS, axis=0), draws, values.fill)
        row = np.concatenate([original[None], changed])
        parts.picture_gallery(
            row, [""] * len(row), key=f"preview-{number}", label="What the network would see", size=58
        )
