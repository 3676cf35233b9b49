"""The proof that PyTorch trains the same network in the same way: logits, before and after three steps."""

import dataclasses
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf

from benchmarks.pytorch.client import PyTorch
from benchmarks.pytorch.description import describe, weights
from fmnist_core.recipe import Optimizer, Recipe
from fmnist_core.training.losses import build_loss, build_optimizer

PICTURES = 64
STEPS = 3  # of the optimizer: with the second begins what momentum and schedules do
ALL_STEPS = 1_000  # the length of a training, for recipes whose rate depends on it
TOLERANCE = 1e-3  # of the largest logit: float32 has seven digits, and sums of thousands lose some
STEP_TOLERANCE = 1e-2  # of the largest change: Adam divides small gradients by small numbers


class Agreement(NamedTuple):
    logits: float  # largest difference, as a part of the largest logit
    steps: float  # largest difference after three steps, as a part of the largest change by them


class NotTheSame(RuntimeError):
    """PyTorch has built or trained another network; a comparison would say nothing."""


def build_same(pytorch: PyTorch, network: keras.Model, mirror: bool = False) -> None:
    """Builds the network in PyTorch, with its weights, and sees that they are as many.

    Args:
        mirror: PyTorch then answers as fmnist_core.zoo.layers.with_mirror does.

    Raises:
        NotTheSame, PyTorchError.
        ValueError: a layer that cannot be described.
    """
    held = weights(network)
    count = sum(array.size for name, array in held.items() if "/moving_" not in name)
    if (theirs := pytorch.build(describe(network), held, mirror)) != count:
        raise NotTheSame(f"{network.name}: PyTorch could train {theirs:,} weights. Expected Keras' {count:,}.")
    if wrong := pytorch.ask("memory_format"):
        raise NotTheSame(f"{network.name}: not channels-last in PyTorch's memory: {', '.join(wrong)}.")


def prove_same_training(
    pytorch: PyTorch, network: keras.Model, chosen: Recipe, inputs: np.ndarray, labels: np.ndarray, fused: bool
) -> Agreement:
    """Builds the network and its optimizer in PyTorch, ready to train, and compares.

    Args:
        inputs: some of the first pictures or features that PyTorch holds too, as the network takes them.
        fused: PyTorch's optimizer in one pass over memory, where it has that.

    Raises:
        NotTheSame, PyTorchError.
        ValueError: a layer that cannot be described.
    """
    build_same(pytorch, network)
    steady = chosen
    if chosen.optimizer.momentum:  # Keras' momentum holds each step's own rate, PyTorch's takes the latest for all
        steady = dataclasses.replace(chosen, optimizer=at_one_rate(chosen.optimizer))
    _prepare_training(pytorch, steady, fused)
    logits, steps = compare_logits(pytorch, network, inputs), _compare_steps(pytorch, network, steady, inputs, labels)
    _prepare_training(pytorch, chosen, fused)
    return Agreement(logits, steps)


def at_one_rate(optimizer: Optimizer) -> Optimizer:
    """And at a small one: a large step makes large what rounding has made different."""
    rate = min(optimizer.learning_rate, 0.01)
    return dataclasses.replace(optimizer, learning_rate=rate, schedule="constant", decay=0.0)


def _prepare_training(pytorch: PyTorch, chosen: Recipe, fused: bool) -> None:
    pytorch.ask(
        "prepare_training",
        optimizer=dataclasses.asdict(chosen.optimizer),
        steps=ALL_STEPS,
        fused=fused,
        loss=chosen.loss,
        label_smoothing=chosen.label_smoothing,
    )


def compare_logits(pytorch: PyTorch, network: keras.Model, inputs: np.ndarray) -> float:
    """inputs: the first pictures or features that PyTorch holds too, as the network takes them.

    Raises NotTheSame.
    """
    ours = np.asarray(network(inputs, training=False))
    theirs = np.array(pytorch.ask("logits", count=len(inputs)), np.float32)
    return _within(network.name, "logits", ours, theirs, float(np.abs(ours).max()), TOLERANCE)


def _compare_steps(
    pytorch: PyTorch, network: keras.Model, chosen: Recipe, inputs: np.ndarray, labels: np.ndarray
) -> float:
    """After float32 steps on the inputs, without dropout, of copies."""
    before = np.asarray(network(inputs, training=False))
    ours = _logits_after_steps(network, chosen, inputs, labels)
    theirs = np.array(pytorch.ask("logits_after", count=len(inputs), steps=STEPS), np.float32)
    change = float(np.abs(ours - before).max())
    what = f"the change by {STEPS} steps of {chosen.optimizer.name}"
    return _within(network.name, what, ours, theirs, change, STEP_TOLERANCE)


def _logits_after_steps(network: keras.Model, chosen: Recipe, inputs: np.ndarray, labels: np.ndarray) -> np.ndarray:
    copy = keras.models.clone_model(network)
    copy.set_weights(network.get_weights())
    loss, optimizer = build_loss(chosen.loss, chosen.label_smoothing), build_optimizer(chosen.optimizer, ALL_STEPS)
    targets: Any = labels.astype(np.int64)
    if chosen.loss == "categorical_crossentropy":
        targets = keras.utils.to_categorical(targets, copy.output_shape[-1])
    variables = copy.trainable_variables
    for _ in range(STEPS):
        with tf.GradientTape() as tape:
            value = tf.reduce_mean(loss(targets, copy(inputs, training=False)))
        optimizer.apply(tape.gradient(value, variables), variables)
    return np.asarray(copy(inputs, training=False))


def _within(name: str, what: str, ours: np.ndarray, theirs: np.ndarray, scale: float, tolerance: float) -> float:
    part = float(np.abs(ours - theirs).max()) / scale
    if not part <= tolerance:  # NaN is not within either
        raise NotTheSame(f"{name}: Keras and PyTorch differ by {part:.1e} of {what}. Expected at most {tolerance:.0e}.")
    return part
