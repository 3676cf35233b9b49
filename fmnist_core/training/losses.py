"""The losses that recipes name; all take logits."""

from typing import Any

import keras
import tensorflow as tf

from fmnist_core.recipe import Optimizer
from fmnist_core.training.fused_optimizers import FusedAdam, FusedAdamW, FusedSGD

_CLIP = 1e-7  # Keras' epsilon: what its crossentropy on probabilities clips to


def build_loss(name: str, label_smoothing: float = 0.0) -> Any:
    """The Keras loss for a recipe's `loss`; labels one-hot for "categorical_crossentropy", else integers."""
    if name == "categorical_crossentropy":
        return keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=label_smoothing)
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


def with_official(loss: Any, one_hot: int) -> Any:
    """The same loss where a target is a pair, (n, 2): the label that is taught, and the official one, which it ignores.

    one_hot: how many classes a label is spread over, for a loss that wants it so; else 0.
    """

    def taught(pairs: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
        labels = tf.cast(pairs[:, 0], tf.int64)
        return loss(tf.one_hot(labels, one_hot) if one_hot else labels, logits)

    return taught


def official_accuracy() -> Any:
    """The metric "accuracy" by official labels, where a target is a pair as `with_official` takes it."""

    def right(pairs: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
        called = tf.argmax(logits, axis=-1)
        return tf.cast(tf.equal(called, tf.cast(pairs[:, 1], called.dtype)), tf.float32)

    return keras.metrics.MeanMetricWrapper(right, name="accuracy")


class OneCycle(keras.optimizers.schedules.LearningRateSchedule):
    """From 0 to `peak` in the first `warm_up` (a fraction) of all steps, then on a straight line to 0 at the last."""

    def __init__(self, peak: float, steps: int, warm_up: float):
        self.peak, self.steps, self.warm_up = peak, steps, warm_up

    def __call__(self, step: Any) -> tf.Tensor:
        done = (tf.cast(step, tf.float32) + 1) / (self.steps + 1)  # no step is wasted on a rate of 0
        falling = (1 - done) / (1 - self.warm_up)
        return self.peak * (tf.minimum(done / self.warm_up, falling) if self.warm_up else falling)

    def get_config(self) -> dict[str, Any]:
        return {"peak": self.peak, "steps": self.steps, "warm_up": self.warm_up}


def build_optimizer(optimizer: Optimizer, steps: int = 0) -> keras.optimizers.Optimizer:
    """The Keras optimizer for a recipe's `optimizer`.

    Args:
        steps: of the whole training; only "one_cycle" needs them.
    """
    built = _build(optimizer, _rate(optimizer, steps))
    if optimizer.weight_decay:
        built.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return built


def _rate(optimizer: Optimizer, steps: int) -> Any:
    if optimizer.schedule == "one_cycle":
        return OneCycle(optimizer.learning_rate, steps, optimizer.warm_up)
    if optimizer.decay:
        schedule = keras.optimizers.schedules.InverseTimeDecay
        return schedule(optimizer.learning_rate, decay_steps=1, decay_rate=optimizer.decay)
    return optimizer.learning_rate


def _build(optimizer: Optimizer, rate: Any) -> keras.optimizers.Optimizer:
    options: dict[str, Any] = {"weight_decay": optimizer.weight_decay or None}
    if optimizer.name == "sgd":
        return FusedSGD(rate, momentum=optimizer.momentum, nesterov=optimizer.nesterov, **options)
    kinds = {
        "adam": FusedAdam,
        "nadam": keras.optimizers.Nadam,
        "adamw": FusedAdamW,
        "rmsprop": keras.optimizers.RMSprop,
    }
    if optimizer.name == "adamw" and not optimizer.weight_decay:
        options = {}  # Keras' own value, 0.004
    return kinds[optimizer.name](rate, **options)
