"""What the browser is told of a network is what the network computes; and what it may tell is checked.

Run: python -m pytest tests/app/inside/test_inside_payload.py
"""

import base64
import dataclasses
import json

import numpy as np
import pytest

from fmnist_core import data
from fmnist_core.inside.session import open_inside
from fmnist_core.inside.switching import Effect
from fmnist_core.metrics import evaluation
from fmnist_core.runs import predictions
from fmnist_ui.inside import controls, effects, off_text
from fmnist_ui.inside.payload import changes_payload, drawn_shape, network_payload, values_payload, worked_payload
from fmnist_ui.widgets.inside_view import read_told
from tests.tiny import shipped_run

MODELS = ("flagship", "cnn_2", "lenet5_rbf", "lstm_rows", "patel_dense")
PICTURE = data.load_split("test").images[11]


@pytest.fixture(scope="module", params=MODELS)
def inside(request):
    return open_inside(shipped_run(request.param))


def test_values_arrive_as_they_are_to_the_precision_of_halves(inside):
    seen = inside.look(PICTURE)
    told = values_payload(inside.network, seen)
    values = np.frombuffer(base64.b64decode(told["text"]), "<f2").astype(np.float32)
    assert json.loads(json.dumps(told)) == told
    start = 0
    for layer in inside.network.layers:
        size = int(np.prod(drawn_shape(layer)))
        found, wanted = values[start : start + size], seen.values[layer.name]
        start += size
        if layer.kind == "LSTM":  # what its units gave after each row; the last is what goes on
            found = found.reshape(drawn_shape(layer))[:, -1, 0]
        assert np.allclose(found, wanted.ravel(), rtol=1e-3, atol=1e-4), layer.name
    assert start == len(values)


def test_what_is_different_with_channels_off_is_their_layer_and_what_takes_of_it(inside):
    name = inside.network.switchable[0]
    plain, seen = inside.look(PICTURE), inside.look(PICTURE, {name: (0, 1)})
    told = changes_payload(inside.network, seen)
    assert json.loads(json.dumps(told)) == told
    assert told["logits"] == seen.logits.tolist()
    for layer in inside.network.layers:
        if layer.name not in told["layers"]:
            assert np.array_equal(plain.values[layer.name], seen.values[layer.name]), layer.name
    values = np.frombuffer(base64.b64decode(told["text"]), "<f2")
    assert len(values) == sum(int(np.prod(drawn_shape(inside.network[one]))) for one in told["layers"])


def test_what_is_worked_out_adds_up_to_the_value(inside):
    seen = inside.look(PICTURE)
    rng = np.random.default_rng(3)
    for layer in inside.network.layers[1:]:
        shape = (*drawn_shape(layer), 1, 1)[:3]
        channel, row, column = (int(rng.integers(size)) for size in shape)
        told = worked_payload(inside.network, seen, layer.name, channel, (row, column), data.CLASS_NAMES)
        assert told is not None, layer.name
        value = seen.values[layer.name].reshape(layer.shape)
        at = (channel,) if value.ndim == 1 else (channel, row, column)
        if layer.kind != "LSTM":
            assert told["value"] == pytest.approx(float(value[at]), abs=1e-4), layer.name
        if layer.kind not in ("product", "max pooling", "average pooling", "global average pooling", "LSTM"):
            total = sum(part["total"] for part in told["parts"]) + told["rest"]["total"]
            assert total == pytest.approx(told["joinedValue"], abs=1e-6), layer.name
        for step, after in zip(told["steps"], told["steps"][1:], strict=False):
            assert step["after"] == after["before"]
        assert json.loads(json.dumps(told, allow_nan=False)) == told


def test_a_network_is_told_without_what_no_browser_can_read(inside):
    told = network_payload(inside.network, data.CLASS_NAMES)
    assert json.loads(json.dumps(told, allow_nan=False)) == told
    names = [layer["name"] for layer in told["layers"]]
    for name, sources in told["strengths"].items():
        layer = inside.network[name]
        for source, text in sources.items():
            assert source in names
            sizes = np.frombuffer(base64.b64decode(text), np.uint8)
            assert sizes.shape == (layer.channels * inside.network[source].channels,) and sizes.max() == 255


def test_squeeze_and_excitation_is_a_branch_of_its_product():
    told = network_payload(open_inside(shipped_run("flagship")).network, data.CLASS_NAMES)
    branches = {layer["name"]: layer["branch"] for layer in told["layers"] if layer["branch"]}
    wanted = {f"squeeze{n}_{part}": f"squeeze{n}" for n in (1, 2, 3) for part in ("mean", "inner", "factor")}
    assert branches == wanted


