"""What each model is made of, layer by layer, readable without Keras: summaries.json, made from the models.

`python -m fmnist_core.zoo.summaries` writes the file again; a test fails when it no longer fits the models.
"""

import functools
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

from fmnist_core.data import SIDE
from fmnist_core.networks import parts
from fmnist_core.networks.layers import Network
from fmnist_core.recipe import Recipe
from fmnist_core.zoo import MODELS, get_model, model_of

FILE = Path(__file__).with_name("summaries.json")


@dataclass(frozen=True)
class LayerSummary:
    """One layer, for a reader."""

    name: str  # as in the Keras model and the names of activations
    kind: str  # a field word: "convolution"
    text: str  # what sets it apart: "32 filters 3x3, relu"; may be empty
    output_shape: tuple[int, ...]  # of one picture: rows, columns, channels, or units
    parameters: int  # weights, trained or not
    macs: int  # multiplications of an input by a weight, each with its addition, for one picture


Config = Mapping[str, Any]  # a layer's, as Keras says it
Shape = tuple[int, ...]


class _Kind(NamedTuple):
    word: str
    text: Callable[[Config, Shape], str] = lambda config, given: ""  # given: the shape of what it takes
    macs: Callable[[Any], int] = lambda layer: 0  # of a layer of Keras


def _times(sizes: Any) -> str:
    return "x".join(str(size) for size in sizes)


def _activation(config: Config) -> str:
    name: str = config["activation"]
    return "swish" if name == "silu" else name


def _activated(text: str, config: Config) -> str:
    return text if config["activation"] == "linear" else f"{text}, {_activation(config)}"


def _moved(text: str, config: Config, usual: tuple[int, ...] = (1, 1)) -> str:
    """How far the patches lie apart and what is around the picture, where that is not as usual."""
    if tuple(config["strides"]) != usual:
        text += f", stride {config['strides'][0]}"
    return f"{text}, zero padding" if config["padding"] == "same" else text


def _convolution_text(config: Config, given: Shape) -> str:
    text = f"{config['filters']} filters {_times(config['kernel_size'])}"
    return _moved(_activated(text, config), config)


def _pool_text(config: Config, given: Shape) -> str:
    return _moved(_times(config["pool_size"]), config, tuple(config["pool_size"]))


def _rescaling_text(config: Config, given: Shape) -> str:
    return f"times {config['scale']:g}, plus " + ", ".join(f"{offset:.1f}" for offset in config["offset"])


# One row a Keras class. Normalization, pooling and the like count no multiplications, as is usual.
_KINDS = {
    "InputLayer": _Kind("input", lambda config, given: "pixels from 0, black, to 1, white"),
    "Conv2D": _Kind(
        "convolution",
        _convolution_text,
        lambda layer: math.prod(layer.output.shape[1:3]) * math.prod(layer.kernel.shape),
    ),
    "DepthwiseConv2D": _Kind(
        "depthwise convolution",
        lambda config, given: _moved(f"{_times(config['kernel_size'])} on each channel by itself", config),
        lambda layer: math.prod(layer.output.shape[1:3]) * math.prod(layer.kernel.shape),
    ),
    "MaxPooling2D": _Kind("max pooling", _pool_text),
    "AveragePooling2D": _Kind("average pooling", _pool_text),
    "BatchNormalization": _Kind("batch normalization"),
    "GlobalMaxPooling2D": _Kind("max pooling", lambda config, given: "over all positions"),
    "GlobalAveragePooling2D": _Kind("average pooling", lambda config, given: "over all positions"),
    "Activation": _Kind("activation", lambda config, given: _activation(config)),
    "Add": _Kind("sum", lambda config, given: "of what came in and what became of it"),
    "Multiply": _Kind("product", lambda config, given: "of each channel and its factor"),
    "Dropout": _Kind("dropout", lambda config, given: f"{config['rate']:.0%}"),
    "Flatten": _Kind("flatten"),
    "Reshape": _Kind("reshape", lambda config, given: _times(config["target_shape"])),
    "ZeroPadding2D": _Kind("zero padding", lambda config, given: f"{config['padding'][0][0]} pixels on each side"),
    "Concatenate": _Kind("concatenate", lambda config, given: "3 channels"),  # of one, for VGG19
    "Rescaling": _Kind("rescaling", _rescaling_text),
    "NearestResize": _Kind("resize", lambda config, given: "nearest pixel"),
    "Dense": _Kind(
        "dense",
        lambda config, given: _activated(f"{config['units']} units", config),
        lambda layer: math.prod(layer.kernel.shape),
    ),
    "LSTM": _Kind(
        "LSTM",
        lambda config, given: f"{config['units']} units, {given[0]} steps",
        lambda layer: layer.input.shape[1] * sum(math.prod(weight.shape) for weight in layer.weights[:2]),
    ),
    "RadialBasis": _Kind(
        "radial basis",
        lambda config, given: f"{config['units']} centres, gamma {config['gamma']:g}",
        lambda layer: math.prod(layer.mu.shape),
    ),
}


