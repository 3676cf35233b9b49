"""What is measured after every epoch: validation, replay pictures, and where a source watched it, the test set."""

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from fmnist_core import data
from fmnist_core.metrics import evaluation
from fmnist_core.recipe import Recipe
from fmnist_core.splits import Indices, replayed
from fmnist_core.training.augmentation import change, draw
from fmnist_core.training.batches import to_input
from fmnist_core.zoo.layers import with_mirror

BATCH = 500


@dataclass(frozen=True)
class SetScores:
    """Of some pictures; None: not measured, or not finite."""

    loss: float | None = None
    accuracy: float | None = None
    recall: tuple[float | None, ...] | None = None  # a class; None where it has no pictures


@dataclass(frozen=True)
class EpochScores:
    validation: SetScores
    augmented: SetScores  # of the validation pictures, distorted
    watched_test: SetScores
    replay_logits: np.ndarray  # (at most 2,000, classes)
    replay_features: np.ndarray  # (at most 2,000, d)


class Scorer:
    """Scores the network as it is now, in one compiled pass that gives logits and features together."""

    def __init__(
        self,
        model: keras.Model,
        recipe: Recipe,
        indices: Indices,
        inputs: np.ndarray,
        test_inputs: np.ndarray | None,
    ):
        """indices: the recipe's; inputs: what the network takes of all training pictures (see train); test_inputs: only
        if watched."""
        answering = with_mirror(model) if recipe.mirror else model
        both = keras.Model(model.input, [answering.output, model.get_layer("logits").input])
        self._forward = tf.function(lambda batch: both(batch, training=False), reduce_retracing=True)
        self._recipe = recipe
        self._inputs, self._test_inputs = inputs, test_inputs
        self._labels = data.load_split("train").labels
        self._validation = indices.validation
        self._replay = replayed(indices)

    def score_epoch(self, epoch: int) -> EpochScores:
        """epoch counts from 0."""
        validation = augmented = watched_test = SetScores()
        if len(self._validation):
            logits, features = self.forward(self._inputs[self._validation])
            validation = _score(logits, self._labels[self._validation])
            logits, features = logits[: len(self._replay)], features[: len(self._replay)]
        else:
            logits, features = self.forward(self._inputs[self._replay])
        stage = self._recipe.stages[self._recipe.stage_at(epoch)]
        if stage.augment_validation and stage.augmentation and len(self._validation):
            changed = self._changed_validation(stage.augmentation, epoch)
            augmented = _score(self.forward(changed)[0], self._labels[self._validation])
        if self._test_inputs is not None:
            watched_test = _score(self.forward(self._test_inputs)[0], data.load_split("test").labels)
        return EpochScores(validation, augmented, watched_test, logits, features)

    def forward(self, inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Logits (n, classes) and features (n, d), float32, of uint8 pictures or of trunk features."""
        logits, features = [], []
        for start in range(0, len(inputs), BATCH):
            batch = tf.constant(inputs[start : start + BATCH])
            some = self._forward(to_input(batch) if batch.dtype == tf.uint8 else tf.cast(batch, tf.float32))
            logits.append(tf.cast(some[0], tf.float32).numpy())
            features.append(tf.reshape(tf.cast(some[1], tf.float32), (len(batch), -1)).numpy())
        return np.concatenate(logits), np.concatenate(features)

    def _changed_validation(self, augmentation: Any, epoch: int) -> np.ndarray:
        images = self._inputs[self._validation]
        draws = draw(augmentation, len(images), np.random.default_rng((self._recipe.seed, epoch, 1)))
        return (change(images, draws, augmentation)[..., 0] * data.WHITE).round().astype(np.uint8)


def _score(logits: np.ndarray, labels: np.ndarray) -> SetScores:
    if not np.isfinite(logits).all():
        return SetScores()
    matrix = evaluation.confusion_matrix(labels, logits.argmax(1), logits.shape[1])
    recall = evaluation.class_report(matrix).recall
    return SetScores(
        round(evaluation.cross_entropy(logits, labels), 6),
        round(evaluation.accuracy(matrix), 6),
        tuple(None if np.isnan(value) else round(float(value), 4) for value in recall),
    )
