"""What a network is made into before its weights and activations become whole numbers, so that it loses least by it.

It imports TensorFlow, which only a process of its own may.
"""

from typing import Any

import keras
import numpy as np
import tensorflow as tf


class Scaled(keras.layers.Layer):
    """A scale and an offset for each channel, of (n, channels) or (n, height, width, channels).

    It is a depthwise convolution of single pixels: the weights of convolutions have a quantization scale a channel,
    those of a mere product one for all, in which small scales beside large ones are lost.
    """

    def __init__(self, scale: np.ndarray, offset: np.ndarray, name: str):
        super().__init__(name=name)
        self.scale, self.offset = scale.astype(np.float32), offset.astype(np.float32)
        self.supports_masking = True

    def call(self, values: Any, mask: Any = None) -> Any:
        flat = len(values.shape) == 2
        wide = values[:, None, None, :] if flat else values
        kernel = tf.constant(self.scale[None, None, :, None])
        found = tf.nn.bias_add(tf.nn.depthwise_conv2d(wide, kernel, [1, 1, 1, 1], "VALID"), tf.constant(self.offset))
        return tf.reshape(found, (-1, len(self.scale))) if flat else found


def prepared(model: keras.Model) -> keras.Model:
    """The same function, to a rounding error.

    LSTMs take one step after the other, as the converter breaks down over a loop of whole numbers. Normalisations that
    the converter cannot draw into the layer before them become `Scaled`.
    """
    copy = keras.models.clone_model(model, clone_function=_cloned)
    for layer in copy.layers:
        if not isinstance(layer, Scaled):
            layer.set_weights(model.get_layer(layer.name).get_weights())
    return copy


def _cloned(layer: Any) -> Any:
    if isinstance(layer, keras.layers.BatchNormalization) and not _is_drawn_in(layer):
        parts = (layer.gamma, layer.beta, layer.moving_mean, layer.moving_variance)
        gamma, beta, mean, variance = (None if part is None else np.asarray(part) for part in parts)
        scale = (1 if gamma is None else gamma) / np.sqrt(variance + layer.epsilon)
        return Scaled(scale, (0 if beta is None else beta) - mean * scale, layer.name)
    changed = {"unroll": True} if isinstance(layer, keras.layers.LSTM) else {}
    return layer.__class__.from_config(layer.get_config() | changed)


def _is_drawn_in(layer: Any) -> bool:
    """Whether it directly follows a layer of weights, which then has it in them, or stands in more than one place."""
    if len(layer._inbound_nodes) != 1 or len(layer.input.shape) not in (2, 4):
        return True
    before = layer.input._keras_history.operation
    weighted = isinstance(before, (keras.layers.Conv2D, keras.layers.DepthwiseConv2D, keras.layers.Dense))
    return weighted and before.activation is keras.activations.linear
