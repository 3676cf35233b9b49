"""What makes a step cheaper changes nothing but its cost: the library behind TensorFlow's operations, optimizers by
one kernel, dropout by fewer random bits, ReLU after pooling.

Run: python -m pytest tests/core/training/test_fast_training.py
"""

import os
import platform

import keras
import numpy as np
import pytest
import tensorflow as tf

from fmnist_core.recipe import Optimizer
from fmnist_core.training import fused_optimizers, losses
from fmnist_core.training.precision import FastDropout, RectifiedMaxPooling, StridedPointwise, training_copy

PAIRS = {
    "sgd": (Optimizer("sgd", 0.1), keras.optimizers.SGD(0.1)),
    "momentum": (Optimizer("sgd", 0.1, 0.9), keras.optimizers.SGD(0.1, 0.9)),
    "nesterov": (
        Optimizer("sgd", 0.1, 0.9, True, weight_decay=0.01),
        keras.optimizers.SGD(0.1, 0.9, True, weight_decay=0.01),
    ),
    "adam": (Optimizer("adam", 0.01), keras.optimizers.Adam(0.01)),
    "adam, a falling rate": (
        Optimizer("adam", 0.01, decay=0.1),
        keras.optimizers.Adam(keras.optimizers.schedules.InverseTimeDecay(0.01, 1, 0.1)),
    ),
    "adamw": (Optimizer("adamw", 0.01, weight_decay=0.05), keras.optimizers.AdamW(0.01, weight_decay=0.05)),
}


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="the library is for these processors")
@pytest.mark.skipif(os.environ.get("TF_ENABLE_ONEDNN_OPTS") == "0", reason="switched off by hand")
def test_the_fast_kernels_are_on_without_special_units_too():
    from tensorflow.python.util import _pywrap_util_port

    assert _pywrap_util_port.IsMklEnabled()


