"""What each choice of the flagship brings: every variant trained alike, judged on the validation pictures only.

Each prints, and appends to a file as JSON, validation accuracy and loss of one look at each picture and of the mean
with its mirror image. docs/log.md has the figures. The test set is not opened.

    python -m benchmarks.training.variants [--epochs N] [--seed N] [--to FILE] VARIANT...
"""

import argparse
import dataclasses
import json
import time
from pathlib import Path
from typing import Any

import keras
import numpy as np

from fmnist_core import data
from fmnist_core.metrics import evaluation
from fmnist_core.recipe import Augmentation, Optimizer, Recipe, Stage
from fmnist_core.splits import split_indices
from fmnist_core.training.batches import EpochBatches
from fmnist_core.training.precision import choose_precision, training_copy
from fmnist_core.training.train import compile_model
from fmnist_core.zoo.flagship import residual_network

AUGMENTATION = Augmentation(flip=True, in_turn=True, crop=2, fill="constant", cutout=10, cutout_chance=0.5)
OPTIMIZER = Optimizer("sgd", 0.2, 0.9, True, weight_decay=5e-4, schedule="one_cycle", warm_up=0.2)
BASE = Recipe(
    "flagship",
    (Stage(8, AUGMENTATION),),
    OPTIMIZER,
    loss="categorical_crossentropy",
    label_smoothing=0.1,
    batch_size=256,
)


def augmented(**changes: Any) -> dict[str, Any]:
    return {"stages": (Stage(8, dataclasses.replace(AUGMENTATION, **changes)),)}


def optimized(**changes: Any) -> dict[str, Any]:
    return {"optimizer": dataclasses.replace(OPTIMIZER, **changes)}


# What differs from the base: the network's arguments, the recipe's fields.
VARIANTS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "base": ({}, {}),
    "mean pool": ({"pool": "average"}, {}),
    "5x5 stem, stride 2": ({"stem": (48, 5, 2)}, {}),
    "squeeze": ({"squeeze": True}, {}),
    "two blocks at 7x7, 192": ({"widths": (64, 128, 192), "blocks": (1, 2, 0)}, {}),
    "wider at 14x14": ({"widths": (96, 128, 192), "blocks": (1, 1, 0)}, {}),
    "three narrow groups": ({"stem": (16, 3, 1), "widths": (48, 96, 192), "blocks": (1, 1, 1)}, {}),
    "two blocks at 14x14": ({"widths": (64, 128, 256), "blocks": (2, 1, 0)}, {}),
    "batch 128, rate 0.1": ({}, {"batch_size": 128} | optimized(learning_rate=0.1)),
    "rate 0.4": ({}, optimized(learning_rate=0.4)),
    "rate 0.1": ({}, optimized(learning_rate=0.1)),
    "weight decay 1e-3": ({}, optimized(weight_decay=1e-3)),
    "adamw 0.003": ({}, {"optimizer": Optimizer("adamw", 3e-3, weight_decay=0.05, schedule="one_cycle", warm_up=0.2)}),
    "no label smoothing": ({}, {"label_smoothing": 0.0}),
    "no augmentation": ({}, {"stages": (Stage(8),)}),
    "flip by chance": ({}, augmented(in_turn=False)),
    "flip only": ({}, augmented(crop=0, cutout=0)),
    "no cutout": ({}, augmented(cutout=0)),
    "cutout 14 always": ({}, augmented(cutout=14, cutout_chance=1.0)),
    "shift by 1": ({}, augmented(crop=1)),
}


def judge(network: keras.Model, images: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    inputs = data.to_network_input(images)
    once = network.predict(inputs, batch_size=500, verbose=0).astype(np.float32)
    mirrored = network.predict(inputs[:, :, ::-1], batch_size=500, verbose=0).astype(np.float32)
    figures = {}
    for name, logits in (("without", once), ("mirror", (once + mirrored) / 2)):
        figures[f"{name}_accuracy"] = round(float((logits.argmax(axis=1) == labels).mean()), 4)
        figures[f"{name}_loss"] = round(float(evaluation.cross_entropy(logits, labels)), 4)
    return figures


def try_variant(name: str, epochs: int, seed: int) -> dict[str, Any]:
    layout, changes = VARIANTS[name]
    chosen = dataclasses.replace(BASE, seed=seed, **changes)
    chosen = dataclasses.replace(chosen, stages=(dataclasses.replace(chosen.stages[0], epochs=epochs),))
    keras.utils.set_random_seed(seed)
    network = residual_network("flagship", **layout)
    learner = training_copy(network, choose_precision(chosen.precision, network))
    pictures, (train, validation) = data.load_split("train"), split_indices(chosen)
    compile_model(learner, chosen, len(train))
    batches = EpochBatches(pictures.images[train], pictures.labels[train], chosen, chosen.stages[0], 10)

    def set_epoch(epoch: int, _: Any) -> None:
        batches.epoch = epoch

    start = time.perf_counter()
    learner.fit(
        batches.dataset(),
        epochs=epochs,
        verbose=0,
        shuffle=False,
        callbacks=[keras.callbacks.LambdaCallback(on_epoch_begin=set_epoch)],
    )
    seconds = time.perf_counter() - start
    network.set_weights(learner.get_weights())
    figures = judge(network, pictures.images[validation], pictures.labels[validation])
    figures |= {"train_loss": round(learner.history.history["loss"][-1], 4)}
    about = {"variant": name, "epochs": epochs, "seed": seed, "parameters": network.count_params()}
    return about | figures | {"seconds_per_epoch": round(seconds / epochs, 1)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("variants", nargs="*", choices=[*VARIANTS, []], metavar="VARIANT", default=list(VARIANTS))
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--to", type=Path, help="append each result to this file")
    options = parser.parse_args()
    for name in options.variants:
        line = json.dumps(try_variant(name, options.epochs, options.seed))
        print(line, flush=True)
        if options.to:
            with options.to.open("a") as file:
                file.write(line + "\n")
        keras.utils.clear_session()


if __name__ == "__main__":
    main()
