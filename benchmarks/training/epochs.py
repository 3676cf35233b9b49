"""Epochs of our training engine with a clock on them, without the observers that a run has."""

import dataclasses
import gc
import math
import time
from collections.abc import Callable, Iterable
from typing import Any

import keras
import numpy as np

from benchmarks.pytorch.client import PyTorchError
from benchmarks.pytorch.same import NotTheSame
from fmnist_core import data
from fmnist_core.recipe import Augmentation, Recipe
from fmnist_core.training.batches import EpochBatches
from fmnist_core.training.precision import choose_precision, training_copy
from fmnist_core.training.train import MOST_STEPS, compile_model


class EpochClock(keras.callbacks.Callback):
    """The seconds from an epoch's beginning to its end, as a training's own observer counts them."""

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self._began = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.seconds = time.perf_counter() - self._began


class Engine:
    """One network in the precision that the engine chooses, trained an epoch at a time."""

    def __init__(self, network: keras.Model, chosen: Recipe, inputs: np.ndarray, labels: np.ndarray) -> None:
        """inputs: (n, 28, 28) uint8 pictures or (n, features) float; labels: (n,) uint8."""
        self.precision = choose_precision(chosen.precision, network)
        self._chosen, self._inputs, self._labels = chosen, inputs, labels
        self._learner = training_copy(network, self.precision)
        compile_model(self._learner, chosen, len(labels))
        self._batches: dict[tuple[int, Augmentation | None], EpochBatches] = {}

    def batches(self, images: int, augmentation: Augmentation | None = None) -> EpochBatches:
        """Of the first `images` inputs."""
        if (images, augmentation) not in self._batches:
            stage = dataclasses.replace(self._chosen.stages[0], augmentation=augmentation)
            inputs, labels = self._inputs[:images], self._labels[:images]
            self._batches[images, augmentation] = EpochBatches(
                inputs, labels, self._chosen, stage, len(data.CLASS_NAMES)
            )
        return self._batches[images, augmentation]

    def train(self, images: int, augmentation: Augmentation | None = None) -> float:
        """One epoch; returns its seconds. The first one of a network takes longer: it compiles."""
        batches, clock = self.batches(images, augmentation), EpochClock()
        batches.epoch += 1
        history = self._learner.fit(batches.dataset(), callbacks=[clock], verbose=0, shuffle=False)
        require_finite("Our", history.history["loss"][0])
        return clock.seconds


def measure_each(rows: Iterable[tuple[str, Callable[[], None]]]) -> int:
    """Measures row after row, each with a title, and forgets its network; returns how many could not be measured."""
    failures = 0
    for title, measure in rows:
        try:
            measure()
        except (NotTheSame, PyTorchError, ValueError) as error:
            print(f"{title}: not measured. {error}", flush=True)
            failures += 1
        keras.backend.clear_session()
        gc.collect()
    return failures


def require_finite(whose: str, loss: float) -> None:
    """Raises RuntimeError where a side has stopped learning: its speed means nothing."""
    if not math.isfinite(loss):
        raise RuntimeError(f"{whose} loss is {loss}: that training has diverged, and its speed means nothing.")


def whole_batches(images: float, batch: int, limit: int) -> int:
    """At most `images` and `limit`, at least a batch; whole calls of the engine where there are so many."""
    steps = max(1, int(min(images, limit)) // batch)
    return (steps - steps % MOST_STEPS if steps > MOST_STEPS else steps) * batch
