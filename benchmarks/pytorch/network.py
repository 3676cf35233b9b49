"""A described Keras network as PyTorch's own modules, on channels-last memory. Runs where Keras is not.

Inside, pictures are (n, channels, rows, columns), as PyTorch wants them, lying in memory channels-last, as Keras has
them: so weights need no more than another order of axes, and flattening costs nothing.
"""

import functools
from collections import Counter
from collections.abc import Callable, Mapping
from itertools import accumulate, repeat
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

Settings = dict[str, Any]
Arrays = Mapping[str, np.ndarray]  # the weights of one layer, by Keras' names
FRESH = ("Conv2D", "Dense", "BatchNormalization", "Add")  # what comes out of these may be changed in place


class Network(nn.Module):
    """(n, rows, columns, channels) or (n, features) floats -> (n, classes) float32 logits."""

    def __init__(self, description: dict[str, Any], arrays: Arrays) -> None:
        """description: see description.py; arrays: every weight under "layer/name".

        Raises:
            ValueError: a layer of a kind, or with a setting, that has no counterpart here.
        """
        super().__init__()
        self._output = description["output"]
        self._nodes = [(node["name"], node["inputs"]) for node in description["nodes"]]
        self.parts = nn.ModuleDict()
        uses = Counter(source for _, sources in self._nodes for source in sources)
        fresh = {node["name"] for node in description["nodes"] if node["kind"] in FRESH and uses[node["name"]] == 1}
        for node in description["nodes"]:
            own = {key.split("/")[1]: array for key, array in arrays.items() if key.split("/")[0] == node["name"]}
            settings = node["settings"] | {"in_place": fresh.issuperset(node["inputs"])}
            self.parts[node["name"]] = build(node["kind"], settings, own)
        last_use = {name: index for index, (_, sources) in enumerate(self._nodes) for name in sources}
        self._spent = [[name for name, last in last_use.items() if last == index] for index in range(len(self._nodes))]

    def forward(self, inputs: Tensor) -> Tensor:
        values: dict[str, Tensor] = {}
        for (name, sources), spent in zip(self._nodes, self._spent, strict=True):
            values[name] = self.parts[name](*([values[source] for source in sources] or [inputs]))
            for source in spent:
                del values[source]  # as in a plain chain of modules, nothing is kept longer than it is needed
        return values[self._output].float()


def build(kind: str, settings: Settings, arrays: Arrays) -> nn.Module:
    if kind not in LAYERS:
        raise ValueError(f"No PyTorch counterpart of {kind}. Expected one of: {', '.join(LAYERS)}.")
    return LAYERS[kind](settings, arrays)


class Apply(nn.Module):
    """A function without weights as a module."""

    def __init__(self, function: Callable[..., Tensor]) -> None:
        super().__init__()
        self._function = function

    def forward(self, *inputs: Tensor) -> Tensor:
        return self._function(*inputs)


def same_padding(size: int, kernel: int, stride: int) -> tuple[int, int]:
    """What Keras' "same" puts before and after an axis; the odd one comes after."""
    total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
    return total // 2, total - total // 2


class Convolution(nn.Conv2d):
    """PyTorch's own, with Keras' "same": where that is not as much on both sides, the picture is padded before."""

    def __init__(self, settings: Settings, arrays: Arrays) -> None:
        kernel, strides, dilation = settings["kernel_size"], settings["strides"], settings["dilation_rate"]
        channels = arrays["kernel"].shape[2] * settings["groups"]
        options = {"stride": tuple(strides), "dilation": tuple(dilation), "groups": settings["groups"]}
        super().__init__(channels, settings["filters"], tuple(kernel), bias=settings["use_bias"], **options)
        self._same = settings["padding"] == "same"
        self._extents = [step * (size - 1) + 1 for size, step in zip(kernel, dilation, strict=True)]
        self._activation = activation(settings["activation"])
        fill(self, weight=arrays["kernel"].transpose(3, 2, 0, 1), bias=arrays.get("bias"))

    def forward(self, inputs: Tensor) -> Tensor:
        padding = (0, 0)
        if self._same:
            sizes = zip(inputs.shape[2:], self._extents, self.stride, strict=True)
            (top, bottom), (left, right) = (same_padding(*size) for size in sizes)
            if (top, left) == (bottom, right):
                padding = (top, left)
            else:
                inputs = functional.pad(inputs, (left, right, top, bottom))
        options = (self.stride, padding, self.dilation, self.groups)
        return self._activation(functional.conv2d(inputs, self.weight, self.bias, *options))


