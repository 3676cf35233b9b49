"""GELU in a graph that has no node of that name: x / 2 times 1 + erf(x / sqrt 2), or times erfc(-x / sqrt 2)."""

import math
from typing import Any, NamedTuple

import numpy as np

from fmnist_core.inside.graph import Graph

_CLOSE = 1e-3


class Gelu(NamedTuple):
    of: str  # the tensor that it bends
    members: tuple[Any, ...]  # all its nodes; what the last one gives is its value

    def has(self, node: Any) -> bool:
        return any(one is node for one in self.members)


def find(graph: Graph) -> list[Gelu]:
    """Every one in the graph."""
    return [found for node in graph.nodes if node.op_type == "Erf" and (found := _around(graph, node))]


def _around(graph: Graph, erf: Any) -> Gelu | None:
    makers = {output: node for node in graph.nodes for output in node.output}
    tensor, factor, before = erf.input[0], 1.0, []
    while (node := makers.get(tensor)) is not None and (scaled := _scaled(graph, node)) is not None:
        if abs(abs(factor) - math.sqrt(0.5)) < _CLOSE and node.op_type != "Neg":
            break  # it belongs to what comes before
        before.append(node)
        tensor, factor = scaled[0], factor * scaled[1]
    if abs(abs(factor) - math.sqrt(0.5)) > _CLOSE:
        return None
    one = _only_taker(graph, erf)
    if one is None or one.op_type != ("Sub" if factor < 0 else "Add") or _number(graph, one) != 1:
        return None
    product = _only_taker(graph, one)
    if product is None or product.op_type != "Mul":
        return None
    other = next(name for name in product.input if name != one.output[0])
    members = [*before, erf, one, product]
    halved = _scaled(graph, makers[other]) if other in makers and other != tensor else None
    if halved == (tensor, 0.5):
        return Gelu(tensor, (*members[:-1], makers[other], product))
    half = _only_taker(graph, product)
    if other == tensor and half is not None and _scaled(graph, half) == (product.output[0], 0.5):
        return Gelu(tensor, (*members, half))
    return None


def _scaled(graph: Graph, node: Any) -> tuple[str, float] | None:
    """What a node multiplies by a number, and that number."""
    if node.op_type == "Neg":
        return node.input[0], -1.0
    if node.op_type not in ("Mul", "Div") or (number := _number(graph, node)) is None:
        return None
    name = next(one for one in node.input if not graph.is_constant(one))
    return name, number if node.op_type == "Mul" else 1 / number


def _number(graph: Graph, node: Any) -> float | None:
    """The one number that a node of two inputs has as a constant."""
    found = [graph.constant(name) for name in node.input if graph.is_constant(name)]
    return float(np.ravel(found[0])[0]) if len(found) == 1 and found[0] is not None and found[0].size == 1 else None


def _only_taker(graph: Graph, node: Any) -> Any | None:
    takers = graph.takers(node.output[0])
    return takers[0] if len(takers) == 1 else None
