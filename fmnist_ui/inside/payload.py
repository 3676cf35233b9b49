"""What the browser is told of a network and of what it makes of a picture: compact, ready for JSON."""

import base64
from typing import Any

import numpy as np

from fmnist_core import glossary
from fmnist_core.colours import CLASS_COLORS
from fmnist_core.inside import lstm, receptive_field
from fmnist_core.inside.arithmetic import Worked, work_out
from fmnist_core.inside.layers import CONVOLUTION, GLOBAL, POOLING, Layer, Network, answer_of
from fmnist_core.inside.receptive_field import Field
from fmnist_core.inside.session import Seen
from fmnist_core.inside.shares import shares
from fmnist_ui.inside import words

MOST_PARTS = 24  # input channels that are worked out one by one
FULL = 99.5  # percentile of the sizes of a layer's values from which on colours are full
LARGEST = 65_000.0  # of a half
STEPS = 28  # of an LSTM: rows of the picture
Place = tuple[int, int]  # row, column


def network_payload(network: Network, names: tuple[str, ...]) -> dict[str, Any]:
    """What does not depend on the picture."""
    seen, moved = receptive_field.fields(network), receptive_field.fields(network, factors=False)
    branches = _branches(network)
    layers = [_layer(network, layer, moved[layer.name], seen[layer.name], branches) for layer in network.layers]
    return {
        "layers": layers,
        "strengths": _strengths(network),
        "blocks": network.blocks(),
        "classes": list(names),
        "softmax": glossary.term("Softmax"),
        "colours": list(CLASS_COLORS),
    }


def _layer(network: Network, layer: Layer, moved: Field, seen: Field, branches: dict[str, str]) -> dict[str, Any]:
    like = "picture" if layer.is_picture_like or layer.kind == "LSTM" else "bars"
    branch = branches.get(layer.name)
    short = layer.name.removeprefix(f"{branch}_") if branch else layer.name
    if layer.kind == "LSTM":
        every, rows = [[0, 27]], [[0, row] for row in range(STEPS)]
        field = exact = [rows, every]
    else:
        field, exact = _spans(moved), _spans(seen)
    return {
        "name": layer.name,
        "short": short,
        "kind": layer.kind,
        "kindSaid": words.short_kind(layer),
        "shapeSaid": words.short_shape(layer),
        "said": words.sentence(layer),
        "explained": words.explained(layer, branch is not None),
        "inputs": list(layer.inputs),
        "shape": list(drawn_shape(layer)),
        "like": like,
        "thin": layer.kind == "flatten" or layer.channels > 600,
        "branch": branch,
        "answers": layer.name in _answers(network),
        "switchable": layer.name in network.switchable,
        "field": field,
        "whole": exact != field,
        "steps": [words.function(step) for step in layer.steps],
        "hasBias": layer.bias is not None,
        "slides": layer.kind in (*CONVOLUTION, "max pooling", "average pooling", "padding"),
        "size": list(layer.size),
        "stride": list(layer.stride),
        "pads": list(layer.pads),
    }


def _answers(network: Network) -> tuple[str, str]:
    """The layers of which each number is a class'."""
    return network.layers[-1].name, answer_of(network).name


def drawn_shape(layer: Layer) -> tuple[int, ...]:
    """An LSTM is drawn with what its units gave after each row."""
    return (layer.channels, STEPS, 1) if layer.kind == "LSTM" else layer.shape


def _spans(field: Field) -> list[list[list[int]]]:
    return [[list(span) for span in field.rows], [list(span) for span in field.columns]]


def _branches(network: Network) -> dict[str, str]:
    """Layers that only make the factors of a product -> the product: squeeze and excitation."""
    found: dict[str, str] = {}
    for layer in network.layers:
        if layer.kind != "product":
            continue
        for name in layer.inputs:
            one = network[name]
            while not one.is_picture_like and one.kind != "picture" and len(one.inputs) == 1:
                found[one.name] = layer.name
                one = network[one.inputs[0]]
    return found


def _strengths(network: Network) -> dict[str, dict[str, str]]:
    """The size of the weights between each channel of a layer and of one that it takes: bytes, 255 the largest."""
    found = {}
    for layer in network.layers:
        if layer.kernel is None or layer.kind == "LSTM" or (layer.groups > 1 and layer.kernel.shape[1] == 1):
            continue
        sizes = _sizes(network, layer)
        if sizes is not None:
            largest = max(float(sizes.max()), 1e-12)
            found[layer.name] = {layer.inputs[0]: _bytes(np.round(255 * sizes / largest).astype(np.uint8))}
    return found


def _sizes(network: Network, layer: Layer) -> np.ndarray | None:
    """(channels, channels of its input)."""
    assert layer.kernel is not None  # noqa: S101 - asked before
    source = network[layer.inputs[0]]
    if layer.kernel.ndim == 4:
        if layer.groups > 1:
            return None
        return np.sqrt(np.square(layer.kernel, dtype=np.float32).sum(axis=(2, 3)))
    sizes: np.ndarray = np.abs(layer.kernel).T
    return sizes if sizes.shape == (layer.channels, source.channels) else None


def values_payload(network: Network, plain: Seen) -> dict[str, Any]:
    """All values of a picture with nothing switched off, layer after layer, and the scale of each layer."""
    every = [drawn(layer, plain) for layer in network.layers]
    scales = [_scale(layer, values) for layer, values in zip(network.layers, every, strict=True)]
    return {"text": _halves(every), "scales": scales, "logits": plain.logits.tolist()}


