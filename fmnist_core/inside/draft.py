"""A network that is being read: its layers so far, and what each tensor of the graph is."""

import re
from dataclasses import dataclass, replace
from typing import Any, Literal

from fmnist_core.inside.graph import ALIASES, Graph
from fmnist_core.inside.layers import Kind, Layer, Step

Order = Literal["chw", "hwc", "vector"]
_WRAPPER = re.compile(r"functional(_\d+)*")


class NotReadable(ValueError):
    """The graph is none whose layers can be drawn; the message says why."""


@dataclass(frozen=True)
class Value:
    """What a tensor is: the values of a layer, in which order of axes, of which view of the picture."""

    layer: str
    order: Order
    view: int = 0  # 1: only of the mirror image


Values = list[Value | None]  # of a node's inputs; None: does not depend on the picture


class Draft:
    def __init__(self, graph: Graph):
        self.graph = graph
        self.layers = {"picture": Layer("picture", "picture", (), graph.picture, (1, 28, 28))}
        self.known = {graph.picture: Value("picture", "hwc")}
        self.both_views = ""

    def add(
        self,
        node: Any,
        kind: Kind,
        inputs: tuple[str, ...],
        shape: tuple[int, ...] = (),
        order: Order = "chw",
        **told: Any,
    ) -> None:
        """A layer that begins with this node. shape: channels first. order: of the tensor's axes, if it has three."""
        output = node.output[0]
        given = self.graph.shapes[output][1:]
        last = order == "hwc" and len(given) == 3
        shape = shape or ((given[2], *given[:2]) if last else given)
        name = self.name(node, kind)
        self.layers[name] = Layer(name, kind, inputs, output, shape, channels_last=last, **told)
        self.known[output] = Value(name, ("hwc" if last else "chw") if len(given) == 3 else "vector")

    def name(self, node: Any, kind: str) -> str:
        """As in Keras where the graph says so; unique."""
        found = next(filter(None, map(_name_in, (*node.output, *node.input))), kind.replace(" ", "_"))
        name, number = found, 2
        while name in self.layers:
            name, number = f"{found}_{number}", number + 1
        return name

    def other(self, node: Any, values: Values) -> None:
        """A layer that is shown and not worked out."""
        self.of_layers(node, "other", [value for value in values if value])

    def of_layers(self, node: Any, kind: Kind, values: list[Value]) -> None:
        """A layer that takes the same place of several: in the order of axes that a picture-like one comes in."""
        order: Order = next((value.order for value in values if self.layers[value.layer].is_picture_like), "chw")
        self.add(node, kind, tuple(dict.fromkeys(value.layer for value in values)), order=order)

    def step(self, node: Any, tensor: str, step: Step, *also: Any) -> None:
        """A step of the layer whose values these are, where nobody else takes them; else a layer of its own.

        also: nodes that belong to the step and may take the values, too.
        """
        value = self.known[tensor]
        layer, output = self.layers[value.layer], node.output[0]
        own = (node, *also)
        alone = all(any(taker is one for one in own) for taker in self.graph.takers(layer.tensor))
        if alone and layer.kind not in ("picture", "padding", "flatten"):
            last = value.order == "hwc"
            self.layers[layer.name] = replace(layer, tensor=output, channels_last=last, steps=(*layer.steps, step))
            self.known[output] = Value(layer.name, value.order)
            return
        self.add(node, step.kind, (layer.name,), layer.shape, value.order, steps=(step,))

    def after(self, tensor: str) -> list[str]:
        """The tensor and what it is called where it is only cut or turned."""
        found = [tensor]
        for node in self.graph.nodes:
            if node.op_type in ALIASES and node.input[0] in found:
                found.append(node.output[0])
        return found


def _name_in(tensor: str) -> str | None:
    """The Keras layer in a tensor's name: "functional_1_1/conv1_1/BiasAdd:0" -> conv1."""
    parts = [part for part in tensor.split("/") if not _WRAPPER.fullmatch(part)]
    return re.sub(r"_\d+$", "", parts[0]) if len(parts) > 1 else None
