"""One fold of a cross-validation: a network learns from some pictures and says what it makes of others."""

from collections.abc import Callable

import keras
import numpy as np

from fmnist_core import data
from fmnist_core.metrics import evaluation
from fmnist_core.recipe import Recipe
from fmnist_core.training.batches import EpochBatches
from fmnist_core.training.precision import choose_precision, training_copy
from fmnist_core.training.train import TrainingDiverged, compile_model
from fmnist_core.zoo import model_of

BATCH = 500


class Watcher(keras.callbacks.Callback):
    """Names each epoch to the batches, tells the share that is done, and stops at the next batch."""

    def __init__(self, batches: EpochBatches, epochs: int, tell: Callable[[float], bool]):
        super().__init__()
        self._batches, self._epochs, self._tell = batches, epochs, tell
        self.stopped = False

    def on_epoch_begin(self, epoch: int, logs: object = None) -> None:
        self._batches.epoch = epoch

    def on_train_batch_end(self, batch: int, logs: object = None) -> None:
        done = self._batches.epoch + (batch + 1) / self._batches.steps
        if self._tell(min(1.0, done / self._epochs)):
            self.stopped = self.model.stop_training = True


def train_fold(
    chosen: Recipe, images: np.ndarray, labels: np.ndarray, judged: np.ndarray, tell: Callable[[float], bool]
) -> np.ndarray | None:
    """(m, 10) float32 probabilities of the `judged` pictures after a training on the others; None where it was stopped.

    Args:
        chosen: one stage; `images` of it as many as there are pictures; without label noise, as labels are judged.
        images, judged: (n, 28, 28) and (m, 28, 28) uint8; labels: (n,) uint8.
        tell: called after each execution with the share that is done, in 0..1; a true answer stops.

    Raises:
        TrainingDiverged: an output is no longer a number.
    """
    keras.utils.clear_session()
    keras.utils.set_random_seed(chosen.seed)
    network = model_of(chosen).build(num_classes=len(data.CLASS_NAMES))
    learner = training_copy(network, choose_precision(chosen.precision, network), chosen)
    compile_model(learner, chosen, len(images))
    batches = EpochBatches(images, labels, chosen, chosen.stages[0], len(data.CLASS_NAMES))
    watcher = Watcher(batches, chosen.epochs, tell)
    learner.fit(batches.dataset(), epochs=chosen.epochs, callbacks=[watcher], verbose=0, shuffle=False)
    if watcher.stopped:
        return None
    network.set_weights(learner.get_weights())
    parts = []
    for start in range(0, len(judged), BATCH):
        parts.append(np.asarray(network(data.to_network_input(judged[start : start + BATCH]), training=False)))
        if tell(1.0):
            return None
    logits = np.concatenate(parts)
    if not np.isfinite(logits).all():
        raise TrainingDiverged("The loss is no longer a number: the training of this fold has diverged.")
    return evaluation.softmax(logits).astype(np.float32)
