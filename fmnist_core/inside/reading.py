"""From an ONNX graph to the layers of its drawing.

A layer begins with sums, a pool or the like; batch normalization and activation that come after it and are taken by
nobody else are its steps. What cannot be told apart stays a layer of the kind "other": its values are shown, not worked out.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from fmnist_core.inside.graph import ALIASES, SIZES, Graph, attributes
from fmnist_core.inside.layers import Kind, Layer, Network, Step

_WRAPPER = re.compile(r"functional(_\d+)*")
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
_ALPHA = {"elu": 1.0, "leaky_relu": 0.01}  # ONNX' own, where the node says none
_MEANS = ("GlobalAveragePool", "ReduceMean")
_MAXIMA = ("GlobalMaxPool", "ReduceMax")


@dataclass(frozen=True)
class _Value:
    """What a tensor is: the values of a layer, in which order of axes, of which view of the picture."""

    layer: str
    order: Literal["chw", "hwc", "vector"]
    view: int = 0  # 1: only of the mirror image


class NotReadable(ValueError):
    """The graph is none whose layers can be drawn; the message says why."""


def read_network(model: Any) -> Network:
    """model: an onnx.ModelProto with one input, (n, 28, 28, 1). Raises NotReadable."""
    try:
        return _Reader(Graph(model)).read()
    except NotReadable:
        raise
    except (ValueError, LookupError, TypeError) as error:
        raise NotReadable(f"The layers of this network cannot be told apart: {error}.") from None


class _Reader:
    def __init__(self, graph: Graph):
        self.graph = graph
        self.layers: dict[str, Layer] = {}
        self.known: dict[str, _Value] = {}
        self.both_views = ""
        self._add_picture()

    def _add_picture(self) -> None:
        picture = self.graph.picture
        self.layers["picture"] = Layer("picture", "picture", (), picture, (1, 28, 28))
        self.known[picture] = _Value("picture", "hwc")

    def read(self) -> Network:
        for node in self.graph.nodes:
            if all(map(self.graph.is_constant, node.input)) or node.op_type in SIZES:
                continue
            values = [self.known.get(name) for name in node.input]
            if any(values):
                self._take(node, values)
        answer = self.known.get("logits")
        if answer is None:
            raise NotReadable("The network has no output named logits that depends on the picture.")
        return Network(tuple(self._needed(answer.layer)), self.both_views)

    def _needed(self, last: str) -> list[Layer]:
        """Those that lead to the answer, in order."""
        wanted, waiting = set(), [last]
        while waiting:
            name = waiting.pop()
            if name not in wanted:
                wanted.add(name)
                waiting += self.layers[name].inputs
        shapes = self.graph.shapes
        return [replace(one, rank=len(shapes[one.tensor])) for one in self.layers.values() if one.name in wanted]

    def _take(self, node: Any, values: list[_Value | None]) -> None:
        told: dict[str, Callable[[Any, list[_Value | None]], None]] = {
            "ReverseSequence": self._mirror,
            "Concat": self._both,
            "Conv": self._convolution,
            "MatMul": self._dense,
            "Gemm": self._dense,
            "MaxPool": self._pool,
            "AveragePool": self._pool,
            "Pad": self._padding,
            "LSTM": self._lstm,
            "BatchNormalization": self._normalization,
            "ReduceSum": self._sum_of_squares,
            **dict.fromkeys(_MEANS + _MAXIMA, self._pool_all),
            **dict.fromkeys(("Add", "Sub", "Mul", "Div"), self._pair),
            **dict.fromkeys(_ACTIVATIONS, self._activation),
        }
        if node.op_type in ALIASES:
            self._alias(node, values)
        else:
            told.get(node.op_type, self._other)(node, values)

    # -- what only moves numbers ------------------------------------------------------------------------------------

    def _alias(self, node: Any, values: list[_Value | None]) -> None:
        value = values[0]
        if value is None:
            return
        if node.op_type == "Split":
            if attributes(node).get("axis") == 0 and len(node.output) == 2:
                self.known[node.output[0]], self.known[node.output[1]] = value, replace(value, view=1)
                return
            self._other(node, values)
            return
        output = node.output[0]
        shape, layer = self.graph.shapes[output][1:], self.layers[value.layer]
        if len(shape) == 1 and layer.is_picture_like and layer.kind != "picture" or self._flattens(node, layer, shape):
            self._flatten(node, value)
            return
        self.known[output] = replace(value, order=self._order(layer, self.graph.shapes[output][1:]))

    def _flattens(self, node: Any, layer: Layer, shape: tuple[int, ...]) -> bool:
        return layer.kind == "picture" and shape == (784,)

    @staticmethod
    def _order(layer: Layer, shape: tuple[int, ...]) -> Literal["chw", "hwc", "vector"]:
        if len(shape) != 3:
            return "vector"
        return "chw" if shape == layer.shape or shape[0] == layer.channels else "hwc"

    def _flatten(self, node: Any, value: _Value) -> None:
        shape = self.graph.shapes[node.output[0]][1:]
        order: Literal["chw", "hwc"] = "chw" if value.order == "chw" else "hwc"
        self._add(node, "flatten", (value.layer,), shape, order=order)

    # -- the picture beside its mirror image ------------------------------------------------------------------------

    def _mirror(self, node: Any, values: list[_Value | None]) -> None:
        if not values[0] or values[0].layer != "picture":
            self._other(node, values)
            return
        self.known[node.output[0]] = _Value("picture", "hwc", view=1)

    def _both(self, node: Any, values: list[_Value | None]) -> None:
        views = [value.view for value in values if value and value.layer == "picture"]
        if views == [0, 1] and attributes(node).get("axis") == 0:
            self.both_views = node.output[0]
            self.known[node.output[0]] = _Value("picture", "hwc")
        elif any(values):
            self._other(node, values)

    # -- layers -----------------------------------------------------------------------------------------------------

    def _add(self, node: Any, kind: Kind, inputs: tuple[str, ...], shape: tuple[int, ...] = (), **told: Any) -> None:
        output = node.output[0]
        shape = shape or self.graph.shapes[output][1:]
        name = self._name(node, kind)
        self.layers[name] = Layer(name, kind, inputs, output, shape, **told)
        self.known[output] = _Value(name, "chw" if len(shape) == 3 else "vector")

    def _name(self, node: Any, kind: str) -> str:
        """As in Keras where the graph says so; unique."""
        found = next(filter(None, map(_name_in, (*node.output, *node.input))), kind.replace(" ", "_"))
        name, number = found, 2
        while name in self.layers:
            name, number = f"{found}_{number}", number + 1
        return name

    def _convolution(self, node: Any, values: list[_Value | None]) -> None:
        kernel, told = self.graph.constant(node.input[1]), attributes(node)
        if values[0] is None or kernel is None or kernel.ndim != 4:
            self._other(node, values)
            return
        groups = told.get("group", 1)
        self._add(
            node,
            "depthwise convolution" if groups > 1 else "convolution",
            (values[0].layer,),
            kernel=kernel,
            bias=self.graph.constant(node.input[2]) if len(node.input) > 2 else None,
            size=kernel.shape[2:],
            stride=tuple(told.get("strides", (1, 1))),
            pads=self._pads(node, told, values[0].layer, kernel.shape[2:]),
            groups=groups,
        )

    def _pads(self, node: Any, told: dict[str, Any], source: str, size: tuple[int, ...]) -> tuple[int, ...]:
        if any(step != 1 for step in told.get("dilations", (1, 1))):
            raise NotReadable("One of its convolutions is dilated, which is not drawn yet.")
        if told.get("auto_pad", b"NOTSET") in (b"SAME_UPPER", b"SAME_LOWER"):
            strides = told.get("strides", (1, 1))
            before = self.layers[source].shape[1:]
            whole = [max(-(-n // s) * s - s + k - n, 0) for n, s, k in zip(before, strides, size, strict=True)]
            less = [one // 2 for one in whole]
            more = [one - half for one, half in zip(whole, less, strict=True)]
            return (*less, *more) if told["auto_pad"] == b"SAME_UPPER" else (*more, *less)
        return tuple(told.get("pads", (0, 0, 0, 0)))

    def _pool(self, node: Any, values: list[_Value | None]) -> None:
        told = attributes(node)
        kind: Kind = "max pooling" if node.op_type == "MaxPool" else "average pooling"
        source = values[0].layer if values[0] else "picture"
        size = tuple(told["kernel_shape"])
        stride = tuple(told.get("strides", (1, 1)))
        self._add(node, kind, (source,), size=size, stride=stride, pads=self._pads(node, told, source, size))

    def _pool_all(self, node: Any, values: list[_Value | None]) -> None:
        value = values[0]
        if value is None or not self.layers[value.layer].is_picture_like:
            self._other(node, values)
            return
        kind: Kind = "global average pooling" if node.op_type in _MEANS else "global max pooling"
        channels, *size = self.layers[value.layer].shape
        shape = self.graph.shapes[node.output[0]][1:]
        if np.prod(shape) != channels:
            self._other(node, values)
            return
        self._add(node, kind, (value.layer,), (channels,), size=tuple(size))

    def _padding(self, node: Any, values: list[_Value | None]) -> None:
        pads = self.graph.constant(node.input[1]) if len(node.input) > 1 else None
        if values[0] is None or pads is None or len(pads) != 8:
            self._other(node, values)
            return
        first = 1 if values[0].order == "hwc" else 2
        sides = tuple(int(pads[place]) for place in (first, first + 1, first + 4, first + 5))
        layer = self.layers[values[0].layer]
        rows, columns = layer.shape[1] + sides[0] + sides[2], layer.shape[2] + sides[1] + sides[3]
        self._add(node, "padding", (layer.name,), (layer.channels, rows, columns), pads=sides)
        self.known[node.output[0]] = _Value(self.known[node.output[0]].layer, values[0].order)

    def _dense(self, node: Any, values: list[_Value | None]) -> None:
        weights, told = self.graph.constant(node.input[1]), attributes(node)
        if values[0] is None or weights is None or weights.ndim != 2 or told.get("transA") or told.get("alpha", 1) != 1:
            self._other(node, values)
            return
        bias = self.graph.constant(node.input[2]) if len(node.input) > 2 else None
        self._add(node, "dense", (values[0].layer,), kernel=weights.T if told.get("transB") else weights, bias=bias)

    def _lstm(self, node: Any, values: list[_Value | None]) -> None:
        kernel, recurrent, bias = map(self.graph.constant, node.input[1:4])
        if values[0] is None or kernel is None or recurrent is None or bias is None or len(kernel) != 1:
            self._other(node, values)
            return
        units = recurrent.shape[2]
        name, half = self._name(node, "LSTM"), bias[0].reshape(2, -1).sum(axis=0)
        taken = next(one for one in self._after(node.output[0]) if self.graph.shapes[one][1:] == (units,))
        layer = Layer(name, "LSTM", (values[0].layer,), taken, (units,))
        self.layers[name] = replace(layer, kernel=kernel[0], recurrent=recurrent[0], bias=half)
        for output in node.output:
            self.known[output] = _Value(name, "vector")

    def _after(self, tensor: str) -> list[str]:
        """The tensor and what it is called where it is only cut or turned."""
        found = [tensor]
        for node in self.graph.nodes:
            if node.op_type in ALIASES and node.input[0] in found:
                found.append(node.output[0])
        return found

    def _other(self, node: Any, values: list[_Value | None]) -> None:
        inputs = tuple(dict.fromkeys(value.layer for value in values if value))
        self._add(node, "other", inputs)

    # -- steps ------------------------------------------------------------------------------------------------------

    def _step(self, node: Any, tensor: str, step: Step, *also: Any) -> None:
        """A step of the layer whose values these are, where nobody else takes them; else a layer of its own.

        also: nodes that belong to the step and may take the values, too.
        """
        value = self.known[tensor]
        layer, output = self.layers[value.layer], node.output[0]
        own = [node, *also]
        alone = all(any(taker is one for one in own) for taker in self.graph.takers(layer.tensor))
        if alone and layer.kind not in ("picture", "padding", "flatten"):
            self.layers[layer.name] = replace(layer, tensor=output, steps=(*layer.steps, step))
            self.known[output] = _Value(layer.name, value.order)
            return
        self._add(node, step.kind, (layer.name,), layer.shape, steps=(step,))
        self.known[output] = replace(self.known[output], order=value.order)

    def _activation(self, node: Any, values: list[_Value | None]) -> None:
        function = _ACTIVATIONS[node.op_type]
        if function == "sigmoid" and (product := self._swish(node)) is not None:
            self.known[node.output[0]] = replace(self.known[node.input[0]], view=2)  # half of a swish
            self._step(product, node.input[0], Step("activation", "swish"), node)
            return
        alpha = float(attributes(node).get("alpha", _ALPHA.get(function, 0.0)))
        self._step(node, node.input[0], Step("activation", function, alpha))

    def _swish(self, node: Any) -> Any | None:
        """The node that multiplies what this sigmoid takes with what it gives."""
        product = self.graph.takers(node.output[0])
        if len(product) == 1 and product[0].op_type == "Mul" and node.input[0] in product[0].input:
            return product[0]
        return None

    def _normalization(self, node: Any, values: list[_Value | None]) -> None:
        scale, shift, mean, variance = (self.graph.constant(name) for name in node.input[1:5])
        if scale is None or shift is None or mean is None or variance is None:
            self._other(node, values)
            return
        factor = scale / np.sqrt(variance + attributes(node).get("epsilon", 1e-5))
        self._step(node, node.input[0], Step("batch normalization", factor=factor, shift=shift - mean * factor))

    def _pair(self, node: Any, values: list[_Value | None]) -> None:
        first, second = values[0], values[1]
        if node.output[0] in self.known:
            return  # the product of a swish
        if first and second:
            self._two_layers(node, first, second)
            return
        place = 0 if first else 1
        value, constant = (first or second), self.graph.constant(node.input[1 - place])
        if value is None or constant is None:
            self._other(node, values)
            return
        self._with_constant(node, node.input[place], value, constant, place)

    def _two_layers(self, node: Any, first: _Value, second: _Value) -> None:
        layer = self.layers[first.layer]
        if first.layer == second.layer:
            if node.op_type == "Add" and first.view != second.view and self.both_views:
                self._add(node, "mean of two views", (first.layer,))
            elif node.op_type == "Mul" and layer.kind == "radial basis":
                self.known[node.output[0]] = first
            else:
                self._other(node, [first, second])
            return
        kind: Kind = {"Add": "sum", "Mul": "product"}.get(node.op_type, "other")  # type: ignore[assignment]
        self._add(node, kind, (first.layer, second.layer))

    def _with_constant(self, node: Any, tensor: str, value: _Value, constant: np.ndarray, place: int) -> None:
        layer = self.layers[value.layer]
        if layer.kind in ("mean of two views", "radial basis"):
            gamma = -float(constant) if layer.kind == "radial basis" else 0.0
            self.layers[layer.name] = replace(layer, tensor=node.output[0], gamma=gamma)
            self.known[node.output[0]] = value
            return
        if node.op_type == "Sub" and constant.ndim >= 2 and len(layer.shape) == 1 and min(constant.shape[-2:]) > 1:
            self._radial_basis(node, layer, constant)
            return
        channels = layer.channels
        if constant.size not in (1, channels) or (node.op_type in ("Sub", "Div") and place == 1):
            self._other(node, [value])
            return
        flat = np.broadcast_to(constant.ravel(), (channels,)).astype(np.float32)
        if node.op_type in ("Add", "Sub"):
            self._shift(node, tensor, layer, flat if node.op_type == "Add" else -flat)
        else:
            factor = flat if node.op_type == "Mul" else 1 / flat
            self._step(node, tensor, Step("batch normalization", factor=factor, shift=np.zeros_like(factor)))

    def _shift(self, node: Any, tensor: str, layer: Layer, shift: np.ndarray) -> None:
        alone = all(taker is node for taker in self.graph.takers(layer.tensor))
        if alone and not layer.steps and layer.bias is None and layer.kernel is not None:
            changed = replace(layer, bias=shift, tensor=node.output[0])
        elif alone and layer.steps and layer.steps[-1].factor is not None:
            last = layer.steps[-1]
            assert last.shift is not None  # noqa: S101 - both or neither
            changed = replace(
                layer, tensor=node.output[0], steps=(*layer.steps[:-1], replace(last, shift=last.shift + shift))
            )
        else:
            self._step(node, tensor, Step("batch normalization", factor=np.ones_like(shift), shift=shift))
            return
        self.layers[layer.name] = changed
        self.known[node.output[0]] = self.known[tensor]

    def _sum_of_squares(self, node: Any, values: list[_Value | None]) -> None:
        if values[0] is None or self.layers[values[0].layer].kind != "radial basis":
            self._other(node, values)
            return
        self.known[node.output[0]] = values[0]

    def _radial_basis(self, node: Any, layer: Layer, centres: np.ndarray) -> None:
        centres = centres.reshape(centres.shape[-2:])
        self._add(node, "radial basis", (layer.name,), (centres.shape[1],), kernel=centres)


def _name_in(tensor: str) -> str | None:
    """The Keras layer in a tensor's name: "functional_1_1/conv1_1/BiasAdd:0" -> conv1."""
    parts = [part for part in tensor.split("/") if not _WRAPPER.fullmatch(part)]
    return re.sub(r"_\d+$", "", parts[0]) if len(parts) > 1 and "/" in tensor else None
