"""Build on Train: the network in the address, the session and the browser's tab; when it can be trained.

Run: python -m pytest tests/app/networks/test_build_panel.py
"""

import base64
import json
import zlib

import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core.networks import sharing
from fmnist_core.networks.layers import Layer, Network, to_json
from fmnist_core.runs import runs
from fmnist_core.zoo import MODELS, as_layers
from fmnist_ui import address
from fmnist_ui.networks import build_panel
from fmnist_ui.networks.build_panel import Held
from fmnist_ui.networks.network_builder import Draft, Sent, read_sent
from tests.app.test_pages import open_page, sentences

LAYERS = (Layer("convolution", filters=8), Layer("max_pooling", size=4), Layer("flatten"))
MINE = Network("Mine", LAYERS)
BOMB = "1" + base64.urlsafe_b64encode(zlib.compress(b"[" * 10_000_000)).decode().rstrip("=")


def builder(app: AppTest) -> dict:
    """What the builder in the browser is told."""
    (found,) = [one for one in app.get("bidi_component") if one.proto.component_name == "fmnist_builder"]
    return json.loads(found.proto.json)


def kept(app: AppTest) -> dict:
    """What the browser's tab is told to keep of the network."""
    tabs = [json.loads(one.proto.json) for one in app.get("bidi_component") if one.proto.component_name == "fmnist_tab"]
    return next(one["value"] for one in tabs if one["name"] == "network")


def with_draft(draft: Draft, **held: object) -> AppTest:
    app = AppTest.from_file("../../../app.py", default_timeout=60)
    app.query_params["source"] = "own"
    app.session_state["built_network"] = Held(draft, **held)  # type: ignore[arg-type]
    app.switch_page("pages/train.py")
    return app.run()


def test_a_link_opens_its_network_and_it_can_start():
    app = open_page("train.py", network=sharing.to_text(MINE))
    assert not app.exception
    told = builder(app)
    assert told["network"] == to_json(MINE) and told["linked"] and not told["problem"]
    assert app.query_params["source"] == "own"
    assert not app.button(key="start").disabled
    assert app.segmented_control(key="preset").options[1] == "Usual, 20 epochs"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "2abc",
        "1!!!!",
        "1" + "A" * 5_000,
        "1<script>alert(1)</script>",
        sharing.to_text(MINE)[:-3],
        "1" + sharing.to_text(MINE),
        BOMB[:1_500],
        BOMB,
    ],
    ids=range(10),
)
def test_a_network_of_an_address_that_cannot_be_read_is_left_out_with_a_sentence(text):
    app = open_page("train.py", network=text, source="own")
    assert not app.exception
    assert "The address' network was left out" in sentences(app) and "<script" not in sentences(app)
    assert builder(app)["network"]["layers"] == [] and app.button(key="start").disabled


@pytest.mark.parametrize(
    ("layers", "title", "sentence"),
    [
        ((), "Mine", "no layers yet"),
        ((Layer("dense"),), "Mine", "needs a list of values"),
        ((Layer("flatten"), Layer("convolution")), "Mine", "needs a picture"),
        ((Layer("flatten"), Layer("flatten")), "Mine", "nothing left to flatten"),
        ((Layer("convolution"),), "Mine", "The logits need a list of values"),
        ((Layer("max_pooling", size=28), Layer("convolution", padding="valid")), "Mine", "does not fit into a picture"),
        ((Layer("max_pooling", size=28), Layer("max_pooling", stride=1)), "Mine", "does not fit into a picture"),
        ((Layer("max_pooling", size=28), Layer("max_pooling")), "Mine", "too long for a picture"),
        ((Layer("max_pooling", size=14), Layer("convolution", stride=3)), "Mine", "too long for a picture"),
        ((Layer("convolution", filters=4), Layer("squeeze_and_excitation")), "Mine", "times fewer"),
        ((Layer("flatten"), Layer("radial_basis"), Layer("dense")), "Mine", "stands in for the logits"),
        ((Layer("flatten"),), "", "0 characters"),
        ((Layer("flatten"),), "<b>", "cannot be called"),
        ((Layer("flatten"), *[Layer("dense", units=4_096)] * 3), "Mine", "at most 20,000,000 fit"),
        ((*[Layer("convolution", filters=256)] * 3, Layer("flatten")), "Mine", "at most 500,000,000 fit"),
    ],
)
def test_what_does_not_fit_is_said_where_it_is_and_beside_the_button(layers, title, sentence):
    app = with_draft(Draft(title, layers))
    assert not app.exception
    told = builder(app)
    somewhere = [*(one["problem"] for one in told["described"]), told["problem"], told["title_problem"]]
    assert any(sentence in said for said in somewhere) or not layers
    assert sentence in app.caption.values[-1].replace("\\", "")
    assert app.button(key="start").disabled and not told["linked"]
    assert "network" not in app.query_params


def test_what_does_not_fit_is_kept_by_the_tab_alone_and_comes_back():
    draft = Draft("Mine", (Layer("dense"),))
    app = with_draft(draft)
    value = kept(app)
    assert value == to_json(draft.network) | {"address": ""}

    def new_session() -> None:
        import streamlit as st

        from fmnist_ui import state
        from fmnist_ui.networks import build_panel

        state.enter("train", "source", "network")
        if "given" in st.session_state:
            build_panel._take_back(st.session_state.pop("given"))
        build_panel.build()

    app = AppTest.from_function(new_session, default_timeout=60).run()
    app.session_state["given"] = value
    app.run()
    assert builder(app)["network"] == to_json(draft.network) and builder(app)["token"] == 1
    for given in (None, [], {"title": 3}, value | {"layers": [{"kind": "eval"}]}, value | {"address": "1abc"}):
        app.session_state["built_network"] = Held()
        app.session_state["given"] = given
        app.run()
        assert not app.exception and builder(app)["network"]["layers"] == []
    app.session_state["built_network"] = Held(Draft("Newer", LAYERS), touched=True)
    app.session_state["given"] = value
    app.run()
    assert builder(app)["network"]["title"] == "Newer"


