"""What a network consists of, layer of Keras by layer of Keras: names, options, shapes, costs. Without Keras.

A line of the list becomes one part or, as a residual block, several. Whoever builds, lists or writes down a network
goes by its parts, so that all agree. Multiplications are counted as `zoo/summaries.py` does: of inputs by weights.
"""

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from fmnist_core.data import SIDE
from fmnist_core.networks import fit
from fmnist_core.networks.fit import Shape
from fmnist_core.networks.layers import KINDS, Layer, Network

PICTURE = "picture"  # the name of the input
LOGITS = "logits"
CLASSES = 10


@dataclass(frozen=True)
class Part:
    """One layer of Keras."""

    name: str  # as in the Keras model and the names of activations: "conv1", "block1_conv1", "logits"
    line: int  # the layer of the list that it belongs to, from 0; their number for the logits
    op: str  # the class: of keras.layers, or RadialBasis of zoo/layers.py
    options: dict[str, Any]  # its keyword arguments, without the name
    inputs: tuple[str, ...]  # names of parts that it takes, or PICTURE
    shape: Shape
    parameters: int = 0
    macs: int = 0


@dataclass
class Expansion:
    """Parts as they come; `shape` is that of what the next one takes, `value` its name."""

    parts: list[Part] = field(default_factory=list)
    line: int = 0
    value: str = PICTURE
    shape: Shape = (SIDE, SIDE, 1)
    counts: Counter[str] = field(default_factory=Counter)

    def number(self, word: str) -> str:
        """The next name with that word: "conv3"."""
        self.counts[word] += 1
        return f"{word}{self.counts[word]}"

    def add(
        self,
        name: str,
        op: str,
        options: dict[str, Any],
        shape: Shape | None = None,
        parameters: int = 0,
        macs: int = 0,
        inputs: tuple[str, ...] = (),
    ) -> None:
        """One more part; what comes next takes what it gives. shape: None: as before."""
        self.shape = self.shape if shape is None else shape
        self.parts.append(Part(name, self.line, op, options, inputs or (self.value,), self.shape, parameters, macs))
        self.value = name

    def convolve(
        self,
        name: str,
        filters: int,
        size: int,
        *,
        stride: int = 1,
        padding: str | None = "same",
        activation: str = "linear",
        bias: bool = True,
        initializer: str = "glorot_uniform",
        depthwise: bool = False,
    ) -> None:
        """depthwise: each channel by itself, without a sum over channels; `filters` is their number."""
        rows, columns, channels = self.shape
        shape = (shrunk(rows, size, stride, padding), shrunk(columns, size, stride, padding), filters)
        weights = size * size * filters * (1 if depthwise else channels)
        options: dict[str, Any] = {} if depthwise else {"filters": filters}
        options |= {"kernel_size": (size, size), "strides": (stride, stride), "padding": padding}
        options |= {"activation": activation, "use_bias": bias}
        if initializer != "glorot_uniform":
            options["kernel_initializer"] = initializer
        op = "DepthwiseConv2D" if depthwise else "Conv2D"
        self.add(name, op, options, shape, weights + bias * filters, shape[0] * shape[1] * weights)

    def normalize(self, name: str, momentum: float) -> None:
        self.add(name, "BatchNormalization", {"momentum": momentum}, parameters=4 * self.shape[-1])

    def activate(self, name: str, activation: str) -> None:
        self.add(name, "Activation", {"activation": activation})

    def dense(self, name: str, units: int, activation: str = "linear", bias: bool = True) -> None:
        macs = self.shape[0] * units
        options = {"units": units, "activation": activation, "use_bias": bias}
        self.add(name, "Dense", options, (units,), macs + bias * units, macs)


