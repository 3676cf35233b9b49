"""A new training: a model, a recipe, the button, and beside them how the shipped training of the model went."""

import streamlit as st

from fmnist_core import zoo
from fmnist_core.demo import limits
from fmnist_core.jobs import kinds, queue
from fmnist_core.recipe import Recipe
from fmnist_core.storage.folders import RunError
from fmnist_core.zoo.spec import Model
from fmnist_ui import charts, state
from fmnist_ui.networks import keras_code
from fmnist_ui.networks.build_panel import choose_model
from fmnist_ui.train import estimate_line, expected
from fmnist_ui.train.forms import family_form, recipe_form
from fmnist_ui.train.start_button import start
from fmnist_ui.train.sweeps import sweep_form
from fmnist_ui.widgets.hostile_text import literal


def set_up(alone: bool) -> None:
    """The form, beside it what it leads to, and what it can be started as several times over.

    alone: no training is shown below it, whose curves it would be taken for.
    """
    wide = alone and not charts.on_touch() and state.get("source") != "own"
    beside = wide and expected.find(state.get("model")) is not None
    left, right = st.columns(2, gap="large") if beside else (st.container(), None)
    with left:
        model, chosen = choose()
    if right is not None:
        with right:
            expected.show(model.name)
    if chosen is not None and chosen.has_epochs:
        family_form.show(chosen)
        sweep_form.show(chosen, model.recipe)


def choose() -> tuple[Model, Recipe | None]:
    """The form, the time it will take, and the button. Returns what it says, None where that cannot be trained."""
    model, problem = choose_model()
    chosen = recipe_form.choose_recipe(model.recipe)
    try:
        zoo.check(chosen)
        recipe_form.keep(chosen)
        limits.check_training(chosen)
        queue.prepare(kinds.TRAINING)
    except (RunError, ValueError) as error:
        st.warning(str(error), icon=":material/rule:")
        if isinstance(error, RunError):  # too much for this installation, not for everybody's
            keras_code.offer(chosen)
        return model, None
    st.markdown(recipe_form.in_words(chosen))
    if missing := model.missing():
        st.warning(missing, icon=":material/download:")
    with st.container(horizontal=not charts.on_touch(), vertical_alignment="center", key="start-row"):
        icon = ":material/play_arrow:"
        if st.button("Start training", type="primary", icon=icon, key="start", disabled=bool(problem)) and not problem:
            start(chosen)
        if problem:
            st.caption(f"It cannot start yet. {literal(problem)}")
        else:
            estimate_line.show_estimate(chosen)
            keras_code.offer(chosen)
    return model, None if problem else chosen
