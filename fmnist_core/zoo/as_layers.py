"""Each model of the zoo as a list of layers, to start a network of one's own from: networks.json, made from the models.

`python -m fmnist_core.zoo.as_layers` writes the file again; a test fails when it no longer fits the models.
"""

import functools
import json
import re
from pathlib import Path
from typing import Any

from fmnist_core.networks.layers import LONGEST_TITLE, Layer, Network, from_json, to_json
from fmnist_core.zoo import MODELS, get_model

FILE = Path(__file__).with_name("networks.json")
_POOLS = {"MaxPooling2D": "max_pooling", "AveragePooling2D": "average_pooling"}
_GLOBAL = {"GlobalMaxPooling2D": "global_max_pooling", "GlobalAveragePooling2D": "global_average_pooling"}
_BLOCK = ("convolution", "batch_normalization", "activation", "convolution", "batch_normalization")
_SQUEEZE = ("global_average_pooling", "convolution", "convolution")


def as_network(name: str) -> Network:
    """The network of a model of the zoo, titled as it is.

    Raises:
        ValueError: no such model, or one that no list of layers can say: those that start from VGG19.
    """
    if get_model(name).trunk:
        raise ValueError(
            f"{get_model(name).title} is no network to start from: most of it are 20 million parameters that were "
            "learned from photos, and a list of layers holds none. Start from another model."
        )
    return _load()[name]


def names() -> tuple[str, ...]:
    """The models that `as_network` knows, in the zoo's order."""
    return tuple(name for name, model in MODELS.items() if not model.trunk)


@functools.lru_cache(maxsize=1)
def _load() -> dict[str, Network]:
    return {name: from_json(value) for name, value in json.loads(FILE.read_text()).items()}


def read_keras(model: Any, title: str) -> Network:
    """A Functional model as a list of layers: a chain, with residual blocks and squeeze and excitation in it.

    Raises:
        ValueError: it has a layer that no list can say.
    """
    found: list[Layer] = []
    after_sum = False
    for layer in model.layers[1:]:
        name, config = type(layer).__name__, layer.get_config()
        if name == "Add":
            found[-5:] = [_block(found[-5:])]
        elif name == "Multiply":
            found[-3:] = [_squeeze(found[-3:])]
        elif not (name == "Reshape" or after_sum or (layer.name == "logits" and name == "Dense")):
            found.append(_read(name, config))
        after_sum = name == "Add"
    return Network(plain(title), tuple(found))


def _block(inner: list[Layer]) -> Layer:
    if tuple(layer.kind for layer in inner) != _BLOCK:
        raise ValueError("A sum adds something else than two convolutions to what came in.")
    return Layer("residual_block", filters=inner[0].filters, momentum=inner[1].momentum)


def _squeeze(inner: list[Layer]) -> Layer:
    if tuple(layer.kind for layer in inner) != _SQUEEZE:
        raise ValueError("A product takes something else than a factor of each channel.")
    return Layer("squeeze_and_excitation", reduction=inner[2].filters // inner[1].filters)


def _read(name: str, config: dict[str, Any]) -> Layer:
    """One layer of Keras, by its class and its configuration."""
    if name == "Conv2D":
        initializer = re.sub(r"(?<!^)(?=[A-Z])", "_", config["kernel_initializer"]["class_name"]).lower()
        return Layer(
            "convolution",
            filters=config["filters"],
            size=config["kernel_size"][0],
            stride=config["strides"][0],
            padding=config["padding"],
            activation=config["activation"],
            bias=config["use_bias"],
            initializer=initializer,  # type: ignore[arg-type]
        )
    if name in _POOLS:
        (size, _), (step, _) = config["pool_size"], config["strides"]
        return Layer(_POOLS[name], size=size, stride=0 if step == size else step, padding=config["padding"])  # type: ignore[arg-type]
    if name in _GLOBAL:
        return Layer(_GLOBAL[name])  # type: ignore[arg-type]
    if name == "Dense":
        return Layer("dense", units=config["units"], activation=config["activation"], bias=config["use_bias"])
    simple: dict[str, tuple[Any, tuple[str, ...]]] = {
        "BatchNormalization": ("batch_normalization", ("momentum",)),
        "Activation": ("activation", ("activation",)),
        "Dropout": ("dropout", ("rate",)),
        "Flatten": ("flatten", ()),
        "LSTM": ("lstm", ("units",)),
        "RadialBasis": ("radial_basis", ("gamma",)),
    }
    if name in simple:
        kind, fields = simple[name]
        return Layer(kind, **{field: config[field] for field in fields})
    if name == "ZeroPadding2D":
        return Layer("padding", size=config["padding"][0][0])
    raise ValueError(f"No list of layers can say what a {name} does. Add a kind to fmnist_core/networks/layers.py.")


def plain(title: str) -> str:
    """A title with the characters that a network's may have."""
    return " ".join(re.sub(r"[^\w\s\-'/&]|_", " ", title).split())[:LONGEST_TITLE].strip()


def to_text(networks: dict[str, Network]) -> str:
    """The content of networks.json: one layer a line, so that a change reads as one."""
    models = []
    for name, network in networks.items():
        value = to_json(network)
        lines = ",\n".join(f"      {json.dumps(layer)}" for layer in value["layers"])
        told = f'"title": {json.dumps(value["title"])},\n    "layers": [\n{lines}\n    ]'
        models.append(f"  {json.dumps(name)}: {{\n    {told}\n  }}")
    return "{\n" + ",\n".join(models) + "\n}\n"


if __name__ == "__main__":
    FILE.write_text(to_text({name: read_keras(MODELS[name].build(), MODELS[name].title) for name in names()}))
