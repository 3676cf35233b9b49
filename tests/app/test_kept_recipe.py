"""One's own recipe, as the browser's tab kept it for a session that broke.

Run: python -m pytest tests/app/test_kept_recipe.py
"""

import json
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core import recipe
from fmnist_core.analysis import label_issues
from fmnist_core.analysis.label_set import Decision
from fmnist_core.label_audit import audit_decisions
from fmnist_core.recipe import Augmentation, Optimizer, Split, Stage
from fmnist_core.zoo import get_model

PUBLISHED = get_model("cnn_1").recipe
OWN = replace(
    PUBLISHED,
    stages=(Stage(3), Stage(40, Augmentation(rotation=12.0, zoom=0.2, crop=2, flip=True), augment_validation=True)),
    optimizer=Optimizer("adamw", 0.02),
    batch_size=77,
    l2=0.0003,
    dropout=0.15,
    relabelled=((3, 1), (59_999, 0)),
    label_noise=0.07,
    split=Split("last", 7_000),
    images=1_000,
    excluded=(5, 7),
    seed=42,
    precision="float32",
    keep="best",
    watch_test=False,
)


def form_app():
    import streamlit as st

    from fmnist_core import recipe
    from fmnist_core.zoo import get_model
    from fmnist_ui.train.forms import recipe_form

    if "given" in st.session_state:
        recipe_form.take_back(st.session_state.pop("given"))
    chosen = recipe_form.choose_recipe(get_model("cnn_1").recipe)
    recipe_form.keep(chosen)
    st.session_state["chosen"] = recipe.to_json(chosen)


def kept_by(app: AppTest) -> object:
    """What the tab is told to keep."""
    (tab,) = [one for one in app.get("bidi_component") if one.proto.component_name == "fmnist_tab"]
    return json.loads(tab.proto.json)["value"]


@pytest.mark.parametrize(
    "own",
    [
        OWN,
        replace(OWN, excluded=label_issues.LISTS["known"], split=Split("none", 0), keep="last", images=None),
        replace(OWN, excluded=(), relabelled=(), dropout=None, label_noise=0.0),
    ],
)
def test_a_recipe_of_ones_own_comes_back_whole(own):
    app = AppTest.from_function(form_app, default_timeout=60)
    app.session_state["given"] = json.loads(json.dumps(recipe.to_json(own)))
    app.run()
    assert not app.exception and not app.toast
    assert recipe.from_json(app.session_state["chosen"]) == own
    assert kept_by(app) == json.loads(json.dumps(recipe.to_json(own)))
    app.segmented_control(key="preset").set_value("quick").run()
    assert kept_by(app) is None


@pytest.mark.parametrize(
    "change",
    [
        {"model": "nothing"},
        {"batch_size": 0},
        {"batch_size": "9"},
        {"stages": [recipe.to_json(OWN)["stages"][1] | {"augmentation": {"rotation": 90.0}}]},
        {"seed": None},
        None,
    ],
    ids=range(6),
)
def test_what_is_no_recipe_of_the_form_changes_nothing(change):
    app = AppTest.from_function(form_app, default_timeout=60)
    app.session_state["given"] = None if change is None else json.loads(json.dumps(recipe.to_json(OWN))) | change
    app.run()
    assert not app.exception and len(app.toast) == 1 and app.segmented_control(key="preset").value == "quick"


def test_what_a_label_set_taught_comes_back_as_that_set():
    audit_decisions.decide("train/0", Decision("relabel", 7))
    audit_decisions.decide("train/8", Decision("ambiguous"))
    own = replace(OWN, relabelled=((0, 7),), excluded=(5, 7, 8))
    app = AppTest.from_function(form_app, default_timeout=60)
    app.session_state["given"] = json.loads(json.dumps(recipe.to_json(own)))
    app.run()
    assert not app.exception and recipe.from_json(app.session_state["chosen"]) == own
    assert app.selectbox(key="taught_labels").value == "mine" and app.text_area(key="suspect_list").value == "5, 7"
    app.selectbox(key="taught_labels").set_value("official").run()
    assert recipe.from_json(app.session_state["chosen"]) == replace(own, relabelled=(), excluded=(5, 7))
