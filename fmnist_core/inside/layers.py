"""What a network is made of, as a reader of its drawing sees it: layers that take what other layers give."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

Kind = Literal[
    "picture",
    "padding",
    "convolution",
    "depthwise convolution",
    "max pooling",
    "average pooling",
    "global average pooling",
    "global max pooling",
    "sum",
    "product",
    "flatten",
    "dense",
    "LSTM",
    "radial basis",
    "mean of two views",
    "activation",
    "batch normalization",
    "other",
]
GLOBAL = ("global average pooling", "global max pooling")
POOLING = ("max pooling", "average pooling", *GLOBAL)
CONVOLUTION = ("convolution", "depthwise convolution")


@dataclass(frozen=True)
class Step:
    """What a layer does to each number by itself, after its sums.

    "batch normalization": value * factor + shift, a pair a channel; mean and variance are folded in.
    "activation": `function` of the value.
    """

    kind: Literal["batch normalization", "activation"]
    function: str = ""  # relu, tanh, sigmoid, elu, swish, leaky_relu ...
    alpha: float = 0.0  # of elu and leaky_relu
    factor: np.ndarray | None = None  # (channels,) float32
    shift: np.ndarray | None = None  # (channels,) float32


@dataclass(frozen=True)
class Layer:
    """One column of the drawing. Arrays are float32 and channels first."""

    name: str  # unique in its network; as in Keras where the file says so: conv1, sum1_1
    kind: Kind
    inputs: tuple[str, ...]  # names of the layers whose values it takes
    tensor: str  # of the graph: its values, (n, channels, rows, columns) or (n, units); see channels_last
    shape: tuple[int, ...] = ()  # of one picture: (channels, rows, columns) or (units,)
    rank: int = 2  # of its tensor: how many axes it has, the pictures' one counted
    channels_last: bool = False  # its tensor is (n, rows, columns, channels)
    steps: tuple[Step, ...] = ()
    kernel: np.ndarray | None = None  # convolution: (out, in of its group, rows, columns); dense: (in, units); centres
    bias: np.ndarray | None = None  # (out,); None: it has none
    recurrent: np.ndarray | None = None  # LSTM: (4 units, units), gates in the order input, output, forget, cell
    size: tuple[int, int] = (1, 1)  # of a kernel or a pool: rows, columns
    stride: tuple[int, int] = (1, 1)
    pads: tuple[int, int, int, int] = (0, 0, 0, 0)  # top, left, bottom, right; of zeros
    groups: int = 1
    gamma: float = 0.0  # radial basis
    flattened: Literal["chw", "hwc"] = "hwc"  # flatten: the order of axes, the slowest first

    @property
    def is_picture_like(self) -> bool:
        """Whether its channels are pictures; else they are single numbers, drawn as bars."""
        return len(self.shape) == 3 and self.shape[1:] != (1, 1)

    @property
    def channels(self) -> int:
        return self.shape[0]


@dataclass(frozen=True)
class Network:
    """Layers in the order of computation; the first is "picture", the last gives the logits."""

    layers: tuple[Layer, ...]
    both_views: str = ""  # the tensor of pictures and then their mirror images; "": it looks at a picture once
    by_name: dict[str, Layer] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {layer.name: layer for layer in self.layers})

    def __getitem__(self, name: str) -> Layer:
        """Raises ValueError where there is no such layer; the message lists those there are."""
        if name not in self.by_name:
            raise ValueError(f"This network has no layer {name[:40]!r}. Choose one of: {', '.join(self.by_name)}.")
        return self.by_name[name]

    @property
    def mirrored(self) -> bool:
        """Whether the logits are the mean of those of the picture and of its mirror image."""
        return bool(self.both_views)

    @property
    def switchable(self) -> tuple[str, ...]:
        """Layers of which channels can be switched off: all that give values, but for the picture and the answer."""
        fixed = ("picture", "padding", "flatten", "mean of two views")
        last = answer_of(self).name
        return tuple(layer.name for layer in self.layers if layer.kind not in fixed and layer.name != last)

    def behind(self, names: Iterable[str]) -> tuple[str, ...]:
        """These layers and all that take anything of theirs, in order."""
        found = set(names)
        for layer in self.layers:
            if found.intersection(layer.inputs):
                found.add(layer.name)
        return tuple(layer.name for layer in self.layers if layer.name in found)

    def blocks(self) -> dict[str, str]:
        """Residual blocks: the sum -> the layer whose values are added to the shortcut, which is left without it."""
        order = {layer.name: place for place, layer in enumerate(self.layers)}
        return {
            layer.name: max(layer.inputs, key=order.__getitem__)
            for layer in self.layers
            if layer.kind == "sum" and len(set(layer.inputs)) == 2
        }


def answer_of(network: Network) -> Layer:
    """The layer that gives the logits of one view of the picture."""
    last = network.layers[-1]
    return network[last.inputs[0]] if last.kind == "mean of two views" else last
