"""A foreign model's input is found out, and it is written anew as a network of this app; what is more is refused.

Run: python -m pytest tests/core/brought_in/test_brought_in_models.py
"""

import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from fmnist_core import data
from fmnist_core.brought_in import conventions, keras_work, orders, trying
from fmnist_core.brought_in.conventions import Convention
from fmnist_core.brought_in.foreign import Foreign, open_session
from fmnist_core.brought_in.layers import ANSWERS, PENULTIMATE, PIXELS, Reading
from fmnist_core.brought_in.rewriting import Rewriting
from fmnist_core.brought_in.tables import Refused
from fmnist_core.brought_in.work import _give_outputs
from fmnist_core.inside.session import Inside

sys.path.insert(0, str(Path(__file__).parent))
import made_elsewhere

CONVENTIONS = "nhwc,0..1 nchw,-1..1 nhw,0..255 flat,standardised nhwc3,0..1 nchw3,imagenet".split()


def rewritten(content: bytes, order: orders.Order = orders.SAME):
    model = Foreign(content)
    trials = trying.try_all(model)
    made = Rewriting(model, trials[0], order)
    kind = _give_outputs(made)
    return trials, kind, open_session(made.finish())


@pytest.mark.some(2)
@pytest.mark.parametrize("text", CONVENTIONS)
def test_each_convention_is_found_and_the_answers_are_those_of_the_file(text):
    convention = conventions.parse(text)
    trials, kind, session = rewritten(made_elsewhere.model(convention))
    assert str(trials[0].convention) == text and kind == PIXELS and not trials[0].probabilities
    test = data.load_split("test")
    logits, features = session.run(["logits", "features"], {"picture": data.to_network_input(test.images)})
    assert (logits.argmax(axis=1) == test.labels).mean() == pytest.approx(made_elsewhere.accuracy(convention), abs=1e-4)
    assert features.shape == (10_000, np.prod(conventions.LAYOUTS[convention.layout]))


@pytest.mark.parametrize("text", CONVENTIONS)
def test_inside_reads_how_a_picture_becomes_what_the_file_wants(text):
    trial = trying.Trial(conventions.parse(text), "y", False, orders.SAME, 0.0, 0.0)
    made = Rewriting(Foreign(made_elsewhere.model(trial.convention)), trial, orders.SAME)
    _give_outputs(made)
    assert [layer.kind for layer in Inside(made.finish()).network.layers if layer.kind == "other"] == []


def test_probabilities_become_their_logarithms_and_a_softmax_is_left_out():
    plain, last = (made_elsewhere.model(Convention("flat", "0..1"), operator) for operator in ("", "Softmax"))
    pictures = {"picture": data.to_network_input(data.load_split("test").images[:50])}
    trials, _, session = rewritten(last)
    assert trials[0].probabilities
    np.testing.assert_allclose(
        session.run(["logits"], pictures)[0], rewritten(plain)[2].run(["logits"], pictures)[0], atol=1e-4
    )
    trials, _, session = rewritten(made_elsewhere.model(Convention("flat", "0..1"), "Sigmoid"))
    assert trials[0].probabilities and (session.run(["logits"], pictures)[0] <= 0).all()


def test_whole_numbers_are_tried_from_0_to_255_alone():
    def whole(model: onnx.ModelProto) -> None:
        model.graph.input[0].type.tensor_type.elem_type = TensorProto.UINT8
        model.graph.node.insert(0, helper.make_node("Cast", ["<b>x"], ["cast"], to=TensorProto.FLOAT))
        model.graph.node[1].input[0] = "cast"

    model = Foreign(made_elsewhere.model(Convention("flat", "0..255"), change=whole))
    assert [str(one.convention) for one in trying.try_all(model)] == ["flat,0..255"]
    with pytest.raises(Refused, match="cannot be flat,0..1. .* its input is whole numbers, 0..255"):
        trying.try_all(model, Convention("flat", "0..1"))


def test_a_batch_of_one_is_made_free():
    content = made_elsewhere.model(Convention("nchw", "0..255"), batch=1)
    _, _, session = rewritten(content)
    pictures = data.to_network_input(data.load_split("test").images[:7])
    assert session.run(["logits"], {"picture": pictures})[0].shape == (7, 10)


def test_classes_in_alphabetical_order_are_recognised_and_put_right():
    names = sorted(data.CLASS_NAMES)
    content = made_elsewhere.model(Convention("flat", "0..1"), columns=[data.CLASS_NAMES.index(one) for one in names])
    trials, _, _ = rewritten(content)
    assert trials[0].order == orders.ALPHABETICAL
    _, _, session = rewritten(content, trials[0].order)
    test = data.load_split("test")
    said = session.run(["logits"], {"picture": data.to_network_input(test.images)})[0].argmax(axis=1)
    assert (said == test.labels).mean() == pytest.approx(made_elsewhere.accuracy(Convention("flat", "0..1")), abs=1e-4)


def test_names_in_the_file_are_forgotten():
    content = made_elsewhere.model(Convention("flat", "0..1"))
    made = Rewriting(model := Foreign(content), trying.try_all(model)[0], orders.SAME)
    _give_outputs(made)
    assert b"<b>" in content and b"<b>" not in made.finish()


