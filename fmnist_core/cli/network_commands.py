"""The command that lists a network's layers, and how other commands are told an own one."""

import argparse
from pathlib import Path
from typing import Any

from fmnist_core.cli.terminal import Answer
from fmnist_core.networks import layers, shapes, sharing
from fmnist_core.networks.layers import Network
from fmnist_core.recipe import OWN
from fmnist_core.runs import runs
from fmnist_core.storage import reading
from fmnist_core.storage.schema import parse_json
from fmnist_core.zoo import MODELS
from fmnist_core.zoo.as_layers import as_network

LARGEST = 100_000  # bytes of a file of layers


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Those of `network`."""
    parser.add_argument("network", help="a name that `models` lists, a run, a JSON file of layers, or a shared network")


def network(options: Any) -> Answer:
    found = read_network(options.network)
    return layers.to_json(found), _table(found)


def _table(network: Network) -> str:
    described = shapes.describe(network)
    last = network.layers[-1].kind == "radial_basis"
    names = [layers.in_words(layer) for layer in network.layers] + ([] if last else ["logits (units 10)"])
    width = max(map(len, names)) + 2
    lines = [network.title, f"{'layer':<{width}}{'gives':>12}{'parameters':>13}{'MACs':>13}{'receptive field':>18}"]
    for name, one in zip(names, described, strict=False):
        gives = "x".join(map(str, one.shape))
        seen = "all" if one.receptive_field is None else f"{one.receptive_field}x{one.receptive_field}"
        lines.append(f"{name:<{width}}{gives:>12}{one.parameters:>13,}{one.macs:>13,}{seen:>18}")
    counted = described[: len(names)]
    parameters, macs = sum(one.parameters for one in counted), sum(one.macs for one in counted)
    lines.append(f"{'all':<{width}}{'':>12}{parameters:>13,}{macs:>13,}")
    return "\n".join([*lines, f"Shared: {sharing.to_text(network)}"])


def read_network(text: str) -> Network:
    """A network by what a person types for it.

    Raises:
        ValueError: none of these, or it cannot be built.
        RunError: there is no such run.
    """
    if text in MODELS:
        return as_network(text)
    if runs.RUN_ID.fullmatch(text):
        chosen = runs.read_config(runs.find(text)).recipe
        return chosen.network or as_network(chosen.model)
    path = Path(text)
    try:
        content = reading.read_bytes(path, LARGEST)
    except (OSError, ValueError) as error:
        if path.suffix:
            why = getattr(error, "strerror", None) or type(error).__name__
            raise ValueError(f"The file {text[:80]} cannot be read: {why}. Name a JSON file of layers.") from None
        return _shared(text)
    try:
        value = parse_json(content)
    except ValueError:
        raise ValueError(f"The file {path.name} is no JSON. Expected what `network NAME --json` writes.") from None
    found = layers.from_json(value)
    shapes.check(found)
    return found


def _shared(text: str) -> Network:
    if not text.startswith("1"):
        raise ValueError(
            f"There is no network {text[:40]!r}. Name a model that `models` lists, a run, a JSON file of layers, or "
            "the word of a shared network."
        )
    return sharing.from_text(text)


def own_network(options: Any) -> Network | None:
    """What --layers says, where the model is own; None of a model of the zoo.

    Raises:
        ValueError: one is given without the other, or the layers cannot be read.
    """
    if (options.model == OWN) != (options.layers is not None):
        raise ValueError(
            "The model own needs --layers with a file of its layers: `python -m fmnist_core network cnn_2 --json` "
            "writes one to start from."
            if options.model == OWN
            else f"--layers belongs to the model own, not to {options.model}; name that model, or leave --layers out."
        )
    return read_network(options.layers) if options.layers is not None else None
