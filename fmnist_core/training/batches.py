"""Batches for `fit`: one epoch of shuffled, augmented pictures, the same for the same seed and epoch."""

import cv2
import numpy as np
import tensorflow as tf

from fmnist_core.data import SIDE, WHITE
from fmnist_core.recipe import Augmentation, Recipe, Stage
from fmnist_core.training.augmentation import Draws, change, draw

_NOTHING = Draws(
    np.zeros((0, 6), np.float32), np.zeros(0, np.float32), np.zeros((0, 2), np.float32), np.zeros(0, np.int64)
)

# Nothing here branches on a tensor: translating it takes AutoGraph a quarter of a second before the first batch.
_as_it_is = tf.autograph.experimental.do_not_convert


def steps_per_epoch(recipe: Recipe, images: int) -> int:
    return images // recipe.batch_size if recipe.drop_last_batch else -(-images // recipe.batch_size)


class EpochBatches:
    """Batches of the epoch that `epoch` names; set it before each epoch.

    What an epoch brings depends on the recipe's seed and the epoch's number alone, so a training that goes on
    after a crash sees what it would have seen.
    """

    def __init__(
        self,
        inputs: np.ndarray,
        labels: np.ndarray,
        recipe: Recipe,
        stage: Stage,
        num_classes: int,
        taught: np.ndarray | None = None,
    ):
        """
        Args:
            inputs: (n, 28, 28) uint8 pictures, or (n, d) float features of a frozen trunk.
            labels: (n,) uint8, the official ones.
            taught: (n,) uint8, what a recipe that teaches other labels calls them. A batch then gives both, (b, 2):
                the taught label for the loss, the official one for the accuracy, see `losses.with_official`.
        """
        cv2.setNumThreads(1)  # or every picture that is warped wakes all of its threads, and the network waits
        self.epoch = 0
        self.steps = steps_per_epoch(recipe, len(inputs))
        self._seed = recipe.seed
        self._count = len(inputs)
        self._batch_size = recipe.batch_size
        self._augmentation = stage.augmentation
        self._one_hot = recipe.loss == "categorical_crossentropy" and not recipe.teaches_other_labels
        self._classes = num_classes
        self._inputs = tf.constant(inputs)
        if recipe.teaches_other_labels:
            labels = np.stack([labels if taught is None else taught, labels], axis=-1)
        self._labels = tf.constant(labels.astype(np.int64))

    def plan(self) -> tuple[np.ndarray, ...]:
        """The epoch's order (n,) int32, and its draws (empty without augmentation) in that order."""
        generator = np.random.default_rng((self._seed, self.epoch))
        order = generator.permutation(self._count).astype(np.int32)
        if not self._augmentation:
            return order, *_NOTHING
        turns = self._turns()[order] if self._augmentation.in_turn else None
        return order, *draw(self._augmentation, self._count, generator, turns)

    def _turns(self) -> np.ndarray:
        """(n,) bool: who is flipped in this epoch; a half by chance, the other half in the next."""
        first = np.random.default_rng(self._seed).random(self._count) < 0.5
        return first ^ (self.epoch % 2 == 1)

    def dataset(self) -> tf.data.Dataset:
        """Each iteration gives the batches of the epoch that `epoch` names when the iteration begins."""

        @_as_it_is
        def epoch_batches(_: tf.Tensor) -> tf.data.Dataset:
            types = [tf.int32, tf.float32, tf.float32, tf.float32, tf.int64]
            order, *draws = tf.numpy_function(self.plan, [], types, stateful=True)
            shapes = [self._count], [None, 6], [None], [None, 2], [None]
            for tensor, shape in zip((order, *draws), shapes, strict=True):
                tensor.set_shape(shape)  # what comes out of NumPy has none

            @_as_it_is
            def batch(step: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
                rows = slice(step * self._batch_size, (step + 1) * self._batch_size)
                index = order[rows]
                inputs = tf.gather(self._inputs, index)
                if self._augmentation:
                    images = _changed(inputs, [part[rows] for part in draws], self._augmentation)
                else:
                    images = self._load(inputs)
                labels = tf.gather(self._labels, index)
                return images, tf.one_hot(labels, self._classes) if self._one_hot else labels

            return tf.data.Dataset.range(self.steps).map(batch, num_parallel_calls=1)

        dataset = tf.data.Dataset.range(1).flat_map(epoch_batches).prefetch(4)
        options = tf.data.Options()
        options.threading.private_threadpool_size = 1  # the network needs the cores; loading is cheap
        # There is nothing to tune, and the tuner's thread can miss its signal to stop: the end of an epoch then
        # waits for its next look, after 5, 10, 20, ... seconds.
        options.autotune.enabled = False
        return dataset.with_options(options).apply(tf.data.experimental.assert_cardinality(self.steps))

    def _load(self, inputs: tf.Tensor) -> tf.Tensor:
        if self._inputs.dtype != tf.uint8:
            return tf.cast(inputs, tf.float32)
        return to_input(inputs)


def to_input(images: tf.Tensor) -> tf.Tensor:
    """(n, 28, 28) uint8 -> (n, 28, 28, 1) float32 in [0, 1]."""
    return tf.cast(images, tf.float32)[..., tf.newaxis] / WHITE


def _changed(images: tf.Tensor, draws: list[tf.Tensor], augmentation: Augmentation) -> tf.Tensor:
    """(n, 28, 28) uint8 and the parts of their draws -> (n, 28, 28, 1) float32 in [0, 1]."""

    def by_numpy(images: np.ndarray, *draws: np.ndarray) -> np.ndarray:
        return change(images, Draws(*draws), augmentation)

    changed = tf.numpy_function(by_numpy, [images, *draws], tf.float32, stateful=False)
    return tf.ensure_shape(changed, [None, SIDE, SIDE, 1])