def test_the_address_follows_once_typing_is_over_and_stays_at_the_last_that_fits(monkeypatch):
    monkeypatch.setattr(address, "LATE_SECONDS", 0.0)
    app = open_page("train.py", network=sharing.to_text(MINE))
    wider = Draft("Mine", (Layer("convolution", filters=16), *LAYERS[1:]))
    for settled, expected in ((False, MINE), (True, wider.network)):
        app.session_state["built_network"] = Held(wider, revision=5, settled=settled)
        app.run()
        assert app.query_params["network"] == sharing.to_text(expected)
        assert builder(app)["linked"] is settled and builder(app)["revision"] == 5
    app.session_state["built_network"] = Held(Draft("Mine", (Layer("dense"),)))
    app.run()
    assert app.query_params["network"] == sharing.to_text(wider.network) and not builder(app)["linked"]


def test_a_change_from_the_browser_becomes_the_draft(monkeypatch):
    held = {}
    monkeypatch.setattr(build_panel.st, "session_state", held)
    sent = read_sent({"revision": 9, "settled": False, "title": "Mine", "layers": to_json(MINE)["layers"]})
    assert isinstance(sent, Sent)
    build_panel._change(sent)
    assert held["built_network"] == Held(Draft("Mine", LAYERS), 9, False, 0, touched=True)


def starting_app() -> None:
    import streamlit as st

    from fmnist_ui import state
    from fmnist_ui.networks import build_panel

    state.enter("train", "source", "network")
    if "value" in st.session_state:
        build_panel._start(st.session_state.pop("value"))
    if "text" in st.session_state:
        build_panel._open(st.session_state.pop("text"))
    build_panel.build()


def test_one_starts_from_every_model_of_the_zoo_or_hears_why_not():
    app = AppTest.from_function(starting_app, default_timeout=60).run()
    offered = [option["value"] for group in builder(app)["starts"] for option in group["options"]]
    assert offered == ["empty", *(f"zoo:{name}" for name in MODELS)]
    for name, model in MODELS.items():
        app.session_state["value"] = f"zoo:{name}"
        app.run()
        told = builder(app)
        assert not app.exception
        if model.trunk:
            assert "no network to start from" in told["refusal"]
        else:
            assert told["network"]["title"] == f"My {as_layers.as_network(name).title}" and not told["refusal"]
            assert not any(one["problem"] for one in told["described"]) and not told["problem"]
    app.session_state["value"] = "empty"
    app.run()
    assert builder(app)["network"] == {"title": "My network", "layers": []}


def test_a_file_is_opened_or_refused_and_what_is_there_stays():
    app = AppTest.from_function(starting_app, default_timeout=60).run()
    app.session_state["text"] = json.dumps(to_json(MINE))
    app.run()
    assert builder(app)["network"] == to_json(MINE) and builder(app)["notice"] == "Opened Mine: 3 layers"
    app.session_state["text"] = '{"title": "<img src=x>", "layers": [{"kind": "flatten"}]}'
    app.run()
    told = builder(app)
    assert told["network"] == to_json(MINE) and "cannot be called" in told["refusal"] and "<img" not in told["refusal"]


def test_training_is_started_with_the_network_and_one_starts_from_its_run():
    app = open_page("train.py", network=sharing.to_text(MINE))
    app.button(key="start").click().run()
    assert not app.exception
    (made,) = [one for one in runs.list_runs() if not one.shipped]
    recipe = runs.read_config(made).recipe
    assert made.id.startswith("own-") and recipe.network == MINE and recipe.epochs == 5
    assert app.query_params["run"] == made.id
    assert any("Mine" in one.value for one in app.subheader)
    app.session_state["built_network"] = Held(Draft("Other", LAYERS))
    app.button(key="build-on").click().run()
    assert "run" not in app.query_params and builder(app)["network"] == to_json(MINE)
    starts = builder(app)["starts"]
    assert starts[-1]["word"] == "Own networks" and starts[-1]["options"][0]["value"] == f"run:{made.id}"


def test_a_link_to_a_model_of_the_zoo_leads_there_and_what_was_built_stays():
    app = open_page("train.py", network=sharing.to_text(MINE))
    app.switch_page("pages/models.py").run()
    app.query_params.clear()
    app.query_params["model"] = "cnn_1"
    app.switch_page("pages/train.py").run()
    assert not app.exception and app.selectbox(key="widget_model").value == "cnn_1"
    app.segmented_control(key="widget_source").set_value("own").run()
    assert builder(app)["network"] == to_json(MINE)


def test_the_leaderboard_and_a_run_lead_to_the_builder():
    other = Network("Other", LAYERS[1:])
    app = open_page("train.py", network=sharing.to_text(MINE))
    app.query_params.clear()
    app.query_params["network"] = sharing.to_text(other)
    app.switch_page("pages/models.py").run()
    next(button for button in app.button if button.label == "Train it").click().run()
    assert not app.exception and builder(app)["network"] == to_json(other)
