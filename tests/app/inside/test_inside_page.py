"""The page Inside for every kind of network, by good and bad addresses; and what it makes of what a browser sends.

Run: python -m pytest tests/app/inside
"""

import json

import numpy as np
import pytest

from fmnist_core import data
from fmnist_ui import state
from tests.app.test_pages import open_page, sentences
from tests.tiny import shipped_run

FLAGSHIP = shipped_run("flagship")
# What a network consists of that others have not, a layer of it and where one looks.
KINDS = {
    "simple_nn": ("logits", 3, None),
    "cnn_2": ("conv2", 5, "4-9"),
    "lenet5_rbf": ("logits", 9, "0-0"),
    "lstm_rows": ("lstm1", 100, "27-0"),
    "flagship": ("squeeze1_factor", 7, "0-0"),
    "patel_dense": ("dense1", 511, "0-0"),
}


def told(app) -> dict:
    (found,) = [one for one in app.get("bidi_component") if one.proto.component_name == "fmnist_inside"]
    return json.loads(found.proto.json)


@pytest.mark.some(2)
@pytest.mark.parametrize("model", KINDS)
def test_every_kind_of_network_opens_where_the_address_says(model):
    layer, channel, pixel = KINDS[model]
    where = {"layer": layer, "channel": str(channel)} | ({"pixel": pixel} if pixel else {})
    app = open_page("inside.py", run=shipped_run(model).id, picture="test/7", **where)
    assert not app.exception and not sentences(app)
    found = told(app)
    row_and_column = None if pixel is None else [int(one) for one in pixel.split("-")]
    assert found["selected"] == {"layer": layer, "channel": channel, "pixel": row_and_column}
    assert (found["worked"] is None) == (pixel is None)
    assert found["label"] == int(data.load_split("test").labels[7])
    assert len(found["network"]["layers"]) >= 3 and len(found["values"]["logits"]) == 10


def test_it_opens_with_something_worked_out():
    found = told(open_page("inside.py", run=FLAGSHIP.id))
    assert found["selected"]["layer"] == "conv1" and found["worked"]["value"] > 0


@pytest.mark.some(2)
@pytest.mark.parametrize(
    ("name", "where", "words"),
    [
        ("layer", {"layer": "conv99", "channel": "3"}, "this network has no layer conv99"),
        ("channel", {"layer": "conv1", "channel": "32"}, "conv1 has channels 0 to 31"),
        ("pixel", {"layer": "conv5", "channel": "3", "pixel": "7-0"}, "conv5 has 7 rows and 7 columns"),
        ("off", {"off": "conv1:3,conv99:all"}, "this network has no such channels to switch off in conv99"),
        ("off", {"off": "conv1:32"}, "this network has no such channels to switch off in conv1"),
        ("own", {"own": "yes"}, "this session has no picture of yours"),
    ],
)
def test_what_the_network_has_not_is_left_out_with_a_sentence(name, where, words):
    app = open_page("inside.py", run=FLAGSHIP.id, **where)
    assert not app.exception
    assert f"The address' {name} was left out: {words}" in sentences(app)
    assert told(app)["off"] == ({"conv1": [3]} if "3,conv99" in where.get("off", "") else {})
    kept = {"layer": ["conv99"], "channel": ["32"], "pixel": ["7-0"]}
    assert all(app.query_params.get(one) != value for one, value in kept.items())


def test_a_run_without_a_network_is_a_sentence():
    app = open_page("inside.py", run=shipped_run("patel_cnn32").id)
    assert not app.exception
    assert "has no network here to look inside" in sentences(app)


def test_what_is_switched_off_changes_the_answer_and_nothing_before_it():
    whole = told(open_page("inside.py", run=FLAGSHIP.id, picture="test/4"))
    part = told(open_page("inside.py", run=FLAGSHIP.id, picture="test/4", off="conv5:all"))
    assert part["off"] == {"conv5": list(range(128))}
    assert part["values"] == whole["values"] and whole["valuesChanged"] is None
    changed = part["valuesChanged"]
    assert np.abs(np.subtract(changed["logits"], part["values"]["logits"])).max() > 0.1
    assert changed["layers"][0] == "conv5" and "conv4" not in changed["layers"]


def test_a_second_picture_is_compared_layer_by_layer():
    found = told(open_page("inside.py", run=shipped_run("cnn_2").id, picture="test/4", against="test/4"))
    assert found["against"]["logits"] == found["values"]["logits"]
    assert len(found["distances"]["pair"]) == len(found["network"]["layers"])
    assert all(one is None or one == pytest.approx(0, abs=1e-6) for one in found["distances"]["pair"])
    other = told(open_page("inside.py", run=shipped_run("cnn_2").id, picture="test/4", against="test/0"))
    assert other["distances"]["pair"][0] > 0.1


def test_what_was_drawn_on_predict_can_be_looked_at():
    app = open_page("inside.py", run=shipped_run("cnn_2").id)
    app.session_state[state.SHOWN_PICTURE] = data.load_split("test").images[5]
    app.run()
    app.button(key="inside-own").click().run()
    assert not app.exception and app.query_params["own"] == ["yes"] or app.query_params["own"] == "yes"
    assert told(app)["label"] is None


def test_the_box_takes_a_picture_and_says_what_is_none():
    app = open_page("inside.py", run=shipped_run("cnn_2").id)
    app.text_input(key="inside-picture").set_value("17").run()
    assert app.query_params["picture"] in ("test/17", ["test/17"])
    app.text_input(key="inside-picture").set_value("test/<b>").run()
    assert not app.exception and "That is no picture" in sentences(app)
    assert app.query_params["picture"] in ("test/17", ["test/17"])


def test_a_wrong_one_is_one_that_the_run_gets_wrong():
    app = open_page("inside.py", run=shipped_run("cnn_2").id)
    app.button(key="inside-wrong").click().run()
    found = told(app)
    assert int(np.argmax(found["values"]["logits"])) != found["label"]