class Dense(nn.Linear):
    def __init__(self, settings: Settings, arrays: Arrays) -> None:
        super().__init__(len(arrays["kernel"]), settings["units"], bias=settings["use_bias"])
        self._activation = activation(settings["activation"])
        fill(self, weight=arrays["kernel"].T, bias=arrays.get("bias"))

    def forward(self, inputs: Tensor) -> Tensor:
        return self._activation(super().forward(inputs))


class LastState(nn.LSTM):
    """The state after the last step. Keras has one vector of biases, PyTorch two: the second stays 0."""

    def __init__(self, settings: Settings, arrays: Arrays) -> None:
        super().__init__(len(arrays["kernel"]), settings["units"], batch_first=True)
        fill(self, weight_ih_l0=arrays["kernel"].T, weight_hh_l0=arrays["recurrent_kernel"].T)
        fill(self, bias_ih_l0=arrays["bias"], bias_hh_l0=np.zeros_like(arrays["bias"]))
        self.bias_hh_l0.requires_grad_(False)

    def forward(self, inputs: Tensor) -> Tensor:
        return super().forward(inputs)[0][:, -1]


class RadialBasis(nn.Module):
    def __init__(self, settings: Settings, arrays: Arrays) -> None:
        super().__init__()
        self.gamma = settings["gamma"]
        self.mu = nn.Parameter(torch.empty(arrays["mu"].shape))
        fill(self, mu=arrays["mu"])

    def forward(self, inputs: Tensor) -> Tensor:
        return -self.gamma * (inputs.unsqueeze(-1) - self.mu).square().sum(1)


class Normalization(nn.BatchNorm2d):
    """Batch normalization of pictures and of features."""

    def __init__(self, settings: Settings, arrays: Arrays) -> None:
        count = len(arrays["moving_mean"])
        super().__init__(count, eps=settings["epsilon"], momentum=1 - settings["momentum"])
        fill(self, weight=arrays.get("gamma", np.ones(count)), bias=arrays.get("beta", np.zeros(count)))
        fill(self, running_mean=arrays["moving_mean"], running_var=arrays["moving_variance"])
        self.weight.requires_grad_(settings["scale"])
        self.bias.requires_grad_(settings["center"])

    def _check_input_dim(self, inputs: Tensor) -> None:
        """PyTorch's two classes differ in nothing else."""


def fill(module: nn.Module, **values: np.ndarray | None) -> None:
    """Gives parameters and buffers their values; None for what the layer does not have."""
    with torch.no_grad():
        for name, value in values.items():
            if value is not None:
                getattr(module, name).copy_(torch.from_numpy(np.array(value, np.float32)))


def activation(name: str, in_place: bool = True) -> Callable[[Tensor], Tensor]:
    """In place, as PyTorch's own models have it: that saves a pass over memory."""
    kinds: dict[str, tuple[Callable[[Tensor], Tensor], Callable[[Tensor], Tensor]]] = {
        "linear": (lambda value: value, lambda value: value),
        "relu": (torch.relu, torch.relu_),
        "tanh": (torch.tanh, torch.tanh_),
        "sigmoid": (torch.sigmoid, torch.sigmoid_),
    }
    if name not in kinds:
        raise ValueError(f"No PyTorch counterpart of the activation {name!r}. Expected one of: {', '.join(kinds)}.")
    return kinds[name][in_place]


def pooling(function: Callable[..., Tensor], settings: Settings, filler: float | None) -> nn.Module:
    """filler: what "same" pads with; None where Keras leaves the padding out of a mean, and PyTorch cannot."""
    size, strides = tuple(settings["pool_size"]), tuple(settings["strides"])

    def apply(inputs: Tensor) -> Tensor:
        if settings["padding"] == "same":
            sizes = zip(inputs.shape[2:], size, strides, strict=True)
            (top, bottom), (left, right) = (same_padding(*one) for one in sizes)
            if any((top, bottom, left, right)):
                if filler is None:
                    raise ValueError('A mean with padding "same" has no PyTorch counterpart. Use "valid".')
                inputs = functional.pad(inputs, (left, right, top, bottom), value=filler)
        return function(inputs, size, strides)

    return Apply(apply)