def test_the_last_layer_is_found_behind_a_hidden_one():
    weight = [
        numpy_helper.from_array(np.ones(shape, np.float32), name) for name, shape in (("a", (784, 8)), ("c", (8, 10)))
    ]
    nodes = [
        helper.make_node("MatMul", ["x", "a"], ["h"], "hidden"),
        helper.make_node("Relu", ["h"], ["r"]),
        helper.make_node("MatMul", ["r", "c"], ["s"], "last"),
        helper.make_node("Softmax", ["s"], ["y"]),
    ]
    graph = helper.make_graph(
        nodes, "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 784])], [], weight
    )
    assert Reading(graph, "x", "y").features() == ("r", PENULTIMATE)
    assert Reading(graph, "x", "y").shown() == [("hidden", "r")]
    graph.node[2].op_type = "TreeEnsembleClassifier"
    assert Reading(graph, "x", "y").features() == ("y", ANSWERS)


def _elsewhere(model: onnx.ModelProto) -> None:
    weight = model.graph.initializer[1]
    weight.ClearField("raw_data")
    weight.data_location = TensorProto.EXTERNAL
    weight.external_data.add(key="location", value="../../../etc/passwd")


def _sparse(model: onnx.ModelProto) -> None:
    values = numpy_helper.from_array(np.ones(1, np.float32), "values")
    places = numpy_helper.from_array(np.zeros(1, np.int64))
    values.data_location = TensorProto.EXTERNAL
    values.external_data.add(key="location", value="../../../etc/passwd")
    sparse = helper.make_sparse_tensor(values, places, [1])
    model.graph.node.insert(0, helper.make_node("Constant", [], ["sparse"], sparse_value=sparse))
    model.graph.node[-1].CopyFrom(helper.make_node("Add", ["logits0", "sparse"], ["y"]))


def _operator(kind: str, domain: str = ""):
    def change(model: onnx.ModelProto) -> None:
        model.graph.node[-1].op_type, model.graph.node[-1].domain = kind, domain

    return change


def _nine_classes(model: onnx.ModelProto) -> None:
    for weight in model.graph.initializer:
        if weight.name != "shape":
            weight.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(weight)[..., :9], weight.name))
    model.graph.output[0].CopyFrom(helper.make_tensor_value_info("y", TensorProto.FLOAT, None))


def _two_inputs(model: onnx.ModelProto) -> None:
    model.graph.input.append(helper.make_tensor_value_info("z", TensorProto.FLOAT, ["n"]))


def _input_of(*shape: int | str):
    def change(model: onnx.ModelProto) -> None:
        model.graph.input[0].CopyFrom(helper.make_tensor_value_info("<b>x", TensorProto.FLOAT, shape))

    return change


def _larger(model: onnx.ModelProto) -> None:
    """What ONNX Runtime would not even open."""
    _input_of("n", 3, 32, 32)(model)
    del model.graph.node[0]
    model.graph.node[0].CopyFrom(helper.make_node("MatMul", ["<b>x", "w"], ["logits0"]))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param(_elsewhere, "weights lie in another file", id="elsewhere"),
        pytest.param(_sparse, "It has sparse weights", id="sparse"),
        pytest.param(_operator("Steal", "evil"), "operator 'Steal'", id="domain"),
        pytest.param(_operator("RandomNormalLike"), "operator 'RandomNormalLike'", id="chance"),
        pytest.param(_two_inputs, "has 2 inputs", id="inputs"),
        pytest.param(_input_of("n", 32, 32), "input is n x 32 x 32", id="shape"),
        pytest.param(_larger, "input is n x 3 x 32 x 32. Expected pictures of 28 by 28", id="larger"),
        pytest.param(_nine_classes, "gives 9 for each picture. Expected ten finite numbers", id="answers"),
    ],
)
def test_what_is_more_than_a_network_for_these_pictures_is_refused(change, words):
    content = made_elsewhere.model(Convention("flat", "0..1"), change=change)
    with pytest.raises(Refused, match=words):
        trying.try_all(Foreign(content))


@pytest.mark.parametrize(
    ("named", "words"),
    [
        ({"class_name": "function", "module": "os", "config": "system"}, "a layer 'function' of its own"),
        ({"class_name": "Lambda", "module": "keras.layers"}, "a layer Lambda, which is a program"),
        ({"class_name": "mine>Layer", "config": {}}, "a layer 'mine>Layer' of its own"),
        ({"class_name": "TextVectorization", "config": {}}, "which is for text"),
    ],
)
def test_what_keras_does_not_have_is_refused_wherever_it_is_named(named, words):
    dense = {"class_name": "Dense", "module": "keras.layers", "config": {"units": 10, "activation": "relu"}}
    whole = {"class_name": "Sequential", "config": {"layers": [dense]}}
    keras_work._check_layers(whole)
    dense["config"]["activation"] = named
    with pytest.raises(Refused, match=words):
        keras_work._check_layers(whole)


def test_garbage_is_refused():
    for content in (b"", b"\x08garbage" * 50, made_elsewhere.model(Convention("flat", "0..1"))[:500]):
        with pytest.raises(Refused, match="no ONNX file"):
            Foreign(content)
