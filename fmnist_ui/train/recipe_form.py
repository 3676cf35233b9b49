"""The form that makes a recipe: the quick preset, a published one, or one's own."""

import dataclasses
from typing import Any

import numpy as np
import streamlit as st

from fmnist_core import data, glossary
from fmnist_core.analysis import label_issues
from fmnist_core.data import SIZES
from fmnist_core.recipe import Augmentation, Optimizer, Recipe, Split, Stage, with_epochs
from fmnist_core.splits import split_indices
from fmnist_core.training import augmentation as augmenting
from fmnist_core.training.estimate import quick_recipe
from fmnist_core.zoo import get_model
from fmnist_ui import parts

PRESETS = {"quick": "Quick, a minute", "published": "As published", "own": "My own"}
PRECISION_WORDS = {"auto": "Choose for me", "float32": "float32", "mixed_bfloat16": "bfloat16 (mixed)"}
# Streamlit forgets the widgets of a page that is left, unless they say so.
KEPT: dict[str, Any] = {"persist_state": "session"}
OWN_MODEL = "own_recipe_model"  # in the session: whose published values the form began with
SUSPECT_WORDS = {"none": "None", "known": "Reported ones", "conflicting": "Contradicting pairs", "own": "My own list"}
SUSPECT_SENTENCES = {
    "none": "All training pictures are trained on, those with doubtful labels too.",
    "known": "Pictures that people have reported to the makers of the dataset, as mislabelled or as no single garment: "
    + ", ".join(f"[issue {url.rpartition('/')[2]}]({url})" for url in dict.fromkeys(label_issues.KNOWN.values()))
    + ".",
    "conflicting": "Pictures of which another training picture is nearly the same, under another label.",
    "own": f"Positions in the training set, 0 to {SIZES['train'] - 1}: numbers or a CSV with a column named position.",
}
MOST_SUSPECTS_SHOWN = 60
PREVIEWED, DRAWS = 4, 6  # pictures, and draws of each
# Each has a widget.
AUGMENTATION_FIELDS = (
    "rotation",
    "shift",
    "shear",
    "zoom",
    "brightness",
    "crop",
    "cutout",
    "photo_damage",
    "flip",
)


def choose_recipe(model: str) -> Recipe:
    """Draws the form and returns what it says; not yet checked."""
    published = get_model(model).recipe
    short = quick_recipe(published)
    preset = st.segmented_control(
        "Recipe",
        tuple(PRESETS),
        format_func=PRESETS.__getitem__,
        default="quick",
        required=True,
        key="preset",
        help=f"{glossary.term('Recipe')} {glossary.term('Quick preset')}",
        **KEPT,
    )
    if preset == "quick":
        describe(short)
        return short
    if preset == "published":
        describe(published)
        return published
    return own_recipe(published)


def describe(recipe: Recipe) -> None:
    """A recipe in plain words."""
    st.markdown(in_words(recipe))


def in_words(recipe: Recipe) -> str:
    stages = [
        f"{stage.epochs} epochs{' on distorted pictures' if stage.augmentation else ''}" for stage in recipe.stages
    ]
    training = len(split_indices(recipe).train)
    left_out = f" ({count_suspects(count_left_out(recipe))} left out)" if recipe.excluded else ""
    validation = f"{recipe.split.validation:,} for validation" if recipe.split.validation else "no validation split"
    optimizer = recipe.optimizer
    return (
        f"{', then '.join(stages)} · {training:,} pictures{left_out}, {validation} · batches of {recipe.batch_size} · "
        f"{optimizer.name}, learning rate {optimizer.learning_rate:g}"
    )


def count_left_out(recipe: Recipe) -> int:
    """How many of the suspects the recipe would train on; those among its validation pictures stay there."""
    every = dataclasses.replace(recipe, images=None)
    return len(split_indices(dataclasses.replace(every, excluded=())).train) - len(split_indices(every).train)


def count_suspects(count: int) -> str:
    return f"{count:,} suspect{'' if count == 1 else 's'}"


def own_recipe(published: Recipe) -> Recipe:
    """All that can be changed, starting from the published values."""
    begin_as_published(published)
    left, middle, right = st.columns(3)
    with left:
        epochs = st.number_input("Epochs", 1, 1000, key="epochs", help=glossary.term("Epoch"), **KEPT)
        batch = st.number_input("Batch size", 1, 4096, key="batch", help=glossary.term("Batch size"), **KEPT)
    with middle:
        told = {"key": "optimizer", "help": glossary.term("Optimizer"), **KEPT}
        name = st.selectbox("Optimizer", ("sgd", "adam", "nadam", "adamw", "rmsprop"), **told)
        told = {"key": "rate", "help": glossary.term("Learning rate"), **KEPT}
        rate = st.number_input("Learning rate", 1e-6, 10.0, step=1e-4, format="%g", **told)
    with right:
        told = {"key": "validation", "help": glossary.term("Validation split"), **KEPT}
        validation = st.number_input("Validation pictures", 0, 50_000, step=1_000, **told)
        limit = SIZES["train"] - int(validation)
        images = st.number_input("Training pictures", 100, limit, limit, step=1_000, key=f"images-{limit}", **KEPT)
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
        augmentation = choose_augmentation(published.stages[-1].augmentation or Augmentation())
    chosen = dataclasses.replace(chosen, stages=augmented(chosen.stages, augmentation))
    with st.expander("Leave suspects out", icon=":material/help_center:"):
        chosen = dataclasses.replace(chosen, excluded=choose_suspects())
    with st.expander("Seed, precision, checkpoint", icon=":material/tune:"):
        chosen = choose_details(chosen)
    describe(chosen)
    return chosen


