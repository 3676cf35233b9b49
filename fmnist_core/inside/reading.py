"""From an ONNX graph to the layers of its drawing.

A layer begins with sums, a pool or the like; batch normalization and activation that come after it and are taken by
nobody else are its steps. What cannot be told apart stays a layer of the kind "other": shown, and not worked out.
"""

from dataclasses import replace
from typing import Any

from fmnist_core.inside import gelu
from fmnist_core.inside.draft import Draft, NotReadable, Order, Value, Values
from fmnist_core.inside.graph import ALIASES, SIZES, Graph, attributes
from fmnist_core.inside.layers import Layer, Network, Step
from fmnist_core.inside.operators import OPERATORS


def read_network(model: Any) -> Network:
    """model: an onnx.ModelProto with one input, (n, 28, 28, 1). Raises NotReadable."""
    try:
        draft = Draft(Graph(model))
        gelus = gelu.find(draft.graph)
        for node in draft.graph.nodes:
            if found := next((one for one in gelus if one.has(node)), None):
                if node is found.members[-1]:
                    draft.step(node, found.of, Step("activation", "gelu"), *found.members)
            elif not all(map(draft.graph.is_constant, node.input)) and node.op_type not in SIZES:
                _take(draft, node)
    except NotReadable:
        raise
    except (ValueError, LookupError, TypeError) as error:
        raise NotReadable(f"The layers of this network cannot be told apart: {error}.") from None
    if (answer := draft.known.get("logits")) is None:
        raise NotReadable("The network has no output named logits that depends on the picture.")
    return Network(tuple(_needed(draft, answer.layer)), draft.both_views)


def _needed(draft: Draft, last: str) -> list[Layer]:
    """The layers that lead to the last one, in order."""
    wanted, waiting = set(), [last]
    while waiting:
        name = waiting.pop()
        if name not in wanted:
            wanted.add(name)
            waiting += draft.layers[name].inputs
    shapes = draft.graph.shapes
    return [replace(one, rank=len(shapes[one.tensor])) for one in draft.layers.values() if one.name in wanted]


def _take(draft: Draft, node: Any) -> None:
    values: Values = [draft.known.get(name) for name in node.input]
    if not any(values):
        return  # of sizes, not of the picture
    if node.op_type == "ReverseSequence":
        _mirror(draft, node, values)
    elif node.op_type == "Concat":
        _both(draft, node, values)
    elif node.op_type in ALIASES:
        _alias(draft, node, values)
    else:
        OPERATORS.get(node.op_type, Draft.other)(draft, node, values)


def _alias(draft: Draft, node: Any, values: Values) -> None:
    """What only moves or names numbers."""
    value, output = values[0], node.output[0]
    if value is None:
        return
    if node.op_type == "Split":
        if attributes(node).get("axis") == 0 and len(node.output) == 2:
            draft.known[output], draft.known[node.output[1]] = value, replace(value, view=1)
        else:
            draft.other(node, values)
        return
    shape, layer = draft.graph.shapes[output][1:], draft.layers[value.layer]
    sequence = layer.kind == "picture" and len(shape) > 1  # rows, one after the other: an LSTM's
    if layer.is_picture_like and len(shape) == 1 and not sequence:
        draft.add(node, "flatten", (layer.name,), shape, flattened="chw" if value.order == "chw" else "hwc")
    else:
        draft.known[output] = replace(value, order=_order(layer, shape))


def _order(layer: Layer, shape: tuple[int, ...]) -> Order:
    if len(shape) != 3:
        return "vector"
    return "chw" if shape == layer.shape or shape[0] == layer.channels else "hwc"


def _mirror(draft: Draft, node: Any, values: Values) -> None:
    if values[0] and values[0].layer == "picture":
        draft.known[node.output[0]] = Value("picture", "hwc", view=1)
    else:
        draft.other(node, values)


def _both(draft: Draft, node: Any, values: Values) -> None:
    """Pictures, and after them their mirror images."""
    views = [value.view for value in values if value and value.layer == "picture"]
    if views == [0, 1] and attributes(node).get("axis") == 0:
        draft.both_views = node.output[0]
        draft.known[node.output[0]] = Value("picture", "hwc")
    else:
        draft.other(node, values)
