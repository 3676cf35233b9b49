"""Models with a frozen part: its output is computed once, and only the rest is trained."""

from typing import Any

import keras
import numpy as np

from fmnist_core import data
from fmnist_core.progress import OnPhase
from fmnist_core.splits import Indices, replayed
from fmnist_core.zoo.spec import Model

BATCH = 50


def split_trunk(
    row: Model, network: keras.Model, indices: Indices, watch_test: bool, on_phase: OnPhase
) -> tuple[keras.Model, np.ndarray, np.ndarray | None]:
    """What is trained, and what it takes of all 60,000 training pictures and of the test pictures (trunk: if watched).

    Without a trunk: the network itself and the uint8 pictures. With one: the layers after it (shared with
    `network`) and the trunk's float16 output, computed only for the pictures that the recipe uses, `indices`.

    Args:
        on_phase: told how far it is with each batch of pictures; what it raises ends the computing.

    Raises:
        WeightsUnavailable: the trunk's weights cannot be had here.
    """
    train, test = data.load_split("train").images, data.load_split("test").images
    if row.trunk is None or row.load_trunk is None:
        return network, train, test
    row.load_trunk(network)
    trunk = keras.Model(network.input, network.get_layer(row.trunk).output)
    trunk.trainable = False
    used = np.unique(np.concatenate([indices.train, indices.validation, replayed(indices)]))
    features = np.zeros((len(train), *trunk.output_shape[1:]), np.float16)
    features[used] = _features(trunk, train[used], on_phase)
    return _head(network, row.trunk), features, _features(trunk, test, on_phase) if watch_test else None


def _features(trunk: keras.Model, images: np.ndarray, on_phase: OnPhase) -> np.ndarray:
    parts = []
    for start in range(0, len(images), BATCH):
        on_phase(f"computing the output of the frozen layers for picture {start + 1:,} of {len(images):,}")
        parts.append(trunk(data.to_network_input(images[start : start + BATCH]), training=False))
    return np.concatenate(parts).astype(np.float16)


def _head(network: keras.Model, trunk: str) -> keras.Model:
    """The layers after the trunk as a network of their own; the layers, and so the weights, are the same ones."""
    names = [layer.name for layer in network.layers]
    inputs: Any = keras.Input(network.get_layer(trunk).output.shape[1:], name="trunk")
    outputs = inputs
    for name in names[names.index(trunk) + 1 :]:
        outputs = network.get_layer(name)(outputs)
    return keras.Model(inputs, outputs, name=network.name)
