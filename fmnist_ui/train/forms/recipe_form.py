"""The form that makes a recipe: the quick preset, a published one, or one's own."""

import dataclasses
from typing import Any

import streamlit as st

from fmnist_core import glossary, recipe, zoo
from fmnist_core.analysis import label_issues
from fmnist_core.formatting import epochs
from fmnist_core.recipe import Recipe
from fmnist_core.speed.estimate import quick_recipe
from fmnist_core.splits import corrected_labels, split_indices
from fmnist_ui import received
from fmnist_ui.train.forms import fit_form, label_form, stage_form, suspects_form, values_form
from fmnist_ui.train.forms.stage_form import KEPT, choose_stages
from fmnist_ui.widgets import browser_tab

PRESETS = {"quick": "Quick, a minute", "published": "As published", "own": "My own"}
PRECISION_WORDS = {"auto": "Choose for me", "float32": "float32", "mixed_bfloat16": "bfloat16 (mixed)"}
OWN_MODEL = "own_recipe_model"  # in the session: whose published values the form began with


def choose_recipe(published: Recipe) -> Recipe:
    """Draws the form and returns what it says; not yet checked. published: that of the model, which it begins with."""
    if not published.has_epochs:
        return fit_form.choose(published)
    short = quick_recipe(published)
    words = PRESETS | ({"published": f"Usual, {epochs(published.epochs)}"} if published.network else {})
    preset = received.segmented(
        "Recipe",
        tuple(PRESETS),
        format_func=words.__getitem__,
        default="quick",
        key="preset",
        help=f"{glossary.term('Recipe')} {glossary.term('Quick preset')}",
        **KEPT,
    )
    return {"quick": lambda: short, "published": lambda: published, "own": lambda: own_recipe(published)}[preset]()


def in_words(recipe: Recipe) -> str:
    """A checked recipe in plain words."""
    stages = [
        f"{epochs(stage.epochs)}{' on distorted pictures' if stage.augmentation else ''}" for stage in recipe.stages
    ]
    training = len(split_indices(recipe).train)
    if not recipe.has_epochs:
        return fit_form.in_words(recipe, training)
    left_out = f" ({suspects_form.count_suspects(count_left_out(recipe))} left out)" if recipe.excluded else ""
    validation = f"{recipe.split.validation:,} for validation" if recipe.split.validation else "no validation split"
    corrected = ""
    if recipe.relabelled:
        corrected = f", {len(corrected_labels(recipe).positions):,} of them under corrected labels"
    noise = f", {100 * recipe.label_noise:g} % of them under wrong labels" if recipe.label_noise else ""
    optimizer = recipe.optimizer
    against = [f"L2 regularization {recipe.l2:g}"] if recipe.l2 else []
    against += [] if recipe.dropout is None else [f"dropout {recipe.dropout:g}"]
    return " · ".join(
        [
            ", then ".join(stages),
            f"{training:,} pictures{left_out}{corrected}{noise}, {validation}",
            f"batches of {recipe.batch_size}",
            f"{optimizer.name}, learning rate {optimizer.learning_rate:g}",
            *against,
        ]
    )


def count_left_out(recipe: Recipe) -> int:
    """How many of the suspects the recipe would train on; those among its validation pictures stay there."""
    every = dataclasses.replace(recipe, images=None)
    return len(split_indices(dataclasses.replace(every, excluded=())).train) - len(split_indices(every).train)


def own_recipe(published: Recipe) -> Recipe:
    """All that can be changed, starting from the published values. No field has limits of its own: what cannot be
    trained is said by the check of the recipe, where a field would keep its former value in silence."""
    begin_as_published(published)
    stages = choose_stages(published)
    chosen = dataclasses.replace(values_form.choose_values(published), stages=stages, watch_test=False)
    with st.expander("Labels in doubt: whose are taught, and what is left out", icon=":material/help_center:"):
        taught, suspects = label_form.choose_labels(), suspects_form.choose_suspects()
        left_out = tuple(dict.fromkeys((*suspects, *taught.ambiguous)))
        chosen = dataclasses.replace(chosen, relabelled=taught.relabelled, excluded=left_out)
    with st.expander("Seed, precision, checkpoint", icon=":material/tune:"):
        return choose_details(chosen)


def begin_as_published(published: Recipe) -> None:
    """Sets the fields that each model has values of its own for, once for each model that is chosen."""
    if st.session_state.get(OWN_MODEL) == published.model:
        return
    st.session_state[OWN_MODEL] = published.model
    values_form.begin_with(published, published.split.validation or 5_000)
    stage_form.begin_as_published(published)


def keep(chosen: Recipe) -> None:
    """Has the browser's tab keep a recipe of one's own, once it has been checked, for when the session breaks."""
    mine = st.session_state.get("preset") == "own" and chosen.has_epochs
    browser_tab.keep("recipe", recipe.to_json(chosen) if mine else None, take_back)


def take_back(kept: Any) -> None:
    """Sets all fields to a recipe of one's own. kept: untrusted; what is no recipe of this form changes nothing."""
    try:
        chosen = recipe.from_json(kept)
        zoo.check(chosen)
    except ValueError:
        received.drop()
        return
    if not (chosen.has_epochs and stage_form.has_widgets_for(chosen.stages)):
        received.drop()
        return
    st.session_state[OWN_MODEL] = chosen.model
    values_form.begin_with(chosen, chosen.split.validation)
    stage_form.begin_with(chosen.stages)
    suspects = label_form.begin_with(chosen)
    lists = {positions: kind for kind, positions in label_issues.LISTS.items()} | {(): "none"}
    st.session_state.update(
        {
            "preset": "own",
            "seed": chosen.seed,
            "precision": chosen.precision,
            "keep": chosen.keep,
            "suspects": lists.get(suspects, "own"),
            "suspect_list": ", ".join(map(str, suspects)) if suspects not in lists else "",
        }
    )


def choose_details(chosen: Recipe) -> Recipe:
    left, middle, right = st.columns(3)
    seed = left.number_input("Seed", value=0, step=1, key="seed", help=glossary.term("Seed"), **KEPT)
    told = {"key": "precision", "help": glossary.term("Numeric precision"), **KEPT}
    precision = middle.selectbox("Precision", tuple(PRECISION_WORDS), format_func=PRECISION_WORDS.__getitem__, **told)
    keeps = ("last", "best") if chosen.split.validation else ("last",)
    words = {"last": "The last epoch's", "best": "The best epoch's, by validation"}
    told = {"key": "keep", "help": glossary.term("Checkpoint"), **KEPT}
    keep = right.selectbox("Checkpoint", keeps, format_func=words.__getitem__, **told)
    return dataclasses.replace(chosen, seed=int(seed), precision=precision, keep=keep)
