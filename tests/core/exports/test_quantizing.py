"""What a network is made into before it is quantized answers as it did."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from fmnist_core.data import load_split, to_network_input
from fmnist_core.exports import litert, quantizing
from fmnist_core.exports.quantizing import Scaled


def normalised(layers: list) -> keras.Model:
    """With normalisations that have learned something."""
    model = keras.Sequential([keras.layers.Input((6, 6, 1)), *layers])
    generator = np.random.default_rng(0)
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.set_weights([generator.uniform(0.1, 2, part.shape) for part in layer.get_weights()])
    return model


def scaled_of(model: keras.Model) -> tuple[keras.Model, int]:
    """The prepared one, and how many of its layers are scaled. It answers as the model does."""
    made = quantizing.prepared(model)
    pictures = np.random.default_rng(1).random((5, *model.input_shape[1:]), np.float32)
    assert made.predict(pictures, verbose=0) == pytest.approx(model.predict(pictures, verbose=0), abs=1e-5)
    return made, sum(isinstance(layer, Scaled) for layer in made.layers)


@pytest.mark.parametrize("options", [{}, {"scale": False}, {"center": False}])
def test_a_normalisation_after_relu_becomes_a_scale_a_channel(options):
    layers = keras.layers
    model = normalised(
        [
            layers.Conv2D(3, 3, activation="relu"),
            layers.BatchNormalization(**options),
            layers.Flatten(),
            layers.Dense(4, activation="relu"),
            layers.BatchNormalization(**options),
            layers.Dropout(0.5),
            layers.Dense(2),
        ]
    )
    assert scaled_of(model)[1] == 2


def test_one_that_follows_weights_stays():
    layers = keras.layers
    model = normalised([layers.Conv2D(3, 3), layers.BatchNormalization(), layers.ReLU(), layers.Flatten()])
    assert scaled_of(model)[1] == 0


def test_a_recurrent_layer_takes_one_step_after_the_other():
    model = keras.Sequential([keras.layers.Input((6, 4)), keras.layers.LSTM(3), keras.layers.Dense(2)])
    made, scaled = scaled_of(model)
    assert made.layers[0].unroll and not scaled


@pytest.mark.filterwarnings("ignore::UserWarning")  # the interpreter is to move to a package of its own
@pytest.mark.parametrize(("least_same", "activations", "pixels"), [(0.5, "int8", np.uint8), (1.1, "int16", np.float32)])
def test_activations_have_16_bits_where_8_change_too_much(least_same, activations, pixels, monkeypatch):
    monkeypatch.setattr(litert, "LEAST_SAME", least_same)
    model = keras.Sequential([keras.layers.Input((28, 28, 1)), keras.layers.Flatten(), keras.layers.Dense(10)])
    content, found = litert._quantized(model)
    reader = tf.lite.Interpreter(model_content=content)
    assert found == activations and reader.get_input_details()[0]["dtype"] == pixels
    images = load_split("test").images[:200]
    expected = model.predict(to_network_input(images), verbose=0).argmax(axis=1)
    assert (litert.logits(content, images).argmax(axis=1) == expected).mean() > 0.9
