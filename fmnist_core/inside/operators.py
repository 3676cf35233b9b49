"""What each operator of an ONNX graph means for the layers of its drawing: a row of OPERATORS an operator."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from fmnist_core.inside.draft import Draft, NotReadable, Value, Values
from fmnist_core.inside.graph import attributes
from fmnist_core.inside.layers import Kind, Layer, Step

_ACTIVATIONS = {
    "Relu": "relu",
    "Tanh": "tanh",
    "Sigmoid": "sigmoid",
    "Elu": "elu",
    "LeakyRelu": "leaky_relu",
    "Gelu": "gelu",
    "Swish": "swish",
    "Softplus": "softplus",
    "Selu": "selu",
    "HardSigmoid": "hard_sigmoid",
}
_ALPHA = {"elu": 1.0, "leaky_relu": 0.01, "hard_sigmoid": 0.2}  # ONNX' own, where the node says none
_MEANS = ("GlobalAveragePool", "ReduceMean")
_MAXIMA = ("GlobalMaxPool", "ReduceMax")


def _convolution(draft: Draft, node: Any, values: Values) -> None:
    kernel, told = draft.graph.constant(node.input[1]), attributes(node)
    if values[0] is None or kernel is None or kernel.ndim != 4:
        draft.other(node, values)
        return
    groups, size = told.get("group", 1), (kernel.shape[2], kernel.shape[3])
    draft.add(
        node,
        "depthwise convolution" if groups > 1 else "convolution",
        (values[0].layer,),
        kernel=kernel,
        bias=draft.graph.constant(node.input[2]) if len(node.input) > 2 else None,
        size=size,
        stride=tuple(told.get("strides", (1, 1))),
        pads=_pads(draft.layers[values[0].layer], told, size),
        groups=groups,
    )


def _pads(source: Layer, told: dict[str, Any], size: tuple[int, int]) -> tuple[int, ...]:
    """Top, left, bottom, right."""
    if any(step != 1 for step in told.get("dilations", (1, 1))):
        raise NotReadable("One of its convolutions is dilated, and those are not drawn")
    if told.get("auto_pad", b"NOTSET") in (b"SAME_UPPER", b"SAME_LOWER"):
        strides = told.get("strides", (1, 1))
        whole = [
            max(-(-n // stride) * stride - stride + kernel - n, 0)
            for n, stride, kernel in zip(source.shape[1:], strides, size, strict=True)
        ]
        less = [one // 2 for one in whole]
        more = [one - half for one, half in zip(whole, less, strict=True)]
        return (*less, *more) if told["auto_pad"] == b"SAME_UPPER" else (*more, *less)
    return tuple(told.get("pads", (0, 0, 0, 0)))


def _pool(draft: Draft, node: Any, values: Values) -> None:
    if values[0] is None:
        draft.other(node, values)
        return
    told = attributes(node)
    kind: Kind = "max pooling" if node.op_type == "MaxPool" else "average pooling"
    source, (rows, columns) = values[0].layer, told["kernel_shape"]
    pads = _pads(draft.layers[source], told, (rows, columns))
    draft.add(node, kind, (source,), size=(rows, columns), stride=tuple(told.get("strides", (1, 1))), pads=pads)


def _pool_all(draft: Draft, node: Any, values: Values) -> None:
    layer = draft.layers[values[0].layer] if values[0] else None
    if layer is None or not layer.is_picture_like or np.prod(draft.graph.shapes[node.output[0]][1:]) != layer.channels:
        draft.other(node, values)
        return
    kind: Kind = "global average pooling" if node.op_type in _MEANS else "global max pooling"
    draft.add(node, kind, (layer.name,), (layer.channels,), size=layer.shape[1:])


def _padding(draft: Draft, node: Any, values: Values) -> None:
    pads = draft.graph.constant(node.input[1]) if len(node.input) > 1 else None
    if values[0] is None or pads is None or len(pads) != 8:
        draft.other(node, values)
        return
    first = 1 if values[0].order == "hwc" else 2
    top, left, bottom, right = (int(pads[place]) for place in (first, first + 1, first + 4, first + 5))
    layer = draft.layers[values[0].layer]
    channels, rows, columns = layer.shape
    shape = (channels, rows + top + bottom, columns + left + right)
    draft.add(node, "padding", (layer.name,), shape, values[0].order, pads=(top, left, bottom, right))


def _dense(draft: Draft, node: Any, values: Values) -> None:
    weights, told = draft.graph.constant(node.input[1]), attributes(node)
    plain = not told.get("transA") and told.get("alpha", 1) == 1 and told.get("beta", 1) == 1
    if values[0] is None or weights is None or weights.ndim != 2 or not plain:
        draft.other(node, values)
        return
    bias = draft.graph.constant(node.input[2]) if len(node.input) > 2 else None
    kernel = weights.T if told.get("transB") else weights
    draft.add(node, "dense", (values[0].layer,), kernel=kernel, bias=bias)


def _lstm(draft: Draft, node: Any, values: Values) -> None:
    """Only the state after the last row is drawn."""
    kernel, recurrent, bias = map(draft.graph.constant, node.input[1:4])
    if values[0] is None or kernel is None or recurrent is None or bias is None or len(kernel) != 1:
        draft.other(node, values)
        return
    units = recurrent.shape[2]
    taken = next(one for one in draft.after(node.output[0]) if draft.graph.shapes[one][1:] == (units,))
    name, both = draft.name(node, "LSTM"), bias[0].reshape(2, -1).sum(axis=0)
    parts = {"kernel": kernel[0], "recurrent": recurrent[0], "bias": both}
    draft.layers[name] = Layer(name, "LSTM", (values[0].layer,), taken, (units,), **parts)
    for output in node.output:
        draft.known[output] = Value(name, "vector")


# -- what is done to each number by itself ---------------------------------------------------------------------------


def _activation(draft: Draft, node: Any, values: Values) -> None:
    function = _ACTIVATIONS[node.op_type]
    if function == "sigmoid" and (product := _swish(draft, node)) is not None:
        draft.known[node.output[0]] = draft.known[node.input[0]]
        draft.step(product, node.input[0], Step("activation", "swish"), node)
        return
    alpha = float(attributes(node).get("alpha", _ALPHA.get(function, 0.0)))
    draft.step(node, node.input[0], Step("activation", function, alpha))


def _swish(draft: Draft, node: Any) -> Any | None:
    """The node that multiplies what this sigmoid takes with what it gives."""
    product = draft.graph.takers(node.output[0])
    if len(product) == 1 and product[0].op_type == "Mul" and node.input[0] in product[0].input:
        return product[0]
    return None


def _normalization(draft: Draft, node: Any, values: Values) -> None:
    scale, shift, mean, variance = (draft.graph.constant(name) for name in node.input[1:5])
    if scale is None or shift is None or mean is None or variance is None:
        draft.other(node, values)
        return
    factor = scale / np.sqrt(variance + attributes(node).get("epsilon", 1e-5))
    draft.step(node, node.input[0], Step("batch normalization", factor=factor, shift=shift - mean * factor))


def _pair(draft: Draft, node: Any, values: Values) -> None:
    """A sum, difference, product or quotient of two tensors."""
    if node.output[0] in draft.known:
        return  # the product of a swish
    first, second = values[0], values[1]
    if first and second:
        _two_layers(draft, node, first, second)
        return
    place = 0 if first else 1
    value, constant = (first or second), draft.graph.constant(node.input[1 - place])
    if value is None or constant is None:
        draft.other(node, values)
        return
    _with_constant(draft, node, place, value, constant)


def _two_layers(draft: Draft, node: Any, first: Value, second: Value) -> None:
    layer = draft.layers[first.layer]
    if first.layer != second.layer:
        kinds: dict[str, Kind] = {"Add": "sum", "Mul": "product"}
        draft.of_layers(node, kinds.get(node.op_type, "other"), [first, second])
    elif node.op_type == "Add" and first.view != second.view and draft.both_views:
        draft.add(node, "mean of two views", (first.layer,))
    elif node.op_type == "Mul" and layer.kind == "radial basis":
        draft.known[node.output[0]] = first  # squared
    else:
        draft.other(node, [first, second])


def _with_constant(draft: Draft, node: Any, place: int, value: Value, constant: np.ndarray) -> None:
    """place: which of the two inputs depends on the picture."""
    layer, tensor, channels = draft.layers[value.layer], node.input[place], draft.layers[value.layer].channels
    if layer.kind in ("mean of two views", "radial basis"):
        gamma = -float(constant) if layer.kind == "radial basis" else 0.0
        draft.layers[layer.name] = replace(layer, tensor=node.output[0], gamma=gamma)
        draft.known[node.output[0]] = value
    elif node.op_type == "Sub" and constant.ndim >= 2 and len(layer.shape) == 1 and min(constant.shape[-2:]) > 1:
        centres = constant.reshape(constant.shape[-2], constant.shape[-1])
        draft.add(node, "radial basis", (layer.name,), (centres.shape[1],), kernel=centres)
    elif constant.size not in (1, channels) or (node.op_type in ("Sub", "Div") and place == 1):
        draft.other(node, [value])
    else:
        flat = np.broadcast_to(constant.ravel(), (channels,)).astype(np.float32)
        if node.op_type in ("Add", "Sub"):
            _shift(draft, node, tensor, layer, flat if node.op_type == "Add" else -flat)
        else:
            factor = flat if node.op_type == "Mul" else 1 / flat
            draft.step(node, tensor, Step("batch normalization", factor=factor, shift=np.zeros_like(factor)))


def _shift(draft: Draft, node: Any, tensor: str, layer: Layer, shift: np.ndarray) -> None:
    """A bias, the second half of a batch normalization, or a step of its own."""
    alone = all(taker is node for taker in draft.graph.takers(layer.tensor))
    last = layer.steps[-1] if layer.steps else None
    if alone and last is None and layer.bias is None and layer.kernel is not None:
        changed = replace(layer, bias=shift)
    elif alone and last is not None and last.shift is not None:
        changed = replace(layer, steps=(*layer.steps[:-1], replace(last, shift=last.shift + shift)))
    else:
        draft.step(node, tensor, Step("batch normalization", factor=np.ones_like(shift), shift=shift))
        return
    value = draft.known[tensor]
    draft.layers[layer.name] = replace(changed, tensor=node.output[0], channels_last=value.order == "hwc")
    draft.known[node.output[0]] = value


def _sum_of_squares(draft: Draft, node: Any, values: Values) -> None:
    if values[0] is None or draft.layers[values[0].layer].kind != "radial basis":
        draft.other(node, values)
        return
    draft.known[node.output[0]] = values[0]


OPERATORS: dict[str, Callable[[Draft, Any, Values], None]] = {
    "Conv": _convolution,
    "MatMul": _dense,
    "Gemm": _dense,
    "MaxPool": _pool,
    "AveragePool": _pool,
    "Pad": _padding,
    "LSTM": _lstm,
    "BatchNormalization": _normalization,
    "ReduceSum": _sum_of_squares,
    **dict.fromkeys(_MEANS + _MAXIMA, _pool_all),
    **dict.fromkeys(("Add", "Sub", "Mul", "Div"), _pair),
    **dict.fromkeys(_ACTIVATIONS, _activation),
}
