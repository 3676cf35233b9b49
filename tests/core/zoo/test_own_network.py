"""Own networks against Keras: layers, shapes, parameters, multiply-adds, summaries; the zoo as lists of layers.

Run: python -m pytest tests/core/zoo/test_own_network.py
"""

import functools
import math

import keras
import numpy as np
import pytest

from fmnist_core.networks import shapes
from fmnist_core.networks.layers import Layer, Network, from_json, to_json
from fmnist_core.zoo import MODELS, as_layers, model_of, own_network, summaries
from fmnist_core.zoo.as_layers import as_network

EVERYTHING = Network(
    "Everything",
    (
        Layer("padding", size=1),
        Layer("convolution", filters=8, size=5, stride=2, padding="valid", activation="gelu", initializer="he_normal"),
        Layer("batch_normalization", momentum=0.8),
        Layer("convolution", filters=8, bias=False, activation="leaky_relu"),
        Layer("average_pooling", size=3, stride=1, padding="same"),
        Layer("residual_block", filters=8),
        Layer("separable_convolution", filters=12, activation="swish"),
        Layer("residual_block", filters=16, stride=2),
        Layer("squeeze_and_excitation", reduction=4),
        Layer("separable_convolution", filters=16, size=5, stride=2, padding="valid", bias=False),
        Layer("activation", activation="elu"),
        Layer("max_pooling", size=2, stride=1),
        Layer("dropout", rate=0.25),
        Layer("flatten"),
        Layer("dense", units=20, activation="tanh"),
        Layer("batch_normalization"),
        Layer("dense", units=12, activation="sigmoid", bias=False),
    ),
)
OTHERS = {
    "everything": EVERYTHING,
    "rows": Network("Rows", (Layer("convolution", filters=3), Layer("lstm", units=9), Layer("dropout"))),
    "centres": Network("Centres", (Layer("global_average_pooling"), Layer("dense", units=4), Layer("radial_basis"))),
    "largest": Network("Largest", (Layer("convolution", filters=4, padding="valid"), Layer("global_max_pooling"))),
    "nothing but logits": Network("Straight", (Layer("flatten"),)),
}
every_network = pytest.mark.parametrize("name", OTHERS)
every_list = pytest.mark.parametrize("name", as_layers.names())


@functools.cache
def built(name: str) -> keras.Model:
    keras.utils.set_random_seed(1)  # or a relu may be silent at the very value that is looked at
    return own_network.build(OTHERS[name])


@every_network
def test_shapes_and_costs_are_those_of_keras(name):
    model, network = built(name), OTHERS[name]
    shapes.check(network)
    found, described = summaries.summarise(model), shapes.describe(network)
    described = described[:-1] if network.layers[-1].kind == "radial_basis" else described
    assert sum(one.parameters for one in described) == model.count_params()
    assert sum(one.macs for one in described) == sum(layer.macs for layer in found)
    assert described[-1].shape == model.output.shape[1:] == (10,)
    own = summaries.layers_of(own_network.recipe(network))
    by_name = {layer.name: layer for layer in found}
    assert {layer.name: layer for layer in own} == by_name and len(own) == len(found)