def test_what_is_off_is_written_as_it_is_read():
    network = open_inside(shipped_run("flagship")).network
    off, unknown = off_text.read("conv2:3.7,conv4:all,logits:1,conv9:999,picture:0", network)
    assert off == {"conv2": (3, 7), "conv4": tuple(range(64))}
    assert unknown == ("logits", "conv9", "picture")
    assert off_text.read(off_text.write(off, network), network) == (off, ())


GOOD = {
    "sequence": 4,
    "selected": {"layer": "conv2", "channel": 3, "pixel": [4, 9]},
    "off": {"conv4": [5, 1]},
    "ranked": ["conv5"],
    "measure": True,
    "epoch": None,
    "opened": "train/5",
}
HOSTILE = [
    {"sequence": -1},
    {"sequence": True},
    {"selected": "conv2"},
    {"selected": {"layer": "<b>"}},
    {"selected": {"layer": ["conv2"]}},
    {"selected": {"layer": "conv2", "channel": 64}},
    {"selected": {"layer": "conv2", "channel": 1.0}},
    {"selected": {"layer": "conv2", "channel": 3, "pixel": [14, 0]}},
    {"selected": {"layer": "conv2", "channel": 3, "pixel": [1, 2, 3]}},
    {"selected": {"layer": "conv2", "channel": 3, "pixel": [float("nan"), 0]}},
    {"off": None},
    {"off": {"conv4": [64]}},
    {"off": {"conv4": "all"}},
    {"off": {"nothing": [0]}},
    {"off": {"conv4": [0] * 65}},
    {"ranked": ["nothing"]},
    {"ranked": ["conv1"] * 99},
    {"ranked": [{}]},
    {"epoch": "3"},
    {"epoch": 10**9},
    {"opened": "../../etc/passwd"},
    {"opened": 5},
]


@pytest.fixture(scope="module")
def layers():
    network = open_inside(shipped_run("flagship")).network
    return {layer.name: (layer, drawn_shape(layer)) for layer in network.layers}


def test_what_a_browser_tells_is_read(layers):
    told = read_told(GOOD, layers)
    assert told is not None and (told.layer, told.channel, told.pixel) == ("conv2", 3, (4, 9))
    assert told.off == {"conv4": (1, 5)} and told.ranked == ("conv5",) and told.measure and told.opened == "train/5"


@pytest.mark.parametrize("wrong", HOSTILE, ids=lambda wrong: str(wrong)[:50])
def test_what_fits_no_network_is_left_out(layers, wrong):
    assert read_told(GOOD | wrong, layers) is None


@pytest.mark.parametrize("value", [None, [], "told", 5])
def test_what_is_no_message_is_left_out(layers, value):
    assert read_told(value, layers) is None


def effect(before: list[int], after: list[int], called: dict[tuple[int, int], int]) -> Effect:
    matrix = np.diag(np.array(after))
    for place, count in called.items():
        matrix[place] = count
    lost, kept = sum(before) - sum(after), sum(after)
    test = evaluation.mcnemar(np.ones(lost + kept, bool), np.arange(lost + kept) >= lost)
    return Effect(np.full(10, 100), np.array(before), np.array(after), matrix, test)


def test_what_is_lost_is_said_with_the_class_that_suffers_most():
    right = [95] * 10
    lost = [95] * 6 + [60] + [95] * 3
    said = effects.sentence(effect(right, lost, {(6, 0): 30, (6, 2): 10}), data.CLASS_NAMES)
    assert said == (
        "On 1,000 test pictures: 95.0 % → 91.5 %. Shirt suffers most, 95 → 60 %, mostly taken for T-shirt/top."
    )
    assert effects.sentence(effect(right, right, {}), data.CLASS_NAMES).endswith("No class loses any.")
    little = effects.sentence(effect(right, [94, *right[1:]], {}), data.CLASS_NAMES)
    assert "95.0 % → 94.9 %, no more than chance may make." in little


def test_the_picture_beside_is_right_of_its_class_and_nearest():
    stored = predictions.load(shipped_run("cnn_2"), "test")
    images = data.load_split("test").images
    found = controls.most_alike(images[7], "test/7", stored, 6)
    place = int(found.split("/")[1])
    row = int(np.flatnonzero(stored.indices == place)[0])
    assert place != 7 and stored.labels[row] == stored.predicted[row] == 6
    rows = [one for one in np.flatnonzero((stored.labels == 6) & (stored.predicted == 6)) if stored.indices[one] != 7]
    away = [np.square(images[stored.indices[one]].astype(float) - images[7]).sum() for one in rows]
    assert stored.indices[rows[int(np.argmin(away))]] == place
    assert (
        controls.most_alike(images[7], "test/7", dataclasses.replace(stored, labels=stored.labels * 0 + 9), 6) is None
    )