def train(optimizer: keras.optimizers.Optimizer) -> tuple[list[np.ndarray], list[tuple[int, ...]]]:
    """The weights after forty steps, and the shapes of the optimizer's state."""
    keras.utils.set_random_seed(1)
    network = keras.Sequential([keras.Input((6,)), keras.layers.Dense(8, "relu"), keras.layers.Dense(3)])
    network.compile(optimizer, keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    generator = np.random.default_rng(0)
    inputs, labels = generator.normal(size=(160, 6)).astype(np.float32), generator.integers(0, 3, 160)
    network.fit(inputs, labels, batch_size=8, epochs=2, shuffle=False, verbose=0)
    return network.get_weights(), [tuple(value.shape) for value in optimizer.variables]


@pytest.mark.some(2)
@pytest.mark.parametrize("name", list(PAIRS))
def test_an_optimizer_of_one_kernel_steps_as_keras_does(name):
    chosen, theirs = PAIRS[name]
    ours = losses.build_optimizer(chosen)
    if chosen.weight_decay:  # of kernels only, as recipes have it
        theirs.exclude_from_weight_decay(var_names=["bias"])
    assert type(ours).__module__ == fused_optimizers.__name__ and isinstance(ours, type(theirs))
    (weights, state), (expected, expected_state) = train(ours), train(theirs)
    assert state == expected_state
    for one, other in zip(weights, expected, strict=True):
        np.testing.assert_allclose(one, other, atol=2e-5)


@pytest.mark.parametrize("precision", ["float32", "mixed_bfloat16"])
@pytest.mark.parametrize("rate", [0.25, 0.4, 0.9, 0.99])
def test_dropout_drops_its_part_and_keeps_the_mean(rate, precision):
    layer, ones = FastDropout(rate, seed=3, dtype=precision), tf.ones((50, 40, 101))
    first, second = (tf.cast(layer(ones, training=True), tf.float32).numpy() for _ in range(2))
    kept = first > 0
    assert abs((~kept).mean() - rate) < 0.005  # five standard errors of 202,000 values
    assert (first[kept] == first.max()).all() and abs(first.max() * (1 - rate) - 1) < 0.005
    assert 0.9 < ((first > 0) == (second > 0)).mean() / (rate**2 + (1 - rate) ** 2) < 1.1  # drawn anew
    np.testing.assert_array_equal(layer(ones, training=False), ones)


def test_gradients_pass_where_values_passed():
    layer, ones = FastDropout(0.5, seed=0), tf.ones((20, 30))
    with tf.GradientTape() as tape:
        tape.watch(ones)
        out = layer(ones, training=True)
    np.testing.assert_array_equal(tape.gradient(out, ones), out)


def test_dropout_of_nothing_and_of_an_odd_number_of_values():
    assert FastDropout(0.0)(tf.ones((3, 3)), training=True).shape == (3, 3)
    for count in (1, 2, 3, 5, 7):
        assert FastDropout(0.4)(tf.ones((count,)), training=True).shape == (count,)
    dropped = FastDropout(0.999, seed=0)(tf.ones((20_000,)), training=True).numpy() == 0  # beyond what 8 bits can say
    assert 0.998 < dropped.mean() < 1


def test_a_rate_between_two_256ths_is_kept_on_average():
    layer, ones = FastDropout(0.002, seed=0), tf.ones((1000,))  # 0.512 of 256ths: half of the calls drop nothing
    dropped = np.array([float((layer(ones, training=True).numpy() == 0).mean()) for _ in range(400)])
    assert abs(dropped.mean() - 0.002) < 0.0005
    assert 0.4 < (dropped == 0).mean() < 0.62


def gradients_of(network: keras.Model, pictures: np.ndarray) -> list[np.ndarray]:
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(tf.square(network(pictures, training=True)))
    return [loss.numpy(), *(gradient.numpy() for gradient in tape.gradient(loss, network.trainable_variables))]


def pixels_network(side: int, stride: tuple[int, int], sliced: bool) -> keras.Model:
    """Its first convolution sees each stride-th pixel: by its own stride, or as they are all that is given to it."""
    picture = keras.Input((side, side, 3))
    kept, left = (picture[:, :: stride[0], :: stride[1]], 1) if sliced else (picture, stride)
    passed = keras.layers.Conv2D(4, 1, strides=left, padding="same", activation="relu")(kept)
    return keras.Model(picture, keras.layers.Conv2D(2, 1, name="logits")(passed))


@pytest.mark.parametrize(("side", "stride"), [(9, (2, 2)), (8, (2, 2)), (8, (3, 1))])
def test_a_strided_convolution_of_single_pixels_has_the_gradient_of_those_it_sees(side, stride):
    network, sliced = pixels_network(side, stride, False), pixels_network(side, stride, True)
    sliced.set_weights(network.get_weights())
    copy = training_copy(network, "float32")
    assert [type(layer) for layer in copy.layers].count(StridedPointwise) == 1
    pictures = np.random.default_rng(0).normal(size=(8, side, side, 3)).astype(np.float32)
    for one, other in zip(gradients_of(copy, pictures), gradients_of(sliced, pictures), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-4)


def test_relu_after_pooling_is_relu_before_it():
    picture = keras.Input((9, 9, 2))
    first = keras.layers.Conv2D(4, 3, activation="relu", padding="same", name="pooled")(picture)
    second = keras.layers.Conv2D(4, 3, activation="relu", name="seen_twice")(keras.layers.MaxPooling2D(2)(first))
    both = [keras.layers.Flatten()(value) for value in (second, keras.layers.MaxPooling2D(2)(second))]
    logits = keras.layers.Dense(3, name="logits")(keras.layers.Concatenate()(both))
    network = keras.Model(picture, logits)
    copy = training_copy(network, "float32")
    assert copy.get_layer("pooled").activation is keras.activations.linear
    assert copy.get_layer("seen_twice").activation is keras.activations.relu
    assert [type(layer) for layer in copy.layers].count(RectifiedMaxPooling) == 1
    pictures = np.random.default_rng(0).normal(size=(8, 9, 9, 2)).astype(np.float32)
    for one, other in zip(gradients_of(copy, pictures), gradients_of(network, pictures), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-4)


def test_a_pooling_that_two_branches_share_is_left_alone():
    picture, pool = keras.Input((8, 8, 1)), keras.layers.MaxPooling2D(2)
    branches = [keras.layers.Conv2D(2, 3, activation=name)(picture) for name in ("relu", "linear")]
    merged = keras.layers.Concatenate()([pool(branch) for branch in branches])
    network = keras.Model(picture, keras.layers.Dense(2, name="logits")(keras.layers.Flatten()(merged)))
    copy = training_copy(network, "float32")
    assert not [layer for layer in copy.layers if isinstance(layer, RectifiedMaxPooling)]
    pictures = np.random.default_rng(0).normal(size=(4, 8, 8, 1)).astype(np.float32)
    np.testing.assert_allclose(copy(pictures), network(pictures), rtol=1e-4, atol=1e-5)


def test_a_training_copy_has_the_fast_layers():
    network = keras.Sequential([keras.Input((4,)), keras.layers.Dropout(0.3), keras.layers.Dense(2, name="logits")])
    assert [type(layer).__name__ for layer in training_copy(network, "float32").layers] == ["FastDropout", "Dense"]
