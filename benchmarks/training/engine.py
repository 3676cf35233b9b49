"""Our training engine against a plain Keras fit of the same model, batch size and epochs: pictures a second.

The plain one is what a tutorial would write: the model as the zoo builds it, float32, NumPy arrays, `fit`. Ours has
the run's precision, the fused batch normalization, our batches, and the observers' work left out on both sides.

    python -m benchmarks.training.engine [--images N] [--pairs N]
"""

import argparse
import dataclasses
import time
from collections.abc import Callable

import keras
import numpy as np

from benchmarks.pairs import median_ratio, show
from fmnist_core import data
from fmnist_core.machine import describe_machine
from fmnist_core.recipe import Recipe
from fmnist_core.training.batches import EpochBatches
from fmnist_core.training.losses import build_loss, build_optimizer
from fmnist_core.training.precision import choose_precision, training_copy
from fmnist_core.training.train import compile_model
from fmnist_core.zoo import get_model

MODELS = ("cnn_2", "minivggnet")
BATCHES = (32, 128)


def ours(chosen: Recipe, count: int) -> Callable[[], float]:
    network = get_model(chosen.model).build()
    learner = training_copy(network, choose_precision(chosen.precision, network))
    compile_model(learner, chosen, count)
    pictures = data.load_split("train")
    batches = EpochBatches(pictures.images[:count], pictures.labels[:count], chosen, chosen.stages[0], 10)
    return timed(lambda: learner.fit(batches.dataset(), verbose=0), count)


def plain(chosen: Recipe, count: int) -> Callable[[], float]:
    network = get_model(chosen.model).build()
    network.compile(build_optimizer(chosen.optimizer), build_loss(chosen.loss), metrics=["accuracy"])
    pictures = data.load_split("train")
    inputs, labels = data.to_network_input(pictures.images[:count]), pictures.labels[:count].astype(np.int64)
    if chosen.loss == "categorical_crossentropy":
        labels = keras.utils.to_categorical(labels, 10)
    return timed(lambda: network.fit(inputs, labels, batch_size=chosen.batch_size, verbose=0), count)


def timed(epoch: Callable[[], object], count: int) -> Callable[[], float]:
    """One epoch to warm up, then a function that trains another and returns its pictures a second."""
    epoch()

    def run() -> float:
        start = time.perf_counter()
        epoch()
        return count / (time.perf_counter() - start)

    return run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=12_800)
    parser.add_argument("--pairs", type=int, default=5)
    options = parser.parse_args()
    print(describe_machine())
    for name in MODELS:
        for batch in BATCHES:
            chosen = dataclasses.replace(get_model(name).recipe, batch_size=batch)
            first, second = ours(chosen, options.images), plain(chosen, options.images)
            ratio, ratios = median_ratio(first, second, options.pairs)
            show(f"our fit / plain Keras fit, {name}, batch {batch}", ratio, ratios, 1.0)


if __name__ == "__main__":
    main()
