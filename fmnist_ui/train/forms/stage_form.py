"""The stages of one's own recipe, a row each: how many epochs, and how their pictures are changed at random."""

from dataclasses import replace
from typing import Any

import numpy as np
import streamlit as st

from fmnist_core import data, glossary
from fmnist_core.recipe import MOST_STAGES, Augmentation, Recipe, Stage
from fmnist_core.report import recipe_words
from fmnist_core.training import augmentation as augmenting
from fmnist_ui import parts

# Streamlit forgets the widgets of a page that is left, unless they say so.
KEPT: dict[str, Any] = {"persist_state": "session"}
STAGES = "own_recipe_stages"  # in the session: a number for each stage, by which its widgets are called
MOST_AT_FIRST = 20  # epochs of a stage that the form begins with
ADDED_EPOCHS = 5
PREVIEWED, DRAWS = 4, 6  # pictures, and draws of each
# Each has a widget, which goes from none to so much.
MOST: dict[str, Any] = {"rotation": 45.0, "shift": 0.3, "shear": 30.0, "zoom": 0.5, "brightness": 0.8}
MOST |= {"crop": 6, "cutout": 20, "photo_damage": 1.0, "flip": True}


def begin_as_published(published: Recipe) -> None:
    """Sets the fields of each stage to what its model's source says."""
    begin_with(tuple(replace(stage, epochs=min(stage.epochs, MOST_AT_FIRST)) for stage in published.stages))


def begin_with(stages: tuple[Stage, ...]) -> None:
    """Sets the fields of each stage."""
    st.session_state[STAGES] = list(range(len(stages)))
    for number, stage in enumerate(stages):
        _set(number, stage)


def has_widgets_for(stages: tuple[Stage, ...]) -> bool:
    """Whether no slider would have to go further than it does."""
    augmentations = [stage.augmentation or Augmentation() for stage in stages]
    return all(getattr(one, name) <= most for one in augmentations for name, most in MOST.items())


def _set(number: int, stage: Stage) -> None:
    augmentation = stage.augmentation or Augmentation()
    values: dict[str, Any] = {name: type(most)(getattr(augmentation, name)) for name, most in MOST.items()}
    values |= {"epochs": stage.epochs, "augment_validation": stage.augment_validation}
    st.session_state.update({f"{name}-{number}": value for name, value in values.items()})


def _add() -> None:
    number = max(st.session_state[STAGES]) + 1
    st.session_state[STAGES] = [*st.session_state[STAGES], number]
    _set(number, Stage(ADDED_EPOCHS))


def _remove(number: int) -> None:
    st.session_state[STAGES] = [other for other in st.session_state[STAGES] if other != number]


def choose_stages(published: Recipe) -> tuple[Stage, ...]:
    """A row for each stage, and a button for one more. What has no widget is as published; nothing is checked."""
    numbers = list(st.session_state[STAGES])
    stages = tuple(
        _choose_stage(number, place, len(numbers), published) for place, number in enumerate(numbers, start=1)
    )
    if len(numbers) < MOST_STAGES:
        st.button("Add a stage", icon=":material/add:", key="add_stage", help=glossary.term("Stage"), on_click=_add)
    return stages


def _choose_stage(number: int, place: int, count: int, published: Recipe) -> Stage:
    known = published.stages[number] if number < len(published.stages) else Stage(ADDED_EPOCHS)
    with st.container(border=True, key=f"stage-{number}"):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            name = f"Epochs of stage {place}" if count > 1 else "Epochs"
            told: dict[str, Any] = {"help": glossary.term("Epoch"), "width": 200, **KEPT}
            epochs = st.number_input(name, step=1, key=f"epochs-{number}", **told)
            said = st.empty()
            if count > 1:
                st.button("Remove", icon=":material/delete:", key=f"remove-{number}", on_click=_remove, args=(number,))
        opened = st.expander(
            "Augmentation", icon=":material/transform:", key=f"augmentation-{number}", on_change="rerun"
        )
        with opened:
            augmentation = _choose_augmentation(number, known.augmentation or Augmentation(), bool(opened.open))
            distorts = False
            if augmentation:
                distorts = st.toggle("Change the validation pictures, too", key=f"augment_validation-{number}", **KEPT)
        changed = f"on pictures changed at random: {recipe_words.changes(augmentation)}" if augmentation else ""
        said.caption(changed or "on the pictures as they are")
    return Stage(int(epochs), augmentation, distorts)


def _choose_augmentation(number: int, published: Augmentation, preview: bool) -> Augmentation | None:
    """Sliders, with a preview of what the network would see; None while all are at rest."""

    def told(name: str) -> dict[str, Any]:
        return {"key": f"{name}-{number}", **KEPT}

    def slider(label: str, name: str, step: float) -> Any:
        most = MOST[name]
        return st.slider(label, type(most)(0), most, step=type(most)(step), **told(name))

    sliders, right = st.columns([2, 3], gap="medium")
    with sliders:
        values = replace(
            published,
            rotation=slider("Rotation, degrees either way", "rotation", 1),
            shift=slider("Shift, part of the side", "shift", 0.02),
            shear=slider("Shear, degrees", "shear", 0.1),
            zoom=slider("Zoom, either way", "zoom", 0.02),
            brightness=slider("Brightness, either way", "brightness", 0.05),
            crop=slider("Random crop, pixels", "crop", 1),
            cutout=slider("Cutout, side of a black square in pixels", "cutout", 1),
            photo_damage=slider("Damage as photos do, part of the pictures", "photo_damage", 0.05),
            flip=st.toggle("Flip left to right, half of the time", **told("flip")),
        )
    if preview:
        with right:
            _show_preview(number, values)
    resting = all(getattr(values, name) == getattr(Augmentation(), name) for name in MOST)
    return None if resting else values


def _show_preview(number: int, values: Augmentation) -> None:
    """A few training pictures as they are, and as this augmentation changes them."""
    originals = data.load_split("train").images[:PREVIEWED]
    generator = np.random.default_rng(0)
    st.caption("The first of each row is as it is; the others are what the network would be shown.")
    for place, original in enumerate(originals):
        draws = augmenting.draw(values, DRAWS, generator)
        changed = augmenting.apply(original[None].repeat(DRAWS, axis=0), draws, values)
        row = np.concatenate([original[None], changed])
        key = f"preview-{number}-{place}"
        parts.picture_gallery(row, [""] * len(row), key=key, label="What the network would see", size=58)