def changes_payload(network: Network, seen: Seen) -> dict[str, Any]:
    """What is different with channels switched off: the values of their layers and of those behind them."""
    behind = network.behind(seen.off)
    text = _halves([drawn(network[name], seen) for name in behind])
    return {"text": text, "layers": list(behind), "logits": seen.logits.tolist()}


def _halves(every: list[np.ndarray]) -> str:
    flat = np.concatenate([values.ravel() for values in every])
    return _bytes(np.clip(flat, -LARGEST, LARGEST).astype("<f2"))


def drawn(layer: Layer, seen: Seen) -> np.ndarray:
    values = seen.values[layer.name]
    if layer.kind != "LSTM":
        return values
    states = lstm.play(layer, seen.values[layer.inputs[0]]).states.T.astype(np.float32)
    off = list(seen.off.get(layer.name, ()))
    states[off] = 0
    return states.reshape(drawn_shape(layer))


def _scale(layer: Layer, values: np.ndarray) -> float:
    if layer.kind in ("picture", "padding"):
        return 1.0
    sizes = np.abs(values)
    part = 100.0 if sizes.size < 1000 else FULL
    return max(float(np.percentile(sizes, part)), float(sizes.max()) * 0.2, 1e-6)


def worked_payload(
    network: Network, seen: Seen, layer: str, channel: int, pixel: Place, names: tuple[str, ...]
) -> dict[str, Any] | None:
    """How one number was computed; None for a layer of which that is not known."""
    try:
        worked = work_out(network, seen, layer, channel, *pixel)
    except ValueError:
        return None
    shown, others = worked.parts[:MOST_PARTS], worked.parts[MOST_PARTS:]
    steps = [
        {"kind": kind, "words": said, "before": done.before, "after": done.after}
        for done in worked.steps
        for kind, said in [words.step(done)]
    ]
    before = worked.total - (worked.bias or 0.0)
    if worked.bias is not None:
        said = words.signed("bias ", worked.bias)
        steps.insert(0, {"kind": "bias", "words": said, "before": before, "after": worked.total})
    pooled = worked.layer.kind in POOLING and worked.layer.kind not in GLOBAL
    many = len(worked.parts) > 1 or pooled
    return {
        "key": f"{layer}/{channel}/{pixel[0]}-{pixel[1]}/{seen.off}",
        "layer": layer,
        "channel": channel,
        "pixel": list(pixel),
        "title": words.title(worked, names, layer in _answers(network)),
        "parts": [_part(part, worked) for part in shown],
        "rest": {"count": len(others), "total": sum(part.total for part in others)},
        "valuesSaid": words.of_values(worked),
        "weightsSaid": "kernel" if worked.layer.kind in CONVOLUTION and worked.layer.is_picture_like else "weights",
        "recurrent": words.recurrent(worked),
        "joined": words.joined(worked) if many else "",
        "joinedValue": before,
        "scales": _part_scales(worked),
        "steps": steps,
        "value": worked.value,
        "off": worked.off,
    }


def shares_payload(network: Network, seen: Seen, layer: str, channel: int) -> dict[str, Any] | None:
    """What each input channel adds to a whole channel, the largest first; None where it is no convolution."""
    try:
        inputs, maps = shares(network, seen, layer, channel)
    except ValueError:
        return None
    kernel = network[layer].kernel
    assert kernel is not None  # noqa: S101 - or there were no shares
    order = np.argsort(-np.square(maps).mean(axis=(1, 2)), kind="stable")
    shown, others = order[:MOST_PARTS], order[MOST_PARTS:]
    rest = maps[others].sum(axis=0) if len(others) else np.zeros(maps.shape[1:], np.float32)
    kept = np.concatenate([maps[shown], rest[None]])
    return {
        "key": f"{layer}/{channel}/{seen.off}",
        "layer": layer,
        "channel": channel,
        "source": network[layer].inputs[0],
        "inputs": [inputs[place] for place in shown],
        "kernels": np.round(kernel[channel][shown], 5).tolist(),
        "kernelScale": float(np.abs(kernel[channel]).max()) or 1.0,
        "others": len(others),
        "text": _bytes(np.clip(kept, -LARGEST, LARGEST).astype("<f2")),
        "scale": float(np.abs(kept).max()) or 1.0,
    }


def _part(part: Any, worked: Worked) -> dict[str, Any]:
    values = [[None if np.isnan(one) else round(float(one), 5) for one in row] for row in part.values]
    weights = None if part.weights is None else np.round(part.weights, 5).tolist()
    said = words.beside(part, worked)
    kind = worked.layer.kind
    return {
        "source": part.source,
        "channel": part.channel,
        "values": values,
        "weights": weights,
        "multiplied": kind != "radial basis",
        "words": said,
        "total": part.total,
        "chosen": list(part.chosen) if part.chosen else None,
    }


def _part_scales(worked: Worked) -> dict[str, float]:
    values = [np.nanmax(np.abs(part.values), initial=0.0) for part in worked.parts]
    weights = [np.abs(part.weights).max() for part in worked.parts if part.weights is not None]
    return {"values": float(max(values, default=0.0)) or 1.0, "weights": float(max(weights, default=0.0)) or 1.0}


def _bytes(values: np.ndarray) -> str:
    return base64.b64encode(values.tobytes()).decode("ascii")
