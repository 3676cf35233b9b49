"""The losses that recipes name; all take logits."""

from typing import Any

import keras
import tensorflow as tf

_CLIP = 1e-7  # Keras' epsilon: what its crossentropy on probabilities clips to


def build_loss(name: str) -> Any:
    """The Keras loss for a recipe's `loss`; labels one-hot for "categorical_crossentropy", else integers."""
    if name == "categorical_crossentropy":
        return keras.losses.CategoricalCrossentropy(from_logits=True)
    if name == "sparse_categorical_crossentropy":
        return keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    return clipped_rbf_crossentropy


def clipped_rbf_crossentropy(labels: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    """Crossentropy on radial basis outputs exp(logits), as the a-d-c.ca author trained them.

    Keras clips these outputs to [1e-7, 1 - 1e-7] and takes their logarithm as logits. Where an output lies
    below the clip (squared distance over 32.2 at gamma 0.5) its gradient is zero: the published hazard.
    """
    outputs = tf.clip_by_value(tf.exp(logits), _CLIP, 1 - _CLIP)
    labels = tf.cast(tf.reshape(labels, [-1]), tf.int64)
    return tf.nn.sparse_softmax_cross_entropy_with_logits(labels, tf.math.log(outputs))


def build_optimizer(optimizer: Any) -> keras.optimizers.Optimizer:
    """The Keras optimizer for a recipe's `optimizer`; decay becomes an inverse-time schedule, a step at a time."""
    rate: Any = optimizer.learning_rate
    if optimizer.decay:
        rate = keras.optimizers.schedules.InverseTimeDecay(rate, decay_steps=1, decay_rate=optimizer.decay)
    if optimizer.name == "sgd":
        return keras.optimizers.SGD(rate, momentum=optimizer.momentum, nesterov=optimizer.nesterov)
    kinds = {
        "adam": keras.optimizers.Adam,
        "nadam": keras.optimizers.Nadam,
        "adamw": keras.optimizers.AdamW,
        "rmsprop": keras.optimizers.RMSprop,
    }
    return kinds[optimizer.name](rate)