def summarise(keras_model: Any) -> list[LayerSummary]:
    """The layers of a Functional model, in order.

    Raises:
        ValueError: a layer of a class that no model of the zoo has used before.
    """
    return [_summarise_layer(layer) for layer in keras_model.layers]


def _summarise_layer(layer: Any) -> LayerSummary:
    class_name = type(layer).__name__
    if class_name not in _KINDS:
        raise ValueError(
            f"The layer {layer.name!r} is a {class_name}, which the summaries cannot describe. "
            f"Expected one of: {', '.join(_KINDS)}. Add a row to _KINDS in {__name__}."
        )
    kind = _KINDS[class_name]
    given = layer.input if not isinstance(layer.input, list) else [*layer.input, layer.output][0]
    text = kind.text(layer.get_config(), tuple(given.shape[1:]))
    if layer.weights and not layer.trainable:
        text = f"{text}, frozen"
    return LayerSummary(
        name=layer.name,
        kind=kind.word,
        text=text,
        output_shape=tuple(layer.output.shape[1:]),
        parameters=layer.count_params(),
        macs=kind.macs(layer),
    )


@functools.lru_cache(maxsize=1)
def load_summaries() -> dict[str, tuple[LayerSummary, ...]]:
    """The layers of every model of the zoo, ten classes, from the shipped file; needs no Keras."""
    return {
        name: tuple(LayerSummary(**layer | {"output_shape": tuple(layer["output_shape"])}) for layer in layers)
        for name, layers in json.loads(FILE.read_text()).items()
    }


def layers_of(chosen: Recipe | str) -> tuple[LayerSummary, ...]:
    """The layers of a recipe's network, or of a model of the zoo, with ten classes. ValueError: no such model."""
    if isinstance(chosen, Recipe) and chosen.network is not None:
        return _own_layers(chosen.network)
    return load_summaries()[get_model(chosen if isinstance(chosen, str) else chosen.model).name]


@functools.lru_cache(maxsize=100)
def _own_layers(network: Network) -> tuple[LayerSummary, ...]:
    """As `summarise` of the built network, in the order of its parts."""
    shapes: dict[str, Shape] = {parts.PICTURE: (SIDE, SIDE, 1)}
    first = _KINDS["InputLayer"]
    found = [LayerSummary(parts.PICTURE, first.word, first.text({}, ()), shapes[parts.PICTURE], 0, 0)]
    for part in parts.expand(network):
        kind, shapes[part.name] = _KINDS[part.op], part.shape
        text = kind.text(part.options, shapes[part.inputs[0]])
        found.append(LayerSummary(part.name, kind.word, text, part.shape, part.parameters, part.macs))
    return tuple(found)


def total_parameters(chosen: Recipe | str) -> int:
    """The number of weights with ten classes, trained or not. ValueError: no such model."""
    return sum(layer.parameters for layer in layers_of(chosen))


def total_macs(chosen: Recipe | str) -> int:
    """Multiply-adds for one picture, ten classes, forward. ValueError: no such model."""
    return sum(layer.macs for layer in layers_of(chosen))


def trained_macs(chosen: Recipe | str) -> int:
    """As total_macs, without a frozen trunk, whose features a training computes once."""
    layers, trunk = layers_of(chosen), _trunk(chosen)
    first = [layer.name for layer in layers].index(trunk) + 1 if trunk else 0
    return sum(layer.macs for layer in layers[first:])


def trains_convolutions(chosen: Recipe | str) -> bool:
    """Whether there are convolutions in what a training changes: none in the head of a frozen trunk."""
    return _trunk(chosen) is None and any(layer.kind == "convolution" for layer in layers_of(chosen))


def _trunk(chosen: Recipe | str) -> str | None:
    return (get_model(chosen) if isinstance(chosen, str) else model_of(chosen)).trunk


def to_text(summaries: dict[str, list[LayerSummary]]) -> str:
    """The content of summaries.json: one layer a line, so that a change reads as one."""
    models = []
    for name, layers in summaries.items():
        lines = ",\n".join(f"    {json.dumps(asdict(layer))}" for layer in layers)
        models.append(f"  {json.dumps(name)}: [\n{lines}\n  ]")
    return "{\n" + ",\n".join(models) + "\n}\n"


if __name__ == "__main__":
    FILE.write_text(to_text({name: summarise(model.build()) for name, model in MODELS.items()}))