@every_network
def test_receptive_field_is_what_changes_a_value(name):
    """Kernels of ones: a pixel that a value sees changes it. The middle value, so that no border cuts its field."""
    model, network = built(name), OTHERS[name]
    described = shapes.describe(network)
    ends = {part.line: part.name for part in own_network.parts.expand(network)}
    for line, one in enumerate(described[:-1]):
        if len(one.shape) < 3 or one.receptive_field is None or network.layers[line].kind == "padding":
            continue
        seen = keras.Model(model.input, model.get_layer(ends[line]).output)
        base = np.random.default_rng(0).random((1, 28, 28, 1), np.float32)
        pictures = np.repeat(base, 29, axis=0)
        row = one.shape[0] // 2
        for column in range(28):
            pictures[column, :, column] += 3  # a whole column of the picture at a time
        values = np.asarray(seen(pictures))[:, row, one.shape[1] // 2]
        moved = np.flatnonzero(np.abs(values[:28] - values[28]).max(axis=1) > 1e-7)
        assert moved.max() - moved.min() + 1 <= one.receptive_field
        if one.receptive_field < 20 and network.layers[line].kind != "max_pooling":
            assert moved.max() - moved.min() + 1 == one.receptive_field, (line, one)


def test_layers_are_those_that_were_asked_for():
    model = built("everything")
    first = model.get_layer("conv1")
    assert isinstance(first.kernel_initializer, keras.initializers.HeNormal) and first.strides == (2, 2)
    assert model.get_layer("batch_norm1").momentum == 0.8 and model.get_layer("dropout1").rate == 0.25
    assert model.get_layer("separable1").activation is keras.activations.silu
    assert not model.get_layer("conv2").use_bias and not model.get_layer("dense2").use_bias
    assert model.get_layer("block2_sum").output.shape == (None, 7, 7, 16)
    assert [layer.name for layer in model.layers][-1] == "logits"
    assert own_network.build(EVERYTHING, num_classes=11).output.shape == (None, 11)


def test_summary_reads_as_a_person_would_say_it():
    found = {layer.name: layer for layer in summaries.layers_of(own_network.recipe(EVERYTHING))}
    assert found["conv1"].text == "8 filters 5x5, gelu, stride 2"
    assert found["separable1"].text == "12 filters 1x1, swish, zero padding"
    assert found["separable2_depthwise"].text == "5x5 on each channel by itself, stride 2"
    assert found["pool1"].text == "3x3, stride 1, zero padding" and found["pool2"].text == "2x2, stride 1"
    assert found["picture"].output_shape == (28, 28, 1)


@pytest.mark.some(2)
@every_list
def test_a_model_of_the_zoo_is_a_list_of_the_same_layers(name):
    network, model = as_network(name), MODELS[name].build()
    assert network == as_layers.read_keras(model, MODELS[name].title), (
        "networks.json is stale: run python -m fmnist_core.zoo.as_layers"
    )
    shapes.check(network)
    again = own_network.build(network)
    assert again.count_params() == model.count_params()
    assert [told(layer) for layer in again.layers] == [told(layer) for layer in model.layers]
    assert summaries.total_macs(own_network.recipe(network)) == summaries.total_macs(name)


def told(layer: keras.Layer) -> dict:
    """What makes a layer, but for its name."""
    config = {name: value for name, value in layer.get_config().items() if name not in ("name", "axis")}
    return config | {"class": type(layer).__name__, "shape": layer.output.shape}


@pytest.mark.parametrize("name", ["vgg19_published", "vgg19_fixed"])
def test_what_no_list_can_say_says_why(name):
    with pytest.raises(ValueError, match=r"is no network to start from: .* learned from photos.* another model\."):
        as_network(name)
    assert name not in as_layers.names() and len(as_layers.names()) == len(MODELS) - 2


def test_lists_of_the_zoo_stand_in_the_written_form():
    loaded = {name: as_network(name) for name in as_layers.names()}
    assert as_layers.FILE.read_text() == as_layers.to_text(loaded)
    assert all(from_json(to_json(network)) == network for network in loaded.values())
    assert loaded["lenet5_rbf"].title == "LeNet 1 distance to a centre"


def test_what_no_list_says_of_keras_is_refused():
    picture = keras.Input((28, 28, 1))
    value = keras.layers.Conv2D(1, 3, padding="same", name="conv1")(picture)
    odd = keras.Model(picture, keras.layers.Add(name="sum")([picture, value]))
    with pytest.raises(ValueError, match="A sum adds something else"):
        as_layers.read_keras(odd, "Odd")
    with pytest.raises(ValueError, match="what a UpSampling2D does"):
        as_layers.read_keras(keras.Model(picture, keras.layers.UpSampling2D()(picture)), "Odd")


def test_row_of_an_own_network():
    recipe = own_network.recipe(EVERYTHING)
    row = model_of(recipe)
    assert (row.name, row.title, row.recipe) == ("own", "Everything", recipe)
    assert model_of(MODELS["cnn_2"].recipe) is MODELS["cnn_2"]
    assert summaries.trained_macs(recipe) == summaries.total_macs(recipe) > 0 and summaries.trains_convolutions(recipe)
    straight = own_network.recipe(OTHERS["nothing but logits"])
    assert not summaries.trains_convolutions(straight) and summaries.total_parameters(straight) == math.prod((785, 10))