def shrunk(side: int, size: int, stride: int, padding: str | None) -> int:
    """Of a picture so many pixels wide, how many patches fit into a row; 0 or less where none does."""
    return -(-side // stride) if padding == "same" else (side - size) // stride + 1


def expand(network: Network, classes: int = CLASSES) -> tuple[Part, ...]:
    """The parts of a network that `shapes.check` has let pass; the last is named "logits"."""
    return _expand(network, classes)[0]


def problems(network: Network) -> tuple[tuple[Part, ...], tuple[str, ...]]:
    """The parts of whatever fits, and why each layer does not ("" where it does), the logits at the end."""
    return _expand(network, CLASSES)


def _expand(network: Network, classes: int) -> tuple[tuple[Part, ...], tuple[str, ...]]:
    done, found, flat, output = Expansion(), [], "", None
    for line, layer in enumerate(network.layers):
        done.line = line
        problem = fit.problem(layer, done.shape, flat)
        if not problem and layer.kind == "radial_basis":
            if line + 1 == len(network.layers):
                output = layer
            else:
                problem = "A radial basis layer stands in for the logits, which come last: move it to the end."
        elif not problem:
            _ADD[layer.kind](done, layer)
        if not flat and len(done.shape) == 1:
            flat = f"{KINDS[layer.kind].word} (layer {line + 1})"
        found.append(problem)
    done.line = len(network.layers) - (output is not None)
    end = ""
    if len(done.shape) > 1:
        end = (
            f"The logits need a list of values, but get a picture of {fit.sides(done.shape)}: end with flatten or "
            "global average pooling."
        )
        done.shape = (math.prod(done.shape),)
    if output is None:
        done.dense(LOGITS, classes)
    else:
        macs = done.shape[0] * classes
        done.add(LOGITS, "RadialBasis", {"units": classes, "gamma": output.gamma}, (classes,), macs, macs)
    return tuple(done.parts), (*found, end)


# What each kind becomes


def _convolution(done: Expansion, layer: Layer) -> None:
    done.convolve(
        done.number("conv"),
        layer.filters,
        layer.size,
        stride=layer.stride,
        padding=layer.padding,
        activation=layer.activation,
        bias=layer.bias,
        initializer=layer.initializer,
    )


def _separable(done: Expansion, layer: Layer) -> None:
    name, channels = done.number("separable"), done.shape[-1]
    done.convolve(
        f"{name}_depthwise",
        channels,
        layer.size,
        stride=layer.stride,
        padding=layer.padding,
        bias=False,
        depthwise=True,
    )
    done.convolve(name, layer.filters, 1, activation=layer.activation, bias=layer.bias)


def _pool(op: str) -> Callable[[Expansion, Layer], None]:
    def add(done: Expansion, layer: Layer) -> None:
        size, step = layer.size, layer.step
        rows, columns, channels = done.shape
        shape = (shrunk(rows, size, step, layer.padding), shrunk(columns, size, step, layer.padding), channels)
        options = {"pool_size": (size, size), "strides": (step, step), "padding": layer.padding}
        done.add(done.number("pool"), op, options, shape)

    return add


def _global_pool(op: str) -> Callable[[Expansion, Layer], None]:
    return lambda done, layer: done.add("global_pool", op, {}, done.shape[-1:])


def _residual(done: Expansion, layer: Layer) -> None:
    name, came, given = done.number("block"), done.value, done.shape
    done.convolve(f"{name}_conv1", layer.filters, 3, stride=layer.stride, bias=False)
    done.normalize(f"{name}_batch_norm1", layer.momentum)
    done.activate(f"{name}_relu1", "relu")
    done.convolve(f"{name}_conv2", layer.filters, 3, bias=False)
    done.normalize(f"{name}_batch_norm2", layer.momentum)
    became = done.value
    if done.shape != given:
        done.value, done.shape = came, given
        done.convolve(f"{name}_shortcut", layer.filters, 1, stride=layer.stride, bias=False)
        done.normalize(f"{name}_shortcut_batch_norm", layer.momentum)
        came = done.value
    done.add(f"{name}_sum", "Add", {}, inputs=(came, became))
    done.activate(name, "relu")


def _squeeze(done: Expansion, layer: Layer) -> None:
    name, came, shape = done.number("squeeze"), done.value, done.shape
    done.add(f"{name}_mean", "GlobalAveragePooling2D", {"keepdims": True}, (1, 1, shape[-1]))
    done.convolve(f"{name}_inner", shape[-1] // layer.reduction, 1, padding="valid", activation="relu")
    done.convolve(f"{name}_factor", shape[-1], 1, padding="valid", activation="sigmoid")
    done.add(name, "Multiply", {}, shape, inputs=(came, done.value))


def _border(done: Expansion, layer: Layer) -> None:
    rows, columns, channels = done.shape
    shape = (rows + 2 * layer.size, columns + 2 * layer.size, channels)
    done.add(
        done.number("padding"),
        "ZeroPadding2D",
        {"padding": ((layer.size, layer.size), (layer.size, layer.size))},
        shape,
    )


def _lstm(done: Expansion, layer: Layer) -> None:
    rows, columns, channels = done.shape
    done.add("rows", "Reshape", {"target_shape": (rows, columns * channels)}, (rows, columns * channels))
    weights = 4 * layer.units * (columns * channels + layer.units)
    done.add(
        done.number("lstm"),
        "LSTM",
        {"units": layer.units},
        (layer.units,),
        weights + 4 * layer.units,
        rows * weights,
    )


_ADD: dict[str, Callable[[Expansion, Layer], None]] = {
    "convolution": _convolution,
    "separable_convolution": _separable,
    "max_pooling": _pool("MaxPooling2D"),
    "average_pooling": _pool("AveragePooling2D"),
    "global_average_pooling": _global_pool("GlobalAveragePooling2D"),
    "global_max_pooling": _global_pool("GlobalMaxPooling2D"),
    "batch_normalization": lambda done, layer: done.normalize(done.number("batch_norm"), layer.momentum),
    "activation": lambda done, layer: done.activate(done.number(layer.activation), layer.activation),
    "dropout": lambda done, layer: done.add(done.number("dropout"), "Dropout", {"rate": layer.rate}),
    "flatten": lambda done, layer: done.add("flatten", "Flatten", {}, (math.prod(done.shape),)),
    "dense": lambda done, layer: done.dense(done.number("dense"), layer.units, layer.activation, layer.bias),
    "residual_block": _residual,
    "squeeze_and_excitation": _squeeze,
    "padding": _border,
    "lstm": _lstm,
}
