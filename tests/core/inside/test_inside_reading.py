"""From an ONNX file to layers: every shipped network, and what none of them has."""

import numpy as np
import onnx
import pytest
from onnx import helper

from fmnist_core import data
from fmnist_core.inference.classifier import Classifier
from fmnist_core.inside.arithmetic import work_out
from fmnist_core.inside.draft import NotReadable
from fmnist_core.inside.session import Inside, open_inside
from fmnist_core.runs import runs
from fmnist_core.zoo import MODELS

SHIPPED = [
    run
    for run in runs.list_runs()
    if run.shipped and (run.folder / "model.onnx").exists() and runs.read_config(run).recipe.model in MODELS
]


@pytest.mark.parametrize("run", SHIPPED, ids=lambda run: run.id.partition("-")[0])
def test_every_shipped_network_answers_layer_by_layer_as_it_does_whole(run):
    inside, whole = open_inside(run), Classifier(run.folder / "model.onnx")
    images = data.load_split("test").images[:6]
    assert np.abs(np.stack([inside.look(one).logits for one in images]) - whole.logits(images)).max() < 1e-4
    assert [layer.kind for layer in inside.network.layers if layer.kind == "other"] == []
    seen = inside.look(images[0])
    for name in whole.layers:
        if name in seen.values and not inside.network[name].steps:
            told = whole.activation(images[:1], name)[0]
            told = told.transpose(2, 0, 1) if told.ndim == 3 else told
            assert np.abs(seen.values[name] - told.reshape(seen.values[name].shape)).max() < 1e-4


def test_the_flagship_is_drawn_with_its_shortcuts_factors_and_two_views(opened):
    network = opened("flagship").network
    assert network.blocks() == {"sum1_1": "conv4", "sum2_1": "conv7", "sum2_2": "conv9"}
    assert network["squeeze1"].kind == "product"
    assert network["squeeze1"].inputs == ("sum1_1", "squeeze1_factor")
    assert [step.kind for step in network["conv1"].steps] == ["batch normalization", "activation"]
    assert network["sum1_1"].steps[0].function == "relu"
    assert (network.mirrored, network.layers[-1].kind) == (True, "mean of two views")
    assert network["conv5"].stride == (2, 2)
    assert "logits" not in network.switchable


def test_other_networks_are_read_as_what_they_are(opened):
    assert [layer.kind for layer in opened("lstm_rows").network.layers] == ["picture", "LSTM", "dense"]
    assert opened("lenet5_rbf").network["logits"].kind == "radial basis"
    assert opened("lenet5_rbf").network["logits"].gamma == pytest.approx(0.5)
    assert opened("lenet5_rbf").network["padding1"].shape == (1, 32, 32)
    steps = opened("minivggnet").network["conv1"].steps
    assert [step.kind for step in steps] == ["activation", "batch normalization"]


def test_an_activation_that_another_layer_does_not_take_is_a_layer_of_its_own(graph):
    sums = graph.node("Conv", graph.weight(4, 1, 3, 3))
    active = graph.node("Relu")
    graph.node("Add", sums, of=active)
    network = graph.inside().network
    assert [layer.kind for layer in network.layers[:4]] == ["picture", "convolution", "activation", "sum"]
    assert network.layers[1].steps == ()


def test_what_cannot_be_worked_out_is_still_shown(graph):
    graph.node("Conv", graph.weight(4, 1, 3, 3))
    graph.node("Softmax", axis=1)
    inside = graph.inside()
    layer = inside.network.layers[2]
    picture = data.load_split("test").images[0]
    assert layer.kind == "other"
    assert inside.look(picture).values[layer.name].sum(axis=0) == pytest.approx(1)
    with pytest.raises(ValueError, match="not known here"):
        work_out(inside.network, inside.look(picture), layer.name, 0)


def test_files_that_are_no_such_network_are_refused_with_a_sentence(graph):
    with pytest.raises(NotReadable, match="no ONNX model"):
        Inside(b"not a model")
    graph.node("Conv", graph.weight(4, 1, 3, 3), dilations=[2, 2])
    with pytest.raises(NotReadable, match="dilated"):
        graph.inside()


def test_a_network_without_an_answer_is_refused():
    node = helper.make_node("Identity", ["picture"], ["picture2"])
    picture = helper.make_tensor_value_info("picture", onnx.TensorProto.FLOAT, ("n", 28, 28, 1))
    made = helper.make_graph([node], "made", [picture], [helper.make_empty_tensor_value_info("picture2")])
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    with pytest.raises(NotReadable, match="logits"):
        Inside(model.SerializeToString())
