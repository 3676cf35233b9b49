"""Run as a process of its own: executes scripts with few pictures, and compares what they build with the zoo's models.

Prints a JSON object: for each name, what was found.
"""

import dataclasses
import json
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np

from fmnist_core import data, zoo
from fmnist_core.networks.layers import Layer, Network
from fmnist_core.recipe import Augmentation, Optimizer, Recipe, Split, Stage, with_epochs
from fmnist_core.script.keras_script import keras_script
from fmnist_core.zoo import vgg19

PICTURES = 2
TRAINING = 40  # pictures that there are: every script would make floats of all 60,000
EVERYTHING = Network(
    "Everything",
    (
        Layer("convolution", filters=8, activation="linear", bias=False),
        Layer("batch_normalization"),
        Layer("activation", activation="gelu"),
        Layer("separable_convolution", filters=8, activation="leaky_relu", padding="valid"),
        Layer("residual_block", filters=8),
        Layer("residual_block", filters=16, stride=2, momentum=0.8),
        Layer("squeeze_and_excitation", reduction=4),
        Layer("average_pooling", size=3, stride=2, padding="same"),
        Layer("convolution", filters=8, size=2, stride=2, activation="swish", initializer="he_normal"),
        Layer("padding", size=1),
        Layer("global_max_pooling"),
        Layer("dropout", rate=0.2),
        Layer("dense", units=16, activation="elu", bias=False),
        Layer("radial_basis", gamma=0.25),
    ),
)
ALL = Augmentation(8, 0.1, 3, 0.1, flip=True, crop=2, brightness=0.2, cutout=6, cutout_chance=0.5)


def recipes() -> dict[str, Recipe]:
    """Of each model of the zoo its published recipe, of a network with every kind of layer one with every option; and
    what only a chain of layers, or a frozen trunk, comes to.
    """
    few = {"batch_size": PICTURES, "images": PICTURES, "split": Split("last", PICTURES)}
    found = {
        name: dataclasses.replace(model.recipe, stages=_short(model.recipe), **few)
        for name, model in zoo.MODELS.items()
        if name != "vgg19_published"
    }
    found["everything"] = Recipe(
        model="own",
        network=EVERYTHING,
        stages=(Stage(1), Stage(1, ALL), Stage(1, dataclasses.replace(ALL, flip=False, fill="constant", shift=0))),
        optimizer=Optimizer("adamw", decay=1e-3, weight_decay=1e-3),
        loss="clipped_rbf_crossentropy",
        l2=1e-3,
        dropout=0.3,
        batch_size=PICTURES,
        images=PICTURES + 1,
        drop_last_batch=True,
        excluded=(1, 2, 3),
        label_noise=0.4,
        split=Split("random", PICTURES),
        keep="best",
        mirror=True,
    )
    chain = found["simple_nn"]
    found["mirrored"] = dataclasses.replace(chain, mirror=True)
    found["cycle"] = dataclasses.replace(chain, optimizer=Optimizer(schedule="one_cycle"))
    found["clipped"] = dataclasses.replace(found["lenet5_rbf"], loss="clipped_rbf_crossentropy")
    found["trunk"] = dataclasses.replace(
        found["vgg19_fixed"],
        optimizer=Optimizer(schedule="one_cycle"),
        images=PICTURES + 1,
        drop_last_batch=True,
        keep="best",
    )
    del found["vgg19_fixed"]
    return found


def _short(recipe: Recipe) -> tuple[Stage, ...]:
    return tuple(with_epochs(Recipe("", (stage,)), 1).stages[0] for stage in recipe.stages)


def run(recipe: Recipe) -> dict:
    import keras

    losses: list[float | None] = []
    # What is made of more than Keras' layers and optimizers.
    stores = recipe.mirror or recipe.model == "lenet5_rbf" or recipe.optimizer.schedule == "one_cycle"
    fits = recipe.keep == "best" or recipe.model == "own"  # with all that `fit` does

    def watched(model, x, y, *given, **named):
        before = [weight.numpy() for weight in model.trainable_weights]
        if fits:
            losses.append(fit(model, x, y, *given, **named).history["loss"][0])
        else:
            losses.append(float(model.train_on_batch(x, y)[0]))
        if all((old == new).all() for old, new in zip(before, model.trainable_weights, strict=True)):
            losses[-1] = None

    fit, save, predict = keras.Model.fit, keras.Model.save, keras.Model.predict
    keras.Model.fit = watched
    keras.Model.predict = lambda model, x, verbose=0: model(x, training=False).numpy()
    if not stores:
        keras.Model.save = lambda model, path: None
    variables: dict = {}
    try:
        text = keras_script(recipe).replace('weights="imagenet"', "weights=None")
        exec(compile(text, recipe.model, "exec"), variables)
    finally:
        keras.Model.fit, keras.Model.save, keras.Model.predict = fit, save, predict
    made = zoo.model_of(recipe).build()
    scripted = variables["model"]
    answering = variables.get("mirroring", scripted)
    made.set_weights(scripted.get_weights())
    pictures = data.to_network_input(data.load_split("test").images[:PICTURES])
    expected = np.asarray(made(pictures, training=False))
    if recipe.mirror:
        expected = (expected + np.asarray(made(pictures[:, :, ::-1], training=False))) / 2
    own = {"RadialBasis": variables.get("RadialBasis")}
    stored = keras.models.load_model("model.keras", custom_objects=own) if stores else answering
    return {
        "parameters": scripted.count_params(),
        "expected": made.count_params(),
        "stages": len(recipe.stages),
        "losses": losses,
        "difference": _difference(expected, answering(pictures, training=False)),
        "stored": _difference(expected, stored(pictures, training=False)),
    }


def _difference(expected: np.ndarray, found: Any) -> float:
    """The largest, as a part of the largest value."""
    return float(np.abs(expected - np.asarray(found)).max() / np.abs(expected).max())


def main() -> None:
    import keras
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(2)
    tf.config.run_functions_eagerly(True)  # a few steps each: compiling them would take longer
    data.SIZES["train"] = TRAINING
    vgg19.SIDE = 32  # pixels: 22 times fewer than 150x150, and most of the time that all this takes
    keras.utils.disable_interactive_logging()
    train, test = (
        (pictures.images[:count], pictures.labels[:count])
        for pictures, count in ((data.load_split("train"), TRAINING), (data.load_split("test"), PICTURES))
    )
    keras.datasets.fashion_mnist.load_data = lambda: (train, test)
    print(json.dumps({name: run(recipe) for name, recipe in recipes().items()}))


if __name__ == "__main__":
    os.chdir(Path(sys.argv[1]))
    main()