def over_positions(function: Callable[..., Tensor], settings: Settings) -> nn.Module:
    return Apply(lambda inputs: function(inputs, (2, 3), keepdim=settings["keepdims"]))


def zero_padding(settings: Settings) -> nn.Module:
    (top, bottom), (left, right) = settings["padding"]
    return Apply(lambda inputs: functional.pad(inputs, (left, right, top, bottom)))


def as_keras_has_them(inputs: Tensor) -> Tensor:
    """Channels last, also by shape; without a copy."""
    return inputs.permute(0, 2, 3, 1) if inputs.dim() == 4 else inputs


def from_keras(inputs: Tensor) -> Tensor:
    """(n, rows, columns, channels) -> PyTorch's shape, channels-last in memory; without a copy."""
    return inputs.permute(0, 3, 1, 2) if inputs.dim() == 4 else inputs


def rescaling(settings: Settings) -> nn.Module:
    scale, offset = torch.as_tensor(settings["scale"]), torch.as_tensor(settings["offset"])

    def apply(inputs: Tensor) -> Tensor:
        return from_keras(as_keras_has_them(inputs) * scale.to(inputs) + offset.to(inputs))

    return Apply(apply)


def nearest_resize(settings: Settings) -> nn.Module:
    """The pixels that fmnist_core.zoo.layers.nearest_indices names, which cannot be imported here."""
    side = settings["side"]

    def apply(inputs: Tensor) -> Tensor:
        step = inputs.shape[2] / side
        indices = torch.tensor([int(place) for place in accumulate(repeat(step, side - 1), initial=step / 2)])
        picture = as_keras_has_them(inputs)
        return from_keras(picture.index_select(1, indices).index_select(2, indices))

    return Apply(apply)


def reshape(settings: Settings) -> nn.Module:
    shape = settings["target_shape"]
    return Apply(lambda inputs: from_keras(as_keras_has_them(inputs).reshape(len(inputs), *shape)))


def concatenate(settings: Settings) -> nn.Module:
    if settings["axis"] != -1:
        raise ValueError(f"Concatenate joins channels here, axis -1, and not axis {settings['axis']}.")
    return Apply(lambda *inputs: torch.cat(inputs, 1))


# One row a Keras class: its settings and weights -> a module.
LAYERS: dict[str, Callable[[Settings, Arrays], nn.Module]] = {
    "InputLayer": lambda settings, arrays: Apply(from_keras),
    "Conv2D": Convolution,
    "Dense": Dense,
    "LSTM": LastState,
    "RadialBasis": RadialBasis,
    "BatchNormalization": Normalization,
    "Activation": lambda settings, arrays: Apply(activation(settings["activation"], settings["in_place"])),
    "ReLU": lambda settings, arrays: Apply(activation("relu", settings["in_place"])),
    "Dropout": lambda settings, arrays: nn.Dropout(settings["rate"]),
    "MaxPooling2D": lambda settings, arrays: pooling(functional.max_pool2d, settings, float("-inf")),
    "AveragePooling2D": lambda settings, arrays: pooling(functional.avg_pool2d, settings, None),
    "GlobalMaxPooling2D": lambda settings, arrays: over_positions(torch.amax, settings),
    "GlobalAveragePooling2D": lambda settings, arrays: over_positions(torch.mean, settings),
    "ZeroPadding2D": lambda settings, arrays: zero_padding(settings),
    "Add": lambda settings, arrays: Apply(lambda *inputs: functools.reduce(torch.add, inputs)),
    "Multiply": lambda settings, arrays: Apply(lambda *inputs: functools.reduce(torch.mul, inputs)),
    "Concatenate": lambda settings, arrays: concatenate(settings),
    "Flatten": lambda settings, arrays: Apply(lambda inputs: as_keras_has_them(inputs).flatten(1)),
    "Reshape": lambda settings, arrays: reshape(settings),
    "Rescaling": lambda settings, arrays: rescaling(settings),
    "NearestResize": lambda settings, arrays: nearest_resize(settings),
}
