"""A Keras network as plain JSON in Keras' own words, and its weights by name: enough to build it in another library.

A description is {"nodes": [{"name", "kind", "settings", "inputs"}, ...], "output": name}, each node after those whose
names are its inputs. Runs where Keras is; network.py builds PyTorch's modules from it where Keras is not.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

Description = dict[str, Any]

# One row a Keras class: those of its settings that decide what it computes. The rest are Keras' defaults.
SETTINGS: dict[str, tuple[str, ...]] = {
    "InputLayer": ("batch_shape",),
    "Conv2D": (
        *("filters", "kernel_size", "strides", "padding", "dilation_rate", "groups"),
        *("activation", "use_bias"),
    ),
    "Dense": ("units", "activation", "use_bias"),
    "LSTM": ("units",),
    "BatchNormalization": ("momentum", "epsilon", "center", "scale"),
    "Activation": ("activation",),
    "ReLU": (),
    "Dropout": ("rate",),
    "MaxPooling2D": ("pool_size", "strides", "padding"),
    "AveragePooling2D": ("pool_size", "strides", "padding"),
    "GlobalMaxPooling2D": ("keepdims",),
    "GlobalAveragePooling2D": ("keepdims",),
    "ZeroPadding2D": ("padding",),
    "Add": (),
    "Multiply": (),
    "Concatenate": ("axis",),
    "Flatten": (),
    "Reshape": ("target_shape",),
    "Rescaling": ("scale", "offset"),
    "RadialBasis": ("units", "gamma"),
    "NearestResize": ("side",),
}


def describe(network: Any) -> Description:
    """The description of a Functional keras.Model with one input and one output.

    Raises:
        ValueError: a layer of a class that SETTINGS lacks, or one that is called more than once.
    """
    config = network.get_config()
    return {"nodes": [_describe(layer) for layer in config["layers"]], "output": config["output_layers"][0]}


def _describe(layer: dict[str, Any]) -> dict[str, Any]:
    kind, name, calls = layer["class_name"], layer["name"], layer["inbound_nodes"]
    if kind not in SETTINGS:
        raise ValueError(
            f"The layer {name!r} is a {kind}, which the description does not know. Expected one of: "
            f"{', '.join(SETTINGS)}. Add a row to SETTINGS in {__name__} and one to LAYERS in network.py."
        )
    if len(calls) > 1:
        raise ValueError(f"The layer {name!r} is called {len(calls)} times. Expected one call of each layer.")
    settings = {setting: layer["config"][setting] for setting in SETTINGS[kind]}
    return {"name": name, "kind": kind, "settings": settings, "inputs": list(_sources(calls))}


def _sources(value: Any) -> Iterator[str]:
    """The names of the layers whose tensors stand anywhere in the arguments of a call, in order."""
    if isinstance(value, dict) and value.get("class_name") == "__keras_tensor__":
        yield value["config"]["keras_history"][0]
    elif isinstance(value, dict | list | tuple):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _sources(part)


def weights(network: Any) -> dict[str, np.ndarray]:
    """Every weight, trained or not, under "layer/name", such as "conv1/kernel"."""
    return {
        f"{layer.name}/{weight.name}": np.asarray(weight.value) for layer in network.layers for weight in layer.weights
    }
