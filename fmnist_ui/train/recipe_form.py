"""The form that makes a recipe: the quick preset, a published one, or one's own."""

import dataclasses
from typing import Any, get_args

import streamlit as st

from fmnist_core import data, glossary, recipe, zoo
from fmnist_core.analysis import label_issues
from fmnist_core.data import SIZES
from fmnist_core.recipe import Optimizer, OptimizerName, Recipe, Split
from fmnist_core.speed.estimate import quick_recipe
from fmnist_core.splits import split_indices
from fmnist_ui import parts, received
from fmnist_ui.train import stage_form
from fmnist_ui.train.stage_form import KEPT, choose_stages
from fmnist_ui.widgets import browser_tab

PRESETS = {"quick": "Quick, a minute", "published": "As published", "own": "My own"}
PRECISION_WORDS = {"auto": "Choose for me", "float32": "float32", "mixed_bfloat16": "bfloat16 (mixed)"}
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


def choose_recipe(published: Recipe) -> Recipe:
    """Draws the form and returns what it says; not yet checked. published: that of the model, which it begins with."""
    short = quick_recipe(published)
    words = PRESETS | ({"published": f"Usual, {published.epochs} epochs"} if published.network else {})
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
    """All that can be changed, starting from the published values. No field has limits of its own: what cannot be
    trained is said by the check of the recipe, where a field would keep its former value in silence."""
    begin_as_published(published)
    stages = choose_stages(published)
    left, middle, right = st.columns(3)
    with left:
        batch = st.number_input("Batch size", step=1, key="batch", help=glossary.term("Batch size"), **KEPT)
        told = {"key": "validation", "help": glossary.term("Validation split"), **KEPT}
        validation = int(st.number_input("Validation pictures", step=1_000, **told))
    with middle:
        told = {"key": "optimizer", "help": glossary.term("Optimizer"), **KEPT}
        name = st.selectbox("Optimizer", get_args(OptimizerName), **told)
        limit = SIZES["train"] - validation
        st.session_state.setdefault(key := f"images-{limit}", limit)
        images = int(st.number_input("Training pictures", step=1_000, key=key, **KEPT))
    with right:
        told = {"key": "rate", "help": glossary.term("Learning rate"), **KEPT}
        rate = st.number_input("Learning rate", step=1e-4, format="%g", **told)
    optimizer = dataclasses.replace(published.optimizer, name=name, learning_rate=rate)
    if name != published.optimizer.name:
        optimizer = Optimizer(name, rate)
    chosen = dataclasses.replace(
        published,
        stages=stages,
        optimizer=optimizer,
        batch_size=int(batch),
        split=Split("last", validation) if validation else Split("none", 0),
        images=None if images == limit else images,
        watch_test=False,
    )
    with st.expander("Leave suspects out", icon=":material/help_center:"):
        chosen = dataclasses.replace(chosen, excluded=choose_suspects())
    with st.expander("Seed, precision, checkpoint", icon=":material/tune:"):
        return choose_details(chosen)


def begin_as_published(published: Recipe) -> None:
    """Sets the fields that each model has values of its own for, once for each model that is chosen."""
    if st.session_state.get(OWN_MODEL) == published.model:
        return
    _set(published, published.split.validation or 5_000)
    stage_form.begin_as_published(published)


def _set(chosen: Recipe, validation: int) -> None:
    """The fields that each model has values of its own for, but those of stages."""
    limit = SIZES["train"] - validation
    st.session_state.update(
        {
            OWN_MODEL: chosen.model,
            "batch": chosen.batch_size,
            "optimizer": chosen.optimizer.name,
            "rate": float(chosen.optimizer.learning_rate),
            "validation": validation,
            f"images-{limit}": chosen.images or limit,
        }
    )


def keep(chosen: Recipe) -> None:
    """Has the browser's tab keep a recipe of one's own, once it has been checked, for when the session breaks."""
    mine = st.session_state.get("preset") == "own"
    browser_tab.keep("recipe", recipe.to_json(chosen) if mine else None, take_back)


def take_back(kept: Any) -> None:
    """Sets all fields to a recipe of one's own. kept: untrusted; what is no recipe of this form changes nothing."""
    try:
        chosen = recipe.from_json(kept)
        zoo.check(chosen)
    except ValueError:
        received.drop()
        return
    if not stage_form.has_widgets_for(chosen.stages):
        received.drop()
        return
    _set(chosen, chosen.split.validation)
    stage_form.begin_with(chosen.stages)
    lists = {positions: kind for kind, positions in label_issues.LISTS.items()} | {(): "none"}
    st.session_state.update(
        {
            "preset": "own",
            "seed": chosen.seed,
            "precision": chosen.precision,
            "keep": chosen.keep,
            "suspects": lists.get(chosen.excluded, "own"),
            "suspect_list": ", ".join(map(str, chosen.excluded)) if chosen.excluded not in lists else "",
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


def choose_suspects() -> tuple[int, ...]:
    """Which training pictures are not trained on, shown with their labels; what cannot be read is said, not used."""
    kind = received.segmented(
        "Training pictures whose labels are in doubt",
        tuple(SUSPECT_WORDS),
        format_func=SUSPECT_WORDS.__getitem__,
        default="none",
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
