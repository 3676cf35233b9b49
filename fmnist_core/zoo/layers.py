"""Layers that Keras lacks, and `chain`. Imports keras: only build functions do import this module, in their bodies.

Whoever loads a model.keras file imports this module first: it registers the two layers with Keras.
"""

import functools
from itertools import accumulate, repeat
from typing import Any

import keras
from keras import ops

from fmnist_core.data import SIDE


def picture_input() -> Any:
    """The symbolic input of every model: (n, 28, 28, 1) float32 in [0, 1], garment light on black."""
    return keras.Input((SIDE, SIDE, 1), name="picture")


def chain(name: str, *layers: keras.Layer) -> keras.Model:
    """A Functional model in which each layer takes what the one before gives; the first takes the picture."""
    picture = picture_input()
    return keras.Model(picture, functools.reduce(lambda value, layer: layer(value), layers, picture), name=name)


def with_mirror(model: keras.Model) -> keras.Model:
    """The same network, whose logits are the mean of those for the picture and for its mirror image."""
    mirrored = model(ops.flip(model.input, axis=2))
    mean = keras.layers.Average(name="mean")([model.output, mirrored])
    return keras.Model(model.input, mean, name=model.name)


@keras.saving.register_keras_serializable(package="fmnist")
class RadialBasis(keras.layers.Layer):
    """Logits -gamma ||x - mu_j||^2: how near a point is to the centre of each class.

    (n, features) -> (n, units), never above 0. The exponential of a logit is the Gaussian radial basis function
    that the a-d-c.ca author's output layer returns; the softmax of the logits is that output divided by its sum,
    which is what his loss normalises to. The centres mu, (features, units), start uniform in [-0.05, 0.05].
    """

    def __init__(self, units: int, gamma: float, **options: Any) -> None:
        super().__init__(**options)
        self.units = units
        self.gamma = gamma

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        self.mu = self.add_weight(
            name="mu",
            shape=(input_shape[-1], self.units),
            initializer=keras.initializers.RandomUniform(-0.05, 0.05),
        )

    def call(self, inputs: Any) -> Any:
        # The differences themselves, not |x|^2 - 2 x.mu + |mu|^2, which loses digits where the two are near.
        differences = ops.expand_dims(inputs, axis=-1) - self.mu  # (n, features, units)
        return -self.gamma * ops.sum(ops.square(differences), axis=1)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (input_shape[0], self.units)

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"units": self.units, "gamma": self.gamma}


@keras.saving.register_keras_serializable(package="fmnist")
class NearestResize(keras.layers.Layer):
    """Enlarges square pictures as Pillow's NEAREST does: (n, s, s, channels) -> (n, side, side, channels).

    Not keras.layers.Resizing: from 28 to 150 pixels its source pixel differs from Pillow's in one row and one
    column, and its ONNX form relies on a resize mode that ONNX has deprecated. Here it is a plain Gather.
    """

    def __init__(self, side: int, **options: Any) -> None:
        super().__init__(**options)
        self.side = side

    def call(self, inputs: Any) -> Any:
        indices = nearest_indices(inputs.shape[1], self.side)
        return ops.take(ops.take(inputs, indices, axis=1), indices, axis=2)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (input_shape[0], self.side, self.side, input_shape[-1])

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"side": self.side}


def nearest_indices(size: int, target: int) -> list[int]:
    """The source pixel, 0 to size - 1, of each of `target` pixels, as Pillow's NEAREST chooses it.

    That is floor((i + 0.5) size / target), except where this is a whole number: Pillow adds the step up pixel by
    pixel in double precision, and the sum may end just below it (28 to 150: pixel 37 takes 6, not 7).
    """
    step = size / target
    return [int(position) for position in accumulate(repeat(step, target - 1), initial=step / 2)]
