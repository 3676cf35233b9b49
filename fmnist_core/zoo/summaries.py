"""What each model is made of, layer by layer, readable without Keras: summaries.json, made from the models.

`python -m fmnist_core.zoo.summaries` writes the file again; a test fails when it no longer fits the models.
"""

import functools
import json
import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

from fmnist_core.zoo import MODELS, get_model

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


class _Kind(NamedTuple):
    word: str
    text: Callable[[Any], str] = lambda layer: ""
    macs: Callable[[Any], int] = lambda layer: 0


def _times(sizes: Any) -> str:
    return "x".join(str(size) for size in sizes)


def _activated(text: str, layer: Any) -> str:
    return text if layer.activation.__name__ == "linear" else f"{text}, {layer.activation.__name__}"


def _convolution_text(layer: Any) -> str:
    text = _activated(f"{layer.filters} filters {_times(layer.kernel_size)}", layer)
    return f"{text}, zero padding" if layer.padding == "same" else text


def _rescaling_text(layer: Any) -> str:
    return f"times {layer.scale:g}, plus " + ", ".join(f"{offset:.1f}" for offset in layer.offset)


# One row a Keras class. Normalization, pooling and the like count no multiplications, as is usual.
_KINDS = {
    "InputLayer": _Kind("input", lambda layer: "pixels from 0, black, to 1, white"),
    "Conv2D": _Kind(
        "convolution",
        _convolution_text,
        lambda layer: math.prod(layer.output.shape[1:3]) * math.prod(layer.kernel.shape),
    ),
    "MaxPooling2D": _Kind("max pooling", lambda layer: _times(layer.pool_size)),
    "AveragePooling2D": _Kind("average pooling", lambda layer: _times(layer.pool_size)),
    "BatchNormalization": _Kind("batch normalization"),
    "GlobalMaxPooling2D": _Kind("max pooling", lambda layer: "over all positions"),
    "GlobalAveragePooling2D": _Kind("average pooling", lambda layer: "over all positions"),
    "Activation": _Kind("activation", lambda layer: layer.activation.__name__),
    "Add": _Kind("sum", lambda layer: "of what came in and what became of it"),
    "Multiply": _Kind("product", lambda layer: "of each channel and its factor"),
    "Dropout": _Kind("dropout", lambda layer: f"{layer.rate:.0%}"),
    "Flatten": _Kind("flatten"),
    "Reshape": _Kind("reshape", lambda layer: _times(layer.target_shape)),
    "ZeroPadding2D": _Kind("zero padding", lambda layer: f"{layer.padding[0][0]} pixels on each side"),
    "Concatenate": _Kind("concatenate", lambda layer: f"{layer.output.shape[-1]} channels"),
    "Rescaling": _Kind("rescaling", _rescaling_text),
    "NearestResize": _Kind("resize", lambda layer: "nearest pixel"),
    "Dense": _Kind(
        "dense",
        lambda layer: _activated(f"{layer.units} units", layer),
        lambda layer: math.prod(layer.kernel.shape),
    ),
    "LSTM": _Kind(
        "LSTM",
        lambda layer: f"{layer.units} units, {layer.input.shape[1]} steps",
        lambda layer: layer.input.shape[1] * sum(math.prod(weight.shape) for weight in layer.weights[:2]),
    ),
    "RadialBasis": _Kind(
        "radial basis",
        lambda layer: f"{layer.units} centres, gamma {layer.gamma:g}",
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
    text = kind.text(layer)
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


def total_parameters(name: str) -> int:
    """The number of weights of a model with ten classes, trained or not. ValueError: no such model."""
    return sum(layer.parameters for layer in load_summaries()[get_model(name).name])


def total_macs(name: str) -> int:
    """Multiply-adds for one picture, ten classes, forward. ValueError: no such model."""
    return sum(layer.macs for layer in load_summaries()[get_model(name).name])


def trained_macs(name: str) -> int:
    """As total_macs, without a frozen trunk, whose features a training computes once."""
    layers, trunk = load_summaries()[get_model(name).name], get_model(name).trunk
    first = [layer.name for layer in layers].index(trunk) + 1 if trunk else 0
    return sum(layer.macs for layer in layers[first:])


def trains_convolutions(name: str) -> bool:
    """Whether there are convolutions in what a training changes: none in the head of a frozen trunk."""
    row = get_model(name)
    return row.trunk is None and any(layer.kind == "convolution" for layer in load_summaries()[row.name])


def to_text(summaries: dict[str, list[LayerSummary]]) -> str:
    """The content of summaries.json: one layer a line, so that a change reads as one."""
    models = []
    for name, layers in summaries.items():
        lines = ",\n".join(f"    {json.dumps(asdict(layer))}" for layer in layers)
        models.append(f"  {json.dumps(name)}: [\n{lines}\n  ]")
    return "{\n" + ",\n".join(models) + "\n}\n"


if __name__ == "__main__":
    FILE.write_text(to_text({name: summarise(model.build()) for name, model in MODELS.items()}))