def augmented(stages: tuple[Stage, ...], augmentation: Augmentation | None) -> tuple[Stage, ...]:
    """The stages with that augmentation; one that is plain because a distorted one follows stays plain."""
    follows = stages[-1].augmentation is not None
    return tuple(
        stage if follows and stage.augmentation is None else dataclasses.replace(stage, augmentation=augmentation)
        for stage in stages
    )


def begin_as_published(published: Recipe) -> None:
    """Sets the fields that each model has values of its own for, once for each model that is chosen."""
    if st.session_state.get(OWN_MODEL) == published.model:
        return
    st.session_state[OWN_MODEL] = published.model
    validation = published.split.validation or 5_000
    limit = SIZES["train"] - validation
    st.session_state.update(
        {
            "epochs": min(published.epochs, 20),
            "batch": published.batch_size,
            "optimizer": published.optimizer.name,
            "rate": published.optimizer.learning_rate,
            "validation": validation,
            f"images-{limit}": limit,
        }
    )
    augmentation = published.stages[-1].augmentation or Augmentation()
    st.session_state.update({name: getattr(augmentation, name) for name in AUGMENTATION_FIELDS})


def choose_details(chosen: Recipe) -> Recipe:
    left, middle, right = st.columns(3)
    seed = left.number_input("Seed", 0, 2**31 - 1, 0, key="seed", help=glossary.term("Seed"), **KEPT)
    told = {"key": "precision", "help": glossary.term("Numeric precision"), **KEPT}
    precision = middle.selectbox("Precision", tuple(PRECISION_WORDS), format_func=PRECISION_WORDS.__getitem__, **told)
    keeps = ("last", "best") if chosen.split.validation else ("last",)
    words = {"last": "The last epoch's", "best": "The best epoch's, by validation"}
    told = {"key": "keep", "help": glossary.term("Checkpoint"), **KEPT}
    keep = right.selectbox("Checkpoint", keeps, format_func=words.__getitem__, **told)
    return dataclasses.replace(chosen, seed=int(seed), precision=precision, keep=keep)


def choose_suspects() -> tuple[int, ...]:
    """Which training pictures are not trained on, shown with their labels; what cannot be read is said, not used."""
    kind = st.segmented_control(
        "Training pictures whose labels are in doubt",
        tuple(SUSPECT_WORDS),
        format_func=SUSPECT_WORDS.__getitem__,
        default="none",
        required=True,
        key="suspects",
        help=glossary.term("Label issue"),
        **KEPT,
    )
    st.caption(SUSPECT_SENTENCES[kind])
    positions = label_issues.LISTS.get(kind, ())
    if kind == "own":
        text = st.text_area("Positions", placeholder="45592, 16691", max_chars=400_000, key="suspect_list", **KEPT)
        positions, problem = label_issues.read_positions(text)
        if problem:
            st.warning(problem, icon=":material/rule:")
    show_suspects(positions)
    return positions


def show_suspects(positions: tuple[int, ...]) -> None:
    if not positions:
        return
    shown = positions[:MOST_SUSPECTS_SHOWN]
    only = f", the first {len(shown)} of them here" if len(shown) < len(positions) else ""
    st.caption(f"{count_suspects(len(positions))} with the label each has{only}. Validation and test keep theirs.")
    parts.picture_gallery(
        data.load_split("train").images[list(shown)],
        label_issues.label_names(shown),
        key="suspect_pictures",
        label="Suspects, with their labels",
        size=92,
    )


def choose_augmentation(published: Augmentation) -> Augmentation | None:
    """Sliders with a live preview of what the network would see; None while all are at rest.

    What has no slider of its own is as published.
    """
    sliders, preview = st.columns([2, 3], gap="medium")
    with sliders:
        values = dataclasses.replace(
            published,
            rotation=st.slider("Rotation, degrees either way", 0.0, 45.0, step=1.0, key="rotation", **KEPT),
            shift=st.slider("Shift, part of the side", 0.0, 0.3, step=0.02, key="shift", **KEPT),
            shear=st.slider("Shear, degrees", 0.0, 30.0, step=0.1, key="shear", **KEPT),
            zoom=st.slider("Zoom, either way", 0.0, 0.5, step=0.02, key="zoom", **KEPT),
            brightness=st.slider("Brightness, either way", 0.0, 0.8, step=0.05, key="brightness", **KEPT),
            crop=st.slider("Random crop, pixels", 0, 6, key="crop", **KEPT),
            cutout=st.slider("Cutout, side of a black square in pixels", 0, 20, key="cutout", **KEPT),
            photo_damage=st.slider(
                "Damage as photos do, part of the pictures", 0.0, 1.0, step=0.05, key="photo_damage", **KEPT
            ),
            flip=st.toggle("Flip left to right, half of the time", key="flip", **KEPT),
        )
    with preview:
        show_preview(values)
    resting = all(getattr(values, name) == getattr(Augmentation(), name) for name in AUGMENTATION_FIELDS)
    return None if resting else values


def show_preview(values: Augmentation) -> None:
    """A few training pictures as they are, and as this augmentation changes them."""
    originals = data.load_split("train").images[:PREVIEWED]
    generator = np.random.default_rng(0)
    st.caption("The first of each row is as it is; the others are what the network would be shown.")
    for number, original in enumerate(originals):
        draws = augmenting.draw(values, DRAWS, generator)
        changed = augmenting.apply(original[None].repeat(DRAWS, axis=0), draws, values)
        row = np.concatenate([original[None], changed])
        parts.picture_gallery(
            row, [""] * len(row), key=f"preview-{number}", label="What the network would see", size=58
        )
