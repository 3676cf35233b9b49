"""What if? The same recipe with three values of one part of it, trained side by side."""

from collections.abc import Sequence
from typing import Any, get_args

import streamlit as st

from fmnist_core.data import SIZES
from fmnist_core.demo import limits
from fmnist_core.families import varying
from fmnist_core.families.varying import VARYING, Value, Varying
from fmnist_core.jobs import kinds
from fmnist_core.jobs.durations import Estimate
from fmnist_core.recipe import OptimizerName, Recipe
from fmnist_core.storage.folders import RunError
from fmnist_ui import waiting
from fmnist_ui.train.estimate_line import estimate_of
from fmnist_ui.train.forms.stage_form import KEPT
from fmnist_ui.train.start_button import start_family

STEPS: dict[str, dict[str, Any]] = {  # of the number fields
    "learning_rate": {"step": 1e-4, "format": "%g"},
    "batch_size": {"step": 1},
    "dropout": {"step": 0.05, "format": "%g"},
    "l2": {"step": 1e-4, "format": "%g"},
    "images": {"step": 1_000},
    "label_noise": {"step": 5.0, "format": "%g"},
}
ORDER = ("first", "second", "third")


def show(base: Recipe) -> None:
    """What varies, three values, the time, and the button. base: a recipe that can be trained."""
    with st.expander("What if? Train it with three values and compare", icon=":material/call_split:"):
        label = lambda name: VARYING[name].label  # noqa: E731
        row = VARYING[st.selectbox("What varies", tuple(VARYING), format_func=label, key="varies", **KEPT)]
        st.caption(row.expect)
        values = _values(row, base)
        try:
            recipes = varying.recipes_of(base, row.name, values)
            limits.check_family(recipes)
        except (RunError, ValueError) as error:
            st.warning(str(error), icon=":material/rule:")
            return
        with st.container(horizontal=True, vertical_alignment="center"):
            if st.button("Start the family", icon=":material/call_split:", key="start-family"):
                start_family(recipes, row.name)
            waiting.show_before_start(kinds.TRAINING, together([estimate_of(one) for one in recipes]))


def _values(row: Varying, base: Recipe) -> list[Value]:
    """Of three fields, which begin with values around the recipe's own."""
    usual = row.usual(base)
    label = f"{row.label}, percent" if row.name == "label_noise" else row.label
    found: list[Value] = []
    for column, place, value in zip(st.columns(3), ORDER, usual, strict=True):
        with column:
            found.append(_value(row, base, f"{label}, {place}", f"family-{row.name}-{place}-{usual}", value))
    return found


def _value(row: Varying, base: Recipe, label: str, key: str, value: Value) -> Value:
    if row.name == "optimizer":
        names = get_args(OptimizerName)
        return st.selectbox(label, names, index=names.index(value), key=key, **KEPT)
    everything = SIZES["train"] - base.split.validation - len(base.excluded)
    shown = everything if value is None else round(100 * value, 6) if row.name == "label_noise" else value
    said = st.number_input(label, value=row.kind(shown), key=key, **STEPS[row.name], **KEPT)
    if row.name == "images":
        return None if said == everything else int(said)
    return round(said / 100, 8) if row.name == "label_noise" else row.kind(said)


def together(estimates: Sequence[Estimate | None]) -> Estimate | None:
    """The time for all of them, one after the other; None where one of them is not known."""
    known = [one for one in estimates if one]
    if len(known) < len(estimates):
        return None
    longest = max(known, key=lambda one: one.seconds)
    return Estimate(sum(one.seconds for one in known), f"{len(known)} trainings together, {longest.basis}")
